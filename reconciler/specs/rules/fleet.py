"""Rules of all agents of one environment together: who may not be twice."""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Final, Protocol

from reconciler.model.values import Document
from reconciler.specs.findings import MOST_FINDINGS, Finding
from reconciler.specs.marks import Steps
from reconciler.specs.rules.typed import text

if TYPE_CHECKING:
    from reconciler.specs.layers import Place


class Member(Protocol):
    """An agent among others: its file's name, its document, and where it says what."""

    @property
    def key(self) -> str: ...

    @property
    def file(self) -> str: ...

    @property
    def face(self) -> Document:
        """As much of its document as tells it from others."""
        ...

    @property
    def document(self) -> Document: ...

    @property
    def lost_tools(self) -> bool:
        """Whether a trigger of its names a tool that is none of its own."""
        ...

    def place(self, finding: Finding) -> "Place": ...


FleetFinding = tuple[Member, Finding]


def _twice(
    agents: Sequence[Member],
    value_of: Callable[[Member], str],
    finding: Callable[[Member, Member], Finding],
) -> Iterator[FleetFinding]:
    first: dict[str, Member] = {}
    for agent in agents:
        value = value_of(agent)
        if not value:
            continue
        if value in first:
            yield agent, finding(agent, first[value])
        first.setdefault(value, agent)


def _same(code: str, what: str, steps: Steps, hint: str) -> Callable[[Member, Member], Finding]:
    def finding(agent: Member, other: Member) -> Finding:
        value = text(agent.face.get(str(steps[0])))
        position = other.place(Finding(code, "", steps)).position
        message = f"{what} `{value[:80]}` is also that of {other.file}, line {position.line}"
        if position.file != other.file:
            message = f"{what} `{value[:80]}` is also that of {other.file}"
        return Finding(code, message, steps, hint)

    return finding


def _lower(name: str) -> Callable[[Member], str]:
    return lambda agent: text(agent.face.get(name)).lower()


def _exact(name: str) -> Callable[[Member], str]:
    return lambda agent: text(agent.face.get(name))


_UNIQUE: Final = (
    (
        _exact("name"),
        _same("SPEC060", "the name", ("name",), "names are unique in an organisation: rename one"),
    ),
    (
        _lower("sip_inbound_trunk_id"),
        _same(
            "SPEC061",
            "the inbound trunk",
            ("sip_inbound_trunk_id",),
            "an inbound trunk belongs to one agent",
        ),
    ),
    (_lower("id"), _same("SPEC062", "the id", ("id",), "pin one spec to a live agent, not two")),
    (
        _exact("moved_from"),
        _same("SPEC063", "the old key", ("moved_from",), "one file moved to one place: keep one"),
    ),
)


def fleet_findings(agents: Sequence[Member]) -> Iterator[FleetFinding]:
    """What the agents of one environment, sorted by key, are to each other."""
    for value_of, finding in _UNIQUE:
        yield from _twice(agents, value_of, finding)
    yield from _still_there(agents)
    owners = cache(lambda: _tool_owners(agents))  # who has a tool is asked only of a wrong name
    for agent in (agent for agent in agents if agent.lost_tools):
        from reconciler.specs.rules.tools import unknown_source_tools  # noqa: PLC0415  # a mistake
        from reconciler.specs.rules.view import View  # noqa: PLC0415  # as above

        view, others = View(agent.key, agent.document), _others(owners, agent.file)
        for found in itertools.islice(unknown_source_tools(view, others), MOST_FINDINGS):
            yield agent, found


def _still_there(agents: Sequence[Member]) -> Iterator[FleetFinding]:
    by_key: Mapping[str, Member] = {agent.key: agent for agent in agents}
    for agent in agents:
        old = text(agent.face.get("moved_from"))
        if old in by_key and not by_key[old].face.get("moved_from"):
            message = f"`{old}` has not moved: {by_key[old].file} is still there"
            hint = "remove `moved_from`, or the old file"
            yield agent, Finding("SPEC064", message, ("moved_from",), hint)


def _others(owners: Callable[[], Mapping[str, str]], mine: str) -> Callable[[str], str | None]:
    def owner(name: str) -> str | None:
        found = owners().get(name)
        return None if found == mine else found

    return owner


def _tool_owners(agents: Sequence[Member]) -> dict[str, str]:
    from reconciler.model.identity import natural_key  # noqa: PLC0415  # as above
    from reconciler.specs.rules.view import View  # noqa: PLC0415  # as above

    return {
        natural_key(tool): agent.file
        for agent in reversed(agents)
        for _, tool in View(agent.key, agent.document).tools
    }
