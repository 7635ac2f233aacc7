"""Hostile and unlucky files: each has its problem, none a traceback, none takes long."""

import os
import resource
import socket
import time
from pathlib import Path

import pytest

from reconciler.errors import SpecsInvalid
from reconciler.specs import load_project
from reconciler.specs.files import Files, Unreadable
from tests.specs.project_folder import codes, load, problems, write

NO_SUCH = "name: Desk\nsystem_prompt: {file: ../prompt.md}\n"


def test_a_missing_project_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(SpecsInvalid) as caught:
        load_project(tmp_path)
    assert caught.value.code == "SPEC001"
    assert "reconciler init" in str(caught.value.hint)


def test_a_folder_a_pipe_and_a_socket_in_place_of_a_text_are_refused(tmp_path: Path) -> None:
    write(tmp_path, NO_SUCH)
    place = tmp_path / "prompt.md"
    place.mkdir()
    assert codes(tmp_path) == ["SPEC022"]
    place.rmdir()
    os.mkfifo(place)
    assert codes(tmp_path) == ["SPEC022"]
    place.unlink()
    with socket.socket(socket.AF_UNIX) as server:
        os.chdir(tmp_path)
        server.bind("prompt.md")
        assert codes(tmp_path) == ["SPEC022"]


def test_a_pipe_in_place_of_a_spec_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "name: Desk")
    os.mkfifo(tmp_path / "agents" / "pipe.yaml")
    assert codes(tmp_path) == ["SPEC001"]


def test_a_symlink_to_nothing_and_a_loop_of_symlinks_are_refused(tmp_path: Path) -> None:
    write(tmp_path, "name: Desk")
    (tmp_path / "agents" / "a.yaml").symlink_to("nowhere.yaml")
    (tmp_path / "agents" / "b.yaml").symlink_to("b.yaml")
    assert codes(tmp_path) == ["SPEC001", "SPEC001"]


def test_a_symlinked_folder_is_read_inside_the_project_and_a_loop_refused(tmp_path: Path) -> None:
    write(tmp_path, "# --- agents/desk.yaml\nname: Desk\n# --- more/other.yaml\nname: Other")
    (tmp_path / "agents" / "more").symlink_to("../more")
    assert [agent.key for agent in load(tmp_path).agents] == ["desk", "more/other"]
    (tmp_path / "agents" / "again").symlink_to(".")
    assert codes(tmp_path) == ["SPEC020"]


def test_a_text_behind_a_symlink_out_of_the_project_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "project", NO_SUCH)
    (tmp_path / "secret.md").write_text("secret", encoding="utf-8")
    (tmp_path / "project" / "prompt.md").symlink_to("../secret.md")
    assert codes(tmp_path / "project") == ["SPEC023"]


def test_a_spec_behind_a_symlink_out_of_the_project_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "project", "name: Desk")
    (tmp_path / "other.yaml").write_text("name: Other", encoding="utf-8")
    (tmp_path / "project" / "agents" / "other.yaml").symlink_to("../../other.yaml")
    assert codes(tmp_path / "project") == ["SPEC020"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_unreadable_files_and_folders_are_problems(tmp_path: Path) -> None:
    write(tmp_path, "name: Desk")
    (tmp_path / "agents" / "desk.yaml").chmod(0)
    (tmp_path / "agents" / "sub").mkdir(mode=0)
    assert codes(tmp_path) == ["SPEC001", "SPEC001"]


@pytest.mark.parametrize(
    ("content", "code", "line", "column"),
    [
        (b"name: D\xc3\xa9sk\ngreeting: a\xffb", "SPEC003", 2, 12),
        (b"name: Desk\ngreeting: a\x00b", "SPEC004", 2, 12),
        (b"name: Desk\ngreeting: a\x1bb", "SPEC004", 2, 12),
        (b'name: Desk\ngreeting: "\\ud800"', "SPEC005", 2, 14),
        (b"name: " + b"x" * 2_000_001, "SPEC002", 1, 1),
    ],
)
def test_what_is_no_text_is_told_with_its_place(
    content: bytes, code: str, line: int, column: int, tmp_path: Path
) -> None:
    (write(tmp_path, "") / "agents" / "desk.yaml").write_bytes(content)
    (problem,) = problems(tmp_path)
    assert problem.position is not None
    assert (problem.code, problem.position.line, problem.position.column) == (code, line, column)


def test_a_text_file_that_is_no_text_is_told_in_that_file(tmp_path: Path) -> None:
    (write(tmp_path, NO_SUCH) / "prompt.md").write_bytes(b"Hello\n\xff")
    (problem,) = problems(tmp_path)
    assert (problem.code, str(problem.position)) == ("SPEC003", "prompt.md:2:1")
    (tmp_path / "prompt.md").write_bytes(b"x" * 1_000_001)
    assert codes(tmp_path) == ["SPEC002"]


def test_a_byte_order_mark_and_windows_line_ends_are_fine(tmp_path: Path) -> None:
    write(tmp_path, "")
    (tmp_path / "agents" / "desk.yaml").write_bytes(
        b"\xef\xbb\xbfname: Desk\r\ngreeting: |\r\n  Hello\r\n  there\r\nsystem_prompt: {file: p.md}\r\n"
    )
    (tmp_path / "agents" / "p.md").write_bytes(b"\xef\xbb\xbfOne\r\nTwo\r\n")
    declared = load(tmp_path).agents[0].declared
    assert declared["greeting"] == "Hello\nthere\n"
    assert declared["system_prompt"] == "One\nTwo\n"


def test_a_text_is_the_same_on_windows_and_on_linux(tmp_path: Path) -> None:
    """git may write the line ends of a checkout as it likes; a carriage return alone is a sign."""
    said = []
    for name, text in {"unix": b"One\n\nTwo\rThree", "windows": b"One\r\n\r\nTwo\rThree"}.items():
        write(tmp_path / name, NO_SUCH)
        (tmp_path / name / "prompt.md").write_bytes(text)
        said.append(load(tmp_path / name).agents[0].declared)
    assert said[0] == said[1]
    assert "One\n\nTwo\rThree" in said[0].values()


def test_a_problem_in_a_text_with_windows_line_ends_is_placed_in_its_line(tmp_path: Path) -> None:
    write(tmp_path, NO_SUCH)
    (tmp_path / "prompt.md").write_bytes(b"One\r\nTwo {{ x\r\n")
    (problem,) = problems(tmp_path)
    assert str(problem.position) == "prompt.md:2:5"


def test_a_file_of_fifty_megabytes_costs_neither_time_nor_memory(tmp_path: Path) -> None:
    write(tmp_path, NO_SUCH)
    for path in (tmp_path / "agents" / "huge.yaml", tmp_path / "prompt.md"):
        with path.open("wb") as file:
            file.truncate(50_000_000)
    started, before = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert sorted(codes(tmp_path)) == ["SPEC002", "SPEC002"]
    assert time.monotonic() - started < 60  # to read them takes minutes
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000


def test_names_that_start_with_a_dot_or_an_underscore_are_left_alone(tmp_path: Path) -> None:
    files = ["agents/.hidden.yaml", "agents/_draft.yaml", "agents/_drafts/x.yaml", "agents/x.md"]
    content = "".join(f"# --- {name}\n- not a spec\n" for name in files)
    write(tmp_path, content + "# --- agents/desk.yml\nname: Desk\n")
    assert [agent.key for agent in load(tmp_path).agents] == ["desk"]
    assert codes(tmp_path) == []


def test_an_ending_in_upper_case_is_told(tmp_path: Path) -> None:
    write(tmp_path, "# --- agents/desk.yaml\nname: Desk\n# --- agents/other.YAML\nname: Other\n")
    assert codes(tmp_path) == ["SPEC111"]


def test_a_file_name_that_is_no_text_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "name: Desk")
    (tmp_path / "agents" / "li\nne.yaml").write_text("name: Line", encoding="utf-8")
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/agents/\xff.yaml")).write_text("name: X")
    found = problems(tmp_path)
    assert [problem.code for problem in found] == ["SPEC018", "SPEC018"]
    assert all(str(problem.position).encode() for problem in found)


def test_specs_may_stand_beside_the_project_file(tmp_path: Path) -> None:
    project = "version: 1\nspecs: .\nenvironments: {sandbox: {api: sandbox}}\n"
    write(tmp_path, "# --- reconciler.yaml\n" + project)
    assert not load(tmp_path).found


def test_a_missing_or_empty_specs_folder_is_not_found_and_no_error(tmp_path: Path) -> None:
    write(tmp_path, "# --- agents/readme.md\nnothing")
    assert not load(tmp_path).found
    (tmp_path / "agents" / "readme.md").unlink()
    (tmp_path / "agents").rmdir()
    assert not load(tmp_path).found
    (tmp_path / "agents").write_text("a file", encoding="utf-8")
    assert not load(tmp_path).found


def test_a_path_that_can_not_be_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(Unreadable):
        Files(tmp_path).text(str(tmp_path / "a\0b"))
