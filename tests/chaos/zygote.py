"""Processes to kill, warm: `python -m tests.chaos.zygote` imports everything once and forks.

One JSON object a line comes in, an apply to make in a process of its own; one goes out, how that
process ended: by a signal or with an exit code.
"""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from tests.chaos.client import applied
from tests.chaos.dying import Countdown, MortalTransport, mortal_commits


def child(order: dict[str, Any]) -> int:
    step, countdown = order["step"], Countdown(order["at"], order["when"])
    never = Countdown()
    transport = MortalTransport(countdown if step == "request" else never)
    with mortal_commits(countdown if step == "commit" else never):
        ended = asyncio.run(
            applied(Path(order["folder"]), order["url"], order["secrets"], transport=transport)
        )
    return ended.code


def main() -> None:
    for line in sys.stdin:
        process = os.fork()
        if process == 0:
            os._exit(child(json.loads(line)))
        status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        sys.stdout.write(f"{json.dumps(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
