"""pydantic's core without its package: less to load, and nobody misses anything."""

import subprocess
import sys
from pathlib import Path

_LOADED = """
import reconciler.lean_core
print([name for name in ("pydantic_core.core_schema", "typing_extensions") if name in sys.modules])
"""

_AFTER_ALL = """
import reconciler.lean_core
import pydantic_core
from pydantic_core import CoreSchema, core_schema
assert CoreSchema is core_schema.CoreSchema is pydantic_core.CoreSchema
assert pydantic_core.from_json is reconciler.lean_core.from_json
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
    assert _printed(_LOADED) == ["[]"]


def test_who_asks_for_them_after_all_finds_the_real_ones() -> None:
    assert _printed(_AFTER_ALL) == ["module 'pydantic_core' has no attribute 'no_such_name'", "7"]


def test_where_it_is_loaded_already_nothing_is_touched() -> None:
    program = (
        "import pydantic_core as loaded; before = dict(vars(loaded)); import reconciler.lean_core"
    )
    same = "vars(loaded) == before, sys.modules['pydantic_core'] is loaded"
    assert _printed(f"{program}; print({same})") == ["True True"]


def test_a_release_that_has_its_core_elsewhere_is_loaded_whole(tmp_path: Path) -> None:
    package = tmp_path / "pydantic_core"
    package.mkdir()
    (package / "__init__.py").write_text("SchemaValidator = ValidationError = from_json = 'REAL'\n")
    assert _printed("from reconciler.lean_core import from_json; print(from_json)", tmp_path) == [
        "REAL"
    ]
