"""Whether a process that once said its name is certainly gone. Known on Linux; elsewhere never."""

import os
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from reconciler.nouns import noun

_PROC = Path("/proc")
# The start time, in clock ticks since the machine started: a field behind the command's name.
_START = 19


@noun
class Process:
    """`machine` is one start of one machine with one process table (containers have their own)."""

    machine: str
    pid: int
    began: str

    @classmethod
    def of(cls, held: dict[str, object] | None) -> "Process | None":
        if held is None:
            return None
        return cls(str(held["machine"]), int(str(held["pid"])), str(held["began"]))

    def document(self) -> dict[str, object]:
        return asdict(self)

    def is_gone(self) -> bool:
        if self.machine != _machine():
            return False
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return True
        except OSError:
            return False  # there is one that is not ours to ask
        # What /proc hides is not gone; another start time is another process.
        return _began(self.pid) not in {self.began, None}


def own() -> Process | None:
    machine, began = _machine(), _began(os.getpid())
    if machine is None or began is None:
        return None
    return Process(machine, os.getpid(), began)


def _machine() -> str | None:
    with suppress(OSError):
        boot = (_PROC / "sys/kernel/random/boot_id").read_text("ascii").strip()
        return f"{boot} {(_PROC / 'self/ns/pid').readlink()}"
    return None


def _began(pid: int) -> str | None:
    try:
        status = (_PROC / str(pid) / "stat").read_text("utf-8", "replace")
    except OSError:
        return None
    fields = status.rpartition(")")[2].split()
    # A killed process that nobody has buried yet does nothing any more.
    return "ended" if fields[0] in "ZX" else fields[_START]
