"""Where new files can go: names that no file has, on any file system."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from reconciler.specs.writing.surroundings import Surroundings

_ENDINGS: Final = (".yaml", ".yml")


class Places:
    """Free keys and paths, each given away once."""

    def __init__(self, around: Surroundings, reserved: Iterable[str]) -> None:
        self._folder = around.folder
        self._taken = {key.casefold() for key in (*around.keys, *reserved)}
        names = _names_in(around.specs_folder)
        self._taken |= {n.removesuffix(e) for n in names for e in _ENDINGS if n.endswith(e)}
        self._prompts = _names_in(around.folder / "prompts")

    def is_taken(self, key: str) -> bool:
        return key.casefold() in self._taken

    def take(self, key: str) -> None:
        self._taken.add(key.casefold())

    def prompt_path(self, key: str) -> str:
        """A Markdown file that is not there yet, from the project folder."""
        name, turn = f"{key}.md", 1
        while name.casefold() in self._prompts:
            turn += 1
            name = f"{key}-{turn}.md"
        self._prompts.add(name.casefold())
        return f"prompts/{name}"


def _names_in(folder: Path) -> set[str]:
    return {path.name.casefold() for path in folder.iterdir()} if folder.is_dir() else set()
