"""Random valid specs: apply, then plan, and there is nothing left to do."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from reconciler.sandbox import SandboxOptions
from tests.program import KEY, Checkout, serving
from tests.strategies import agents


def _for_the_sandbox(document: dict[str, object], number: int) -> dict[str, object]:
    """A spec that the API of the OpenAPI description takes.

    It has three regions and a closed schema, an inbound trunk belongs to one agent, and transfers
    and directional greetings need their trunks.
    """
    newer = {"tool_mode", "extra"}
    spec = {name: value for name, value in document.items() if name not in newer}
    trunks = {
        "sip_inbound_trunk_id": f"00000000-0000-4000-8000-{number:012}",
        "sip_outbound_trunk_id": "00000000-0000-4000-9000-000000000000",
    }
    region = "eu-central" if spec["region"] == "mars" else spec["region"]
    return {**spec, **trunks, "region": region, "name": f"Agent {number}"}


def _random_agents(count: int) -> list[dict[str, object]]:
    """As many random valid agents, the same ones every time."""
    drawn: list[dict[str, object]] = []

    @settings(
        max_examples=count,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(agents())
    def draw(document: dict[str, object]) -> None:
        drawn.append(document)

    draw()
    return drawn


def test_five_hundred_random_specs_converge(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("CRM_TOKEN", "OTHER_TOKEN", "RUNTIME_KEY"):
        monkeypatch.setenv(name, f"value of {name}")
    monkeypatch.setenv("SLNG_API_KEY", KEY)
    documents = _random_agents(500)
    with serving(tmp_path / "api.db", SandboxOptions(runtime_key="optional")) as api:
        repo = Checkout(tmp_path / "repo", {"api": api.url, "api_key": {"env": "SLNG_API_KEY"}})
        repo.write("agents/secrets/crm", "a mounted secret")
        for number, document in enumerate(documents):
            spec = _for_the_sandbox(document, number)
            repo.write(f"agents/a{number}.yaml", json.dumps(spec, ensure_ascii=False))
        said = repo.apply("--format", "json")
        changes = said.json.get("changes", [{"result": "none", "error": said.out}])
        assert [c["error"] for c in changes if c["result"] != "done"] == []
        assert said.code == 0
        plan = repo.plan()
        assert plan["changes"] == []
        assert plan["summary"]["unchanged"] == len(documents) >= 490
        assert repo.run("drift").code == 0
