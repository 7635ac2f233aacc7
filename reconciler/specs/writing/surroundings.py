"""What a new spec finds around it: defaults below and overrides above, keys and names in use."""

import os
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from reconciler.model.values import Document
from reconciler.nouns import noun
from reconciler.specs.assemble import Assembler
from reconciler.specs.discovery import discover
from reconciler.specs.files import Files, Source
from reconciler.specs.loaded import FILE_NAME, LoadedProject
from reconciler.specs.marks import Text
from reconciler.specs.merging import merged

_MODELINE: Final = "# yaml-language-server: $schema="


@noun(slots=False)
class Surroundings:
    """The project, as far as it touches a new spec in the specs folder.

    `base` is what defaults declare for it, `over` what the environment's overrides do; `keys` are
    those of all spec files, `env_names` the variables that the project's files name.
    """

    folder: Path
    specs: str
    environment: str
    environments: tuple[str, ...]
    base: Document
    over: Document
    keys: frozenset[str]
    env_names: frozenset[str]
    has_defaults_file: bool
    modelines: tuple[tuple[str, str], ...] = ()

    @property
    def specs_folder(self) -> Path:
        return self.folder / self.specs

    @cached_property
    def schema(self) -> str | None:
        """What a first line can point at: a schema that is there, from the specs folder."""
        for spec, target in self.modelines:
            if target.startswith("https://"):
                return target
            path = os.path.normpath(self.folder / Path(spec).parent / target)
            if os.path.isfile(path):  # noqa: PTH113  # beside normpath
                return _relative(path, self.specs_folder)
        own = self.folder / "schemas" / "agent.schema.json"
        return _relative(str(own), self.specs_folder) if own.is_file() else None


def surroundings(loaded: LoadedProject, environment: str) -> Surroundings:
    """Read the project as it is; its specs are expected to be valid (see `load_specs`)."""
    files = Files(loaded.folder)
    folder = loaded.folder / loaded.project.specs
    found = discover(files, str(folder), str(loaded.folder / FILE_NAME))
    assembler = Assembler(loaded, environment, files, found.defaults)
    own = Source(Text(f"{loaded.project.specs}/new.yaml", ""), {})
    layers = assembler.spec("new", own).layers
    place = next(index for index, layer in enumerate(layers) if layer.source is own)
    sources = [files.document(path) for path in (*found.specs.values(), *found.defaults.values())]
    return Surroundings(
        folder=loaded.folder,
        specs=loaded.project.specs,
        environment=environment,
        environments=tuple(loaded.project.environments),
        base=_merged(layer.value for layer in layers[:place]),
        over=_merged(layer.value for layer in layers[place + 1 :]),
        keys=frozenset(found.specs),
        env_names=frozenset(
            name for source in (loaded.source, *sources) for name in _env_names(source.value)
        ),
        has_defaults_file="" in found.defaults,
        modelines=tuple(_modelines(files.document(path) for path in found.specs.values())),
    )


def _merged(values: Iterator[Mapping[str, Any]]) -> Document:
    document: Document = {}
    for value in values:
        document = merged(document, value)
    return document


def _env_names(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        name = value.get("env")
        if isinstance(name, str):
            yield name
        for item in value.values():
            yield from _env_names(item)
    elif isinstance(value, list):
        for item in value:
            yield from _env_names(item)


def _modelines(sources: Iterator[Source]) -> Iterator[tuple[str, str]]:
    for source in sources:
        first = source.text.line(0)
        if first.startswith(_MODELINE):
            yield source.name, first.removeprefix(_MODELINE).strip()


def _relative(path: str, start: Path) -> str:
    return os.path.relpath(path, start).replace(os.sep, "/")
