"""A Chromium for these tests. `.ci/chromium` installs it; on CI they never skip."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome

from tests.browser.browser import CHROMIUM, DRIVER, Person, chromium
from tests.sandbox.served import Served, serve

_MISSING = [path for path in (CHROMIUM, DRIVER) if not Path(path).exists()]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if not _MISSING or os.environ.get("CI"):
        return
    reason = f"needs {' and '.join(_MISSING)}: run .ci/chromium"
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with serve(tmp_path) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def chrome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    with chromium(tmp_path_factory.mktemp("profile"), scripts=True) as browser:
        yield browser


@pytest.fixture
def person(served: Served, chrome: Chrome) -> Iterator[Person]:
    chrome.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    yield Person(chrome, served.url)
    chrome.get("about:blank")  # no connection is left that the server would wait for


@pytest.fixture
def person_without_scripts(
    served: Served, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Person]:
    with chromium(tmp_path_factory.mktemp("profile"), scripts=False) as browser:
        yield Person(browser, served.url)
