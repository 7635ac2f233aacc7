"""Specs that strangers broke: each is told with its place, its code, and what to do.

A file of `corpus/` says first which codes it `expects` and what the messages must say, and then
shows the files of a project, in which «» stand around what is to be marked. By convention a
mapping, a list and a null are marked at their key, and what is missing at the key of the mapping
that lacks it, or at the start of that mapping.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from reconciler.cli.boundary import run
from reconciler.specs import explain
from tests.specs.project_folder import write

CORPUS = sorted((Path(__file__).parent / "corpus").glob("*.txt"))
_MARK = re.compile("«([^»]*)»")
_REPEATED = re.compile(r"<(\d+) times (.+?)>")
_STANDS_FOR = {"<tab>": "\t", "<NUL>": "\0", "<byte FF>": "?"}
_HEADER = re.compile(r"^# --- (\S+)\n", re.MULTILINE)
_FOREIGN = re.compile(
    r"(?i)pydantic|ruamel|jsonschema|traceback|input should|extra inputs|type=|_type\b"
    r"|under any of the given schemas|while (?:parsing|scanning)|NoneType|\bdict\b|\bstr\b"
)


@dataclass(frozen=True)
class Broken:
    codes: list[str]
    says: list[str]
    falls_short: str | None
    files: str

    @property
    def places(self) -> list[tuple[str, int, int]]:
        """File, line and column of all marks."""
        parts = _HEADER.split(self.files)
        return [
            place
            for name, content in zip(parts[1::2], parts[2::2], strict=True)
            for place in _places(name, _expanded(content))
        ]


def _expanded(content: str) -> str:
    for name, character in _STANDS_FOR.items():
        content = content.replace(name, character)
    return _REPEATED.sub(lambda found: int(found[1]) * found[2], content)


def _places(name: str, content: str) -> list[tuple[str, int, int]]:
    places = []
    for mark in _MARK.finditer(content):
        before = re.sub("[«»]", "", content[: mark.start()])
        places.append((name, before.count("\n") + 1, len(before) - before.rfind("\n")))
    return places


def broken(path: Path) -> Broken:
    head, separator, files = path.read_text(encoding="utf-8").partition("# --- ")
    said = [line.partition(": ") for line in head.splitlines()]
    told: dict[str, list[str]] = {"expects": [], "says": [], "falls short": []}
    for name, _, value in said:
        told[name].append(value)
    short = told["falls short"][0] if told["falls short"] else None
    return Broken(told["expects"][0].split(), told["says"], short, separator + files)


@pytest.fixture(params=CORPUS, ids=lambda path: path.stem)
def case(request: pytest.FixtureRequest) -> Broken:
    return broken(request.param)


def validated(folder: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[dict[str, Any]]]:
    code = run(["-C", str(folder), "validate", "--format", "json"])
    document = json.loads(capsys.readouterr().out)
    found = document["problems"] if "problems" in document else [document["error"]]
    return code, [each for each in found if each.get("severity", "error") == "error"]


def test_a_newcomer_is_told_where_and_what(
    case: Broken,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    request: pytest.FixtureRequest,
) -> None:
    if case.falls_short:
        request.applymarker(pytest.mark.xfail(reason=case.falls_short, strict=True))
    write(tmp_path, _MARK.sub(r"\1", case.files))
    code, problems = validated(tmp_path, capsys)
    assert code == 4
    found = [
        ((at := each["position"])["file"], at["line"], at["column"], each["code"])
        for each in problems
    ]
    places = [(*place, code) for place, code in zip(case.places, case.codes, strict=True)]
    assert list(dict.fromkeys(found)) == sorted(places)
    words = " ".join(f"{each['message']} {each.get('hint') or ''}" for each in problems)
    assert [each for each in case.says if each not in words] == []
    assert _FOREIGN.search(words) is None
    for each in problems:
        assert explain(each["code"])


def test_every_message_says_what_to_do(
    case: Broken, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By a hint, or because the message itself names the limit."""
    write(tmp_path, _MARK.sub(r"\1", case.files))
    _, problems = validated(tmp_path, capsys)
    for each in problems:
        told = ("at least", "at most")
        assert each.get("hint") or any(words in each["message"] for words in told), each


def test_the_corpus_is_large() -> None:
    assert len(CORPUS) >= 230
