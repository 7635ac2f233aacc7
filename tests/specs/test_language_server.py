"""An editor completes, documents and checks specs by our schema (issue 3)."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.specs.language_server import LanguageServer, NoServerError, command, running

ROOT = Path(__file__).parents[2]
SCHEMAS = ROOT / "schemas"
EXAMPLES = sorted((ROOT / "examples").glob("**/agents/**/*.yaml"))
PROJECTS = sorted((ROOT / "examples").glob("**/reconciler.yaml"))


@dataclass(frozen=True)
class Document:
    """A document in the editor; `|` in the text that was opened is where the cursor stands."""

    server: LanguageServer
    uri: str
    diagnostics: list[dict[str, Any]]
    line: int
    column: int

    @property
    def offered(self) -> dict[str, dict[str, Any]]:
        return self.server.completions(self.uri, self.line, self.column)

    @property
    def hover(self) -> str:
        return self.server.hover(self.uri, self.line, self.column)


class Editor:
    def __init__(self, server: LanguageServer, folder: Path) -> None:
        self.server = server
        self.folder = folder
        self.opened = 0

    def open(self, text: str, schema: str = "agent") -> Document:
        """A new file, with the line that names its schema on top, as `init` writes it."""
        self.opened += 1
        path = self.folder / f"{self.opened}.yaml"
        head = f"# yaml-language-server: $schema={SCHEMAS / f'{schema}.schema.json'}\n"
        before, _, after = text.partition("|")
        lines = (head + before).split("\n")
        diagnostics = self.server.open(path.as_uri(), head + before + after)
        return Document(self.server, path.as_uri(), diagnostics, len(lines) - 1, len(lines[-1]))


@pytest.fixture(scope="module")
def editor(
    pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Editor]:
    assert pytestconfig.cache is not None
    cache = pytestconfig.cache.mkdir("language-server")
    folder = tmp_path_factory.mktemp("editor")
    try:
        command(cache)
    except NoServerError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))
    with running(cache, folder) as server:
        yield Editor(server, folder)


def test_the_types_of_tools_are_offered(editor: Editor) -> None:
    offered = editor.open("name: Desk\ntools:\n  - type: |\n").offered
    assert offered.keys() >= {"template", "built_in", "webhook", "human_transfer"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tools:\n  - type: template\n    template: |\n", {"hangup", "voicemail_detection"}),
        ("tools:\n  - type: built_in\n    built_in: |\n", {"current_datetime"}),
        (
            "tools:\n  - type: webhook\n    http_method: |\n",
            {"POST", "PUT", "PATCH", "DELETE"},
        ),
        ("tools:\n  - type: webhook\n    auth:\n      type: |\n", {"bearer", "hmac"}),
        ("enable_interruptions: |\n", {"true", "false"}),
        ("lifecycle:\n  on_remove: |\n", {"keep", "delete"}),
    ],
)
def test_the_values_of_a_closed_field_are_offered(
    text: str, expected: set[str], editor: Editor
) -> None:
    assert editor.open(text).offered.keys() >= expected


@pytest.mark.parametrize(
    ("text", "field", "told"),
    [
        ("name: Desk\ngree|", "greeting", "What it says first."),
        ("name: Desk\nmodels:\n  tts_v|", "tts_voice", "voice"),
        ("name: Desk\ntools:\n  - type: webhook\n    timeo|", "timeout_seconds", "How long"),
        ("name: Desk\nlifecycle:\n  prev|", "prevent_destroy", ""),
        ("name: Desk\nenvironments:\n  staging:\n    gree|", "greeting", "What it says first."),
        ("name: Desk\nidle_nudges:\n  first|", "first_nudge_text", ""),
    ],
)
def test_names_of_fields_are_offered_with_their_documentation(
    text: str, field: str, told: str, editor: Editor
) -> None:
    item = editor.open(text).offered[field]
    documentation = item["documentation"]
    words = documentation if isinstance(documentation, str) else documentation["value"]
    assert words
    assert told in words


@pytest.mark.parametrize(
    ("text", "field", "line"),
    [
        ("name: Desk\ngreting: Hello\n", "greting", 2),
        ("name: Desk\nmodels:\n  tts_voise: x\n", "tts_voise", 3),
        ("tools:\n  - type: template\n    template: hangup\n    promt: x\n", "promt", 4),
        ("environments:\n  staging:\n    greting: x\n", "greting", 3),
    ],
)
def test_a_misspelt_field_is_reported_where_it_stands(
    text: str, field: str, line: int, editor: Editor
) -> None:
    found = editor.open(text).diagnostics
    assert [(each["range"]["start"]["line"], field in each["message"]) for each in found] == [
        (line, True)
    ]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("enable_interruptions: yes please\n", "boolean"),
        ("tools:\n  - type: template\n    template: hang_up\n", "hangup"),
        ("lifecycle: {on_remove: forget}\n", "keep"),
    ],
)
def test_a_wrong_value_is_reported(text: str, value: str, editor: Editor) -> None:
    found = editor.open(text).diagnostics
    assert len(found) == 1
    assert value in found[0]["message"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("gree|ting: Hello\n", "What it says first"),
        ("models:\n  tts_v|oice: x\n", "voice"),
        ("tools:\n  - type: template\n    temp|late: hangup\n", ""),
        ("tools:\n  - type: webhook\n    name: x\n    time|out_seconds: 5\n", "How long"),
    ],
)
def test_a_field_under_the_mouse_is_described(text: str, told: str, editor: Editor) -> None:
    hover = editor.open(text).hover
    assert hover
    assert told in hover


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_example_is_accepted_as_it_stands(path: Path, editor: Editor) -> None:
    assert editor.server.open(path.as_uri(), path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", PROJECTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_project_file_is_accepted_as_it_stands(path: Path, editor: Editor) -> None:
    assert editor.server.open(path.as_uri(), path.read_text(encoding="utf-8")) == []


def test_the_keys_of_the_project_file_are_offered_and_checked(editor: Editor) -> None:
    document = editor.open(
        "version: 1\non_drift: |\nenvironments: {a: {api: sandbox}}\n", "project"
    )
    assert document.offered.keys() >= {"revert", "leave", "stop"}
    wrong = editor.open(
        "version: 1\nenvironments: {a: {api: sandbox}}\non_drfit: stop\n", "project"
    )
    assert ["on_drfit" in each["message"] for each in wrong.diagnostics] == [True]
