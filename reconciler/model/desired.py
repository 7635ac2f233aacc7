"""The agent as the spec, the environment and the defaults want it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from datetime import date
from typing import Literal

from reconciler.errors import Position
from reconciler.model.fields import RUNTIME_KEY
from reconciler.model.late import Late
from reconciler.model.values import Document, Path, SecretRef
from reconciler.nouns import noun


@noun
class Lifecycle:
    """How an agent may be treated (DESIGN.md 3). `update` None means the project's choice."""

    prevent_destroy: bool = False
    on_remove: Literal["delete", "keep"] = "delete"
    update: Literal["put", "patch"] | None = None


@noun
class Ignore:
    """Drift that is known and accepted, up to and including the day `until`."""

    path: Path
    reason: str
    until: date | None = None


def _nowhere(_path: Path) -> Position | None:
    return None


@noun
class DesiredAgent(Late):
    """One spec, merged and resolved for one environment.

    `declared` holds the declared fields under the API's names, `extra` fields among them, with a
    `SecretRef` where the API takes a secret; tools may lack an `id` and name their trigger's
    `source_tool`. `locate` answers where a value was written; `secrets` are those it names.

    `carried` is for an agent of the history alone: all that was live, which a create sends as
    well, though no more than what is declared is the repo's. `computed` are the parts of it that
    the API had made up.
    """

    key: str
    declared: Document
    lifecycle: Lifecycle = field(default_factory=Lifecycle)
    agent_id: str | None = None
    moved_from: str | None = None
    ignore: tuple[Ignore, ...] = ()
    carried: Document = field(default_factory=dict)
    computed: tuple[Path, ...] = ()
    locate: Callable[[Path], Position | None] = field(default=_nowhere, compare=False, repr=False)
    secrets: tuple[SecretRef, ...] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "secrets", tuple(ref for _, ref in secrets_in(self.declared)))

    @property
    def name(self) -> str:
        return str(self.declared["name"])


def secrets_in(declared: Document) -> Iterator[tuple[tuple[int | None, str], SecretRef]]:
    """The secrets, and where each stands: the number of a tool (None for the agent), and a key."""
    if isinstance(ref := declared.get(RUNTIME_KEY), SecretRef):
        yield (None, RUNTIME_KEY), ref
    tools = declared.get("tools") or ()
    # What a rollback wants was live, and an API may answer anything (see `planning.normal`).
    for index, tool in enumerate(tools if isinstance(tools, list) else ()):
        auth = tool.get("auth") if isinstance(tool, dict) else None
        for name, ref in auth.items() if isinstance(auth, dict) else ():
            if isinstance(ref, SecretRef):
                yield (index, name), ref


@noun
class Specs:
    """All desired agents of one environment, sorted by key.

    `skipped` are the keys whose file says that they live in other environments only. `found` is
    False when the specs folder is empty, missing or unreadable (a guard of its own).
    """

    agents: tuple[DesiredAgent, ...]
    skipped: tuple[str, ...] = ()
    found: bool = True

    @property
    def by_key(self) -> Mapping[str, DesiredAgent]:
        return {agent.key: agent for agent in self.agents}
