"""Changes and the plan they make up."""

from collections.abc import Callable, Mapping
from dataclasses import field
from enum import StrEnum
from typing import Any

from reconciler.model.desired import DesiredAgent
from reconciler.model.ledger import AgentRecord
from reconciler.model.live import LiveAgent
from reconciler.model.values import Document, Path
from reconciler.nouns import noun


class Action(StrEnum):
    CREATE = "create"
    ADOPT = "adopt"
    UPDATE = "update"
    DELETE = "delete"
    REKEY = "rekey"
    FORGET = "forget"


class Origin(StrEnum):
    """Why D and L differ (DESIGN.md 6)."""

    GIT = "git"
    DRIFT = "drift"
    CONFLICT = "conflict"
    UNKNOWN = "unknown"


@noun
class FieldChange:
    """One field that will change. A secret has neither `before` nor `after` but its reference.

    `path` steps through a tool by its natural key. ABSENT stands for "not there".
    """

    path: Path
    before: Any
    after: Any
    origin: Origin
    reset: bool = False
    secret: bool = False


@noun
class Write:
    """What is sent for one change, secrets as references.

    `method` is POST, PUT or PATCH; `document` the normalised target document (T), by which the
    answer is judged; `carried` the unknown fields that `body` carries over from live, which may
    be left out when the API refuses them by name.
    """

    method: str
    body: Document
    document: Document
    carried: tuple[str, ...] = ()


@noun
class Change:
    """One change of the plan, with all that it rests on.

    `fields` is empty for deletes; `write` is None where nothing is sent (rekey, forget, delete,
    an adopt of an equal agent). `record` is the ledger's record before the change, `after` the
    record to remember when it succeeds as sent (its `answer` and secrets are filled in then).
    `left` are paths (tools by id) of drift that stays as it is. `waits_for` are keys of changes
    that must be done first. `parking` is what a cycle of renames or trunks needs: fields that the
    agent takes for a while, before all other changes, so that the others can take theirs.
    `make_digest` is asked by those alone who compare: a digest takes as long as all else.
    """

    key: str
    action: Action
    name: str
    make_digest: Callable[[], str] = field(repr=False, compare=False)
    key_from: str | None = None
    name_from: str | None = None
    vanished: bool = False
    blocked: str | None = None
    desired: DesiredAgent | None = None
    live: LiveAgent | None = None
    record: AgentRecord | None = None
    after: AgentRecord | None = None
    fields: tuple[FieldChange, ...] = ()
    write: Write | None = None
    left: tuple[Path, ...] = ()
    waits_for: tuple[str, ...] = ()
    parking: Document = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """Of all that the change rests on."""
        return self.make_digest()

    @property
    def agent_id(self) -> str | None:
        if self.live is not None:
            return self.live.id
        return self.record.agent_id if self.record and self.action is not Action.CREATE else None

    @property
    def only_secrets(self) -> bool:
        """True when nothing but secrets would change: no part of a plan's digest."""
        plain = self.action is Action.UPDATE and self.key_from is None and not self.blocked
        return plain and bool(self.fields) and all(f.secret for f in self.fields)


@noun
class Guard:
    """A reason to write nothing, with the figures and the way out."""

    code: str
    message: str
    way_out: str


@noun
class Approval:
    """The ways past the guards that a person gave: counts by guard, None for "not given"."""

    deletes: int | None = None
    vanished: int | None = None
    updates: int | None = None
    adopt: int | None = None
    empty: bool = False


@noun
class Plan:
    """All changes of one environment, in the order they are made.

    `approval` holds the ways past the guards that were given when it was made. `in_sync` are the
    records of agents that need no write, remembered by an apply that ends well; `stale` are the
    keys of intents to create that came to nothing and that nobody wants any more. `summary` counts
    by action, plus unchanged, unmanaged and blocked. `make_digest`: see `Change`. `settled` are
    the agents that the next plan knows to be in sync if nothing about them has changed.
    """

    environment: str
    organisation_id: str | None
    ledger_id: str | None
    make_digest: Callable[[], str] = field(repr=False, compare=False)
    changes: tuple[Change, ...]
    in_sync: tuple[AgentRecord, ...] = ()
    stale: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    unmanaged: tuple[LiveAgent, ...] = ()
    guards: tuple[Guard, ...] = ()
    warnings: tuple[str, ...] = ()
    approval: Approval = field(default_factory=Approval)
    settled: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)

    @property
    def digest(self) -> str:
        """Of the whole plan; what is known of secrets is no part of it."""
        return self.make_digest()

    @property
    def memory(self) -> bool:
        return self.ledger_id is not None

    @property
    def summary(self) -> Mapping[str, int]:
        counts = {str(a): sum(c.action is a for c in self.changes) for a in Action}
        blocked = sum(c.blocked is not None for c in self.changes)
        return {
            **counts,
            "unchanged": len(self.unchanged),
            "unmanaged": len(self.unmanaged),
            "blocked": blocked,
        }


@noun
class ApprovedPlan:
    """A plan that no guard refuses and whose expectations hold. Made by `approve` alone.

    `left_out` are the changes that are not to be made (the reviewed plan does not hold them).
    """

    plan: Plan
    left_out: tuple[str, ...] = ()
    seal: object = field(repr=False, default=None)
