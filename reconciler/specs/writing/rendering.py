"""A draft → the texts of its files: the spec, and its prompt where that is long."""

import os
import re
from pathlib import PurePosixPath
from typing import Any, Final

from reconciler.model.values import Document, SecretRef
from reconciler.nouns import noun
from reconciler.specs.files import MAX_TEXT_BYTES
from reconciler.specs.writing.drafting import Draft
from reconciler.specs.writing.emitter import FileRef, yaml_of
from reconciler.specs.writing.surroundings import Surroundings
from reconciler.specs.writing.texts import is_fine

_ORDER: Final = (
    *("name", "language", "region", "system_prompt", "greeting", "inbound_greeting"),
    *("outbound_greeting", "template_defaults", "runtime_variables", "models"),
    *("enable_interruptions", "idle_nudges", "sip_inbound_trunk_id", "sip_outbound_trunk_id"),
    *("tool_mode", "tools", "omit", "lifecycle", "environments"),
)
_MOST_LINES: Final = 3
_MOST_CHARACTERS: Final = 300
# what a text file of the project may not hold (see `specs.files`), and what it would lose
_NOT_IN_A_FILE: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]|\\A\ufeff|\r\n"
)


@noun
class NewFile:
    """A file that is to be made; `path` starts at the project folder."""

    path: str
    content: str


def spec_files(draft: Draft, prompt_path: str, around: Surroundings) -> list[NewFile]:
    """The files of a draft, the spec last: what it names is there before it is.

    `prompt_path` is where a long prompt goes, from the project folder.
    """
    document: Document = _escaped(draft.fitted.own)
    files = []
    prompt = document.get("system_prompt")
    if isinstance(prompt, str) and _is_long(prompt):
        files.append(NewFile(prompt_path, prompt))
        path = os.path.relpath(prompt_path, around.specs).replace(os.sep, "/")
        document["system_prompt"] = FileRef(path)
    if draft.fitted.omit:
        document["omit"] = [".".join(path) for path in draft.fitted.omit]
    if draft.patch:
        document["lifecycle"] = {"update": "patch"}
    if environments := _environments(draft, around):
        document["environments"] = environments
    ordered: Document = {name: document[name] for name in _ORDER if name in document}
    head = [f"# yaml-language-server: $schema={around.schema}"] if around.schema else []
    head += [f"# {_one_line(note)}" for note in draft.notes]
    content = "\n".join([*head, yaml_of(ordered)])
    return [*files, NewFile(spec_path(draft.key, around), content)]


def spec_path(key: str, around: Surroundings) -> str:
    return str(PurePosixPath(around.specs) / f"{key}.yaml")


def defaults_file(values: Document, around: Surroundings) -> NewFile:
    """The `_defaults.yaml` of all specs."""
    head = "# Defaults for this folder and below, taken from the agents that were imported.\n"
    path = str(PurePosixPath(around.specs) / "_defaults.yaml")
    return NewFile(path, head + yaml_of(_escaped(values)))


def _environments(draft: Draft, around: Surroundings) -> Document:
    """With more than one environment the agent stays where it was found, until a person says so."""
    found: Document = {}
    if len(around.environments) > 1:
        found["only"] = [around.environment]
    if draft.fitted.here:
        found[around.environment] = _escaped(draft.fitted.here)
    return found


def _is_long(prompt: str) -> bool:
    if _NOT_IN_A_FILE.search(prompt) or len(prompt.encode()) > MAX_TEXT_BYTES:
        return False
    lines = prompt.rstrip("\n").count("\n") + 1
    return lines > _MOST_LINES or len(prompt) > _MOST_CHARACTERS


def _escaped(value: Any) -> Any:
    """The value with every literal `${` of its texts written as `$${`."""
    if isinstance(value, str):
        return value.replace("${", "$${")
    if isinstance(value, dict):
        return {name: _escaped(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_escaped(item) for item in value]
    assert value is None or isinstance(value, bool | int | float | SecretRef)
    return value


def _one_line(text: str) -> str:
    return "".join(char if is_fine(char) else " " for char in text)
