"""A browser without a screen: it reads forms off a page and sends them as browsers do."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlencode

import httpx

from reconciler.sandbox import SandboxOptions
from tests.sandbox.api import Api

BASE = "http://127.0.0.1:8750"
KEY = {"authorization": "Bearer sandbox"}


class Visitor(Api):
    """Visits the page of a sandbox, whose own API calls are those of the project's key."""

    def __init__(self, database: Path, options: SandboxOptions | None = None) -> None:
        super().__init__(database, options)

    def send(
        self,
        method: str,
        path: str,
        form: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
                kind = {"content-type": "application/x-www-form-urlencoded"}
                content = None if form is None else urlencode(form).encode()
                return await client.request(
                    method, path, content=content, headers=kind | (headers or {})
                )

        return asyncio.run(send())

    def see(self, path: str = "/_sandbox/") -> Seen:
        response = self.send("GET", path)
        assert response.status_code == 200, response.text
        return Seen.of(response)

    def agent_page(self, agent_id: str) -> Seen:
        return self.see(page_of(agent_id))

    def submit(self, form: Form, **typed: str) -> Seen:
        """Send a form, and follow where it leads."""
        response = self.send("POST", form.action, form.sent(**typed), {"origin": BASE})
        if response.status_code == 303:
            return self.see(response.headers["location"])
        return Seen.of(response)

    def edit(self, agent_id: str, **typed: str) -> Seen:
        return self.submit(self.agent_page(agent_id).form(page_of(agent_id)), **typed)


def page_of(agent_id: str) -> str:
    return f"/_sandbox/page/agents/{agent_id}"


@dataclass
class Form:
    action: str
    values: dict[str, str] = field(default_factory=dict)

    def sent(self, **typed: str) -> dict[str, str]:
        """Return what a browser sends; a box is unticked by typing nothing into it."""
        merged = self.values | {name.replace("__", "."): text for name, text in typed.items()}
        unticked = [name.replace("__", ".") for name, text in typed.items() if not text]
        boxes = {"enable_interruptions", "idle_nudges.enabled"}
        return {
            name: re.sub(r"\r\n|\r|\n", "\r\n", text)
            for name, text in merged.items()
            if not (name in boxes and name in unticked)
        }


@dataclass
class Seen:
    status: int
    html: str
    forms: list[Form]
    text: str
    headers: httpx.Headers
    address: str

    @classmethod
    def of(cls, response: httpx.Response) -> Seen:
        reader = _Reader()
        # What browsers do before they read anything else.
        reader.feed(re.sub(r"\r\n|\r", "\n", response.text).replace("\0", "\ufffd"))
        text = " ".join(" ".join(reader.texts).split())
        path = response.url.raw_path.decode()
        return cls(response.status_code, response.text, reader.forms, text, response.headers, path)

    def form(self, action: str) -> Form:
        return next(form for form in self.forms if form.action == action)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.texts: list[str] = []
        self._area: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(given["action"]))
        elif tag == "input" and "name" in given:
            self._keep(given)
        elif tag == "textarea":
            self._area = given["name"]
            self.forms[-1].values[self._area] = ""

    def _keep(self, given: dict[str, str]) -> None:
        if given.get("type") == "checkbox":
            if "checked" in given:
                self.forms[-1].values[given["name"]] = "on"
            return
        value = given.get("value", "")
        if given.get("type") != "hidden":
            value = value.replace("\n", "")
        self.forms[-1].values[given["name"]] = value

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._area is not None:
            text = self.forms[-1].values[self._area]
            self.forms[-1].values[self._area] = text.removeprefix("\n")
            self._area = None

    def handle_data(self, data: str) -> None:
        if self._area is None:
            self.texts.append(data)
        else:
            self.forms[-1].values[self._area] += data
