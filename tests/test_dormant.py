"""A package that is dormant is run when somebody asks it for something, and is the same then."""

import subprocess
import sys
from pathlib import Path

_PACKAGES = {
    "heavy/__init__.py": "print('runs')\nfrom heavy.part import NUMBER\nOWN = NUMBER + 1\n",
    "heavy/part.py": "print('part')\nNUMBER = 1\n",
    "slow/__init__.py": "import time\nFIRST = 1\ntime.sleep(0.2)\nLAST = 2\n",
    "sick/__init__.py": "raise RuntimeError('as ever')\n",
    "outer/__init__.py": "",
    "outer/inner/__init__.py": "print('runs')\nOWN = 3\n",
    "outer/inner/part.py": "NUMBER = 2\n",
}


def _printed(folder: Path, program: str) -> list[str]:
    for name, content in _PACKAGES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    start = f"import sys; sys.path.insert(0, {str(folder)!r})"
    command = [sys.executable, "-c", f"{start}\nfrom reconciler.dormant import dormant\n{program}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return done.stdout.splitlines()


def test_a_part_is_loaded_without_its_package(tmp_path: Path) -> None:
    program = "dormant('heavy'); from heavy.part import NUMBER; import heavy; print(NUMBER)"
    assert _printed(tmp_path, program) == ["part", "1"]


def test_who_asks_for_what_the_package_has_wakes_it_once(tmp_path: Path) -> None:
    program = "dormant('heavy'); import heavy.part as part, heavy; print(heavy.OWN, heavy.OWN); "
    program += "print(heavy.part is part, type(heavy) is type(sys))"
    assert _printed(tmp_path, program) == ["part", "runs", "2 2", "True True"]


def test_what_it_has_not_is_an_error_as_ever(tmp_path: Path) -> None:
    program = (
        "dormant('heavy')\ntry:\n from heavy import colour\nexcept ImportError as e: print(e.name)"
    )
    assert _printed(tmp_path, program) == ["runs", "part", "heavy"]


def test_it_is_an_attribute_of_the_package_above(tmp_path: Path) -> None:
    program = "dormant('outer.inner'); import outer.inner.part; print(outer.inner.part.NUMBER)\n"
    program += "print(outer.inner.OWN)"
    assert _printed(tmp_path, program) == ["2", "runs", "3"]


def test_one_that_is_there_already_stays_and_one_that_is_not_is_no_error(tmp_path: Path) -> None:
    program = "import heavy; before = dict(vars(heavy)); dormant('heavy'); dormant('no_such')\n"
    program += "print(sys.modules['heavy'] is heavy, vars(heavy) == before)"
    assert _printed(tmp_path, program) == ["runs", "part", "True True"]


def test_who_asks_while_it_wakes_waits_as_with_any_import(tmp_path: Path) -> None:
    program = """
from threading import Thread
dormant('slow')
import slow
found = []
askers = [Thread(target=lambda: found.append((slow.LAST, slow.FIRST))) for _ in range(4)]
for each in askers: each.start()
for each in askers: each.join()
print(found)
"""
    assert _printed(tmp_path, program) == [str([(2, 1)] * 4)]


def test_one_that_can_not_wake_says_why_each_time(tmp_path: Path) -> None:
    program = """
dormant('sick')
for _ in range(2):
    try:
        from sick import OWN
    except RuntimeError as error:
        print(error)
"""
    assert _printed(tmp_path, program) == ["as ever", "as ever"]
