"""A headless Chromium, and how a person uses a page in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from selenium.common.exceptions import StaleElementReferenceException, WebDriverException
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

CHROMIUM = "/usr/bin/chromium"
DRIVER = "/usr/bin/chromedriver"
_ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--window-size=1280,900",
)
_NO_SCRIPTS = {"profile.managed_default_content_settings.javascript": 2}
_PATIENCE_S = 20


class Person:
    """Sees the page as text and controls, and clicks."""

    def __init__(self, chrome: Chrome, base: str) -> None:
        self.chrome = chrome
        self.base = base

    def open(self, path: str = "/") -> None:
        self.chrome.get(self.base + path)

    def log(self) -> list[str]:
        """Return what the browser complained of since it was asked last."""
        entries = self.chrome.execute("getLog", {"type": "browser"})["value"]
        return [entry["message"] for entry in entries]

    def narrow(self, width: int) -> None:
        size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": True}
        self.chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)

    @property
    def width(self) -> int:
        """The width of what is shown, in CSS pixels."""
        metrics = self.chrome.execute_cdp_cmd("Page.getLayoutMetrics", {})
        return int(metrics["cssContentSize"]["width"])

    @property
    def text(self) -> str:
        return self.chrome.find_element(By.TAG_NAME, "body").text

    def control(self, name: str) -> WebElement:
        return self.chrome.find_element(By.ID, name)

    def value(self, name: str) -> str:
        return str(self.control(name).get_property("value") or "")

    def type(self, name: str, text: str) -> None:
        control = self.control(name)
        control.clear()
        control.send_keys(text)

    def append(self, name: str, text: str) -> None:
        self.control(name).send_keys(text)

    def follow(self, link: str) -> None:
        self._leave_by(self.chrome.find_element(By.PARTIAL_LINK_TEXT, link))

    def press(self, button: str) -> None:
        self._leave_by(
            self.chrome.find_element(By.XPATH, f"//button[normalize-space()='{button}']")
        )

    def delete(self, agent: str) -> None:
        row = self.chrome.find_element(By.XPATH, f"//tr[.//a[normalize-space()='{agent}']]")
        self._leave_by(row.find_element(By.PARTIAL_LINK_TEXT, "Delete"))
        self.press("Delete the agent")

    def _leave_by(self, element: WebElement) -> None:
        """Click what leads to another page, and wait until that one is there."""
        body = self.chrome.find_element(By.TAG_NAME, "body")
        element.click()
        WebDriverWait(self.chrome, _PATIENCE_S).until(lambda _: _is_gone(body))


def _is_gone(element: WebElement) -> bool:
    try:
        element.is_displayed()
    except StaleElementReferenceException:
        return True
    except WebDriverException as error:  # what the driver says in the moment of the change
        if "does not belong to the document" in str(error):
            return True
        raise
    return False


@contextmanager
def chromium(profile: Path, *, scripts: bool) -> Iterator[Chrome]:
    options = ChromeOptions()
    options.binary_location = CHROMIUM
    for argument in (*_ARGUMENTS, f"--user-data-dir={profile}"):
        options.add_argument(argument)
    if not scripts:
        options.add_experimental_option("prefs", _NO_SCRIPTS)
    chrome = Chrome(options=options, service=Service(DRIVER))
    try:
        chrome.set_page_load_timeout(_PATIENCE_S)
        yield chrome
    finally:
        chrome.quit()
