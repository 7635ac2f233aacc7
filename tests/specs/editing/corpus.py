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
    """`parts` make up the file; `live` maps the live document to its changed fields.

    `shared` says that other fields share the value that changes, so that more than its own lines
    may have to change.
    """

    key: str
    changed: str
    live: Callable[[dict[str, Any]], dict[str, Any]]
    parts: list[Part] = field(default_factory=list)
    newline: str = "\n"
    bom: str = ""
    final: bool = True
    one_line: bool = False
    shared: bool = False

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
    random = Random(number)  # noqa: S311  # styles, not secrets
    name, one_line, live = CHANGES[number % len(CHANGES)]
    parts = _parts(random, number)
    tail = parts[2:]
    random.shuffle(tail)
    return Case(
        key=f"case{number:03}",
        changed=name,
        live=live,
        parts=[*parts[:2], *tail, _foot(random)],
        newline=random.choice(["\n", "\n", "\r\n"]),
        bom=random.choice(["", "", "", "\ufeff"]),
        final=random.random() < 0.8,
        one_line=one_line,
    )


def sharing_case(number: int) -> Case:
    """A case in which anchors and merge keys share what changes."""
    random = Random(number)  # noqa: S311  # as above
    name, told, live = SHARES[number % len(SHARES)]
    own = [Part(each.split(":")[0], each.rstrip("\n").split("\n")) for each in told]
    names = {each.name for each in own}
    parts = [part for part in _parts(random, number) if part.name not in names]
    tail = parts[2:]
    random.shuffle(tail)
    return Case(
        key=f"case{number:03}",
        changed=name,
        live=live,
        parts=[*parts[:2], *tail, *own, _foot(random)],
        newline=random.choice(["\n", "\n", "\r\n"]),
        bom=random.choice(["", "", "", "\ufeff"]),
        final=random.random() < 0.8,
        shared=True,
    )


def _parts(random: Random, number: int) -> list[Part]:
    return [
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


def _foot(random: Random) -> Part:
    return Part("foot", ["# the end"] if random.random() < 0.7 else [])


_MODELS = "models: # m\n  stt: nova-2\n  llm: gpt\n  tts: aura\n  tts_voice: thalia\n"
_BASE = "  stt_kwargs: &kw # base\n    timeout: 5 # s\n    retry: {times: 3, wait: 0.50}\n"
_NESTED = (
    "  stt_kwargs: &a {x: 1, deep: {y: 2, z: [1, 2]}} # a\n"
    "  tts_kwargs: &b\n    <<: *a # b\n    speed: 1.10\n"
    "  llm_kwargs: {<<: *b, temperature: 0.3} # c\n"
)
_LISTS = (
    "  stt_kwargs: &a {x: 1, y: 2}\n  tts_kwargs: &b {y: 3, z: 4} # b\n"
    "  llm_kwargs:\n    <<: [*a, *b] # both\n    temperature: 0.2\n"
)
_HOOK = (
    "tools: # t\n"
    "  - &hook # first\n    type: webhook\n    name: check_order\n"
    "    url: https://crm.example.com/a\n    description: Look it up # well\n"
    "    timeout_seconds: 8\n"
    "    parameters: &schema # json\n      type: object\n      properties: {n: {type: string}}\n"
    "  # second\n  - <<: *hook # merged\n    name: cancel_order\n"
    "  - {type: webhook, name: find_order, url: 'https://crm.example.com/f', description: Find it,\n"
    "     parameters: *schema} # third\n"
)


def _kwargs(name: str, **fields: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def live(agent: dict[str, Any]) -> dict[str, Any]:
        kwargs = {**agent["models"][name], **fields}
        kept = {key: value for key, value in kwargs.items() if value is not ...}
        return {"models": {**agent["models"], name: kept}}

    return live


def _tool(number: int, **fields: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def live(agent: dict[str, Any]) -> dict[str, Any]:
        tools = [_sent(tool) for tool in agent["tools"]]
        tools[number] = {**tools[number], **fields}
        return {"tools": tools}

    return live


_SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}}}
_TWO = "template_defaults: {shop: *hello, hours: *hello} # twice\n"
_LATER = "template_defaults:\n  shop: &hello 'It''s us' # here\n  hours: *hello # there\n"
_BLOCK = "system_prompt: &long | # long\n  Be kind.\n\n    Be brief.\n"
_ENVIRONMENT = "environments: # e\n  sandbox:\n    models: {<<: *models, llm: big} # here\n"
_AGAIN = "template_defaults: {shop: &x One, hours: *x, more: &x Two, last: *x}\n"

SHARES: list[tuple[str, list[str], Callable[[dict[str, Any]], dict[str, Any]]]] = [
    ("greeting", ["greeting: &hello Hello # said\n", _TWO], lambda _: {"greeting": "Hi: you"}),
    ("greeting", ["greeting: &hello Hello\n", _TWO], lambda _: {"greeting": "One\nTwo"}),
    (
        "template_defaults",
        ['greeting: &hello "Hello \\\n  there" # said\n', _TWO],
        lambda _: {"template_defaults": {"shop": "Neu", "hours": "Hello there"}},
    ),
    ("greeting", [_LATER, "greeting: *hello # said\n"], lambda _: {"greeting": "Hi"}),
    (
        "template_defaults",
        [_LATER, "greeting: *hello # said\n"],
        lambda _: {"template_defaults": {"shop": "It's them", "hours": "It's us"}},
    ),
    (
        "system_prompt",
        [_BLOCK, "template_defaults: # d\n  shop: *long # copy\n"],
        lambda _: {"system_prompt": "Be kind.\n\n  Be very brief.\n"},
    ),
    (
        "template_defaults",
        [_BLOCK, "template_defaults: # d\n  shop: *long # copy\n"],
        lambda _: {"template_defaults": {"shop": "Be kind.\n"}},
    ),
    (
        "models",
        [f"{_MODELS}{_BASE}  llm_kwargs:\n    <<: *kw # k\n    top: 1\n  tts_kwargs: *kw # all\n"],
        _kwargs("stt_kwargs", timeout=6),
    ),
    (
        "models",
        [f"{_MODELS}{_BASE}  llm_kwargs:\n    <<: *kw # k\n    top: 1\n  tts_kwargs: *kw # all\n"],
        _kwargs("llm_kwargs", timeout=7),
    ),
    (
        "models",
        [f"{_MODELS}{_BASE}  llm_kwargs: {{top: 1, <<: *kw}} # k\n"],
        _kwargs("llm_kwargs", retry=...),
    ),
    (
        "models",
        [f"{_MODELS}{_BASE}  tts_kwargs: *kw # all\n"],
        _kwargs("tts_kwargs", retry={"times": 3, "wait": 2}),
    ),
    ("models", [_MODELS + _LISTS], _kwargs("llm_kwargs", y=5)),
    ("models", [_MODELS + _LISTS], _kwargs("stt_kwargs", y=5)),
    ("models", [_MODELS + _LISTS], _kwargs("llm_kwargs", x=...)),
    ("models", [_MODELS + _NESTED], _kwargs("llm_kwargs", deep={"y": 2, "z": [1]})),
    ("models", [_MODELS + _NESTED], _kwargs("stt_kwargs", deep={"y": 3, "z": [1, 2]})),
    ("models", [_MODELS + _NESTED], _kwargs("tts_kwargs", speed=1.2)),
    (
        "models",
        [
            f"{_MODELS}  llm_kwargs: {{stop: [&end '###', STOP]}} # s\n  tts_kwargs: {{stop: [*end]}}\n"
        ],
        _kwargs("llm_kwargs", stop=["##", "STOP"]),
    ),
    (
        "models",
        [f"{_MODELS}  fallbacks:\n    stt: &fb [one, two] # f\n    llm: *fb # g\n"],
        lambda a: {
            "models": {
                **a["models"],
                "fallbacks": {"stt": ["one"], "llm": ["one", "two"], "tts": []},
            }
        },
    ),
    ("tools", [_HOOK], _tool(0, timeout_seconds=9)),
    ("tools", [_HOOK], _tool(1, description="Call it off: now")),
    ("tools", [_HOOK], _tool(1, parameters=_SCHEMA)),
    ("tools", [_HOOK], _tool(0, parameters=_SCHEMA)),
    ("tools", [_HOOK], _tool(2, parameters=_SCHEMA)),
    ("tools", [_HOOK], lambda a: {"tools": [_sent(tool) for tool in a["tools"][1:]]}),
    (
        "environments",
        [_MODELS.replace("# m", "&models # m"), _ENVIRONMENT],
        lambda a: {"models": {**a["models"], "tts_voice": "luna"}},
    ),
    (
        "template_defaults",
        [_AGAIN],
        lambda _: {
            "template_defaults": {"shop": "Z", "hours": "One", "more": "Two", "last": "Two"}
        },
    ),
]
