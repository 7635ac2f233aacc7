"""Sizes and times say where to begin; contents alone say what has changed."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from reconciler.model.desired import Specs
from reconciler.specs import load_project, loading_specs
from reconciler.specs.caching import Cache, CachePlace
from reconciler.specs.suspects import Suspects
from tests.processes import in_a_process_of_its_own
from tests.specs.project_folder import load, write

KEY = b"k" * 32
NAMES = [f"a{number:02}" for number in range(30)]


def project(folder: Path) -> Path:
    (folder / ".reconciler").mkdir()
    files = "".join(f"# --- agents/{name}.yaml\nname: {name.title()}\n" for name in NAMES)
    return write(folder, files)


def begun(folder: Path) -> Specs:
    """As a plan reads them: begun early, with other things to do."""
    place = CachePlace(folder / ".reconciler" / "cache.db", KEY)
    loading = loading_specs(load_project(folder, place), "sandbox")
    loading.begin(busy=True)
    for _ in loading.steps():
        pass
    assert loading.is_done
    return loading.result()[0]


def suspects(folder: Path) -> list[str]:
    place = CachePlace(folder / ".reconciler" / "cache.db", KEY)
    loading = loading_specs(load_project(folder, place), "sandbox")
    return Suspects(loading.cache, loading.found.specs).keys()


def edit(folder: Path, name: str, text: str) -> None:
    (folder / "agents" / f"{name}.yaml").write_text(text, encoding="utf-8")


def silently(folder: Path, name: str, text: str) -> None:
    """Another content of the same size and time."""
    path = folder / "agents" / f"{name}.yaml"
    before = path.stat()
    edit(folder, name, text)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size


def touched(folder: Path, name: str, _text: str) -> None:
    os.utime(folder / "agents" / f"{name}.yaml", ns=(1, 1))


@in_a_process_of_its_own
def test_whatever_happens_to_a_file_its_content_counts() -> None:
    import tempfile  # noqa: PLC0415  # where it is run, there are no fixtures

    with tempfile.TemporaryDirectory() as place:
        folder = project(Path(place))
        for change, text in (
            (edit, "name: Another\n"),
            (touched, ""),
            (silently, "name: Boother\n"),
            (edit, "name: A03\n"),
        ):
            assert begun(folder) == load(folder)
            assert begun(folder) == load(folder)
            change(folder, "a03", text)
            edit(folder, "a07", f"name: Seven {change.__name__} {len(text)}\n")
        (folder / "agents" / "a09.yaml").unlink()
        edit(folder, "b", "name: New\n")
        assert begun(folder) == load(folder)


@pytest.mark.parametrize(
    ("change", "expected"),
    [(edit, ["a03"]), (touched, ["a03"]), (silently, [])],
)
def test_suspect_is_what_has_another_size_or_time(
    tmp_path: Path, change: Callable[[Path, str, str], None], expected: list[str]
) -> None:
    folder = project(tmp_path)
    begun(folder)
    begun(folder)
    assert suspects(folder) == []
    change(folder, "a03", "name: B03\n")
    assert suspects(folder) == expected
    begun(folder)
    assert suspects(folder) == []


def test_in_another_checkout_all_times_are_new_and_nothing_is_suspect(tmp_path: Path) -> None:
    folder = project(tmp_path)
    begun(folder)
    begun(folder)
    for name in NAMES:
        touched(folder, name, "")
    assert suspects(folder) == []


def test_without_a_cache_nothing_is_known_and_nothing_suspect(tmp_path: Path) -> None:
    nowhere = Cache(None, "sandbox", "")
    assert Suspects(nowhere, {"a": str(tmp_path / "not there.yaml")}).keys() == []
