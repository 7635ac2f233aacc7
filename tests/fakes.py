"""Fakes with behaviour, for what a real part can not be made to show (or not fast enough)."""

import copy
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from reconciler.errors import LedgerError, LiveError
from reconciler.model.change import Change
from reconciler.model.identity import tools_in
from reconciler.model.ledger import AgentRecord, HistoryEntry, Intent, LedgerState, Run
from reconciler.model.live import LiveAgent
from reconciler.model.outcome import ChangeOutcome
from reconciler.model.values import Document, SecretRef

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ORGANISATION = "550e8400-e29b-41d4-a716-446655440000"
COMPUTED_NUDGES = {
    "enabled": True,
    "first_nudge_delay_seconds": 15,
    "second_nudge_delay_seconds": 30,
    "hangup_delay_seconds": 15,
}


def computed_nudges(language: object) -> Document:
    """What the API makes up, in the agent's language."""
    texts = ("first_nudge_text", "second_nudge_text", "final_hangup_text")
    return {**COMPUTED_NUDGES, **{text: f"{text} in {language}" for text in texts}}


def _without_secrets(document: Document) -> Document:
    kept = {k: v for k, v in document.items() if k != "slng_api_key"}
    for tool in tools_in(kept):
        if isinstance(tool.get("auth"), dict):
            tool["auth"] = {"type": tool["auth"].get("type")}
    return kept


class Killed(BaseException):
    """The process ends here and now."""


@dataclass
class MemoryStore:
    """An API in memory, as lenient as an API can be: it stores what it is sent.

    `distort` changes a document on its way in, to show APIs that normalise or ignore.
    `refuse` answers 422 naming a top-level field, `refuse_in_tools` one of a tool; `ignore` are fields that keep their old value.
    `failing` maps a method (LIST, POST, …) to its error. `unclear_posts` are POSTs whose answer
    gets lost, "made" or "not made". With `dies_after` the process is killed at some request: before it arrives or after.
    """

    agents: dict[str, Document] = field(default_factory=dict)
    requests: list[tuple[str, str, Document | None]] = field(default_factory=list)
    distort: Callable[[Document], Document] = lambda document: document
    refuse: frozenset[str] = frozenset()
    refuse_in_tools: frozenset[str] = frozenset()
    refuses_one_at_a_time: bool = False
    ignore: frozenset[str] = frozenset()
    dies_after: int | None = None
    unclear_posts: list[str] = field(default_factory=list)
    meanwhile: Callable[[], None] = lambda: None
    failing: dict[str, LiveError] = field(default_factory=dict)
    organisation_id: str | None = ORGANISATION
    calls: dict[str, datetime] = field(default_factory=dict)

    def add(self, agent_name: str, **document: Any) -> str:
        """An agent that someone made in the dashboard."""
        agent_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{agent_name}{len(self.agents)}"))
        self.agents[agent_id] = {**document, "name": agent_name}
        return agent_id

    def live(self, agent_id: str) -> LiveAgent:
        document = copy.deepcopy(self.agents[agent_id])
        return LiveAgent(
            id=agent_id,
            name=document["name"],
            document=document,
            organisation_id=self.organisation_id,
            created_at=NOW,
            raw={"id": agent_id, **document},
        )

    async def list_agents(self) -> Sequence[LiveAgent]:
        self.requests.append(("LIST", "", None))
        self._may_fail("LIST")
        return [self.live(agent_id) for agent_id in self.agents]

    async def get_agent(self, agent_id: str) -> LiveAgent | None:
        self.requests.append(("GET", agent_id, None))
        self._may_fail("GET")
        return self.live(agent_id) if agent_id in self.agents else None

    async def create_agent(self, body: Document) -> LiveAgent:
        self._may_die()
        self.requests.append(("POST", "", copy.deepcopy(body)))
        self._may_fail("POST")
        self._post_is_unclear(made=False)
        self._check(body, None)
        agent_id = str(uuid.uuid4())
        self._keep(agent_id, body)
        self._post_is_unclear(made=True)
        self._may_die()
        return self.live(agent_id)

    async def replace_agent(self, agent_id: str, body: Document) -> LiveAgent:
        self._may_die()
        self.requests.append(("PUT", agent_id, copy.deepcopy(body)))
        self._may_fail("PUT")
        self._check(body, agent_id)
        self._keep(agent_id, body)
        self._may_die()
        return self.live(agent_id)

    async def patch_agent(self, agent_id: str, body: Document) -> LiveAgent:
        self._may_die()
        self.requests.append(("PATCH", agent_id, copy.deepcopy(body)))
        self._may_fail("PATCH")
        whole = {**self.agents[agent_id], **body}
        self._check(whole, agent_id)
        self._keep(agent_id, whole)
        self._may_die()
        return self.live(agent_id)

    async def delete_agent(self, agent_id: str) -> None:
        self._may_die()
        self.requests.append(("DELETE", agent_id, None))
        self._may_fail("DELETE")
        self.agents.pop(agent_id, None)
        self._may_die()

    async def last_call_at(self, agent_id: str) -> datetime | None:
        return self.calls.get(agent_id)

    @property
    def writes(self) -> list[tuple[str, str, Document | None]]:
        return [r for r in self.requests if r[0] not in {"LIST", "GET"}]

    def echo(self, agent_id: str, document: Document) -> LiveAgent:
        """An agent that is just what was sent."""
        return LiveAgent(agent_id, document["name"], _without_secrets(copy.deepcopy(document)))

    def _may_fail(self, method: str) -> None:
        if method in self.failing:
            raise self.failing[method]

    def _post_is_unclear(self, *, made: bool) -> None:
        """The answer to a POST gets lost; what else happens meanwhile is up to the test."""
        if self.unclear_posts and self.unclear_posts[0] == ("made" if made else "not made"):
            self.unclear_posts.pop(0)
            self.meanwhile()
            raise LiveError("the connection was cut", unclear=True)

    def _may_die(self) -> None:
        if self.dies_after is not None:
            self.dies_after -= 1
            if self.dies_after < 0:
                raise Killed

    def _keep(self, agent_id: str, body: Document) -> None:
        document = _without_secrets(self.distort(copy.deepcopy(body)))
        before = self.agents.get(agent_id, {})
        for name in self.ignore if before else ():
            document.pop(name, None)
            document |= {name: before[name]} if name in before else {}
        if document.get("idle_nudges") is None:
            document["idle_nudges"] = computed_nudges(document.get("language"))
        self.agents[agent_id] = document

    def _check(self, body: Document, agent_id: str | None) -> None:
        refused = sorted(self.refuse & body.keys())
        refused += [
            f"tools.{number}.{tool.get('type')}.{key}"
            for number, tool in enumerate(tools_in(body))
            for key in sorted(self.refuse_in_tools & tool.keys())
        ]
        refused = refused[:1] if self.refuses_one_at_a_time else refused
        if refused:
            raise LiveError("Extra inputs are not permitted", status=422, fields=refused)
        for other, document in self.agents.items():
            trunk = body.get("sip_inbound_trunk_id")
            if other != agent_id and document["name"] == body["name"]:
                raise LiveError(f"Agent with name '{body['name']}' already exists", status=409)
            if other != agent_id and trunk and document.get("sip_inbound_trunk_id") == trunk:
                raise LiveError("trunk assigned to another agent", status=409)


@dataclass
class MemoryLedger:
    """A ledger in memory. What breaks it: every record, the record of a key, or one method.

    `history` and `intended` hold all that was ever said; `durable` what a power cut would leave
    of it, as it was said, in blocks.
    """

    breaks: bool = False
    breaks_for: str | None = None
    breaks_at: str | None = None
    state: LedgerState = field(default_factory=LedgerState)
    history: list[HistoryEntry] = field(default_factory=list)
    intended: list[Intent] = field(default_factory=list)
    durable: list[list[Intent | HistoryEntry]] = field(default_factory=list)
    _block: list[Intent | HistoryEntry] = field(default_factory=list)

    def read(self) -> LedgerState:
        return self.state

    @contextmanager
    def lock(self, run: Run) -> Iterator[None]:  # noqa: ARG002  # nobody else is there
        yield
        self._may_break("lock")

    def open(self, organisation_id: str | None, *, salt: str | None = None) -> LedgerState:
        self._may_break("open")
        if self.state.ledger_id is None:
            self.state = LedgerState("ledger-1", organisation_id, salt or "00" * 16)
        return self.state

    def start(self, run: Run) -> None:  # noqa: ARG002  # nobody asks for runs
        self._may_break("start")

    @contextmanager
    def writing(self, *, durable: bool) -> Iterator["MemoryLedger"]:
        before, self._block = self.state, []
        try:
            yield self
        except LedgerError:
            self.state = before
            raise
        if durable:
            self.durable.append(self._block)

    def intend(self, intent: Intent) -> None:
        self._may_break("intend")
        self._block.append(intent)
        self.intended.append(intent)
        self.state = replace(self.state, intents={**self.state.intents, intent.key: intent})

    def withdraw(self, key: str) -> None:
        intents = {k: v for k, v in self.state.intents.items() if k != key}
        self.state = replace(self.state, intents=intents)

    def record(self, record: AgentRecord, *, replaces: str | None = None) -> None:
        if self.breaks or self.breaks_for == record.key:
            raise LedgerError("the disk is full")
        records = dict(self.state.records)
        free = next((k for k, v in records.items() if v.agent_id == record.agent_id), replaces)
        if free is not None:
            records.pop(free, None)
            if record.key in records:  # whose file moved, too: it waits there
                records[free] = replace(records[record.key], key=free)
        self.state = replace(self.state, records={**records, record.key: record})
        self.withdraw(record.key)

    def forget(self, key: str, *, agent_id: str | None = None) -> None:
        kept = {
            k: v
            for k, v in self.state.records.items()
            if k != key or (agent_id is not None and v.agent_id != agent_id)
        }
        self.state = replace(self.state, records=kept)
        self.withdraw(key)

    def remember(self, entry: HistoryEntry) -> None:
        self._may_break("remember")
        self._block.append(entry)
        self.history.append(entry)

    def finish(self, *_: str, organisation_id: str | None = None) -> None:
        self._may_break("finish")
        known = self.state.organisation_id or organisation_id
        self.state = replace(self.state, organisation_id=known)

    def _may_break(self, method: str) -> None:
        if self.breaks_at == method:
            raise LedgerError("the disk is full")


class SilentProgress:
    def started(self, change: Change) -> None: ...

    def finished(self, outcome: ChangeOutcome) -> None: ...


def fake_hash(ref: SecretRef) -> str | None:
    """Every secret is set, and hashes to its name."""
    return f"hash of {ref.name}"
