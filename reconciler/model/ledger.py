"""What the ledger remembers of one environment, and the protocol its backends keep."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import field
from datetime import datetime
from typing import Final, Literal, Protocol, TypeAlias

from reconciler.model.desired import Lifecycle
from reconciler.model.late import Late
from reconciler.model.values import Document, Path
from reconciler.nouns import noun

PLANNED: Final = "planned"
"""The result of a change that was announced and not begun."""

IntentKind: TypeAlias = Literal["create", "delete", "parking"]


@noun
class AgentRecord(Late):
    """What we know of one agent since the last apply (DESIGN.md 2, 6).

    `declared` are the owned parts, `sent` (S) what we sent of them and `answer` (A) the whole
    answer, both normalised and free of secrets. `secrets` maps a secret's path, joined with
    slashes, to its keyed hash. `computed` names the parts whose value the API made up;
    `read_only` the unknown fields (dotted paths) that it refuses to be sent.
    """

    key: str
    agent_id: str
    name: str
    declared: tuple[Path, ...] = ()
    sent: Document = field(default_factory=dict)
    answer: Document = field(default_factory=dict)
    lifecycle: Lifecycle = field(default_factory=Lifecycle)
    secrets: Mapping[str, str] = field(default_factory=dict)
    computed: tuple[Path, ...] = ()
    read_only: tuple[str, ...] = ()


@noun
class Intent:
    """What we were about to send; it may or may not have happened.

    `record` is the one to keep once it happened; by what it sent, an agent that appeared is known
    to be ours. A "parking" is an agent that gives up a name or trunk for a moment: its `record`
    is that of the parked agent.
    """

    key: str
    kind: IntentKind
    at: datetime
    name: str
    agent_id: str | None = None
    record: AgentRecord | None = None


@noun
class LedgerState:
    """The whole memory at one moment. `ledger_id` is None while there is no ledger yet."""

    ledger_id: str | None = None
    organisation_id: str | None = None
    salt: str | None = None
    records: Mapping[str, AgentRecord] = field(default_factory=dict)
    intents: Mapping[str, Intent] = field(default_factory=dict)

    @property
    def has_memory(self) -> bool:
        return self.ledger_id is not None


@noun
class Run:
    """Who applies, from where: the head of a history entry."""

    id: str
    started_at: datetime
    actor: str
    host: str
    pid: int
    commit: str | None = None
    details: Mapping[str, str] = field(default_factory=dict)


@noun
class HistoryEntry:
    """One change of one run; `before` is the full live document that it replaced or deleted.

    `declared` are the parts of that document that were the repo's then, and `computed` those whose
    value the API had made up.
    """

    run_id: str
    at: datetime
    key: str
    action: str
    agent_id: str | None
    result: str
    fields: Sequence[Document] = ()
    before: Document | None = None
    error: str | None = None
    declared: tuple[Path, ...] = ()
    computed: tuple[Path, ...] = ()


class LedgerWriter(Protocol):
    """What is written to a ledger in one go (see `Ledger.writing`)."""

    def intend(self, intent: Intent) -> None:
        """Record what is about to be sent; an earlier intent of the key gives way."""
        ...

    def withdraw(self, key: str) -> None:
        """Drop the intent of a key: what it meant certainly did not happen."""
        ...

    def record(self, record: AgentRecord, *, replaces: str | None = None) -> None:
        """Remember an agent and drop its intent; `replaces` is the key it had before."""
        ...

    def forget(self, key: str, *, agent_id: str | None = None) -> None:
        """Forget an agent and its intent; with an `agent_id` that agent, wherever it stands."""
        ...

    def remember(self, entry: HistoryEntry) -> None:
        """Add to the history; entries of one run, key and action are read as one.

        The first `before` and the last result count, and the last fields that are named.
        """
        ...


class Ledger(Protocol):
    """The memory of one environment. Every method raises `LedgerError`; `lock` also `Locked`.

    Threads may share it: they take turns.
    """

    def read(self) -> LedgerState:
        """The state now; an environment never applied has none and nothing is made."""
        ...

    def lock(self, run: Run) -> AbstractContextManager[None]:
        """Hold the environment for one apply. At its end all that was written is durable."""
        ...

    def open(self, organisation_id: str | None, *, salt: str | None = None) -> LedgerState:
        """The state, with ledger id and salt made if there were none (`salt`, if it is given)."""
        ...

    def start(self, run: Run) -> None:
        """Begin a history entry."""
        ...

    def writing(self, *, durable: bool) -> AbstractContextManager[LedgerWriter]:
        """What is written inside is kept together, at the end of the block, or not at all.

        `durable`: it then outlives the machine (and is at the remote, if there is one), and so
        does all that was written before. Without, it outlives the process where the ledger is
        near, and reaches a remote one soon.
        """
        ...

    def finish(self, run_id: str, result: str, *, organisation_id: str | None = None) -> None:
        """End a history entry, durably; what was `PLANNED` in it and never begun is no history.

        `organisation_id` is kept if none was known.
        """
        ...
