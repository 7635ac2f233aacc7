from __future__ import annotations

import subprocess
import sys
import uuid
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from subprocess import PIPE

import pytest

from reconciler.sandbox.store import Store
from tests.sandbox.api import Api, agent

_OPENER = """
import sys
from pathlib import Path
from reconciler.sandbox.store import Store
print("ready", flush=True)
for line in sys.stdin:
    try:
        Store(Path(line.strip())).close()
    except Exception as error:
        print(error, flush=True)
    else:
        print("opened", flush=True)
"""


def test_a_create_waits_for_the_write_of_another_process_and_sees_it(
    api: Api, database: Path
) -> None:
    made = api.create()
    other = Store(database)
    row = other.agent(made["id"])
    assert row is not None
    document = row.record.document | {"name": "taken"}
    theirs = replace(row.record, id=str(uuid.uuid4()), document=document)
    with ThreadPoolExecutor(1) as pool:
        with other.writing():
            ours = pool.submit(api.call, "POST", "/v1/agents", agent(name="taken"))
            wait([ours], timeout=0.2)  # it can not end while the other one holds the file
            other.insert(theirs, era="none", answer="")
        assert ours.result().status_code == 409
    other.close()


def test_a_write_that_fails_leaves_nothing_behind(api: Api, database: Path) -> None:
    made = api.create()
    store = Store(database)
    row = store.agent(made["id"])
    assert row is not None
    changed = replace(row.record, document=row.record.document | {"name": "changed"})

    def write() -> None:
        with store.writing():
            store.update(changed, era="none", answer="")
            raise LookupError

    with pytest.raises(LookupError):
        write()
    store.close()
    assert api.list() == [made]


def test_a_new_file_may_be_opened_by_processes_at_once(tmp_path: Path) -> None:
    with ExitStack() as stack:
        command = [sys.executable, "-c", _OPENER]
        start = partial(subprocess.Popen[str], text=True, stdin=PIPE, stdout=PIPE)
        openers = [stack.enter_context(start(command)) for _ in range(4)]
        answers = [_line(opener) for opener in openers]
        for number in range(60):
            for opener in openers:
                _say(opener, f"{tmp_path / str(number)}.db")
            answers += [_line(opener) for opener in openers]
        for opener in openers:
            opener.communicate()
    assert set(answers) == {"ready\n", "opened\n"}


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def _say(process: subprocess.Popen[str], text: str) -> None:
    assert process.stdin is not None
    process.stdin.write(f"{text}\n")
    process.stdin.flush()
