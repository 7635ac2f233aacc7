"""Agents and intents of one environment. Each function runs inside the caller's transaction.

`environment` is the row id of the environment; keys are escaped by `_codec.escaped`.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from reconciler.ledger import _codec
from reconciler.ledger._codec import escaped, unescaped
from reconciler.ledger._postgres.tables import agents, intents
from reconciler.model.late import marked
from reconciler.model.ledger import AgentRecord, Intent


def all_records(connection: Connection, environment: int) -> Mapping[str, AgentRecord]:
    """All records by key, in the order of the keys."""
    rows = connection.execute(
        select(agents.c.key, agents.c.document).where(agents.c.environment == environment)
    )
    found = (
        marked(_codec.record_from(unescaped(key), text), _codec.mark_of(text.encode()))
        for key, text in rows
    )
    return {record.key: record for record in sorted(found, key=lambda record: record.key)}


def all_intents(connection: Connection, environment: int) -> Mapping[str, Intent]:
    """All intents by key, in the order of the keys."""
    rows = connection.execute(
        select(intents.c.key, intents.c.document).where(intents.c.environment == environment)
    )
    found = (_codec.intent_from(unescaped(key), text) for key, text in rows)
    return {intent.key: intent for intent in sorted(found, key=lambda intent: intent.key)}


def put(
    connection: Connection,
    environment: int,
    pairs: Sequence[tuple[AgentRecord, str | None]],
) -> None:
    """Remember agents, each taken from wherever it stood before.

    An agent whose key it takes waits under the key that became free (see SQLite's `put`).
    """
    if not _stay_where_they_are(connection, environment, pairs):
        for record, replaces in pairs:
            _make_room(connection, environment, record, replaces)
            _store(connection, environment, [record])
    else:
        _store(connection, environment, [record for record, _ in pairs])
    named = {key for record, replaces in pairs for key in (record.key, replaces)}
    drop_intents(connection, environment, [key for key in named if key is not None])


def _stay_where_they_are(
    connection: Connection,
    environment: int,
    pairs: Sequence[tuple[AgentRecord, str | None]],
) -> bool:
    """Whether each agent is new or keeps its key, so that no order matters."""
    keys = {escaped(record.agent_id): escaped(record.key) for record, _ in pairs}
    if len(keys) < len(pairs) or len(set(keys.values())) < len(pairs):
        return False
    if any(replaces is not None for _, replaces in pairs):
        return False
    here = agents.c.environment == environment
    known = connection.execute(
        select(agents.c.agent_id, agents.c.key).where(here, agents.c.agent_id.in_(keys))
    )
    return all(keys[agent_id] == key for agent_id, key in known)


def _make_room(
    connection: Connection, environment: int, record: AgentRecord, replaces: str | None
) -> None:
    agent_id, key = escaped(record.agent_id), escaped(record.key)
    here = agents.c.environment == environment
    known = connection.scalar(select(agents.c.key).where(here, agents.c.agent_id == agent_id))
    free = known if known is not None or replaces is None else escaped(replaces)
    if free is not None:
        connection.execute(delete(agents).where(here, agents.c.key == free))
        connection.execute(update(agents).where(here, agents.c.key == key).values(key=free))


def _store(connection: Connection, environment: int, found: Sequence[AgentRecord]) -> None:
    rows = [
        {
            "environment": environment,
            "key": escaped(record.key),
            "agent_id": escaped(record.agent_id),
            "document": _codec.record_text(record),
        }
        for record in found
    ]
    stored = insert(agents)
    new = {"agent_id": stored.excluded.agent_id, "document": stored.excluded.document}
    connection.execute(
        stored.on_conflict_do_update(index_elements=["environment", "key"], set_=new), rows
    )


def drop(connection: Connection, environment: int, key: str, agent_id: str | None) -> None:
    """Forget what stands under a key; with `agent_id`, that agent instead, wherever it stands."""
    meant = agents.c.key == escaped(key)
    if agent_id is not None:
        meant = agents.c.agent_id == escaped(agent_id)
    connection.execute(delete(agents).where(agents.c.environment == environment, meant))
    drop_intents(connection, environment, [key])


def put_intents(connection: Connection, environment: int, found: Sequence[Intent]) -> None:
    """Each in its turn: of two for one key the later one stays."""
    rows = [
        {
            "environment": environment,
            "key": escaped(intent.key),
            "document": _codec.intent_text(intent),
        }
        for intent in found
    ]
    stored = insert(intents)
    new = {"document": stored.excluded.document}
    connection.execute(
        stored.on_conflict_do_update(index_elements=["environment", "key"], set_=new), rows
    )


def drop_intents(connection: Connection, environment: int, keys: Sequence[str]) -> None:
    meant = intents.c.key.in_([escaped(key) for key in keys])
    connection.execute(delete(intents).where(intents.c.environment == environment, meant))
