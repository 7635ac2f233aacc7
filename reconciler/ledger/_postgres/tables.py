"""The tables, their version, and the way from older versions to this one.

Documents are JSON texts in ASCII, as the other backends keep them: `jsonb` would make one number
of `1` and `1.0` and refuse characters that names from the API may hold.
"""

from collections.abc import Callable

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    insert,
    select,
    text,
    update,
)

from reconciler.errors import LedgerError

CURRENT = 1
SCHEMA = "reconciler"

_metadata = MetaData(schema=SCHEMA)

form = Table("format", _metadata, Column("version", Integer, nullable=False))

environments = Table(
    "environments",
    _metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("ledger_id", Text, nullable=False, unique=True),
    Column("salt", Text, nullable=False),
    Column("organisation_id", Text),
)

agents = Table(
    "agents",
    _metadata,
    Column("environment", ForeignKey(environments.c.id), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("agent_id", Text, nullable=False),
    Column("document", Text, nullable=False),
    UniqueConstraint("environment", "agent_id"),
)

intents = Table(
    "intents",
    _metadata,
    Column("environment", ForeignKey(environments.c.id), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("document", Text, nullable=False),
)

runs = Table(
    "runs",
    _metadata,
    Column("number", BigInteger, Identity(), primary_key=True),
    Column("environment", ForeignKey(environments.c.id), nullable=False),
    Column("id", Text, nullable=False),
    Column("result", Text),
    Column("document", Text, nullable=False),
    UniqueConstraint("environment", "id"),
)

documents = Table(
    "documents",
    _metadata,
    Column("digest", Text, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)

entries = Table(
    "entries",
    _metadata,
    Column("number", BigInteger, Identity(), primary_key=True),
    Column("environment", BigInteger, nullable=False),
    Column("run_id", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("agent_id", Text),
    Column("document", Text, nullable=False),
    Column("before", ForeignKey(documents.c.digest)),
    ForeignKeyConstraint(["environment", "run_id"], [runs.c.environment, runs.c.id]),
    Index("entries_of_run", "environment", "run_id"),
    Index("entries_of_key", "environment", "key"),
    Index("entries_of_agent", "environment", "agent_id"),
)

holders = Table(
    "holders",
    _metadata,
    Column("environment", Text, primary_key=True),
    Column("backend", Integer, nullable=False),
    Column("run", Text, nullable=False),
)

_MIGRATIONS: dict[int, Callable[[Connection], None]] = {}
"""What brings each older version to the next."""


def version_of(connection: Connection) -> int:
    """The version of the tables; 0 when there are none. Raises LedgerError for a newer one."""
    there = select(text("to_regclass('reconciler.format') IS NOT NULL"))
    if not connection.scalar(there):
        return 0
    version = connection.scalar(select(form.c.version)) or 0
    if version > CURRENT:
        raise LedgerError(
            f"the ledger's tables have format {version}, and this reconciler knows up to {CURRENT}",
            hint="a newer reconciler made them: upgrade this one; nothing was changed",
        )
    return version


def prepare(connection: Connection) -> None:
    """Make the tables, or bring older ones up to date, inside the caller's transaction."""
    version = version_of(connection)
    if version == CURRENT:
        return
    # Two that come at once take turns; the second finds the work done.
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('reconciler tables'))"))
    version = version_of(connection)
    if version == 0:
        connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
        _metadata.create_all(connection)
        connection.execute(insert(form).values(version=CURRENT))
        return
    for old in range(version, CURRENT):
        _MIGRATIONS[old](connection)
    connection.execute(update(form).values(version=CURRENT))
