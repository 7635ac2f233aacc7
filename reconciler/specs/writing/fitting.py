"""What an agent is, told against what defaults and overrides say anyway.

A spec repeats no default. Where one declares what the agent has otherwise, the spec says its own
value, takes the default back with `omit`, or answers an override in its environment's part.
"""

from dataclasses import dataclass, field
from typing import Any

from reconciler.model import fields
from reconciler.model.values import ABSENT, Document, Path, lookup, same
from reconciler.specs.merging import merged, without

_TREATMENT = frozenset({"lifecycle", "ignore", "omit"})


@dataclass(slots=True)
class Fitted:
    """A spec's own fields, what it omits, and its part for one environment."""

    own: Document = field(default_factory=dict)
    omit: list[Path] = field(default_factory=list)
    here: Document = field(default_factory=dict)

    def whole(self, base: Document, over: Document) -> Document:
        """The document after merging, as the loader makes it."""
        below = merged(without(base, self.omit), self.own)
        return merged(merged(below, without(over, self.omit)), self.here)


def fitted(wanted: Document, live: Document, base: Document, over: Document) -> Fitted:
    """`wanted` are the fields to declare, `live` the normal live document."""
    result = Fitted()
    for unit in fields.units(wanted):
        _declare(result, unit, lookup(wanted, unit), base, over)
    for unit in _shared_units(base, over):
        if lookup(wanted, unit) is ABSENT:
            _undeclared(result, unit, live, base, over)
    result.omit.sort()
    result.own = _ordered_as(wanted, result.own)
    return result


def _declare(result: Fitted, unit: Path, value: Any, base: Document, over: Document) -> None:
    below, above = lookup(base, unit), lookup(over, unit)
    if _would_mix(value, below) or _would_mix(value, above):
        # merged key by key, it would come out as neither: taken back, it stays as it is live
        result.omit.append(unit)
        return
    if below is ABSENT or not same(below, value):
        _set(result.own, unit, value)
    if above is not ABSENT and not same(above, value):
        _set(result.here, unit, value)


def _would_mix(value: Any, shared: Any) -> bool:
    both = isinstance(value, dict) and isinstance(shared, dict)
    return both and not same(merged(shared, value), value)


def _undeclared(result: Fitted, unit: Path, live: Document, base: Document, over: Document) -> None:
    """A part that the spec would leave unsaid, but that defaults or overrides declare."""
    name = unit[1:] if unit[0] == "extra" else unit
    now = lookup(live, name)
    if unit[0] == fields.RUNTIME_KEY or same(now, lookup(merged(base, over), unit)):
        return
    if now is not ABSENT and _has_default(unit, now):
        _declare(result, unit, now, base, over)
    else:
        result.omit.append(unit)


def _has_default(unit: Path, value: Any) -> bool:
    """Whether a value is the documented default, which can be written down."""
    tables = {
        ("models",): fields.MODELS_DEFAULTS,
        ("models", "fallbacks"): fields.FALLBACKS_DEFAULTS,
        (): fields.DEFAULTS,
    }
    table = tables.get(unit[:-1], {})
    null = value is None and unit[-1] in fields.TRUNKS
    return unit[-1] in table and same(table[unit[-1]], value) and not null


def _shared_units(base: Document, over: Document) -> list[Path]:
    shared = {k: v for k, v in merged(base, over).items() if k not in _TREATMENT}
    extra = shared.pop("extra", None)
    names = [("extra", name) for name in extra] if isinstance(extra, dict) else []
    return [*fields.units(shared), *names]


def _set(document: Document, unit: Path, value: Any) -> None:
    for step in unit[:-1]:
        document = document.setdefault(step, {})
    document[unit[-1]] = value


def _ordered_as(pattern: Document, document: Document) -> Document:
    """The document in the order of another one, what that does not know last."""
    ranks = {name: rank for rank, name in enumerate(pattern)}
    names = sorted(document, key=lambda name: ranks.get(name, len(ranks)))
    return {
        name: _ordered_as(pattern[name], document[name])
        if isinstance(document[name], dict) and isinstance(pattern.get(name), dict)
        else document[name]
        for name in names
    }
