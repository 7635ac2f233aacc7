"""Files → the desired agents of one environment."""

import dataclasses
from typing import TYPE_CHECKING, Any, Final

from reconciler.errors import Problem, SpecsInvalid, UsageError
from reconciler.model.desired import DesiredAgent, Ignore, Lifecycle, Specs
from reconciler.specs.caching import CachePlace
from reconciler.specs.discovery import discover, is_readable
from reconciler.specs.files import Files
from reconciler.specs.findings import did_you_mean, listed
from reconciler.specs.loaded import FILE_NAME
from reconciler.specs.loading import Loading
from reconciler.specs.problems import in_order

if TYPE_CHECKING:
    from reconciler.specs.layers import Merged
    from reconciler.specs.loaded import LoadedProject


def load_specs(loaded: "LoadedProject", environment: str) -> tuple[Specs, tuple[Problem, ...]]:
    """The desired agents of one environment, and warnings.

    Raises `SpecsInvalid` with all problems, warnings included, sorted by position, and
    `UsageError` for an environment that there is not.
    """
    return load_from(loaded, environment, Files(loaded.folder), loaded.cache)


def loading_specs(loaded: "LoadedProject", environment: str) -> Loading:
    """`load_specs` for who has other things to do between its steps. Raises `UsageError`."""
    return _loading(loaded, environment, Files(loaded.folder), loaded.cache)


def validate(
    loaded: "LoadedProject", environment: str | None = None, *, strict: bool = False
) -> tuple[Problem, ...]:
    """All problems over one or all environments, each once; `strict` makes warnings errors."""
    files = Files(loaded.folder)
    problems: list[Problem] = []
    for name in [environment] if environment is not None else loaded.project.environments:
        try:
            problems += load_from(loaded, name, files, loaded.cache)[1]
        except SpecsInvalid as error:
            problems += error.problems
    if not is_readable(str(loaded.folder / loaded.project.specs)):
        from reconciler.specs.project_file import no_specs_folder  # noqa: PLC0415  # it is loaded

        problems.append(no_specs_folder(loaded))
    found = in_order(problems)
    if strict:
        found = tuple(dataclasses.replace(problem, severity="error") for problem in found)
    return found


def load_from(
    loaded: "LoadedProject", environment: str, files: Files, cache: CachePlace | None = None
) -> tuple[Specs, tuple[Problem, ...]]:
    """`load_specs` from files that may hold edits."""
    loading = _loading(loaded, environment, files, cache)
    for _ in loading.steps():
        pass
    return loading.result()


def _loading(
    loaded: "LoadedProject", environment: str, files: Files, cache: CachePlace | None
) -> Loading:
    known = loaded.project.environments
    if environment not in known:
        near = did_you_mean(environment, known)
        there_are = f"there are {listed(known)}"
        hint = f"{near} ({there_are})" if near else there_are
        raise UsageError(f"there is no environment `{environment}`", hint=hint)
    folder = str(loaded.folder / loaded.project.specs)
    found = discover(files, folder, str(loaded.folder / FILE_NAME))
    return Loading(loaded, environment, files, found, place=cache, desired=desired_of)


_NOT_SENT: Final = frozenset(
    {"lifecycle", "moved_from", "omit", "environments", "ignore", "extra", "id"}
)


def desired_of(agent: "Merged") -> DesiredAgent:
    """The agent that a merged spec without errors asks for."""
    document = agent.document
    declared = {name: value for name, value in document.items() if name not in _NOT_SENT}
    rules = [_ignore(rule) for rule in document.get("ignore", [])]
    return DesiredAgent(
        key=agent.key,
        declared={**declared, **document.get("extra", {})},
        lifecycle=Lifecycle(**document.get("lifecycle", {})),
        agent_id=document.get("id"),
        moved_from=document.get("moved_from"),
        ignore=tuple(rules),
        locate=agent.locate,
    )


def _ignore(rule: Any) -> Ignore:
    from reconciler.specs.shapes import validator  # noqa: PLC0415  # a spec was read

    written = validator("ignore").validate_python(rule)
    return Ignore(tuple(written["path"].split(".")), written["reason"], written.get("until"))
