"""Random valid specs: apply, then plan, and there is nothing left to do."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from reconciler.sandbox import SandboxOptions
from tests.program import KEY, Checkout, serving
from tests.strategies import agents

FLEET = 25


def _for_the_sandbox(document: dict[str, object], number: int) -> dict[str, object]:
    """A spec that the API of the OpenAPI description takes.

    It has three regions and a closed schema, and an inbound trunk belongs to one agent.
    """
    newer = {"tool_mode", "extra"}
    spec = {name: value for name, value in document.items() if name not in newer}
    if spec.get("sip_inbound_trunk_id") is not None:
        spec["sip_inbound_trunk_id"] = f"00000000-0000-4000-8000-{number:012}"
    region = "eu-central" if spec["region"] == "mars" else spec["region"]
    return {**spec, "region": region, "name": f"Agent {number}"}


@given(st.lists(agents(), min_size=FLEET, max_size=FLEET))
@settings(
    max_examples=6,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_random_specs_converge(documents: list[dict[str, object]]) -> None:
    # A fixture's folder would be shared by all examples.
    with pytest.MonkeyPatch.context() as patch, TemporaryDirectory() as place:
        folder = Path(place)
        for name in ("CRM_TOKEN", "OTHER_TOKEN", "RUNTIME_KEY"):
            patch.setenv(name, f"value of {name}")
        patch.setenv("SLNG_API_KEY", KEY)
        with serving(folder / "api.db", SandboxOptions(runtime_key="optional")) as api:
            environment = {"api": api.url, "api_key": {"env": "SLNG_API_KEY"}}
            repo = Checkout(folder / "repo", environment)
            repo.write("secrets/crm", "a mounted secret")
            for number, document in enumerate(documents):
                spec = _for_the_sandbox(document, number)
                repo.write(f"agents/a{number}.yaml", json.dumps(spec, ensure_ascii=False))
            said = repo.apply("--format", "json")
            assert said.code == 0, said.json.get("problems", said.out[-3000:])
            failed = [c["error"] for c in said.json["changes"] if c["result"] != "done"]
            assert not failed
            plan = repo.plan()
            assert plan["changes"] == []
            assert plan["summary"]["unchanged"] == FLEET
            assert repo.run("drift").code == 0
