"""`reconciler.yaml` → the project, and what is wrong with it, each in its place (DESIGN.md 3)."""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from reconciler.errors import Problem, SpecsInvalid
from reconciler.model.project import Deletion, Environment, IgnoreRule, LedgerConfig, Project
from reconciler.patterns import pattern
from reconciler.specs import variables
from reconciler.specs.files import Files, Source
from reconciler.specs.findings import Finding
from reconciler.specs.layers import Layer, problem_at
from reconciler.specs.loaded import FILE_NAME, LoadedProject
from reconciler.specs.marks import START
from reconciler.specs.problems import in_order
from reconciler.specs.resolving import Resolver, SecretRules
from reconciler.specs.shape import shape_findings
from reconciler.specs.shapes import validator
from reconciler.specs.variables import Variables

_ENVIRONMENT_NAME: Final = pattern(r"[A-Za-z0-9][A-Za-z0-9._-]*\Z")
_VARIABLE_NAME: Final = pattern(variables.VARIABLE_NAME + r"\Z")
_BACKENDS: Final = frozenset({"sqlite", "git", "postgres"})
_ONLY_OF_BACKEND: Final = {"branch": "git", "remote": "git", "url": "postgres"}
_LOOPBACK: Final = pattern(r"localhost|127(\.\d{1,3}){3}|::1")
_NO_VARIABLES: Final = Variables("", {})


def read_project(files: Files, source: Source) -> Project:
    """The project that a file describes; raises `SpecsInvalid` with all its problems."""
    path = str(files.folder / FILE_NAME)
    if not isinstance(source.value, dict):
        told = [_with_advice(problem, files.folder) for problem in source.problems]
        raise SpecsInvalid(told or [_not_a_mapping(source)])
    resolved, findings, problems = _resolved(files, path, source.value)
    # `_project_findings` has the better words for a version
    findings += [f for f in shape_findings("project", resolved) if f.steps != ("version",)]
    findings += _project_findings(resolved, files)
    problems += [*source.problems, *_placed(source, resolved, findings)]
    if problems:
        raise SpecsInvalid(in_order(problems))
    return project_of(validator("project").validate_python(resolved))


def no_specs_folder(loaded: LoadedProject) -> Problem:
    """What is wrong when there is no folder to look for specs in, or none that can be read."""
    message = f"there is no specs folder `{loaded.project.specs}`"
    hint = "make the folder, or correct `specs` in reconciler.yaml"
    if os.path.isdir(loaded.folder / loaded.project.specs):  # noqa: PTH112  # never raises
        message = f"the specs folder `{loaded.project.specs}` can not be read: permission denied"
        hint = "check its permissions"
    finding = Finding("SPEC077", message, ("specs",), hint)
    return _placed(loaded.source, loaded.source.value, [finding])[0]


def _placed(source: Source, document: dict[str, Any], findings: list[Finding]) -> list[Problem]:
    layer = Layer("", source, (), document, _NO_VARIABLES)
    places = ((each, layer.place(each)) for each in findings)
    return [problem_at(each, place) for each, place in places if not place.is_told]


def project_of(written: dict[str, Any]) -> Project:
    """The noun of what has been checked; what is not written is as the nouns have it."""
    parts: dict[str, Callable[[Any], Any]] = {
        "environments": lambda each: {name: Environment(**one) for name, one in each.items()},
        "ledger": lambda each: LedgerConfig(**each),
        "deletion": lambda each: Deletion(**each),
        "ignore": lambda each: tuple(IgnoreRule(**rule) for rule in each),
    }
    return Project(**{n: parts[n](value) if n in parts else value for n, value in written.items()})


def _with_advice(problem: Problem, folder: Path) -> Problem:
    if problem.code != "SPEC001":
        return problem
    hint = f"a project has a `{FILE_NAME}`: run `reconciler init`, or name its folder with -C"
    return Problem(problem.code, _missing(folder) or problem.message, problem.position, hint)


def _missing(folder: Path) -> str | None:
    """What is not there; None where it is, or where nobody can know."""
    try:
        (folder / FILE_NAME).lstat()
    except (FileNotFoundError, NotADirectoryError):
        if not folder.is_dir():
            return f"there is no folder {folder}"
        return f"there is no {FILE_NAME} in {'this folder' if _is_here(folder) else folder}"
    except (OSError, ValueError):
        pass
    return None


def _is_here(folder: Path) -> bool:
    try:
        return folder.samefile(os.curdir)
    except OSError:  # where we are is no more
        return False


def _not_a_mapping(source: Source) -> Problem:
    hint = "start with `version: 1`"
    return source.text.problem("SPEC015", "the file must be a mapping", START, hint=hint)


def _resolved(
    files: Files, path: str, value: Mapping[str, Any]
) -> tuple[dict[str, Any], list[Finding], list[Problem]]:
    """The document with a `SecretRef` for each secret it names."""
    folders = value.get("secret_folders")
    named = (
        tuple(each for each in folders if isinstance(each, str))
        if isinstance(folders, list)
        else ()
    )
    resolver = Resolver(files, path, _NO_VARIABLES, SecretRules(folders=named))
    result = dict(value)
    if isinstance(environments := value.get("environments"), dict):
        result["environments"] = {
            name: _environment(resolver, name, each) for name, each in environments.items()
        }
    if isinstance(ledger := value.get("ledger"), dict) and "url" in ledger:
        url = resolver.secret(ledger["url"], ("ledger", "url"))
        result["ledger"] = {**ledger, "url": url}
    if isinstance(notify := value.get("notify"), list):
        result["notify"] = [
            resolver.secret(each, ("notify", index)) if isinstance(each, dict) else each
            for index, each in enumerate(notify)
        ]
    return result, resolver.findings, resolver.problems


def _environment(resolver: Resolver, name: str, value: Any) -> Any:
    if not isinstance(value, dict) or value.get("api_key") is None:
        return value
    key = resolver.secret(value["api_key"], ("environments", name, "api_key"))
    return {**value, "api_key": key}


def _project_findings(document: Mapping[str, Any], files: Files) -> Iterator[Finding]:
    version = document.get("version")
    if isinstance(version, bool) or version != 1:
        hint = "write `version: 1`; for a newer file install a newer reconciler"
        yield Finding("SPEC070", "this version of the file is not known", ("version",), hint)
    yield from _specs_folder(document, files)
    yield from _ledger(document.get("ledger"))
    environments = document.get("environments")
    if not isinstance(environments, dict):
        return
    organisations: dict[str, str] = {}
    for name, value in environments.items():
        steps = ("environments", name)
        if not _ENVIRONMENT_NAME.match(name) or name == "only":
            hint = "use letters, digits, `.`, `_` and `-`; `only` has a meaning of its own"
            message = f"{name[:60]!r} can not be the name of an environment"
            yield Finding("SPEC074", message, steps, hint, at_key=True)
        if isinstance(value, dict):
            yield from _api(name, value)
            yield from _variable_names(name, value)
            yield from _organisation(name, value, organisations)


def _specs_folder(document: Mapping[str, Any], files: Files) -> Iterator[Finding]:
    specs = document.get("specs", "agents")
    if isinstance(specs, str) and ("\0" in specs or not files.is_inside(str(files.folder / specs))):
        message = "the specs folder is outside the project folder"
        yield Finding("SPEC075", message, ("specs",), "name a folder beside reconciler.yaml")


def _ledger(stated: Any) -> Iterator[Finding]:
    """What does not fit the backend; opening the ledger refuses it too, without a place."""
    ledger = stated if isinstance(stated, dict) else {}
    backend = str(ledger.get("backend", "sqlite"))
    if backend == "postgres" and ledger.get("url") is None:
        message, hint = "the PostgreSQL ledger needs a `url`", "add `url: {env: LEDGER_URL}`"
        yield Finding("SPEC078", message, ("ledger", "backend"), hint)
    for name, owner in _ONLY_OF_BACKEND.items():
        if ledger.get(name) is not None and backend in _BACKENDS and backend != owner:
            message = f"`ledger.{name}` means nothing to the backend {backend}"
            hint = f"remove it, or write `backend: {owner}`"
            yield Finding("SPEC078", message, ("ledger", name), hint, at_key=True)


def _api(name: str, value: Mapping[str, Any]) -> Iterator[Finding]:
    api = value.get("api")
    if not isinstance(api, str) or api == "sandbox" or not api.startswith(("http://", "https://")):
        return
    steps = ("environments", name, "api")
    if _host(api) is None:
        hint = "write the base URL alone, such as `https://api.agents.slng.ai`"
        yield Finding("SPEC072", "this is no base URL", steps, hint)
    elif urlsplit(api).path.rstrip("/").endswith(("/v1", "/v1/agents")):
        hint = "leave the path out: `/v1/agents` is added to it"
        yield Finding("SPEC072", "this is no base URL", steps, hint)
    elif api.startswith("http://") and not _LOOPBACK.fullmatch(_host(api) or ""):
        message = "plain http would send the API key in the clear"
        yield Finding("SPEC072", message, steps, "write `https://`")
    if value.get("api_key") is None:
        message = f"environment {name} has no `api_key`"
        hint = "add `api_key: {env: SLNG_API_KEY}`; only `api: sandbox` needs none"
        yield Finding("SPEC073", message, steps, hint)


def _host(url: str) -> str | None:
    """The host of a base URL; None for anything that is none."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    if parts.username or parts.query or parts.fragment or re.search(r"[\s\x00-\x1f]", url):
        return None
    return parts.hostname


def _variable_names(name: str, value: Mapping[str, Any]) -> Iterator[Finding]:
    names = value.get("variables")
    for each in names if isinstance(names, dict) else ():
        if not _VARIABLE_NAME.match(each):
            message = f"{each[:60]!r} can not be the name of a variable"
            steps = ("environments", name, "variables", each)
            hint = "use letters, digits, `_`, `.` and `-`, a letter first"
            yield Finding("SPEC076", message, steps, hint, at_key=True)


def _organisation(name: str, value: Mapping[str, Any], known: dict[str, str]) -> Iterator[Finding]:
    organisation = value.get("organisation_id")
    if not isinstance(organisation, str):
        return
    other = known.setdefault(organisation.lower(), name)
    if other != name:
        message = f"environments {other} and {name} have one organisation"
        hint = "each would delete the other's agents: give each an organisation of its own"
        yield Finding("SPEC071", message, ("environments", name, "organisation_id"), hint)
