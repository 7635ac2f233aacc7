from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest

from reconciler.sandbox import SandboxOptions
from tests.program import KEY, Api, Checkout, serving

Era = Literal["reference", "openapi", "deployed"]


@pytest.fixture(params=["reference", "openapi", "deployed"])
def era(request: pytest.FixtureRequest) -> Era:
    chosen: Era = request.param
    return chosen


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    """The API of the OpenAPI description."""
    with serving(tmp_path / "api.db", SandboxOptions()) as served:
        yield served


@pytest.fixture
def any_api(tmp_path: Path, era: Era) -> Iterator[Api]:
    """Each era of the API in turn."""
    with serving(tmp_path / "api.db", SandboxOptions(era=era)) as served:
        yield served


@pytest.fixture
def repo(tmp_path: Path, api: Api, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    monkeypatch.setenv("SLNG_API_KEY", KEY)
    return Checkout(tmp_path / "repo", {"api": api.url, "api_key": {"env": "SLNG_API_KEY"}})


@pytest.fixture
def any_repo(tmp_path: Path, any_api: Api, era: Era, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    """A repo for each era; the oldest wants a runtime key with every write."""
    monkeypatch.setenv("SLNG_API_KEY", KEY)
    monkeypatch.setenv("RUNTIME_KEY", "slng_runtime_key_canary")
    environment: dict[str, object] = {
        "api": any_api.url,
        "api_key": {"env": "SLNG_API_KEY"},
    }
    if era == "reference":
        environment["overrides"] = {"slng_api_key": {"env": "RUNTIME_KEY"}}
    return Checkout(tmp_path / "repo", environment)
