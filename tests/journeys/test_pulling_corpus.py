"""200 specs in as many styles: after a pull, one field differs and every other byte is there."""

import difflib
import json
import subprocess
from pathlib import Path

import pytest

from tests.specs.editing.corpus import Case, case
from tests.specs.editing.world import PROJECT, World

CASES = [case(number) for number in range(200)]


@pytest.fixture(scope="module")
def pulled(tmp_path_factory: pytest.TempPathFactory) -> World:
    world = World(tmp_path_factory.mktemp("corpus"))
    world.write(reconciler=PROJECT)
    world.put(".gitignore", ".reconciler/\n")
    world.put(".gitattributes", "* -text\n")
    for each in CASES:
        world.put(f"agents/{each.key}.yaml", each.text)
    world.apply()
    _git(world.folder, "init", "-q")
    _git(world.folder, "add", ".")
    _git(world.folder, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "specs")
    live = world.agents()
    for number, each in enumerate(CASES):
        world.patch(f"Agent {number}", **each.live(live[f"Agent {number}"]))
    code, said = world.run("pull", "--format", "json")
    world.result = json.loads(said)  # type: ignore[attr-defined]
    assert code in {0, 3}, said
    return world


def _git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout


@pytest.mark.parametrize("each", CASES, ids=lambda each: each.key)
def test_only_the_field_that_changed_live_differs(each: Case, pulled: World) -> None:
    after, before = pulled.read(f"agents/{each.key}.yaml"), each.text
    refused = [r for r in pulled.result["refused"] if r["key"] == each.key]  # type: ignore[attr-defined]
    if refused:
        assert after == before
        assert "anchor" in refused[0]["reason"]
        return
    assert after != before
    head, tail = each.around()
    assert after.startswith(head)
    assert after.endswith(tail)
    lost = [c for c in _comments(before) if c not in _comments(after)]
    # a removed tool takes the comments inside it along
    assert lost == [] or "now" in before.split(lost[0])[1][:20]
    if each.one_line:
        opcodes = difflib.SequenceMatcher(None, before.split("\n"), after.split("\n")).get_opcodes()
        changes = [o for o in opcodes if o[0] != "equal"]
        assert len(changes) <= 2
        assert all(tag == "replace" and i2 - i1 == j2 - j1 <= 2 for tag, i1, i2, j1, j2 in changes)


def test_few_are_refused_and_the_plan_is_empty_for_all_others(pulled: World) -> None:
    refused = {r["key"] for r in pulled.result["refused"]}  # type: ignore[attr-defined]
    assert len(refused) <= 8
    _, said = pulled.plan("--format", "json")
    assert {change["key"] for change in json.loads(said)["changes"]} == refused


def test_git_sees_no_other_file(pulled: World) -> None:
    refused = {r["key"] for r in pulled.result["refused"]}  # type: ignore[attr-defined]
    names = set(_git(pulled.folder, "diff", "--name-only").split())
    assert names == {f"agents/{each.key}.yaml" for each in CASES if each.key not in refused}


def _comments(text: str) -> list[str]:
    words = ["# read twice", "# tab", "# said first", "# four", "# the voice", "# heard with"]
    words += ["# thinks", "# odd", "# two", "# asks", "# where", "# flow", "# between", "# after"]
    words += ["# all in one", "# last", "# ours", "# when", "# the end", "# A spec"]
    return [word for word in words if word in text]
