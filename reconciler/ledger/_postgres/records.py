"""Agents and intents of one environment. Each function runs inside the caller's transaction.

`environment` is the row id of the environment; keys are escaped by `_codec.escaped`.
"""

from collections.abc import Mapping

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from reconciler.ledger import _codec
from reconciler.ledger._codec import escaped, unescaped
from reconciler.ledger._postgres.tables import agents, intents
from reconciler.model.ledger import AgentRecord, Intent


def all_records(connection: Connection, environment: int) -> Mapping[str, AgentRecord]:
    """All records by key, in the order of the keys."""
    rows = connection.execute(
        select(agents.c.key, agents.c.document).where(agents.c.environment == environment)
    )
    found = (_codec.record_from(unescaped(key), text) for key, text in rows)
    return {record.key: record for record in sorted(found, key=lambda record: record.key)}


def all_intents(connection: Connection, environment: int) -> Mapping[str, Intent]:
    """All intents by key, in the order of the keys."""
    rows = connection.execute(
        select(intents.c.key, intents.c.document).where(intents.c.environment == environment)
    )
    found = (_codec.intent_from(unescaped(key), text) for key, text in rows)
    return {intent.key: intent for intent in sorted(found, key=lambda intent: intent.key)}


def put(
    connection: Connection, environment: int, record: AgentRecord, replaces: str | None
) -> None:
    """Remember an agent under its key, taken from wherever it stood before.

    An agent whose key it takes waits under the key that became free (see SQLite's `put`).
    """
    agent_id, key = escaped(record.agent_id), escaped(record.key)
    here = agents.c.environment == environment
    known = connection.scalar(select(agents.c.key).where(here, agents.c.agent_id == agent_id))
    free = known if known is not None or replaces is None else escaped(replaces)
    if free is not None:
        connection.execute(delete(agents).where(here, agents.c.key == free))
        connection.execute(update(agents).where(here, agents.c.key == key).values(key=free))
    row = {"agent_id": agent_id, "document": _codec.record_text(record)}
    stored = insert(agents).values(environment=environment, key=key, **row)
    connection.execute(
        stored.on_conflict_do_update(index_elements=["environment", "key"], set_=row)
    )
    for done in {record.key, replaces} - {None}:
        drop_intent(connection, environment, str(done))


def drop(connection: Connection, environment: int, key: str, agent_id: str | None) -> None:
    """Forget what stands under a key; with `agent_id`, that agent instead, wherever it stands."""
    meant = agents.c.key == escaped(key)
    if agent_id is not None:
        meant = agents.c.agent_id == escaped(agent_id)
    connection.execute(delete(agents).where(agents.c.environment == environment, meant))
    drop_intent(connection, environment, key)


def put_intent(connection: Connection, environment: int, intent: Intent) -> None:
    document = _codec.intent_text(intent)
    stored = insert(intents).values(
        environment=environment, key=escaped(intent.key), document=document
    )
    connection.execute(
        stored.on_conflict_do_update(
            index_elements=["environment", "key"], set_={"document": document}
        )
    )


def drop_intent(connection: Connection, environment: int, key: str) -> None:
    connection.execute(
        delete(intents).where(intents.c.environment == environment, intents.c.key == escaped(key))
    )
