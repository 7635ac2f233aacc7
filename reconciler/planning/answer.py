"""What an answer proves: was what we sent taken, and what is there to remember (DESIGN.md 6)."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field, replace

from reconciler.model import fields
from reconciler.model.change import Change
from reconciler.model.ledger import AgentRecord
from reconciler.model.live import LiveAgent
from reconciler.model.referee import Judgement
from reconciler.model.values import ABSENT, Document, Path, digest, lookup, same, set_path
from reconciler.nouns import noun
from reconciler.planning.diff import shown_path, tool_names
from reconciler.planning.evidence import Evidence
from reconciler.planning.normal import keyed, normalise, unkeyed
from reconciler.planning.records import NUDGE_MARKS, kept_answer
from reconciler.planning.secrets import slashed

_NUDGES: Path = ("idle_nudges",)


@noun
class PlanningReferee:
    """Judges by the normal form. `keyed_hash` hides write-only values in the record.

    `records` are what was remembered of all agents before: they know what the API computes.
    """

    keyed_hash: Callable[[str], str | None]
    records: Mapping[str, AgentRecord] = field(default_factory=dict)

    def judge(self, change: Change, answer: LiveAgent) -> Judgement:
        """The record to keep after a write, and the fields that were not taken."""
        assert change.write is not None
        assert change.after is not None
        answered = normalise(answer.document)
        after = replace(change.after, agent_id=answer.id, answer=_kept(change, answered))
        wanted, found = keyed(change.write.document), keyed(answered)
        if same(wanted, found):  # mostly, and then there is nothing to look for
            return Judgement(replace(after, computed=_marks(change, found)), (), ())
        evidence = _evidence(change, found, self.records)
        write_only = write_only_units(change.after.declared, wanted, evidence.answered)
        judged = {p: lookup(wanted, p) for p in _judged_paths(change, wanted, evidence)}
        lost = [
            path
            for path, sent in judged.items()
            if path not in write_only and not evidence.taken(path, sent)
        ]
        record = with_write_only(after, wanted, write_only, self.keyed_hash)
        record = replace(record, computed=_marks(change, found))
        names = tool_names(answered, change.write.document)
        return Judgement(
            record=_without_lost(record, change, lost, wanted),
            not_taken=tuple(".".join(shown_path(path, names)) for path in lost),
            warnings=(*_new_write_only(change, write_only), *_kept_keys(judged, evidence, names)),
        )

    def same_agent(self, left: LiveAgent, right: LiveAgent) -> bool:
        """Whether two answers show the same writable document."""
        return same(keyed(normalise(left.document)), keyed(normalise(right.document)))

    def is_ours(self, change: Change, found: LiveAgent) -> bool:
        """Whether an agent that appeared under a create's name is what that create sent."""
        return found.name == change.name and not self.judge(change, found).not_taken


def _new_write_only(change: Change, units: list[Path]) -> Iterator[str]:
    known = change.record.secrets if change.record else {}
    for unit in units:
        if slashed(unit) not in known:
            yield (
                f"{'.'.join(unit)} is write-only: the API does not answer it, so a change made "
                "elsewhere can not be seen"
            )


def _kept_keys(
    judged: Mapping[Path, object], evidence: Evidence, names: dict[str, str]
) -> Iterator[str]:
    for path, sent in judged.items():
        keys = evidence.kept_keys(path, sent)
        if keys:
            shown = ".".join(shown_path(path, names))
            yield f"{shown}: the API has {', '.join(keys)} in it again, which were not sent"


def write_only_units(
    declared: tuple[Path, ...], wanted: Document, answered: Document
) -> list[Path]:
    """Declared extra fields that are answered with null or not at all."""
    return [
        unit
        for unit in declared
        if unit[0] not in fields.MODELLED
        and lookup(wanted, unit) not in (None, ABSENT)
        and lookup(answered, unit) in (None, ABSENT)
    ]


def with_write_only(
    record: AgentRecord,
    wanted: Document,
    units: list[Path],
    keyed_hash: Callable[[str], str | None],
) -> AgentRecord:
    """A record that knows write-only values by their hash alone."""
    secrets, sent = dict(record.secrets), record.sent
    for unit in units:
        hashed = keyed_hash(digest(lookup(wanted, unit)))
        if hashed is not None:
            secrets[slashed(unit)] = hashed
        sent = set_path(sent, unit, ABSENT)
    return replace(record, secrets=secrets, sent=sent)


def _evidence(change: Change, found: Document, records: Mapping[str, AgentRecord]) -> Evidence:
    """From the keyed answer."""
    record = change.record if change.live is not None else None
    return Evidence(
        answered=found,
        before=keyed(normalise(change.live.document)) if change.live else {},
        sent_before=keyed(record.sent) if record else None,
        answer_before=keyed(record.answer) if record else {},
        is_computed=lambda nudges: (
            bool(record and record.computed) or _is_computed(nudges, records.values())
        ),
    )


def _is_computed(nudges: object, records: Iterable[AgentRecord]) -> bool:
    """Whether the API has made up just these before, for any agent."""
    return any(
        same(nudges, record.answer.get("idle_nudges"))
        for record in records
        if len(record.computed) == len(NUDGE_MARKS)
    )


def _judged_paths(change: Change, wanted: Document, evidence: Evidence) -> Iterator[Path]:
    """The declared parts and those that were to change; of tools each field, and those to go."""
    assert change.after is not None
    units = set(change.after.declared) | {
        fields.unit_of(field.path) for field in change.fields if not field.secret
    }
    for unit in sorted(units - {(fields.RUNTIME_KEY,)}):
        value = lookup(wanted, unit)
        if unit == ("tools",) and isinstance(value, Mapping):
            yield from _tool_paths(value, lookup(evidence.answered, unit))
        elif value is not ABSENT:
            yield unit


def _tool_paths(tools: Mapping[str, Document], answered: object) -> Iterator[Path]:
    for tool_id, tool in tools.items():
        for key in tool:
            yield ("tools", tool_id, key)
    for tool_id in sorted(answered) if isinstance(answered, Mapping) else ():
        if tool_id not in tools:
            yield ("tools", tool_id)


def _kept(change: Change, answered: Document) -> Document:
    """The answer, but drift left alone stays drift: the parts in question keep their old A."""
    if change.record is None or not change.left:
        return answered
    return kept_answer(answered, change.record.answer, change.left)


def _marks(change: Change, found: Document) -> tuple[Path, ...]:
    """Mark nudges that the API wrote itself: after a create without, or a null that we sent.

    Declared word for word, they are still the API's: a null would bring them again.
    """
    answered = lookup(found, _NUDGES)
    if not isinstance(answered, Mapping):
        return ()
    assert change.write is not None
    assert change.after is not None
    sent = change.write.document
    if sent.get("idle_nudges") is None:
        return NUDGE_MARKS
    known = change.record.answer if change.record and change.live else sent
    return tuple(
        mark for mark in change.after.computed if same(lookup(found, mark), lookup(known, mark))
    )


def _without_lost(
    record: AgentRecord, change: Change, lost: list[Path], wanted: Document
) -> AgentRecord:
    """A field not taken keeps its old S (none after a create), so that it stays in the plan.

    Where the old S is what was wanted, we were to undo drift: then it keeps its old A.
    """
    if not lost:
        return record
    old = change.record if change.live is not None else None
    sent, answer = keyed(record.sent), keyed(record.answer)
    old_sent = keyed(old.sent) if old else {}
    old_answer = keyed(old.answer) if old else {}
    for path in lost:
        known = old is not None and isinstance(lookup(old_sent, path[:-1]), Mapping)
        if known and same(lookup(old_sent, path), lookup(wanted, path)):
            answer = set_path(answer, path, lookup(old_answer, path))
        elif lookup(wanted, path) is ABSENT and not known:  # nothing is known of the whole
            sent = set_path(sent, path[:-1], ABSENT)
        else:
            sent = set_path(sent, path, lookup(old_sent, path))
    units = old.declared if old else ()
    declared = {unit for unit in units if any(unit[: len(path)] == path for path in lost)}
    return replace(
        record,
        sent=unkeyed(sent),
        answer=unkeyed(answer),
        declared=tuple(sorted({*record.declared, *declared})),
    )
