"""For any live change of any field: pull, then the plan is empty, or pull refused and said why."""

import asyncio
import copy
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from reconciler.journeys.pulling import PullRequest, PullResult, pull
from reconciler.model.change import Plan
from reconciler.model.values import same
from reconciler.specs import load_project
from reconciler.specs.editing import To, write
from reconciler.specs.marks import Text
from reconciler.specs.yaml_reader import read
from reconciler.workflow import Request, Site, apply, plan
from tests.fakes import NOW, MemoryLedger, MemoryStore, SilentProgress
from tests.specs.editing.corpus import case, sharing_case
from tests.specs.editing.styles import styles
from tests.world import EVERYTHING, RUN

STYLES = {style.name: style for style in styles()}
PROJECT = """\
version: 1
defaults: {region: eu-central, language: en}  # for all
environments:
  test:
    api: sandbox
    variables: {crm: crm.example.com, desk: "+4930901820", shop: Übermut}
    overrides:
      enable_interruptions: false
"""
DESK = """\
# The desk.
name: Desk
system_prompt: {file: ../prompts/desk.md}
greeting: "Hello, ${shop} here" # said first
models:
  stt: nova-2
  llm: gpt
  tts: aura
  tts_voice: thalia
  llm_kwargs: {temperature: 0.5, stop: ["a", b]}
  fallbacks:
    llm: [one, two]
    tts: [{model: a, voice: b}]
idle_nudges:
  first_nudge_text: There?
  second_nudge_text: >-
    Still
    there?
  final_hangup_text: 'Bye'
runtime_variables:
  - {name: slot, description: The time.}
  # and
  - name: day
    description: The day.
template_defaults: {shop: "${shop}"}
sip_outbound_trunk_id: 3f1c9a52-7a60-4f2e-9a35-0a6f8b1a7c11
extra: {noise: true, tuning: {a: 1}}
tools:
  - type: webhook
    name: check_order
    description: Look it up.
    url: https://${crm}/orders
    parameters: {file: ../schemas/order.json}
    auth: {type: bearer, token: {env: CRM_TOKEN}}
  - type: human_transfer
    name: to_desk
    phone_number: ${desk}
  - type: built_in
    built_in: current_datetime
    source: system
    system:
      triggers: [{event: tool_succeeded, source_tool: check_order}]
      arguments:
        - {name: a, type: string, source: {type: constant, value: [1, {b: null}]}}
  - type: template
    template: hangup
    execution_policy: {pre_action_message: {enabled: true, text: Bye}}
environments:
  test: {inbound_greeting: null}
"""
FILES = {
    "reconciler.yaml": PROJECT,
    "agents/desk.yaml": DESK,
    "prompts/desk.md": "You are at ${shop}.\r\n\r\nBe kind: $${literal}.\n",
    "schemas/order.json": '{\n  "type": "object",\n  "properties": {"n": {"type": "string"}}\n}\n',
}
TEXTS = st.one_of(
    st.text(max_size=30),
    st.text(alphabet="ab :#-'\"\\{}[]&*!|>%@`,?\n\t $~\u2028é\r", max_size=25),
    st.sampled_from(
        [
            "null",
            "12",
            "true",
            "~",
            "${crm}",
            "$${x",
            "crm.example.com",
            "a\n\nb\n\n",
            "- x",
            "Übermut",
        ]
    ),
)
WORDS = {
    "template": ["hangup", "voicemail_detection"],
    "built_in": ["current_datetime"],
    "source": ["contextual", "system"],
    "http_method": ["POST", "PUT", "PATCH", "DELETE"],
    "webhook_format": ["envelope", "raw"],
    "timezone": ["UTC", "Europe/Berlin", "Asia/Tokyo"],
    "region": ["us-east", "eu-central", "ap-south"],
    "language": ["en", "de", "fr-CA"],
    "phone_number": ["+4930901820", "+15550100"],
    "url": ["https://crm.example.com/x?y={{n}}", "https://other.example.com/a b"],
    "name": ["alpha", "beta-2", "check_order", "Gamma", "null", "to_desk"],
}
NAMES = st.sampled_from(["alpha", "beta-2", "check_order", "Gamma", "null", "a b"])
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-5, 500), st.floats(0, 9, width=16), TEXTS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)


def _paths(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        return [p for k, v in value.items() for p in ((*at, k), *_paths(v, (*at, k)))]
    if isinstance(value, list):
        return [p for n, v in enumerate(value) for p in ((*at, n), *_paths(v, (*at, n)))]
    return []


@st.composite
def other_value(draw: st.DrawFn, old: Any, path: tuple[Any, ...]) -> Any:
    """A value of the same sort, as an API would hold it."""
    if path[-1] in WORDS and draw(st.integers(0, 9)):
        return draw(st.sampled_from(WORDS[str(path[-1])]))
    if isinstance(old, bool):
        return not old
    if isinstance(old, int | float):
        return draw(st.integers(1, 60))
    if isinstance(old, str):
        cut = draw(st.integers(0, len(old)))
        new = draw(TEXTS)
        return draw(st.sampled_from([new, old[:cut] + new + old[cut:], old[:cut]]))
    if isinstance(old, list):
        kept = [item for item in old if draw(st.booleans())]
        strings = all(isinstance(item, str) for item in old) and path[0] == "models"
        return kept + (draw(st.lists(TEXTS, max_size=2)) if strings else [])
    free = path[-1] in {"llm_kwargs", "tuning", "parameters", "properties"}
    return {**old, draw(TEXTS): draw(JSON)} if free and isinstance(old, dict) else old


@st.composite
def changed(draw: st.DrawFn, live: dict[str, Any]) -> dict[str, Any]:
    """The live document after somebody changed one to four fields of it."""
    live = copy.deepcopy(live)
    for _ in range(draw(st.integers(1, 4))):
        if "tools" in live and draw(st.integers(0, 5)) == 0:
            live["tools"].append(draw(new_tools(len(live["tools"]))))
            continue
        path = draw(st.sampled_from([p for p in _paths(live) if p[-1] not in {"id", "type"}]))
        around = live
        for step in path[:-1]:
            around = around[step]
        around[path[-1]] = draw(other_value(around[path[-1]], path))
    return live


@st.composite
def new_tools(draw: st.DrawFn, number: int) -> dict[str, Any]:
    tool_id = f"{number:08}-1111-4111-8111-{draw(st.integers(0, 999)):012}"
    name = draw(NAMES)
    return draw(
        st.sampled_from(
            [
                {"type": "template", "id": tool_id, "template": "voicemail_detection"},
                {"type": "human_transfer", "id": tool_id, "name": name, "phone_number": "+491"},
                {
                    "type": "webhook",
                    "id": tool_id,
                    "name": name,
                    "description": draw(TEXTS),
                    "url": "https://crm.example.com/x",
                    "parameters": {"type": "object", "properties": {}},
                    "source": "contextual",
                    "odd": 1,
                    "auth": draw(st.sampled_from([None, {"type": "hmac"}])),
                },
                {"type": "mystery", "id": tool_id, "name": name},
            ]
        )
    )


def _project(data: st.DataObject) -> tuple[str, dict[str, bytes]]:
    """An environment, and the files of a project."""
    kind = data.draw(st.sampled_from(["desk", "corpus", "sharing", "style"]))
    if kind == "style":
        style = STYLES[data.draw(st.sampled_from(sorted(STYLES)))]
        return "sandbox", {name: style.data(text) for name, text in style.files.items()}
    if kind == "desk":
        return "test", {name: text.encode() for name, text in FILES.items()}
    environments = PROJECT[PROJECT.index("environments") : PROJECT.index("    overrides")]
    number = data.draw(st.integers(0, 299))
    text = (case if kind == "corpus" else sharing_case)(number).text.replace("sandbox:", "test:")
    project = f"version: 1\n{environments}"
    return "test", {"reconciler.yaml": project.encode(), "agents/a.yaml": text.encode()}


async def _story(
    folder: Path, environment: str, data: st.DataObject, to: To | None
) -> tuple[PullResult, Plan]:
    store, ledger = MemoryStore(), MemoryLedger()

    def site() -> Site:
        return Site(
            loaded=load_project(folder),
            environment=environment,
            organisation_id=None,
            store=store,
            ledger=ledger,
            secret=lambda ref: f"value of {ref.name}",
            now=lambda: NOW,
        )

    request = Request(approval=EVERYTHING)
    await apply(
        site(),
        request,
        RUN,
        agree=lambda _: None,
        progress=SilentProgress(),
        stop=asyncio.Event(),
    )
    assert not (await plan(site(), request)).changes
    for agent_id, document in store.agents.items():
        store.agents[agent_id] = data.draw(changed(document))
    result = await pull(site(), PullRequest(to=to))
    write(result.edits)
    return result, await plan(site(), request)


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(data=st.data(), to=st.sampled_from([None, "spec", "origin"]))
def test_pull_then_the_plan_is_empty_or_pull_says_why(data: st.DataObject, to: To | None) -> None:
    environment, files = _project(data)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for path, content in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        result, after = asyncio.run(_story(folder, environment, data, to))
        now = {path: (folder / path).read_bytes() for path in files}
    refused = {(r.key, r.path) for r in result.refused}
    fields = {(c.key, f.path) for c in after.changes for f in c.fields if not f.secret}
    ignored = {each.who for each in result.untouched}
    left = {(key, path) for key, path in fields if f"{key} {'.'.join(path)}" not in ignored}
    # a language that stays as it was resets the nudges that the API made up in it
    follows = {(key, ("idle_nudges",)) for key, path in fields if path == ("language",)}
    assert left == refused | (left & follows), (result, after.changes)
    assert all(r.reason for r in result.refused)
    pulled = {each.change.path[0] for each in result.pulled}
    assert _said_otherwise(files, now) <= {*pulled, "extra", "environments"}
    event(f"fields: {len(result.pulled)} pulled, {len(refused)} refused")
    STATS["examples"] += 1
    STATS["pulled"] += len(result.pulled)
    STATS["refused"] += len(refused)
    for refusal in result.refused:
        STATS[refusal.reason[-70:]] = STATS.get(refusal.reason[-70:], 0) + 1


def _said_otherwise(before: dict[str, bytes], after: dict[str, bytes]) -> set[str]:
    """The top-level fields of specs and defaults whose values are others than before."""
    found: set[str] = set()
    for name in before:
        if name.endswith(".yaml") and name != "reconciler.yaml":
            old, new = (read(Text(name, x[name].decode("utf-8-sig")))[0] for x in (before, after))
            found |= {k for k in {*old, *new} if not same(old.get(k, ...), new.get(k, ...))}
    return found


STATS = {"examples": 0, "pulled": 0, "refused": 0}
