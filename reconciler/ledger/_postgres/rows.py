"""The rows of one environment, in few round trips: what is written is sent together at the end."""

from dataclasses import dataclass, field
from itertools import groupby
from typing import TypeAlias

from sqlalchemy import Connection, func, select, update

from reconciler.ledger._codec import escaped, unescaped
from reconciler.ledger._history import RunDetail, RunSummary
from reconciler.ledger._postgres import history, records
from reconciler.ledger._postgres.tables import environments
from reconciler.model.ledger import AgentRecord, HistoryEntry, Intent, LedgerState, Run
from reconciler.nouns import noun


@noun
class _Record:
    record: AgentRecord
    replaces: str | None


@noun
class _Withdrawal:
    key: str


@noun
class _Forgetting:
    key: str
    agent_id: str | None


_Deed: TypeAlias = Intent | _Record | _Withdrawal | _Forgetting


@dataclass(slots=True)
class PostgresRows:
    """`_rows.Rows`. Agents and intents wait in one order, the history in another."""

    connection: Connection
    environment: int
    _deeds: list[_Deed] = field(default_factory=list)
    _entries: list[HistoryEntry] = field(default_factory=list)

    def intend(self, intent: Intent) -> None:
        self._deeds.append(intent)

    def withdraw(self, key: str) -> None:
        self._deeds.append(_Withdrawal(key))

    def record(self, record: AgentRecord, *, replaces: str | None = None) -> None:
        self._deeds.append(_Record(record, replaces))

    def forget(self, key: str, *, agent_id: str | None = None) -> None:
        self._deeds.append(_Forgetting(key, agent_id))

    def remember(self, entry: HistoryEntry) -> None:
        self._entries.append(entry)

    def send(self) -> None:
        """All that was written, kind by kind."""
        deeds, self._deeds = self._deeds, []
        for kind, group in groupby(deeds, type):
            self._send(kind, list(group))
        entries, self._entries = self._entries, []
        history.add(self.connection, self.environment, entries)

    def _send(self, kind: type[_Deed], deeds: list[_Deed]) -> None:
        at = self.connection, self.environment
        if kind is Intent:
            records.put_intents(*at, [deed for deed in deeds if isinstance(deed, Intent)])
        elif kind is _Withdrawal:
            records.drop_intents(*at, [d.key for d in deeds if isinstance(d, _Withdrawal)])
        elif kind is _Record:
            pairs = [(d.record, d.replaces) for d in deeds if isinstance(d, _Record)]
            records.put(*at, pairs)
        for deed in deeds:
            if isinstance(deed, _Forgetting):
                records.drop(*at, deed.key, deed.agent_id)

    def name_organisation(self, organisation_id: str) -> None:
        kept = func.coalesce(environments.c.organisation_id, escaped(organisation_id))
        here = environments.c.id == self.environment
        self.connection.execute(update(environments).where(here).values(organisation_id=kept))

    def start(self, run: Run) -> None:
        history.start(self.connection, self.environment, run)

    def finish(self, run_id: str, result: str) -> None:
        self.send()
        history.finish(self.connection, self.environment, run_id, result)

    def state(self) -> LedgerState:
        ledger_id, organisation_id, salt = self.connection.execute(
            select(
                environments.c.ledger_id, environments.c.organisation_id, environments.c.salt
            ).where(environments.c.id == self.environment)
        ).one()
        return LedgerState(
            ledger_id=ledger_id,
            organisation_id=organisation_id and unescaped(organisation_id),
            salt=salt,
            records=records.all_records(self.connection, self.environment),
            intents=records.all_intents(self.connection, self.environment),
        )

    def runs(self, limit: int) -> tuple[RunSummary, ...]:
        return history.summaries(self.connection, self.environment, limit)

    def run(self, run_id: str) -> RunDetail:
        return history.run(self.connection, self.environment, run_id)

    def history_of(self, key: str) -> tuple[HistoryEntry, ...]:
        return history.of_key(self.connection, self.environment, key)
