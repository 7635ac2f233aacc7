"""New files: all or none, inside the project, and never over one that is there."""

import os
from pathlib import Path

import pytest

from reconciler.errors import UsageError
from reconciler.specs.writing import NewFile, remove, write

FILES = [NewFile("prompts/desk.md", "Be kind.\r\n"), NewFile("agents/desk.yaml", "name: Desk\n")]


def test_files_hold_what_they_should_byte_for_byte_and_nothing_else_is_left(tmp_path: Path) -> None:
    written = write(tmp_path, FILES)
    assert (tmp_path / "prompts/desk.md").read_bytes() == b"Be kind.\r\n"
    assert [p.name for p in written.files] == ["desk.md", "desk.yaml"]
    assert len([p for p in tmp_path.rglob("*") if p.is_file()]) == 2


def test_a_file_that_is_there_is_not_replaced_and_the_others_are_taken_back(tmp_path: Path) -> None:
    mine = tmp_path / "agents" / "desk.yaml"
    mine.parent.mkdir()
    mine.write_text("mine")
    with pytest.raises(UsageError, match=r"agents/desk\.yaml is there already"):
        write(tmp_path, FILES)
    assert mine.read_text() == "mine"
    assert not (tmp_path / "prompts").exists()


def test_taking_back_leaves_what_others_have_put_beside(tmp_path: Path) -> None:
    written = write(tmp_path, FILES)
    (tmp_path / "prompts" / "other.md").write_text("theirs")
    remove(written)
    assert [p.name for p in tmp_path.rglob("*") if p.is_file()] == ["other.md"]
    assert not (tmp_path / "agents").exists()


def test_nothing_is_written_outside_the_project(tmp_path: Path) -> None:
    outside, project = tmp_path / "outside", tmp_path / "project"
    outside.mkdir()
    project.mkdir()
    (project / "prompts").symlink_to(outside)
    with pytest.raises(UsageError, match="leads out of the project"):
        write(project, FILES)
    assert os.listdir(outside) == []  # noqa: PTH208  # the folder's own word
