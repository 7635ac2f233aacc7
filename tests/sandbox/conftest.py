from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.sandbox import SandboxOptions
from tests.sandbox.api import Api
from tests.sandbox.pages import Visitor


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "sandbox.db"


@pytest.fixture
def api(database: Path) -> Api:
    return Api(database)


@pytest.fixture
def deployed(database: Path) -> Api:
    return Api(database, SandboxOptions(era="deployed"))


@pytest.fixture
def reference(database: Path) -> Api:
    return Api(database, SandboxOptions(era="reference"))


@pytest.fixture
def visitor(database: Path) -> Visitor:
    return Visitor(database)
