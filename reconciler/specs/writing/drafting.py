"""One agent → the draft of its spec: valid by the loader's own rules, or not made at all."""

from collections.abc import Collection, Iterator
from typing import Any, Final

from reconciler.model import fields
from reconciler.model.identity import natural_key, tools_in
from reconciler.model.values import Document, Path, SecretRef
from reconciler.nouns import noun
from reconciler.specs.findings import Finding, dotted, severity_of
from reconciler.specs.merging import without
from reconciler.specs.rules import agent_findings
from reconciler.specs.rules.tools import unknown_source_tools
from reconciler.specs.rules.view import View
from reconciler.specs.shape import shape_findings
from reconciler.specs.writing.fitting import Fitted, fitted
from reconciler.specs.writing.names import secret_name
from reconciler.specs.writing.surroundings import Surroundings
from reconciler.specs.yaml_reader import MAX_DEPTH

_LARGEST: Final = 2**63
_DEEPEST: Final = MAX_DEPTH - 20
_MUST: Final = frozenset(
    {(name,) for name in fields.REQUIRED} | {("models", name) for name in fields.REQUIRED_MODELS}
)
# a prompt that uses a runtime variable is at fault by what else is declared
_BLAMED: Final[dict[str, Path]] = {"SPEC053": ("runtime_variables",)}


class Unwritable(Exception):  # noqa: N818  # what the agent is
    """No valid spec can say what this agent is; the text says why."""


@noun
class Naming:
    """Who the agent is in the repo, and which variables have an owner already."""

    key: str
    agent_id: str
    taken_variables: Collection[str] = ()


@noun
class Draft:
    """A spec to be written.

    `secrets` are the invented variables, each with what it is for; `notes` say what the spec
    could not declare; `patch` that only PATCH can update the agent (its tools can not be sent).
    """

    key: str
    agent_id: str
    name: str
    fitted: Fitted
    secrets: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    patch: bool = False


def draft_of(naming: Naming, wanted: Document, normal: Document, around: Surroundings) -> Draft:
    """Whatever a spec can not say is left undeclared, and so as it is live, with a note.

    Raises:
        Unwritable: a field that every spec must have is no valid one.
    """
    notes: list[str] = []
    wanted = _with_secrets(wanted, naming)
    while True:
        fit = fitted(wanted, normal, around.base, around.over)
        finding = _first_fault(naming.key, fit, around)
        if finding is None:
            break
        unit = _unit_of(finding, wanted)
        notes.append(f"{'.'.join(unit)} is left as it is live: {finding.message}")
        wanted = without(wanted, [unit])
    whole = fit.whole(around.base, around.over)
    unsaid = "tools" not in whole and _has_auth(normal)
    return Draft(
        naming.key,
        naming.agent_id,
        str(normal["name"]),
        fit,
        tuple(_secrets(fit.own)),
        tuple(notes),
        patch=unsaid,
    )


def _with_secrets(wanted: Document, naming: Naming) -> Document:
    tools = wanted.get("tools")
    if not isinstance(tools, list):
        return wanted
    taken = set(naming.taken_variables)
    result = []
    for tool in tools:
        auth = tool.get("auth") if isinstance(tool, dict) else None
        place = fields.SECRET_KEYS.get(str(auth.get("type"))) if isinstance(auth, dict) else None
        if place is not None and isinstance(auth, dict):
            name = secret_name(naming.key, natural_key(tool), place, taken)
            taken.add(name)
            tool = {**tool, "auth": {**auth, place: SecretRef("env", name)}}  # noqa: PLW2901  # less the name
        result.append(tool)
    return {**wanted, "tools": result}


def _secrets(own: Document) -> Iterator[tuple[str, str]]:
    for tool in own.get("tools", []):
        for place, value in (tool.get("auth") or {}).items():
            if isinstance(value, SecretRef):
                yield value.name, f"tools.{natural_key(tool)}.auth.{place}"


def _first_fault(key: str, fit: Fitted, around: Surroundings) -> Finding | None:
    whole = fit.whole(around.base, around.over)
    whole.pop("omit", None)
    view = View(key, whole)
    for finding in (
        *shape_findings("spec", whole),
        *_unreadable((), whole),
        *agent_findings(view),
        *unknown_source_tools(view, lambda _: None),
    ):
        if severity_of(finding.code) == "error":
            return finding
    return None


def _unit_of(finding: Finding, wanted: Document) -> Path:
    """The part to leave undeclared so that the fault goes."""
    path = tuple(str(step) for step in finding.steps)
    unit = _BLAMED.get(finding.code) or (fields.unit_of(path) if path else ())
    if unit not in fields.units(wanted) or unit in _MUST:
        raise Unwritable(finding.message)
    return unit


def _unreadable(steps: tuple[str | int, ...], value: Any) -> Iterator[Finding]:
    """Values that no YAML reader of ours would take back."""
    if len(steps) > _DEEPEST:
        yield Finding("SPEC012", f"`{dotted(steps[:3])}` is nested too deep", steps)
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _unreadable((*steps, name), item)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _unreadable((*steps, index), item)
    elif isinstance(value, int) and not -_LARGEST <= value < _LARGEST:
        yield Finding("SPEC016", f"`{dotted(steps[:3])}` holds a number beyond 64 bits", steps)


def _has_auth(normal: Document) -> bool:
    return any(tool.get("auth") for tool in tools_in(normal))
