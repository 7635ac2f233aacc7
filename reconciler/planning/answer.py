"""What an answer proves: was what we sent taken, and what is there to remember (DESIGN.md 6)."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from reconciler.model import fields
from reconciler.model.change import Change
from reconciler.model.ledger import AgentRecord
from reconciler.model.live import LiveAgent
from reconciler.model.referee import Judgement
from reconciler.model.values import ABSENT, Document, Path, digest, lookup, same
from reconciler.planning.alike import alike, near
from reconciler.planning.changes import kept_answer
from reconciler.planning.diff import set_path, shown_path, tool_names
from reconciler.planning.normal import keyed, normalise, unkeyed
from reconciler.planning.secrets import slashed

_NUDGE_MARKS: tuple[Path, ...] = tuple(("idle_nudges", text) for text in fields.NUDGE_TEXTS)


@dataclass(frozen=True, slots=True)
class _Memory:
    """The four sides of a comparison besides what was sent, all keyed."""

    answered: Document
    before: Document
    sent_before: Document
    answer_before: Document
    computed: bool

    def taken(self, path: Path, sent: object) -> bool:
        """Whether the answer holds what was sent, give or take what APIs normalise."""
        answered = lookup(self.answered, path)
        if same(sent, answered) or alike(sent, answered):
            return True
        if sent is None:
            return self._null_taken(path, answered)
        if isinstance(sent, Mapping) and isinstance(answered, Mapping):
            inner = all(self.taken((*path, key), value) for key, value in sent.items())
            return inner and not any(self._stuck((*path, k)) for k in answered if k not in sent)
        if isinstance(sent, list) and isinstance(answered, list):
            pairs = zip(sent, answered, strict=False)
            return len(sent) == len(answered) and all(near(s, a) for s, a in pairs)
        return False

    def _null_taken(self, path: Path, answered: object) -> bool:
        """Null may be answered with nothing, or with values that the API computed anew."""
        if answered is ABSENT:
            return True
        made_up = self.computed and path[0] == "idle_nudges"
        return made_up or not same(answered, lookup(self.before, path))

    def _stuck(self, path: Path) -> bool:
        """Whether a key of the answer that we did not send is one that ought to be gone."""
        if path[0] == "tools" and len(path) == 2:  # noqa: PLR2004  a whole tool
            return True
        if lookup(self.sent_before, path) is not ABSENT:
            return True
        was_there = lookup(self.before, path) is not ABSENT
        return was_there and lookup(self.answer_before, path) is ABSENT


@dataclass(frozen=True, slots=True)
class PlanningReferee:
    """Judges by the normal form. `keyed_hash` hides write-only values in the record."""

    keyed_hash: Callable[[str], str | None]

    def judge(self, change: Change, answer: LiveAgent) -> Judgement:
        """The record to keep after a write, and the fields that were not taken."""
        assert change.write is not None
        assert change.after is not None
        answered = normalise(answer.document)
        memory = _memory(change, answered)
        wanted = keyed(change.write.document)
        write_only = [u for u in change.after.declared if _is_write_only(u, wanted, memory)]
        lost = [
            path
            for path in _judged_paths(change, wanted)
            if path not in write_only and not memory.taken(path, lookup(wanted, path))
        ]
        after = replace(change.after, agent_id=answer.id, answer=_kept(change, answered))
        record = self._with_write_only(after, wanted, write_only)
        record = replace(record, computed=_marks(change, record, memory))
        record = _without_lost(record, change, lost)
        names = tool_names(answered, change.write.document)
        return Judgement(
            record=record,
            not_taken=tuple(".".join(shown_path(path, names)) for path in lost),
            warnings=tuple(
                f"{'.'.join(unit)} is write-only: the API does not answer it, so a change made "
                "elsewhere can not be seen"
                for unit in write_only
                if slashed(unit) not in change.after.secrets
            ),
        )

    def same_agent(self, left: LiveAgent, right: LiveAgent) -> bool:
        """Whether two answers show the same writable document."""
        return same(keyed(normalise(left.document)), keyed(normalise(right.document)))

    def is_ours(self, change: Change, found: LiveAgent) -> bool:
        """Whether an agent that appeared under a create's name is what that create sent."""
        return found.name == change.name and not self.judge(change, found).not_taken

    def _with_write_only(
        self, record: AgentRecord, wanted: Document, units: list[Path]
    ) -> AgentRecord:
        secrets, sent = dict(record.secrets), record.sent
        for unit in units:
            hashed = self.keyed_hash(digest(lookup(wanted, unit)))
            if hashed is not None:
                secrets[slashed(unit)] = hashed
            sent = set_path(sent, unit, ABSENT)
        return replace(record, secrets=secrets, sent=sent)


def _memory(change: Change, answered: Document) -> _Memory:
    record = change.record if change.live is not None else None
    before = normalise(change.live.document) if change.live else {}
    return _Memory(
        answered=keyed(answered),
        before=keyed(before),
        sent_before=keyed(record.sent) if record else {},
        answer_before=keyed(record.answer) if record else {},
        computed=bool(record and record.computed),
    )


def _is_write_only(unit: Path, wanted: Document, memory: _Memory) -> bool:
    """A declared extra field that is answered with null or not at all."""
    if unit[0] in fields.MODELLED or lookup(wanted, unit) in (None, ABSENT):
        return False
    return lookup(memory.answered, unit) in (None, ABSENT)


def _judged_paths(change: Change, wanted: Document) -> Iterator[Path]:
    """The declared parts and those that were to change; of tools each field."""
    assert change.after is not None
    units = set(change.after.declared) | {
        fields.unit_of(field.path) for field in change.fields if not field.secret
    }
    for unit in sorted(units - {(fields.RUNTIME_KEY,)}):
        tools = lookup(wanted, unit)
        if unit == ("tools",) and isinstance(tools, Mapping):
            yield from _tool_paths(tools)
        elif tools is not ABSENT:
            yield unit


def _tool_paths(tools: Mapping[str, Document]) -> Iterator[Path]:
    for tool_id, tool in tools.items():
        for key in tool:
            yield ("tools", tool_id, key)


def _kept(change: Change, answered: Document) -> Document:
    """The answer, but drift left alone stays drift: the parts in question keep their old A."""
    if change.record is None or not change.left:
        return answered
    return kept_answer(answered, change.record.answer, change.left)


def _marks(change: Change, record: AgentRecord, memory: _Memory) -> tuple[Path, ...]:
    """Mark nudges that the API wrote itself: after a create without, or a null that we sent."""
    answered = lookup(memory.answered, ("idle_nudges",))
    owned = any(u[0] == "idle_nudges" and len(u) > 1 for u in record.declared)
    if owned or not isinstance(answered, Mapping):
        return ()
    assert change.write is not None
    if change.write.method == "POST" or change.write.document.get("idle_nudges") is None:
        return _NUDGE_MARKS
    before = change.record
    if before is not None and same(answered, before.answer.get("idle_nudges")):
        return before.computed
    return ()


def _without_lost(record: AgentRecord, change: Change, lost: list[Path]) -> AgentRecord:
    """A field not taken keeps its old S (none after a create), so that it stays in the plan."""
    if not lost:
        return record
    old = change.record if change.live is not None else None
    sent = keyed(record.sent)
    old_sent = keyed(old.sent) if old else {}
    for path in lost:
        sent = set_path(sent, path, lookup(old_sent, path))
    declared = set(record.declared)
    declared |= {unit for unit in (old.declared if old else ()) if unit in lost}
    return replace(record, sent=unkeyed(sent), declared=tuple(sorted(declared)))
