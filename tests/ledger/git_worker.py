"""A process of its own for the git ledger's tests: `python -m tests.ledger.git_worker DEED CLONE …`.

It says what it did, line by line, on standard output, and goes on when it gets a line.
"""

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from reconciler.errors import Locked
from reconciler.ledger._git.lease import Timing
from reconciler.ledger._git.ledger import GitLedger
from tests.ledger.samples import a_record, a_run, an_entry, an_intent


def opened(clone: Path) -> GitLedger:
    timing = Timing(batch=0.2, beat=0.4)
    return GitLedger(clone, "production", now=lambda: datetime.now(UTC), timing=timing)


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def hold(clone: Path, actor: str) -> None:
    """Take the lock and keep it until a line comes."""
    ledger = opened(clone)
    sys.stdin.readline()
    try:
        with ledger.lock(replace(a_run(f"run of {actor}", actor=actor), pid=os.getpid())):
            say("held")
            sys.stdin.readline()
    except Locked as refusal:
        say(refusal.message)


def race(clone: Path, actor: str, rounds: str) -> None:
    """Apply as often as asked, each time until the lock is given; say what must be kept."""
    ledger = opened(clone)
    sys.stdin.readline()
    for number in range(int(rounds)):
        key, run_id = f"{actor}/{number}", f"{actor}-{number}"
        while True:
            try:
                with ledger.lock(a_run(run_id, actor=actor)):
                    ledger.open("org-1")
                    ledger.start(a_run(run_id, actor=actor))
                    ledger.intend(an_intent(key))
                    ledger.record(a_record(key, f"agent {key}"))
                    ledger.remember(an_entry("done", key=key, run_id=run_id))
                    ledger.finish(run_id, "done")
            except Locked:
                continue
            break
        say(f"{key}")


def scribble(clone: Path, actor: str, rounds: str) -> None:
    """Write without the lock, beside whoever has it."""
    ledger = opened(clone)
    sys.stdin.readline()
    for number in range(int(rounds)):
        ledger.record(a_record(f"{actor}/{number}", f"agent of {actor} {number}"))
        say(f"{actor}/{number}")


def write(clone: Path, actor: str) -> None:
    """Write without end, saying what is certainly kept."""
    ledger = opened(clone)
    with ledger.lock(a_run(actor=actor)):
        say("open " + str(ledger.open(None).ledger_id))
        ledger.start(a_run(actor=actor))
        number = 0
        while True:
            number += 1
            key = f"k{number}"
            ledger.intend(an_intent(key))
            say(f"intent {key}")
            ledger.remember(an_entry("done", key=key, before={"prompt": key * 100}))
            say(f"history {key}")
            ledger.record(a_record(key, f"agent {key}"))
            ledger.flush()
            say(f"record {key}")


if __name__ == "__main__":
    deeds: dict[str, Callable[..., None]] = {
        "hold": hold,
        "race": race,
        "scribble": scribble,
        "write": write,
    }
    deed, place, *rest = sys.argv[1:]
    deeds[deed](Path(place), *rest)
