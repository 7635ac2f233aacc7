"""What live agents and specs differ in, while the specs are being edited (planning says it)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from reconciler.model.change import FieldChange, Origin
from reconciler.model.desired import DesiredAgent, Ignore
from reconciler.model.identity import tools_in
from reconciler.model.ledger import AgentRecord
from reconciler.model.project import IgnoreRule
from reconciler.model.values import Document, Path, same
from reconciler.planning import normalise
from reconciler.planning.fieldwise import field_changes
from reconciler.planning.match import Pair
from reconciler.planning.records import write_only
from reconciler.planning.remade import as_live
from reconciler.planning.target import target_of
from reconciler.specs.editing import Bench, with_live


@dataclass(slots=True)
class Drift:
    """The drift of agents that have a live twin, on any bench; `rules` are the project's."""

    pairs: Mapping[str, Pair]
    rules: Sequence[IgnoreRule]
    today: date
    force: bool
    _normal: dict[str, Document] = field(default_factory=dict)
    _known: dict[int, tuple[DesiredAgent, tuple[FieldChange, ...]]] = field(default_factory=dict)

    def of(self, bench: Bench, key: str) -> list[FieldChange]:
        """What changed live, or may have; what changed in git alone is for `apply`."""
        return [
            change
            for change in self._changes(bench.agent(key))
            if change.origin is not Origin.GIT and not change.reset and not change.secret
        ]

    def ignored(self, bench: Bench, key: str) -> dict[Path, str]:
        """The reasons for which drift is accepted, by path."""
        named = [Ignore(tuple(r.path.split(".")), r.reason, r.until) for r in self.rules]
        rules = [
            rule
            for rule in (*bench.agent(key).ignore, *named)
            if rule.until is None or self.today <= rule.until
        ]
        return {
            change.path: rule.reason
            for change in self.of(bench, key)
            for rule in reversed(rules)
            if change.path[: len(rule.path)] == rule.path
        }

    def may_be_taken(self, change: FieldChange) -> bool:
        return change.origin is not Origin.CONFLICT or self.force

    def agrees(self, before: Bench, after: Bench, key: str) -> bool:
        """Whether all that an edit changes of an agent is drift of it, and none stays as it was."""
        pair = self.pairs.get(key)
        if pair is None or pair.live is None:
            return False
        then = {change.path: change for change in self._changes(before.agent(key))}
        for change in self._changes(after.agent(key)):
            old = then.pop(change.path, None)
            if old is None or not same(old.after, change.after):
                return False
        ignored = self.ignored(before, key)
        return all(self.may_be_taken(each) and each.path not in ignored for each in then.values())

    def wanted(self, bench: Bench, key: str, change: FieldChange) -> Document:
        """The merged document that says what is live in one field; raises `Unpullable`."""
        agent, live = bench.agent(key), self._live(key)
        wanted = target_of(agent, live, self._record(agent)).document
        document = bench.merged(key).document
        return with_live(document, change, tools_in(wanted), tools_in(live))

    def _changes(self, agent: DesiredAgent) -> tuple[FieldChange, ...]:
        """All that differs; an agent that a bench has not touched is compared once."""
        known = self._known.get(id(agent))
        if known is None:
            live, record = self._live(agent.key), self._record(agent)
            target = target_of(agent, live, record)
            hidden = write_only(target, record)
            found = field_changes(target, live, record, on_drift="revert", hidden=hidden)
            known = self._known[id(agent)] = (agent, found.changes)
        return known[1]

    def _record(self, agent: DesiredAgent) -> AgentRecord | None:
        record = self.pairs[agent.key].record
        return as_live(record, self._live(agent.key), agent) if record else None

    def _live(self, key: str) -> Document:
        if key not in self._normal:
            live = self.pairs[key].live
            self._normal[key] = normalise(live.document) if live else {}
        return self._normal[key]
