"""What must hold once an apply after the fault went through."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.chaos import fleet
from tests.chaos.client import ledger_of, planned
from tests.chaos.stage import Play
from tests.chaos.template import Truth


async def complaints(folder: Path, play: Play, truth: Truth) -> list[str]:
    """Everything that is not as it must be; nothing when all is well."""
    found = [*_live(play, truth), *_standing(play, truth), *_ledger(folder, play, truth)]
    plan = await planned(folder, play.stage.url, fleet.SECRETS_AFTER)
    found += [f"still to {change.action} {change.key}" for change in plan.changes]
    found += [f"guard {guard.code}: {guard.message}" for guard in plan.guards]
    return found


def _live(play: Play, truth: Truth) -> Iterator[str]:
    names = Counter(record.document["name"] for record in play.agents())
    yield from (f"{count} agents are named {name}" for name, count in names.items() if count > 1)
    live = {name: record.document for name, record in play.by_name().items()}
    yield from (f"orphan {name}" for name in sorted(live.keys() - truth.documents.keys()))
    yield from (f"missing {name}" for name in sorted(truth.documents.keys() - live.keys()))
    for name in sorted(live.keys() & truth.documents.keys()):
        wrong = _differing(live[name], truth.documents[name])
        if wrong:
            yield f"{name} differs from an undisturbed apply in {wrong}"


def _differing(left: Any, right: Any) -> list[str]:
    keys = sorted(left.keys() | right.keys())
    return [
        f"{k}: {left.get(k)!r} != {right.get(k)!r}" for k in keys if left.get(k) != right.get(k)
    ]


def _standing(play: Play, truth: Truth) -> Iterator[str]:
    """Not one byte of what the plan does not name, and not one request to it either."""
    now = {record.id: record for record in play.agents()}
    for agent_id, record in truth.standing.items():
        if now.get(agent_id) != record:
            yield f"{record.document['name']} was touched"
    made = set(now) - truth.planned_ids - set(truth.standing)
    for request in play.seen():
        agent_id = request["path"].removeprefix("/v1/agents").strip("/")
        allowed = not agent_id or agent_id in truth.planned_ids | made
        if request["method"] != "GET" and not allowed:
            yield f"{request['method']} to {agent_id}, which no plan names"


def _ledger(folder: Path, play: Play, truth: Truth) -> Iterator[str]:
    state = ledger_of(folder).read()
    live = {record.id: record.document["name"] for record in play.agents()}
    yield from (f"intent left: {key} {intent.kind}" for key, intent in state.intents.items())
    if state.records.keys() != truth.keys:
        yield f"the ledger has other keys: {sorted(state.records.keys() ^ truth.keys)}"
    for key, record in state.records.items():
        if live.get(record.agent_id) != record.name:
            yield f"the ledger says {key} is {record.agent_id} {record.name!r}; live it is not"
        if truth.ids.get(key, record.agent_id) != record.agent_id:
            yield f"{key} is another agent than before"
    database = folder / ".reconciler" / "ledger.db"
    yield from integrity(database) if database.exists() else ledger_of(folder).damage()


def integrity(database: Path) -> Iterator[str]:
    """SQLite's own words about the file."""
    connection = sqlite3.connect(database)
    rows = connection.execute("PRAGMA integrity_check").fetchall()
    rows += connection.execute("PRAGMA foreign_key_check").fetchall()
    connection.close()
    yield from (f"{database.name}: {row}" for row in rows if row != ("ok",))
