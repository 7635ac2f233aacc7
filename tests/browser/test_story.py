"""The story of drift: apply, click, drift, pull, plan, apply, no drift."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.browser.browser import Person, chromium
from tests.sandbox.pages import KEY
from tests.sandbox.served import REPO, Served, reconciler, serve

_EDITED, _DELETED = "restaurant", "clinic/after-hours"
_WORDS = "Buonasera, Trattoria Lucia. A table for tonight?"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    state = shutil.ignore_patterns(".reconciler")
    shutil.copytree(REPO / "examples" / "patterns", folder, ignore=state)
    return folder


def told(folder: Path, exit_code: int, *arguments: str) -> str:
    ended = reconciler(folder, *arguments)
    assert ended.returncode == exit_code, ended.stdout + ended.stderr
    return ended.stdout


def planned(folder: Path) -> dict[str, Any]:
    plan = json.loads(told(folder, 0, "plan", "--format", "json"))
    return {change["key"]: change for change in plan["changes"]}


def names(folder: Path) -> dict[str, str]:
    """Return the live names of the agents by key."""
    return {key: change["name"] for key, change in planned(folder).items()}


def greetings(served: Served) -> list[str]:
    agents = httpx.get(f"{served.url}/v1/agents", headers=KEY).json()
    return [one["greeting"] for one in agents]


def can_pull() -> bool:
    return (REPO / "reconciler" / "cli" / "pull_command.py").exists()


def test_a_newcomer_makes_drift_by_clicking_and_sees_it_found(
    project: Path, tmp_path: Path
) -> None:
    name_of = names(project)
    told(project, 0, "apply", "--auto-approve")
    told(project, 0, "drift")

    with serve(project) as served, chromium(tmp_path / "profile", scripts=True) as chrome:
        person = Person(chrome, served.url)
        person.open()
        assert "This project" in person.text
        person.follow(name_of[_EDITED])
        person.type("greeting", _WORDS)
        person.press("Save changes")
        person.follow("All agents")
        person.delete(name_of[_DELETED])

        drift = told(project, 2, "drift")
        assert _EDITED in drift
        assert _DELETED in drift
        assert "scheduling" not in drift

        # pull takes the greeting into the spec; without it, apply takes the greeting back.
        pulls = can_pull()
        if pulls:
            told(project, 0, "pull", _EDITED)
            assert _WORDS in (project / "agents" / f"{_EDITED}.yaml").read_text("utf-8")

        plan = planned(project)
        assert (plan[_DELETED]["action"], plan[_DELETED]["vanished"]) == ("create", True)
        assert (_EDITED in plan) is not pulls

        told(project, 0, "apply", "--auto-approve")
        told(project, 0, "drift")
        assert (_WORDS in greetings(served)) is pulls
        person.open()
        assert name_of[_DELETED] in person.text
        assert served.stop()[0] == 0
