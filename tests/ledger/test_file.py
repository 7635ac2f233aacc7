"""The file itself: permissions, versions, damage."""

import hashlib
import os
import sqlite3
import stat
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from reconciler.errors import ExitCode, LedgerError, Locked
from reconciler.ledger import SqliteLedger
from reconciler.ledger._lock import lock_path
from reconciler.model.ledger import LedgerState
from tests.ledger.samples import a_record, a_run, an_entry, an_intent

# As version 1 wrote it: the document before stands inside the entry.
VERSION_1 = """
PRAGMA journal_mode = WAL;
CREATE TABLE environments (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,
    ledger_id TEXT NOT NULL UNIQUE, salt TEXT NOT NULL, organisation_id TEXT
);
CREATE TABLE agents (
    environment INTEGER NOT NULL REFERENCES environments, key TEXT NOT NULL,
    agent_id TEXT NOT NULL, document TEXT NOT NULL,
    PRIMARY KEY (environment, key), UNIQUE (environment, agent_id)
);
CREATE TABLE intents (
    environment INTEGER NOT NULL REFERENCES environments, key TEXT NOT NULL,
    document TEXT NOT NULL, PRIMARY KEY (environment, key)
);
CREATE TABLE runs (
    number INTEGER PRIMARY KEY, environment INTEGER NOT NULL REFERENCES environments,
    id TEXT NOT NULL, result TEXT, document TEXT NOT NULL, UNIQUE (environment, id)
);
CREATE TABLE entries (
    number INTEGER PRIMARY KEY, environment INTEGER NOT NULL, run_id TEXT NOT NULL,
    key TEXT NOT NULL, agent_id TEXT, action TEXT NOT NULL, result TEXT NOT NULL,
    document TEXT NOT NULL, before TEXT,
    FOREIGN KEY (environment, run_id) REFERENCES runs (environment, id)
);
CREATE INDEX entries_of_run ON entries (environment, run_id);
CREATE INDEX entries_of_key ON entries (environment, key);
CREATE INDEX entries_of_agent ON entries (environment, agent_id);
INSERT INTO environments VALUES (1, 'production', 'ledger-1', 'salt', 'org-1');
INSERT INTO agents VALUES (1, 'a', 'agent-1', '{"agent_id":"agent-1","name":"A","declared":[],
    "sent":{},"answer":{},"lifecycle":{"prevent_destroy":false,"on_remove":"delete","update":null},
    "secrets":{},"computed":[],"read_only":[]}');
INSERT INTO runs VALUES (1, 1, 'run-1', 'done', '{"id":"run-1",
    "started_at":"2026-11-21T10:03:05+00:00","actor":"alice","host":"host7","pid":4242,
    "commit":"abc1234","details":{"pipeline":"17"}}');
INSERT INTO entries VALUES (1, 1, 'run-1', 'a', 'agent-1', 'update', 'done', '{"run_id":"run-1",
    "at":"2026-11-21T10:03:06+00:00","key":"a","action":"update","agent_id":"agent-1",
    "result":"done","fields":[],"error":null}', '{"name":"before","t":1.0}');
INSERT INTO entries VALUES (2, 1, 'run-1', 'a', 'agent-1', 'create', 'done', '{"run_id":"run-1",
    "at":"2026-11-21T10:03:06+00:00","key":"a","action":"create","agent_id":"agent-1",
    "result":"done","fields":[],"error":null}', NULL);
PRAGMA application_id = 1380142668;
PRAGMA user_version = 1;
"""


@pytest.fixture
def old(path: Path) -> Path:
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(VERSION_1)
    return path


def content(path: Path) -> bytes:
    return path.read_bytes()


def version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def altered(path: Path, sql: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(sql)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_reading_what_is_not_there_makes_nothing(path: Path, tmp_path: Path) -> None:
    assert SqliteLedger(path, "production").read() == LedgerState()
    assert SqliteLedger(path, "production").holder() is None
    with pytest.raises(LedgerError, match="no ledger"):
        SqliteLedger(path, "production").forget("a")
    assert list(tmp_path.iterdir()) == []


def test_folder_and_files_are_for_the_owner_alone(path: Path) -> None:
    ledger = SqliteLedger(path, "production")
    with ledger.lock(a_run()):
        ledger.open(None)
        ledger.record(a_record())
        assert mode(path.parent) == 0o700
        files = sorted(path.parent.iterdir())
        assert [file.name for file in files] == [
            "ledger.db",
            "ledger.db-shm",
            "ledger.db-wal",
            "production.lock",
        ]
        assert {mode(file) for file in files} == {0o600}
    assert sorted(file.name for file in path.parent.iterdir()) == ["ledger.db", "production.lock"]


def test_every_environment_has_a_lock_file_of_its_own_inside_the_folder(tmp_path: Path) -> None:
    plain = lock_path(tmp_path, "production")
    assert plain == tmp_path / "production.lock"
    odd = [
        "Production",
        "PRODUCTION",
        "pro/duction",
        "../x",
        "..",
        "",
        ".",
        "a b",
        "a  b",
        "ü",
        "\udc80",
        "a" * 300,
    ]
    odd += [lock_path(tmp_path, name).name.removesuffix(".lock") for name in odd]
    paths = [plain, *(lock_path(tmp_path, name) for name in odd)]
    assert len({str(path).lower() for path in paths}) == len(paths)
    assert {path.parent for path in paths} == {tmp_path}
    for path in paths:
        path.touch()


def test_an_older_ledger_is_read_without_a_write(old: Path) -> None:
    before = content(old)
    ledger = SqliteLedger(old, "production")
    assert ledger.read().records["a"].name == "A"
    assert ledger.runs()[0].run == a_run()
    assert [repr(entry.before) for entry in ledger.run("run-1").entries] == [
        "{'name': 'before', 't': 1.0}",
        "None",
    ]
    assert content(old) == before
    assert version(old) == 1


def test_an_older_ledger_is_brought_up_to_date_by_the_first_write(old: Path) -> None:
    ledger = SqliteLedger(old, "production")
    seen = ledger.read(), ledger.runs(), ledger.run("run-1")
    assert ledger.open(None).ledger_id == "ledger-1"
    assert version(old) == 2
    assert (ledger.read(), ledger.runs(), ledger.run("run-1")) == seen
    assert ledger.damage() == ()
    ledger.remember(an_entry("done", key="b", before={"x": 1}))
    assert len(ledger.run("run-1").entries) == 3


def test_a_migrated_ledger_has_the_tables_of_a_new_one(old: Path, tmp_path: Path) -> None:
    def tables(path: Path) -> list[tuple[str, str]]:
        with closing(sqlite3.connect(path)) as connection:
            rows = connection.execute("SELECT name, sql FROM sqlite_master ORDER BY name")
            return [(name, " ".join((sql or "").split())) for name, sql in rows]

    SqliteLedger(old, "production").open(None)
    SqliteLedger(tmp_path / "new.db", "production").open(None)
    assert tables(old) == tables(tmp_path / "new.db")


def test_a_migration_that_fails_changes_nothing(old: Path) -> None:
    altered(old, "CREATE TABLE documents (mine TEXT)")
    before = content(old)
    with pytest.raises(LedgerError):
        SqliteLedger(old, "production").open(None)
    assert content(old) == before


def _newer(path: Path) -> None:
    SqliteLedger(path, "production").open(None)
    altered(path, "PRAGMA user_version = 99")


def _foreign(path: Path) -> None:
    altered(path, "CREATE TABLE prices (eur INTEGER); PRAGMA user_version = 1")


def _text(path: Path) -> None:
    path.write_text("my own notes")


def _garbage(path: Path) -> None:
    path.write_bytes(b"SQLite format 3\0" + os.urandom(8000))


def _torn(path: Path) -> None:
    SqliteLedger(path, "production").open(None)
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))


def _cut(path: Path) -> None:
    SqliteLedger(path, "production").open(None)
    os.truncate(path, 5000)


@pytest.mark.parametrize(
    ("spoil", "message", "hint"),
    [
        (_newer, "has format 99, and this reconciler knows up to 2", "upgrade"),
        (_foreign, "not a ledger", "move it away"),
        (_text, "is damaged", "put back a copy"),
        (_garbage, "is damaged", "put back a copy"),
        (_torn, "is damaged", "put back a copy"),
        (_cut, "is damaged", "put back a copy"),
    ],
)
def test_a_file_that_is_no_ledger_of_ours_is_refused_and_left_as_it_is(
    path: Path, spoil: Callable[[Path], None], message: str, hint: str
) -> None:
    path.parent.mkdir()
    spoil(path)
    before = hashlib.sha256(content(path)).hexdigest()
    ledger = SqliteLedger(path, "production")
    deeds: list[Callable[[], object]] = [
        ledger.read,
        lambda: ledger.open("org-1"),
        lambda: ledger.record(a_record()),
        ledger.runs,
    ]
    for deed in deeds:
        with pytest.raises(LedgerError, match=message) as refusal:
            deed()
        assert refusal.value.exit_code is ExitCode.FAILED
        assert hint in str(refusal.value.hint)
    assert hashlib.sha256(content(path)).hexdigest() == before


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE agents SET document = '{'",
        "UPDATE agents SET document = '{}'",
        "UPDATE agents SET document = '[]'",
        "UPDATE intents SET document = replace(document, 'create', 'rename')",
        "UPDATE documents SET body = x'00'",
    ],
)
def test_a_row_that_can_not_be_understood_is_damage(
    ledger: SqliteLedger, path: Path, sql: str
) -> None:
    ledger.start(a_run())
    ledger.record(a_record("a"))
    ledger.intend(an_intent("b"))
    ledger.remember(an_entry("done", before={"x": 1}))
    altered(path, sql)
    with pytest.raises(LedgerError, match="is damaged: a row can not be understood"):
        ledger.export()


def test_an_empty_file_is_no_ledger_yet(path: Path) -> None:
    path.parent.mkdir()
    path.touch()
    ledger = SqliteLedger(path, "production")
    assert ledger.read() == LedgerState()
    with pytest.raises(LedgerError, match="there is no ledger in"):
        ledger.record(a_record())
    assert ledger.open(None).has_memory


def test_a_place_that_can_not_be_used_is_an_error_with_a_reason(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    below_a_file = SqliteLedger(tmp_path / "file" / "ledger.db", "production")
    told = []
    for ask in (
        below_a_file.read,
        below_a_file.holder,
        lambda: below_a_file.open(None),
        lambda: below_a_file.lock(a_run()).__enter__(),
    ):
        with pytest.raises(LedgerError, match="it is no folder") as error:
            ask()
        told.append(error.value.message)
    assert set(told) == {f"the ledger can not be kept in {tmp_path / 'file'}: it is no folder"}
    (tmp_path / "folder").mkdir()
    with pytest.raises(LedgerError, match="can not be used: unable to open"):
        SqliteLedger(tmp_path / "folder", "production").read()


def test_a_folder_that_is_a_link_to_nowhere_is_not_a_ledger_that_is_yet_to_be_made(
    tmp_path: Path,
) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "disk that is not there")
    ledger = SqliteLedger(tmp_path / "link" / "ledger.db", "production")
    for look in (ledger.read, ledger.holder):
        with pytest.raises(LedgerError, match="it is no folder"):
            look()


def test_a_lock_file_that_can_not_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "production.lock").mkdir()
    with pytest.raises(LedgerError, match=r"lock file .*production\.lock can not be used: Is a"):
        SqliteLedger(tmp_path / "ledger.db", "production").lock(a_run()).__enter__()


def test_a_ledger_in_a_folder_that_can_not_be_written_can_still_be_read() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "odd ?#% name.db"
        ledger = SqliteLedger(path, "production")
        ledger.open("org-1")
        path.chmod(0o444)
        folder.chmod(0o555)
        child = os.fork()
        if child == 0:
            if os.geteuid() == 0:
                os.setuid(65534)  # root may write everywhere
            try:
                os._exit(0 if ledger.read().organisation_id == "org-1" else 1)
            finally:
                os._exit(2)
        _, status = os.waitpid(child, 0)
        folder.chmod(0o700)
    assert status == 0


def test_a_lock_file_with_another_program_s_words_does_not_hide_the_refusal(path: Path) -> None:
    ledger = SqliteLedger(path, "production")
    with ledger.lock(a_run()):
        lock_path(path.parent, "production").write_text("{}")
        assert ledger.holder() is None
        with pytest.raises(Locked, match="it has only just begun"), ledger.lock(a_run()):
            raise AssertionError


def test_a_forked_child_that_leaves_the_lock_s_block_touches_nothing(path: Path) -> None:
    ledger = SqliteLedger(path, "production")
    child, left_well = -1, False
    try:
        with ledger.lock(a_run()):
            child = os.fork()
            if child:
                _, status = os.waitpid(child, 0)
                assert status == 0
                assert ledger.holder() == a_run()
        left_well = True
    finally:
        if child == 0:
            os._exit(0 if left_well else 1)
    assert ledger.holder() is None


def test_what_must_outlive_the_machine_is_synced_and_the_end_of_the_lock_syncs_the_rest(
    ledger: SqliteLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A power cut can not be had in a test; what SQLite is told before each commit can be seen."""
    said: list[str] = []
    genuine = sqlite3.connect

    def connect(*arguments: Any, **named: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = genuine(*arguments, **named)
        connection.set_trace_callback(said.append)
        return connection

    monkeypatch.setattr(sqlite3, "connect", connect)

    def commits() -> list[str]:
        """The level of each commit since the last look."""
        level, found = "FULL", []
        for statement in said:
            if statement.startswith("PRAGMA synchronous = "):
                level = statement.rpartition(" ")[2]
            elif statement == "COMMIT":
                found.append(level)
        said.clear()
        return found

    ledger.record(a_record("a"))
    assert commits() == ["FULL"]  # without the lock nobody syncs it later
    with ledger.lock(a_run()):
        ledger.start(a_run())
        ledger.intend(an_intent("b"))
        ledger.remember(an_entry("started", before={"x": 1}))
        ledger.record(a_record("b", "agent b"))
        ledger.remember(an_entry("done"))
        assert commits() == ["NORMAL", "FULL", "FULL", "NORMAL", "NORMAL"]
        ledger.finish("run-1", "done")
        assert commits() == ["FULL"]
    assert commits() == []
    with ledger.lock(a_run()), ledger.writing(durable=False) as writer:
        writer.forget("b")
    assert commits() == ["NORMAL", "FULL"]
