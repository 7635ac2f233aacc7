"""Agents and intents of one environment in SQL. Each function runs inside the caller's transaction.

`environment` is the row id of the environment; keys are escaped by `_codec.escaped`.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from sqlite3 import Connection

from reconciler.ledger import _codec
from reconciler.ledger._codec import escaped, unescaped
from reconciler.model.ledger import AgentRecord, Intent


def records(
    connection: Connection,
    environment: int,
    understood: Callable[[], AbstractContextManager[None]],
) -> Mapping[str, AgentRecord]:
    """All records by key, in the order of the keys; `understood` has the words for damage."""
    rows = connection.execute(
        "SELECT key, agent_id, CAST(document AS BLOB) FROM agents WHERE environment = ?",
        (environment,),
    )
    found = (
        _codec.record_of_row(unescaped(key), unescaped(agent_id), text, understood)
        for key, agent_id, text in rows
    )
    return {record.key: record for record in sorted(found, key=lambda record: record.key)}


def intents(connection: Connection, environment: int) -> Mapping[str, Intent]:
    """All intents by key, in the order of the keys."""
    rows = connection.execute(
        "SELECT key, document FROM intents WHERE environment = ?", (environment,)
    )
    found = (_codec.intent_from(unescaped(key), text) for key, text in rows)
    return {intent.key: intent for intent in sorted(found, key=lambda intent: intent.key)}


def put(
    connection: Connection, environment: int, record: AgentRecord, replaces: str | None
) -> None:
    """Remember an agent under its key, taken from wherever it stood before.

    A key it takes from another agent is not that agent's end: in a swap of files both move, one
    after the other, and a kill in between must forget neither. The other one waits under the key
    that became free.
    """
    agent_id, key = escaped(record.agent_id), escaped(record.key)
    free = _taken_out(connection, environment, agent_id, replaces)
    if free is not None:
        connection.execute(
            "UPDATE agents SET key = ? WHERE environment = ? AND key = ?", (free, environment, key)
        )
    connection.execute(
        "INSERT OR REPLACE INTO agents VALUES (?, ?, ?, ?)",
        (environment, key, agent_id, _codec.record_text(record)),
    )
    drop_intents(connection, environment, record.key)
    if replaces is not None:
        drop_intents(connection, environment, replaces)


def _taken_out(
    connection: Connection, environment: int, agent_id: str, replaces: str | None
) -> str | None:
    """Remove the agent's old record; the answer is the key that it had, escaped.

    An agent known nowhere was made anew, and then the record it replaces is that of the lost one.
    An agent known elsewhere than at `replaces` has been moved already (see `put`).
    """
    row = connection.execute(
        "SELECT key FROM agents WHERE environment = ? AND agent_id = ?", (environment, agent_id)
    ).fetchone()
    old = row[0] if row else None if replaces is None else escaped(replaces)
    if old is not None:
        connection.execute(
            "DELETE FROM agents WHERE environment = ? AND key = ?", (environment, old)
        )
    return old


def drop(connection: Connection, environment: int, key: str, agent_id: str | None) -> None:
    """Forget what stands under a key; with `agent_id`, that agent instead, wherever it stands."""
    if agent_id is None:
        column, value = "key", escaped(key)
    else:
        column, value = "agent_id", escaped(agent_id)
    connection.execute(
        f"DELETE FROM agents WHERE environment = ? AND {column} = ?",  # noqa: S608  # our own names
        (environment, value),
    )
    drop_intents(connection, environment, key)


def put_intent(connection: Connection, environment: int, intent: Intent) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO intents VALUES (?, ?, ?)",
        (environment, escaped(intent.key), _codec.intent_text(intent)),
    )


def drop_intents(connection: Connection, environment: int, key: str) -> None:
    connection.execute(
        "DELETE FROM intents WHERE environment = ? AND key = ?", (environment, escaped(key))
    )
