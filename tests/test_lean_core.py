"""pydantic's core without the types of its schemas: less to load, and nobody misses anything."""

import subprocess
import sys
from pathlib import Path

_LOADED = """
import reconciler.lean_core, pydantic_core
print('pydantic_core.core_schema' in sys.modules, 'CoreSchema' in vars(pydantic_core))
"""

_AFTER_ALL = """
import reconciler.lean_core
import pydantic_core
from pydantic_core import CoreSchema, core_schema
assert CoreSchema is core_schema.CoreSchema is pydantic_core.CoreSchema
assert pydantic_core.__version__
try:
    pydantic_core.no_such_name
except AttributeError as error:
    print(error)
import pydantic

class Model(pydantic.BaseModel):
    number: int

print(Model(number="7").number)
"""


def _printed(program: str, *before: Path) -> list[str]:
    path = "; ".join(f"sys.path.insert(0, {str(each)!r})" for each in before) or "pass"
    command = [sys.executable, "-c", f"import sys; {path}\n{program}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return done.stdout.splitlines()


def test_the_types_are_not_loaded() -> None:
    assert _printed(_LOADED) == ["False False"]


def test_who_asks_for_them_after_all_finds_the_real_ones() -> None:
    assert _printed(_AFTER_ALL) == ["module 'pydantic_core' has no attribute 'no_such_name'", "7"]


def test_where_they_are_loaded_already_nothing_is_touched() -> None:
    program = (
        "import pydantic_core; before = dict(vars(pydantic_core)); import reconciler.lean_core"
    )
    same = "vars(pydantic_core) == before, 'pydantic_core.core_schema' in sys.modules"
    assert _printed(f"{program}; print({same})") == ["True True"]


def test_a_release_that_needs_them_at_once_gets_them(tmp_path: Path) -> None:
    package = tmp_path / "pydantic_core"
    package.mkdir()
    (package / "core_schema.py").write_text("def made(): return 'real'\nCoreSchema = dict\n")
    (package / "__init__.py").write_text(
        "from .core_schema import CoreSchema, made\n"
        "SchemaValidator = ValidationError = from_json = to_json = made().upper()\n"
    )
    assert _printed("from reconciler.lean_core import from_json; print(from_json)", tmp_path) == [
        "REAL"
    ]
