"""The key that a cache is signed with."""

from pathlib import Path

import pytest

from reconciler.cli.cache_place import load_project
from tests.specs.project_folder import write


@pytest.fixture
def key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    return tmp_path / "home" / "reconciler" / "cache.key"


def signed_with(folder: Path) -> bytes | None:
    place = load_project(folder).cache
    return place.key if place else None


def test_the_first_run_makes_it_and_the_next_one_finds_it(tmp_path: Path, key: Path) -> None:
    folder = write(tmp_path / "project", "name: Desk\n")
    made = signed_with(folder)
    assert made == key.read_bytes() == signed_with(folder)
    assert len(made) == 32
    assert key.stat().st_mode & 0o777 == 0o600


def test_one_that_was_cut_short_is_made_anew(tmp_path: Path, key: Path) -> None:
    folder = write(tmp_path / "project", "name: Desk\n")
    signed_with(folder)
    key.write_bytes(b"short")
    assert signed_with(folder) == key.read_bytes() != b"short"
    assert [each.name for each in key.parent.iterdir()] == ["cache.key"]


def test_where_it_can_not_be_kept_there_is_no_cache(tmp_path: Path, key: Path) -> None:
    (tmp_path / "home").write_text("a file in the way")
    assert signed_with(write(tmp_path / "project", "name: Desk\n")) is None
    assert not key.exists()
