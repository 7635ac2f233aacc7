"""A sample of the long run in `tests/fuzz_specs.py`, and every valid agent is taken as it is."""

import json
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings

from reconciler.model.values import SecretRef
from tests.fuzz_specs import run
from tests.specs.project_folder import load, write
from tests.strategies import agents


def test_no_mutation_of_a_valid_spec_ends_in_anything_but_problems(tmp_path: Path) -> None:
    found = run(tmp_path, count=400, seed=3)
    assert found["with problems"] > 200
    assert found["valid"] > 10


def as_loaded(value: Any) -> Any:
    if isinstance(value, dict):
        if value.keys() in ({"env"}, {"file"}):
            ((source, name),) = value.items()
            return SecretRef(source, name if source == "env" else f"agents/{name}")
        return {key: as_loaded(each) for key, each in value.items()}
    if isinstance(value, list):
        return [as_loaded(each) for each in value]
    return value


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(agents())
def test_every_valid_agent_is_declared_as_it_is_written(agent: dict[str, Any]) -> None:
    import tempfile  # noqa: PLC0415  # tmp_path would be shared by all examples

    with tempfile.TemporaryDirectory() as name:
        folder = write(Path(name), "", project=BARE)
        text = json.dumps(agent, ensure_ascii=False)  # as it is: `write` has marks of its own
        (folder / "agents" / "desk.yaml").write_text(text, encoding="utf-8")
        assert load(folder).agents[0].declared == as_loaded(agent)


BARE = "version: 1\nenvironments: {sandbox: {api: sandbox}}\n"
