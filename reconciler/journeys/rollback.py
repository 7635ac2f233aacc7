"""Put back what an apply replaced, through the ordinary plan and review (DESIGN.md 9).

A rollback is an apply of other desired agents: those of the history, in place of git's. Updated
agents get their old document, deleted ones are made again, and those that the run made go.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from reconciler.errors import UsageError
from reconciler.journeys.restored import NOT_TAKEN_ON_CREATE, restored, says_otherwise
from reconciler.ledger import RunDetail
from reconciler.model import fields
from reconciler.model.desired import DesiredAgent, Specs
from reconciler.model.ledger import AgentRecord, HistoryEntry
from reconciler.model.values import SecretRef
from reconciler.nouns import noun
from reconciler.planning import PlanInputs

_NOT_MADE: Final = ("refused", "not_started")


@noun
class Rollback:
    """Turns what a plan is made from into what undoes a run; for `Request.instead`.

    `history_of` gives the changes of a key, newest first.
    """

    run: RunDetail
    history_of: Callable[[str], Sequence[HistoryEntry]]

    def __call__(self, inputs: PlanInputs) -> PlanInputs:
        """Raises `UsageError` where there is nothing to put back, or not what was asked for."""
        undo = _Undo(inputs, self.run, self.history_of)
        for entry in self.run.entries:
            if entry.result not in _NOT_MADE:
                undo.take(entry)
        keys = frozenset({*undo.old, *undo.gone})
        strange = sorted(inputs.targets - keys)
        if strange or not keys:
            raise _nothing(self.run, strange, undo.said_of(frozenset(strange)))
        others = [a for a in inputs.specs.agents if a.key not in keys]
        agents = sorted([*others, *undo.old.values()], key=lambda agent: agent.key)
        targets = inputs.targets or keys
        return replace(
            inputs,
            specs=Specs(tuple(agents), inputs.specs.skipped or tuple(sorted(undo.gone))),
            targets=targets,
            notes=(*undo.about_git(targets), *undo.said_of(inputs.targets)),
            is_rollback=True,
        )


def _nothing(run: RunDetail, strange: Sequence[str], notes: Sequence[str]) -> UsageError:
    run_id = run.summary.run.id
    if strange:
        return UsageError(
            f"there is nothing of {', '.join(strange)} to put back from run {run_id}",
            hint="; ".join(notes) or f"`reconciler history {run_id}` shows what it changed",
        )
    return UsageError(
        f"run {run_id} changed nothing that could be put back", hint="; ".join(notes) or None
    )


@dataclass(slots=True)
class _Undo:
    """What is to be: `old` agents by key, and keys that are to be `gone`."""

    inputs: PlanInputs
    run: RunDetail
    history_of: Callable[[str], Sequence[HistoryEntry]]
    old: dict[str, DesiredAgent] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    notes: list[tuple[str, str]] = field(default_factory=list)
    redone: set[str] = field(default_factory=set)

    def take(self, entry: HistoryEntry) -> None:
        if entry.action == "create":
            self._unmake(entry)
        elif entry.before is not None:
            self._put_back(entry)
        elif entry.result == "done":
            self._note(entry.key, f"the {entry.action} sent nothing: nothing live to put back")

    def _unmake(self, entry: HistoryEntry) -> None:
        key = entry.key
        anew = [e for e in self._since(key) if e.action in {"create", "delete"}]
        if key not in self.inputs.state.records:
            self._note(key, "what the run created is not in the ledger any more: left alone")
        elif anew:
            self._note(key, f"run {anew[0].run_id} made or deleted it since: left alone")
        elif key not in self.old:
            self.gone.add(key)
            if key in self.inputs.specs.by_key:
                self.redone.add(key)

    def _put_back(self, entry: HistoryEntry) -> None:
        record = self._record(entry)
        key = record.key if record else entry.key
        if key in self.old or key in self.gone:
            self._note(key, "the key stands for another agent by now: the older one is left out")
            return
        spec = self.inputs.specs.by_key.get(key)
        is_live = record and any(a.id == record.agent_id for a in self.inputs.live)
        agent = restored(
            entry,
            key,
            spec=spec,
            record=record if is_live else None,
            runtime_key=self._runtime_key(spec),
        )
        self.old[key] = agent
        if spec is None or says_otherwise(spec, agent):
            self.redone.add(key)
        self._tell(entry, key, is_live=bool(is_live))

    def _tell(self, entry: HistoryEntry, key: str, *, is_live: bool) -> None:
        newer = sorted({e.run_id for e in self._since(key) if e.result == "done"})
        if newer:
            self._note(key, f"run {', '.join(newer)} changed it since, and that is undone as well")
        lost = [name for name in NOT_TAKEN_ON_CREATE if (entry.before or {}).get(name) is not None]
        if lost and not is_live:
            self._note(key, f"{', '.join(lost)} can not be sent on a create: the API decides")

    def _record(self, entry: HistoryEntry) -> AgentRecord | None:
        """The agent's record, wherever its file has moved; else that of the key's agent now."""
        records = self.inputs.state.records
        own = [r for r in records.values() if r.agent_id == entry.agent_id]
        return own[0] if own else records.get(entry.key)

    def _since(self, key: str) -> list[HistoryEntry]:
        newer = []
        for entry in self.history_of(key):
            if entry.run_id == self.run.summary.run.id:
                break
            newer.append(entry)
        return newer

    def _runtime_key(self, spec: DesiredAgent | None) -> SecretRef | None:
        """The spec's, or the one that all specs share; it is write-only like a webhook's secret."""
        specs = [spec] if spec else self.inputs.specs.agents
        found = {agent.declared.get(fields.RUNTIME_KEY) for agent in specs}
        only = found.pop() if len(found) == 1 else None
        return only if isinstance(only, SecretRef) else None

    def _note(self, key: str, text: str) -> None:
        self.notes.append((key, text))

    def said_of(self, keys: frozenset[str]) -> list[str]:
        """What there is to say of some keys; with none, of all."""
        return [f"{key}: {text}" for key, text in self.notes if not keys or key in keys]

    def about_git(self, targets: frozenset[str]) -> list[str]:
        keys = sorted(self.redone & targets)
        if not keys:
            return []
        commit = self.run.summary.run.commit
        where = f" (it was commit {commit})" if commit else ""
        said = f"git still says otherwise about {', '.join(keys)}"
        return [
            f"{said}: the next apply would redo what this puts back. Revert it in git too{where}"
        ]
