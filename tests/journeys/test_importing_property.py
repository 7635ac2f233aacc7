"""Any agent that the sandbox takes: imported, the plan is empty, and every byte is kept."""

import tempfile
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from reconciler.errors import LiveError
from reconciler.model.desired import DesiredAgent, Specs
from reconciler.model.ledger import LedgerState
from reconciler.model.project import Environment, Project
from reconciler.model.values import Document, SecretRef
from reconciler.planning import PlanInputs, make_plan, normalise
from reconciler.specs import load_specs, validate
from tests.journeys.importing_world import NOW, World
from tests.strategies import agents

_TRICKY = st.sampled_from(
    [
        *(
            "",
            "\n",
            "\n\n",
            " ",
            "  two",
            "tail ",
            "\ttab",
            "a\tb",
            "no",
            "1e3",
            "0x1F",
            "~",
            "null",
        ),
        *(
            "# not a comment",
            "a: b",
            "- item",
            "a #b",
            "'single'",
            '"double"',
            "back\\slash",
            "@at",
        ),
        *(
            "${variable}",
            "$${literal}",
            "$",
            "line\r\nline\r\n",
            "bell\x07",
            "bom\ufeff",
            "\ufeffbom",
        ),
        *(
            "nel\x85",
            "ls\u2028ps\u2029",
            "nbsp\u00a0x",
            "emoji 👩‍👩‍👧",
            "2026-01-01",
            "12:30:45",
            "%x",
        ),
        *(
            "word " * 60,
            "x" * 300,
            "long  double  spaces " * 20,
            "trailing \nspaces \n",
            "---\n...\n",
        ),
        *(
            " leading\n  more\n",
            "\n\nblank first\n",
            "one\n\n\n\ntwo",
            "a\nb\nc\nd\ne",
            "a\nb\nc\nd\ne\n\n",
        ),
    ]
)
_PROJECT = Project(environments={"e": Environment(api="sandbox")})


def _strings(value: Any, draw: st.DrawFn, chance: st.SearchStrategy[bool]) -> Any:
    """The document with some texts made difficult."""
    if isinstance(value, str) and draw(chance):
        return value + draw(_TRICKY)
    return value


@st.composite
def difficult_agents(draw: st.DrawFn) -> Document:
    agent: Document = draw(agents())
    chance = st.integers(0, 3).map(lambda n: n == 0)
    for name in ("name", "system_prompt", "greeting", "inbound_greeting"):
        if name in agent:
            agent[name] = _strings(agent[name], draw, chance)
    for tool in agent.get("tools", []):
        for name in ("description", "prompt", "llm_result_instructions"):
            if name in tool:
                tool[name] = _strings(tool[name], draw, chance)
    for name, value in agent.get("template_defaults", {}).items():
        agent["template_defaults"][name] = _strings(value, draw, chance)
    return agent


def _with_references(value: Any, *, secret: bool = False) -> Any:
    if isinstance(value, dict):
        if secret and value.keys() <= {"env", "file"}:
            return SecretRef("env", "TOKEN")
        return {
            k: _with_references(v, secret=k in {"token", "secret"} and "type" in value)
            for k, v in value.items()
        }
    return [_with_references(v) for v in value] if isinstance(value, list) else value


def _body(document: Document, era: str) -> Document:
    """What a create of this document sends."""
    declared = {k: v for k, v in document.items() if k != "slng_api_key"}
    if era == "openapi":
        declared.pop("tool_mode", None)
    declared["region"] = "eu-central" if declared["region"] == "mars" else declared["region"]
    if isinstance(declared.get("tools"), list):
        declared["tools"] = [
            {**t, "auth": _with_references(t["auth"])} if "auth" in t else t
            for t in declared["tools"]
        ]
    inputs = PlanInputs(
        environment="e",
        project=_PROJECT,
        specs=Specs((DesiredAgent("key", declared),)),
        live=[],
        state=LedgerState(),
        now=NOW,
    )
    change = make_plan(inputs).changes[0]
    assume(change.blocked is None)
    assert change.write is not None
    return change.write.body


@pytest.mark.parametrize("era", ["openapi", "deployed"])
@settings(
    deadline=None,
    max_examples=20,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # shrinking takes minutes here
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(document=difficult_agents())
def test_any_agent_imports_into_valid_specs_and_an_empty_plan(
    document: Document, era: Literal["openapi", "deployed"]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder), era=era, secrets={"TOKEN": "secret-token"})
        try:
            (made,) = world.create(_body(document, era))
        except LiveError:
            assume(False)
            raise
        report = world.import_()
        assert [each.error for each in report.agents] == [None]
        assert report.agents[0].notes == ()
        plan = world.plan()
        assert plan.changes == ()
        assert plan.memory
        assert not plan.unmanaged

        async def check(site: Any) -> None:
            specs, _ = load_specs(site.loaded, "sandbox")
            assert specs.agents[0].declared["system_prompt"] == made.document["system_prompt"]
            assert not [p for p in validate(site.loaded) if p.severity == "error"]

        world.run(check)
        assert normalise(world.live()[made.name].document) == normalise(made.document)
