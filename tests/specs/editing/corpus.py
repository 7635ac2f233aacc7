"""Spec files in many styles of YAML, each with a change that somebody made live."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

PROMPT = "You answer the phone of Café Übermut.\nBe brief — très brève.\n\nNever promise a refund."
PARAGRAPH = "You answer the phone of Café Übermut and you are always brief, kind and 礼儀正しい."
LONG = " ".join([PARAGRAPH] * 6)


@dataclass
class Part:
    """One top-level field as it is written."""

    name: str
    lines: list[str]


@dataclass
class Case:
    """`parts` make up the file; `live` maps the live document to its changed fields."""

    key: str
    changed: str
    live: Callable[[dict[str, Any]], dict[str, Any]]
    parts: list[Part] = field(default_factory=list)
    newline: str = "\n"
    bom: str = ""
    final: bool = True
    one_line: bool = False

    @property
    def text(self) -> str:
        lines = [line for part in self.parts for line in part.lines]
        return self.bom + self.newline.join(lines) + (self.newline if self.final else "")

    def around(self) -> tuple[str, str]:
        """The file before and after the field that changes."""
        at = next(n for n, part in enumerate(self.parts) if part.name == self.changed)
        before = [line for part in self.parts[:at] for line in part.lines]
        after = [line for part in self.parts[at + 1 :] for line in part.lines]
        head = self.bom + "".join(line + self.newline for line in before)
        return head, self.newline.join(after) + (self.newline if self.final else "")


def _prompt(random: Random) -> list[str]:
    mark = random.choice(["|", "|-", "|+", "|2", "|2-", "|-2", ">", ">-", ">+", "flow", "long"])
    note = random.choice(["", "  # read twice", "\t# tab"])
    if mark == "long":
        return [f"system_prompt: {LONG}{note}"]
    if mark == "flow":
        return random.choice(
            [
                ["system_prompt: You answer the phone", "  of Café Übermut", f"  at night.{note}"],
                ['system_prompt: "You answer', "  the phone \\u00fcber", f'  all day."{note}'],
                ["system_prompt: 'You don''t sleep", f"  at all.'{note}"],
            ]
        )
    indent = "  " if "2" in mark else random.choice(["  ", "    ", " "])
    body = PROMPT.split("\n")
    if mark[0] == ">":
        body = ["You answer the phone", "of Café Übermut.", "", "Second paragraph — dos", "lines."]
    lines = [indent + line if line else random.choice(["", ""]) for line in body]
    return [f"system_prompt: {mark}{note}", *lines, *[""] * random.choice([0, 0, 1, 2])]


def _greeting(random: Random) -> list[str]:
    anchor = random.choice(["", "", "&hello "])
    written = random.choice(
        [
            "Hello there, caller!",
            "'It''s me — Jörg.'",
            '"Say \\"hi\\" to \\u4e16\\u754c"',
            "Good   evening # not a comment".replace(" #", "#"),
            "\n  Hello on the next line",
            "!!str Hello",
        ]
    )
    note = random.choice(["", " # said first", "\t# tab"])
    return [*f"greeting: {anchor}{written}{note}".split("\n")]


def _models(random: Random) -> list[str]:
    return random.choice(
        [
            ["models: {stt: nova-2, llm: gpt, tts: aura, tts_voice: thalia}"],
            [
                "models: {  # four of them",
                "  stt: nova-2, llm: gpt,",
                "  # the voice",
                "  tts: aura, tts_voice: 'thalia',",
                "}",
            ],
            [
                "models:",
                "    # heard with",
                "    stt: nova-2",
                "",
                '    llm:   "gpt"   # thinks',
                "    tts: aura",
                "    tts_voice: thalia",
                "    llm_kwargs: {temperature: 0.20, stop: [a, b]} # odd",
            ],
            [
                '"models":',
                "  ? stt",
                "  : nova-2",
                "  llm: gpt",
                "  tts: aura",
                "  tts_voice:",
                "    thalia",
            ],
        ]
    )


def _tools(random: Random) -> list[str]:
    dash = random.choice(["", "  ", "    "])
    block = [
        "tools: # two",
        f"{dash}- type: webhook  # asks",
        f"{dash}  name: check_order",
        "",
        f"{dash}  # where",
        f"{dash}  url: 'https://crm.example.com/a'",
        f"{dash}  description: Look it up — schnell.",
        f"{dash}  parameters: &schema",
        f"{dash}    type: object",
        f"{dash}    properties: {{n: {{type: string}}}} # flow",
        f"{dash}  timeout_seconds: 8",
        f"{dash}# between",
        f"{dash}- <<: &policy {{type: template}}",
        f"{dash}  template: hangup",
        f"{dash}  prompt: >-",
        f"{dash}    Bye",
        f"{dash}    now",
        "# after the tools",
    ]
    flow = [
        "tools: [ # all in one",
        "  {type: webhook, name: check_order, url: https://crm.example.com/a,",
        "   description: 'Look it up', parameters: {type: object, properties: {}},",
        "   timeout_seconds: 8},  # last",
        "  {type: template, template: hangup, prompt: Bye},",
        "]",
    ]
    return random.choice([block, block, flow])


def _variables(random: Random) -> list[str]:
    return random.choice(
        [
            ["template_defaults: {shop: Übermut, hours: '8 to 6'}"],
            ["template_defaults:", "  shop: Übermut # ours", "  # when", '  hours: "8 to 6"'],
            ["template_defaults:", "  shop: &shop Übermut", "  hours: *shop"],
        ]
    )


def _webhook(live: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {
        "tools": [_sent({**tool, **fields}) if "url" in tool else tool for tool in live["tools"]]
    }


def _sent(tool: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in tool.items() if k != "auth_type"}


def _more(live: dict[str, Any]) -> dict[str, Any]:
    new = {
        "type": "built_in",
        "id": "11111111-1111-4111-8111-111111111111",
        "built_in": "current_datetime",
        "timezone": "Europe/Berlin",
    }
    return {"tools": [*map(_sent, live["tools"]), new]}


CHANGES: list[tuple[str, bool, Callable[[dict[str, Any]], dict[str, Any]]]] = [
    ("greeting", False, lambda _: {"greeting": "Guten Tag, hier ist Jörg: wer dort?"}),
    ("greeting", False, lambda _: {"greeting": "Plain words"}),
    ("greeting", False, lambda _: {"greeting": "- tricky #1: 'a' \"b\" \\ {c} `d` |"}),
    ("greeting", False, lambda _: {"greeting": "two\nlines"}),
    ("system_prompt", False, lambda a: {"system_prompt": a["system_prompt"].replace("o", "0", 1)}),
    ("system_prompt", False, lambda a: {"system_prompt": a["system_prompt"] + "\nOne more."}),
    ("system_prompt", False, lambda a: {"system_prompt": a["system_prompt"].rstrip("\n")[:-3]}),
    ("system_prompt", False, lambda _: {"system_prompt": "  Indented\nthen not\n\n\n"}),
    ("models", True, lambda a: {"models": {**a["models"], "tts_voice": "luna-en"}}),
    ("models", True, lambda a: {"models": {**a["models"], "llm": "openai/gpt: 5"}}),
    ("tools", True, lambda a: _webhook(a, url="https://crm.example.com/b?x={{n}}")),
    ("tools", True, lambda a: _webhook(a, timeout_seconds=12)),
    ("tools", False, lambda a: _webhook(a, description="Now: something # else")),
    ("tools", False, lambda a: _webhook(a, llm_result_instructions="Tell it\nin two lines.")),
    ("tools", False, _more),
    ("tools", False, lambda a: {"tools": [_sent(t) for t in a["tools"] if "url" in t]}),
    ("template_defaults", True, lambda _: {"template_defaults": {"shop": "Neu", "hours": "all"}}),
]


def case(number: int) -> Case:
    """The case of a number: the same on every run."""
    random = Random(number)  # noqa: S311  styles, not secrets
    name, one_line, live = CHANGES[number % len(CHANGES)]
    parts = [
        Part("head", ["# A spec — of many."] if random.random() < 0.5 else ["---", "# odd", ""]),
        Part("name", [f"name: Agent {number}"]),
        Part("system_prompt", _prompt(random)),
        Part("comment", ["# between", ""] if random.random() < 0.5 else []),
        Part("greeting", _greeting(random)),
        Part("base", ['"language": en', "region:   eu-central  # where"]),
        Part("models", _models(random)),
        Part("tools", _tools(random)),
        Part("template_defaults", _variables(random)),
    ]
    tail = parts[2:]
    random.shuffle(tail)
    return Case(
        key=f"case{number:03}",
        changed=name,
        live=live,
        parts=[*parts[:2], *tail, Part("foot", ["# the end"] if random.random() < 0.7 else [])],
        newline=random.choice(["\n", "\n", "\r\n"]),
        bom=random.choice(["", "", "", "\ufeff"]),
        final=random.random() < 0.8,
        one_line=one_line,
    )
