"""A process of its own for the tests of locks and kills: `python -m tests.ledger.worker DEED …`.

It says what it did, line by line, on standard output, and goes on when it gets a line.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from reconciler.errors import Locked
from reconciler.ledger import SqliteLedger
from tests.ledger.samples import a_record, a_run, an_entry, an_intent


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def hold(path: Path, actor: str, offspring: str = "") -> None:
    """Take the lock and keep it until a line comes; with children, if asked for."""
    ledger = SqliteLedger(path, "production")
    sys.stdin.readline()
    try:
        with ledger.lock(replace(a_run(f"run of {actor}", actor=actor), pid=os.getpid())):
            _bear(offspring)
            say("held")
            sys.stdin.readline()
    except Locked as refusal:
        say(refusal.message)


def _bear(offspring: str) -> None:
    if offspring == "started":
        subprocess.Popen(["cat"], close_fds=False, stdout=subprocess.DEVNULL)
    if offspring == "forked" and os.fork() == 0:
        sys.stdin.read()
        os._exit(0)


def take_turns(path: Path, actor: str, trace: str) -> None:
    """Ask for the lock until it is given; write down when it came and went."""
    sys.stdin.readline()
    ledger = SqliteLedger(path, "production")
    while True:
        try:
            with ledger.lock(a_run(f"run of {actor}", actor=actor)), Path(trace).open("a") as log:
                log.write(f"{actor} in\n")
                log.flush()
                ledger.open(None)
                ledger.record(a_record(actor, f"agent of {actor}"))
                log.write(f"{actor} out\n")
        except Locked:
            continue
        return


def write(path: Path, actor: str) -> None:
    """Write without end, saying what is certainly kept."""
    ledger = SqliteLedger(path, "production")
    with ledger.lock(a_run(actor=actor)):
        say("open " + str(ledger.open(None).ledger_id))
        ledger.start(a_run(actor=actor))
        number = 0
        while True:
            number += 1
            key = f"k{number}"
            ledger.intend(an_intent(key))
            say(f"intent {key}")
            ledger.remember(an_entry("done", key=key, before={"prompt": key * 1000}))
            say(f"history {key}")
            ledger.record(a_record(key, f"agent {key}"))
            say(f"record {key}")
            ledger.record(a_record(f"moved {key}", f"agent {key}"), replaces=key)
            say(f"move {key}")


def begin(folder: Path, _actor: str) -> None:
    """Make one new ledger after the other."""
    number = 0
    while True:
        number += 1
        SqliteLedger(folder / f"{number}" / "ledger.db", "production").open(None)
        say(str(number))


def opened(path: Path, actor: str) -> None:
    """Open one file together with others, each for an environment of its own."""
    sys.stdin.readline()
    ledger = SqliteLedger(path, actor)
    ledger_id = ledger.open(None).ledger_id
    for number in range(20):
        ledger.record(a_record(f"{number}", f"agent {number}"))
    say(str(ledger_id))


def read(path: Path, _actor: str) -> None:
    """Read a hundred times beside a writer; every state must be whole."""
    for _ in range(100):
        state = SqliteLedger(path, "production").read()
        both = {key for key in state.records if f"moved {key}" in state.records}
        if both or len({r.agent_id for r in state.records.values()}) != len(state.records):
            say(f"torn: {both}")
    say("read")


if __name__ == "__main__":
    deeds: dict[str, Callable[..., None]] = {
        "hold": hold,
        "turns": take_turns,
        "write": write,
        "begin": begin,
        "opened": opened,
        "read": read,
    }
    deed, place, *rest = sys.argv[1:]
    deeds[deed](Path(place), *rest)
