"""The project file, from the cache while it is as it was: then it needs neither YAML nor pydantic.

It is kept among the specs' entries, under an environment without a name.
"""

import os
from collections.abc import Callable
from dataclasses import field
from functools import cache as once
from pathlib import Path
from typing import TYPE_CHECKING, Final

from reconciler.model.project import Project
from reconciler.nouns import noun
from reconciler.specs.caching import Cache, CachePlace, packed
from reconciler.specs.files import Files, Source
from reconciler.specs.fingerprint import fingerprint

if TYPE_CHECKING:
    from reconciler.specs.resolving import SecretRules
    from reconciler.specs.variables import Variables

FILE_NAME: Final = "reconciler.yaml"
_NO_ENVIRONMENT: Final = ""
_ENTRY: Final = "project"


@noun(slots=False)
class LoadedProject:
    """The project file as read, and the hash of its content.

    `folder` is the real path of the project: what is found below it is named by whole paths,
    wherever a command was started. `opened` gives its text; `cache` may say where to remember
    what has been read of specs.
    """

    folder: Path
    project: Project
    digest: str
    opened: Callable[[], Source] = field(compare=False, repr=False)
    cache: CachePlace | None = None

    @property
    def source(self) -> Source:
        """The file, which knows where everything in it stands."""
        return self.opened()

    @property
    def secret_rules(self) -> "SecretRules":
        """What the secrets of specs may be."""
        from reconciler.specs.resolving import SecretRules  # noqa: PLC0415  # to read specs only

        keys = {
            environment.api_key: name
            for name, environment in reversed(self.project.environments.items())
            if environment.api_key is not None
        }
        return SecretRules(keys, self.project.secret_folders)

    def variables(self, environment: str) -> "Variables":
        from reconciler.specs.variables import Variables  # noqa: PLC0415  # to read specs only

        everywhere = {name: each.variables for name, each in self.project.environments.items()}
        return Variables(environment, everywhere[environment], everywhere)


def load_project(folder: Path, place: CachePlace | None = None) -> LoadedProject:
    """Read `reconciler.yaml` of a folder; raises `SpecsInvalid` with all its problems."""
    folder = Path(os.path.realpath(folder))
    files = Files(folder)
    path = str(folder / FILE_NAME)
    digest = files.digest(path) or ""
    opened = once(lambda: files.document(path))
    context = fingerprint() if place is not None and digest else None
    cache = Cache(place if context else None, _NO_ENVIRONMENT, f"{context}{digest}")
    entry = cache.get(_ENTRY)
    if entry is not None:
        from reconciler.specs.remembered import project_of  # noqa: PLC0415  # not without a cache

        project = project_of(entry.head)
        if files.is_inside(str(folder / project.specs)):  # which is no matter of content
            return LoadedProject(folder, project, digest, opened, place)
    from reconciler.specs.project_file import read_project  # noqa: PLC0415  # YAML and pydantic

    project = read_project(files, opened())
    if cache.active:
        from reconciler.specs.remembered import entry_of_project  # noqa: PLC0415  # as above

        cache.put(_ENTRY, packed(entry_of_project(project)))
        cache.save({_ENTRY})
    return LoadedProject(folder, project, digest, opened, place)
