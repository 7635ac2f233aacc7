"""300 specs in as many styles: after a pull, one field differs and every other byte is there."""

import difflib
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from reconciler.specs.marks import Text
from reconciler.specs.yaml_reader import read
from tests.specs.editing.corpus import Case, case, sharing_case
from tests.specs.editing.world import PROJECT, World

CASES = [*map(case, range(200)), *map(sharing_case, range(200, 300))]


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
    for each in CASES:
        name = f"Agent {int(each.key.removeprefix('case'))}"
        world.patch(name, **each.live(live[name]))
    code, said = world.run("pull", "--format", "json")
    assert (code, json.loads(said)["refused"]) == (0, []), said
    return world


def _git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout


@pytest.mark.parametrize("each", CASES, ids=lambda each: each.key)
def test_only_the_field_that_changed_live_differs(each: Case, pulled: World) -> None:
    after, before = pulled.read(f"agents/{each.key}.yaml"), each.text
    assert after != before
    assert _others(after, each.changed) == _others(before, each.changed)
    lost = [c for c in _comments(before) if c not in _comments(after)]
    # a removed tool takes the comments inside it along
    assert lost == [] or "now" in before.split(lost[0])[1][:20] or each.changed == "tools"
    if each.shared:
        _only_sharing_changes_elsewhere(each, before, after)
        return
    head, tail = each.around()
    assert after.startswith(head)
    assert after.endswith(tail)
    if each.one_line:
        opcodes = difflib.SequenceMatcher(None, before.split("\n"), after.split("\n")).get_opcodes()
        changes = [o for o in opcodes if o[0] != "equal"]
        assert len(changes) <= 2
        assert all(tag == "replace" and i2 - i1 == j2 - j1 <= 2 for tag, i1, i2, j1, j2 in changes)


def _others(text: str, changed: str) -> dict[str, Any]:
    """What the file says in all other fields."""
    value, problems = read(Text("a.yaml", text.removeprefix("\ufeff")))
    assert problems == []
    return {name: item for name, item in value.items() if name != changed}


def _only_sharing_changes_elsewhere(each: Case, before: str, after: str) -> None:
    """No line goes that is not of the field, but for those that share with it."""
    head, tail = each.around()
    mine = before[len(head) : len(before) - len(tail)].splitlines()
    lines = before.splitlines(), after.splitlines()
    gone = [line[2:] for line in difflib.ndiff(*lines) if line.startswith("- ")]
    assert [line for line in gone if line not in mine and "*" not in line and "&" not in line] == []
    assert len(gone) <= (10 if each.changed == "tools" else 4)


def test_the_plan_is_empty(pulled: World) -> None:
    _, said = pulled.plan("--format", "json")
    assert json.loads(said)["changes"] == []


def test_git_sees_no_other_file(pulled: World) -> None:
    names = set(_git(pulled.folder, "diff", "--name-only").split())
    assert names == {f"agents/{each.key}.yaml" for each in CASES}


def _comments(text: str) -> list[str]:
    words = ["# read twice", "# tab", "# said first", "# four", "# the voice", "# heard with"]
    words += ["# thinks", "# odd", "# two", "# asks", "# where", "# flow", "# between", "# after"]
    words += ["# all in one", "# last", "# ours", "# when", "# the end", "# A spec", "# base"]
    words += ["# m", "# s", "# k", "# all", "# both", "# a", "# b", "# c", "# f", "# g", "# e"]
    words += ["# said", "# twice", "# here", "# there", "# long", "# d", "# copy", "# second"]
    return [word for word in words if f"{word}\n" in text.replace("\r", "")]
