"""`drift` against a real sandbox: every status, what counts, the files for cron, exit codes."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from reconciler.cli.boundary import run
from reconciler.workflow import Site
from tests.journeys.importing_world import PROJECT, World, agent


@pytest.fixture
def world(tmp_path: Path) -> World:
    """One agent, `front-desk`, imported and so in the ledger."""
    made = World(tmp_path)
    made.create(agent("Front Desk"))
    made.import_()
    return made


@pytest.fixture
def drift(world: World, capsys: pytest.CaptureFixture[str]) -> Any:
    def act(*arguments: str) -> tuple[int, str]:
        capsys.readouterr()
        code = run(["-C", str(world.folder), "drift", *arguments])
        return int(code), capsys.readouterr().out

    return act


def statuses(drift: Any, *arguments: str) -> tuple[int, dict[str, str]]:
    code, out = drift("--format", "json", *arguments)
    return code, {a["key"] or a["name"]: a["status"] for a in json.loads(out)["agents"]}


def patch(world: World, **fields: Any) -> None:
    async def act(site: Site) -> None:
        agents = await site.store.list_agents()
        found = next(a for a in agents if a.name == "Front Desk")
        await site.store.patch_agent(found.id, fields)

    world.run(act)


def delete(world: World) -> None:
    async def act(site: Site) -> None:
        for found in await site.store.list_agents():
            await site.store.delete_agent(found.id)

    world.run(act)


def edit(world: World, old: str, new: str) -> None:
    spec = world.read("agents/front-desk.yaml")
    assert old in spec
    world.write("agents/front-desk.yaml", spec.replace(old, new))


def test_an_agent_as_it_was_applied_is_clean(drift: Any) -> None:
    assert statuses(drift) == (0, {"front-desk": "clean"})


def test_a_change_by_hand_is_drift(world: World, drift: Any) -> None:
    patch(world, greeting="Changed!")
    assert statuses(drift) == (2, {"front-desk": "drifted"})


def test_a_change_in_git_is_pending_and_no_drift(world: World, drift: Any) -> None:
    edit(world, "Hello!", "Welcome!")
    assert statuses(drift) == (0, {"front-desk": "pending"})


def test_a_spec_that_is_gone_is_pending(world: World, drift: Any) -> None:
    world.write("agents/other.yaml", world.read("agents/front-desk.yaml").replace("Front", "Back"))
    (world.folder / "agents/front-desk.yaml").unlink()
    assert statuses(drift) == (0, {"front-desk": "pending", "other": "never_applied"})


def test_a_change_on_both_sides_is_a_conflict(world: World, drift: Any) -> None:
    patch(world, greeting="Changed!")
    edit(world, "Hello!", "Welcome!")
    assert statuses(drift) == (2, {"front-desk": "conflict"})


def test_an_agent_that_is_gone_has_vanished(world: World, drift: Any) -> None:
    delete(world)
    assert statuses(drift) == (2, {"front-desk": "vanished"})


def test_an_agent_made_again_under_its_name_is_recreated(world: World, drift: Any) -> None:
    delete(world)
    world.create(agent("Front Desk"))
    assert statuses(drift) == (2, {"front-desk": "recreated"})


def test_an_agent_of_nobody_is_unmanaged_and_no_drift(world: World, drift: Any) -> None:
    world.create(agent("Stray"))
    assert statuses(drift) == (0, {"front-desk": "clean", "Stray": "unmanaged"})


def test_a_new_spec_was_never_applied(world: World, drift: Any) -> None:
    world.write("agents/new.yaml", world.read("agents/front-desk.yaml").replace("Front", "New"))
    assert statuses(drift) == (0, {"front-desk": "clean", "new": "never_applied"})


def test_an_undeclared_field_counts_with_strict_only(world: World, drift: Any) -> None:
    patch(world, enable_interruptions=False)
    code, out = drift()
    assert code == 0
    assert "enable_interruptions" in out
    assert statuses(drift, "--strict") == (2, {"front-desk": "drifted"})


IGNORE = "ignore: [{{path: {path}, reason: A trial until June., until: {until}}}]\n"


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ({"path": "greeting", "until": "2999-01-01"}, 0),
        ({"path": "greeting", "until": "2020-01-01"}, 2),
        ({"path": "models", "until": "2999-01-01"}, 2),
    ],
)
@pytest.mark.parametrize("place", ["agents/front-desk.yaml", "reconciler.yaml"])
def test_drift_is_accepted_where_the_rule_says_so_and_as_long(
    world: World, drift: Any, place: str, rule: dict[str, str], code: int
) -> None:
    world.write(place, IGNORE.format(**rule) + world.read(place))
    patch(world, greeting="Changed!")
    assert drift()[0] == code


def test_what_is_ignored_is_counted_in_every_format(world: World, drift: Any) -> None:
    rule = IGNORE.format(path="greeting", until="2999-01-01")
    world.write("reconciler.yaml", PROJECT + rule)
    patch(world, greeting="Changed!")
    assert "greeting is ignored: A trial until June." in drift()[1]
    (found,) = json.loads(drift("--format", "json")[1])["agents"]
    assert [f["ignored"] for f in found["fields"]] == [True]
    assert "A trial until June." in drift("--format", "markdown")[1]
    assert "A trial until June." in drift("--format", "junit")[1]
    ignored = 'reconciler_drift_ignored_fields{environment="sandbox",key="front-desk"} 1'
    assert ignored in drift("--format", "prometheus")[1]


def test_without_a_ledger_every_format_says_that_it_has_no_memory(world: World, drift: Any) -> None:
    for path in (world.folder / ".reconciler").glob("ledger.db*"):
        path.unlink()
    assert "no memory" in drift()[1]
    assert json.loads(drift("--format", "json")[1])["memory"] is False
    assert "no memory" in drift("--format", "markdown")[1]
    assert "no memory" in drift("--format", "junit")[1]
    assert 'reconciler_drift_memory{environment="sandbox"} 0' in drift("--format", "prometheus")[1]
    patch(world, greeting="Changed!")
    assert drift()[0] == 2


def test_junit_names_the_agent_and_its_fields(world: World, drift: Any) -> None:
    patch(world, greeting="Bell \x07 & <b>")
    code, out = drift("--format", "junit")
    assert code == 2
    (failure,) = ET.fromstring(out).iter("failure")  # noqa: S314  # our own text
    assert failure.text == 'greeting: "Hello!" → "Bell \\u0007 & <b>"'


def test_prometheus_reads_the_file_and_nothing_else_is_left(world: World, drift: Any) -> None:
    patch(world, greeting="Changed!")
    out = world.folder / "drift.prom"
    out.write_text("old")
    assert drift("--format", "prometheus", "-o", str(out)) == (2, "")
    families = {f.name: f for f in text_string_to_metric_families(out.read_text())}
    (sample,) = families["reconciler_drift_fields"].samples
    assert (sample.labels, sample.value) == ({"environment": "sandbox", "key": "front-desk"}, 1)
    assert not [name for name in world.files() if name.startswith(".drift")]
    assert out.stat().st_mode & 0o077 != 0


def test_an_error_is_never_clean_and_leaves_the_old_file(world: World, drift: Any) -> None:
    world.write("agents/broken.yaml", "nme: x\n")
    out = world.write("drift.prom", "old\n")
    code, _ = drift("--format", "prometheus", "-o", str(out))
    assert code == 4
    assert out.read_text() == "old\n"


def test_a_place_that_can_not_be_written_is_an_error(world: World, drift: Any) -> None:
    code, _ = drift("-o", str(world.folder / "nowhere" / "drift.txt"))
    assert code == 4
