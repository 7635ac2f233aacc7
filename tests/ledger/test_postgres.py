"""A real PostgreSQL: sessions that die, tables of other versions, URLs that lead nowhere."""

import subprocess
import sys
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import psycopg
import pytest

from reconciler.errors import LedgerError, Locked
from reconciler.ledger._postgres.ledger import PostgresLedger
from reconciler.model.ledger import LedgerState
from tests.ledger.samples import a_record, a_run, an_entry, an_intent

ROOT = Path(__file__).parents[2]
# Takes the lock, says so, and waits to be killed.
HOLDER = """
import sys
from reconciler.ledger._postgres.ledger import PostgresLedger
from tests.ledger.samples import a_record, a_run
ledger = PostgresLedger(sys.argv[1], "production")
with ledger.lock(a_run(actor="alice")):
    ledger.open("org-1")
    ledger.record(a_record("kept"))
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def url(databases: Callable[[], str]) -> str:
    return databases()


@pytest.fixture
def ledger(url: str) -> PostgresLedger:
    ledger = PostgresLedger(url, "production")
    ledger.open("org-1")
    return ledger


def did(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement.encode())


def tables(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_tables WHERE schemaname = 'reconciler'"
        ).fetchone()
        return int(row[0]) if row else 0


def test_reading_makes_no_tables(url: str) -> None:
    ledger = PostgresLedger(url, "production")
    assert ledger.read() == LedgerState()
    assert ledger.holder() is None
    assert ledger.runs() == ()
    with pytest.raises(LedgerError, match="no ledger for environment production"):
        ledger.record(a_record())
    assert tables(url) == 0


def test_many_that_open_at_once_find_one_ledger(url: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        states = list(
            pool.map(lambda _: PostgresLedger(url, "production").open("org-1"), range(16))
        )
    assert len({state.ledger_id for state in states}) == 1
    assert tables(url) == 8


def test_of_many_at_once_one_holds_and_the_others_hear_who(url: str) -> None:
    def claimed(number: int) -> str:
        try:
            with PostgresLedger(url, "production").lock(a_run(f"r{number}", actor=f"user{number}")):
                barrier.wait(10)
                return "held"
        except Locked as refusal:
            barrier.wait(10)
            return refusal.message

    barrier = Barrier(8)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(claimed, range(8)))
    winner = answers.index("held")
    assert answers.count("held") == 1
    assert sum(f"user{winner} on host7" in answer for answer in answers) == 7


def test_the_lock_goes_with_a_killed_holder_and_what_it_wrote_stays(url: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, url],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as worker:
        assert worker.stdout
        assert worker.stdout.readline() == "held\n"
        ledger = PostgresLedger(url, "production")
        with pytest.raises(Locked, match="alice on host7"), ledger.lock(a_run("run-2")):
            raise AssertionError
        worker.kill()
    for _ in range(50):
        if ledger.holder() is None:
            break
    with ledger.lock(a_run("run-2")):
        assert ledger.holder() == a_run("run-2")
        assert list(ledger.read().records) == ["kept"]


def test_a_session_that_was_ended_writes_no_more(ledger: PostgresLedger, url: str) -> None:
    other = PostgresLedger(url, "production")
    with ledger.lock(a_run()):
        ledger.record(a_record("a", "1"))
        assert other.unlock() == a_run()
        for _ in range(3):
            with pytest.raises(LedgerError):
                ledger.record(a_record("b", "2"))
        with other.lock(a_run("run-2")), pytest.raises(LedgerError, match=r"lock .* was lost"):
            ledger.record(a_record("b", "2"))
    assert list(other.read().records) == ["a"]
    assert other.unlock() is None
    with ledger.lock(a_run("run-3")):
        ledger.record(a_record("b", "2"))


def test_a_row_that_can_not_be_understood_is_damage(ledger: PostgresLedger, url: str) -> None:
    ledger.start(a_run())
    ledger.record(a_record("a"))
    ledger.intend(an_intent("b"))
    ledger.remember(an_entry("done", before={"x": 1}))
    assert ledger.damage() == ()
    did(url, "UPDATE reconciler.documents SET body = '\\x00'")
    with pytest.raises(LedgerError, match="is damaged: a row can not be understood"):
        ledger.export()
    assert ledger.damage()


def test_tables_of_a_newer_version_are_refused_and_left_alone(
    ledger: PostgresLedger, url: str
) -> None:
    did(url, "UPDATE reconciler.format SET version = 99")
    for deed in (ledger.read, ledger.runs, lambda: ledger.open("x"), lambda: ledger.forget("a")):
        with pytest.raises(LedgerError, match="have format 99, and this reconciler knows up to 1"):
            deed()
    with pytest.raises(LedgerError, match="format 99"), ledger.lock(a_run()):
        raise AssertionError


def test_a_write_that_fails_leaves_nothing_half_done(ledger: PostgresLedger, url: str) -> None:
    did(url, "ALTER TABLE reconciler.agents ADD CHECK (key <> 'bad')")
    with pytest.raises(LedgerError, match="can not be used") as error:
        ledger.record_all([(a_record("good", "1"), None), (a_record("bad", "2"), None)])
    assert ledger.read().records == {}
    assert "thalia" not in str(error.value)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_a_server_that_is_not_there_is_named_without_the_password(scheme: str) -> None:
    ledger = PostgresLedger(f"{scheme}://me:canary@127.0.0.1:1/db", "production")
    with pytest.raises(LedgerError, match=r"PostgreSQL at 127\.0\.0\.1:1/db can not") as error:
        ledger.read()
    assert "canary" not in str(error.value)


@pytest.mark.parametrize(
    "url", ["mysql://me:canary@host/db", "canary", "", "postgresql://h:canary/"]
)
def test_a_url_of_something_else_is_refused_without_being_shown(url: str) -> None:
    with pytest.raises(LedgerError, match="is not one of PostgreSQL") as error:
        PostgresLedger(url, "production")
    assert "canary" not in "".join(traceback.format_exception(error.value))
