"""The state before the apply that is disturbed, made once and copied for every fault point."""

import shutil
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from reconciler.sandbox import SandboxOptions
from tests.chaos import fleet
from tests.chaos.client import applied, ledger_of
from tests.chaos.dying import Countdown, mortal_commits
from tests.chaos.points import Setting
from tests.chaos.stage import DEPLOYED, KEY, PLAIN, Play, Stage
from tests.ledger import repositories


@dataclass(frozen=True)
class Truth:
    """What must come out: documents by name, the keys of the ledger, what must stay as it was."""

    documents: Mapping[str, Any]
    keys: frozenset[str]
    ids: Mapping[str, str]  # by key: of the agents that the second commit keeps
    planned_ids: frozenset[str]  # agents that the plan may write to
    standing: Mapping[str, Any]  # by id: agents that nobody may touch
    requests: int
    commits: int


@dataclass(frozen=True)
class Template:
    folder: Path
    truth: Truth
    options: SandboxOptions

    def copy(self, to: Path) -> Path:
        shutil.copytree(self.folder, to)
        return to


async def template(stage: Stage, folder: Path, workers: int, setting: Setting) -> Template:
    """Apply the first commit, click in the dashboard, check out the second commit."""
    first = folder / "first"
    options = DEPLOYED if setting == "deployed era" else PLAIN
    fleet.write(first, fleet.before(), concurrency=workers)
    if setting == "git ledger":
        _in_git(first)
    async with stage.playing(first / "api.db", options) as play:
        ended = await applied(first, stage.url, fleet.SECRETS_BEFORE)
        assert ended.code == 0, ended
        await _click(play)
    shutil.rmtree(first / "agents")
    fleet.write(first, fleet.after(), concurrency=workers)
    _in_one_file(first / "api.db")
    if setting != "git ledger":
        _in_one_file(first / ".reconciler" / "ledger.db")
    undisturbed = shutil.copytree(first, folder / "undisturbed")
    return Template(first, await _truth(stage, first, undisturbed, options), options)


async def _click(play: Play) -> None:
    headers = {"Authorization": f"Bearer {KEY}"}
    async with httpx.AsyncClient(base_url=play.stage.url, headers=headers) as http:
        for agent in fleet.unmanaged():
            (await http.post("/v1/agents", json=agent)).raise_for_status()
        agent_id = play.by_name()["Dashboard"].id
        trunk = {"sip_outbound_trunk_id": fleet.DASHBOARD_TRUNK}
        (await http.patch(f"/v1/agents/{agent_id}", json=trunk)).raise_for_status()


async def _truth(stage: Stage, first: Path, folder: Path, options: SandboxOptions) -> Truth:
    """Apply the second commit with nothing in its way."""
    remembered = ledger_of(first).read().records
    async with stage.playing(folder / "api.db", options) as play:
        before = {record.id: record for record in play.agents()}
        play.order()
        commits = Countdown()
        with mortal_commits(commits):
            ended = await applied(folder, stage.url, fleet.SECRETS_AFTER)
        assert ended.code == 0, ended
        requests = len(play.seen())
        after = play.by_name()
    records = ledger_of(folder).read().records
    standing_ids = {remembered[key].agent_id for key in fleet.UNTOUCHED}
    standing_ids |= {a.id for a in before.values() if a.document["name"] == fleet.BYSTANDER}
    return Truth(
        documents={name: record.document for name, record in after.items()},
        keys=frozenset(records),
        ids={k: r.agent_id for k, r in records.items() if k not in fleet.CREATED},
        planned_ids=frozenset(before) - standing_ids,
        standing={agent_id: before[agent_id] for agent_id in standing_ids},
        requests=requests,
        commits=commits.seen,
    )


def _in_one_file(database: Path) -> None:
    """Without a write-ahead log beside it, a copy of the file is a copy of the database."""
    connection = sqlite3.connect(database)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def _in_git(folder: Path) -> None:
    """A repository whose remote is inside, so that a copy of the folder is a copy of both."""
    repositories.git(folder, "init", "--quiet")
    repositories.git(folder, "init", "--quiet", "--bare", "remote.git")
    repositories.git(folder, "remote", "add", "origin", "remote.git")
