"""One agent: look at it, change it, copy it, delete it after a question."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from reconciler.sandbox.agents import Agents
from reconciler.sandbox.answers import answer_text
from reconciler.sandbox.errors import ApiError, no_agent
from reconciler.sandbox.page.complaints import NONE, Complaints, complaints_of, overtaken
from reconciler.sandbox.page.edits import edit_of, fingerprint, patch_of
from reconciler.sandbox.page.fields import FIELDS, SECTIONS
from reconciler.sandbox.page.forms import Forms, api_request
from reconciler.sandbox.page.guard import STAGE
from reconciler.sandbox.page.rendering import html
from reconciler.sandbox.page.speech import for_people, notice_of, sent_on
from reconciler.sandbox.requests import Sandbox

_ALL = f"{STAGE}/page/agents/"
_ONE = f"{_ALL}{{agent_id}}"
_CONFLICT = 409
_RUNTIME_KEY = "made-up-by-the-page"  # the reference era asks for one with each agent

Agent = dict[str, Any]


class AgentView:
    def __init__(self, sandbox: Sandbox, agents: Agents) -> None:
        self._sandbox = sandbox
        self._api = agents
        self._forms = Forms()

    def routes(self) -> list[BaseRoute]:
        return [
            Route(_ONE, for_people(self.show), methods=["GET"]),
            Route(_ONE, for_people(self.save), methods=["POST"]),
            Route(f"{_ONE}/copy", for_people(self.copy), methods=["POST"]),
            Route(f"{_ONE}/delete", for_people(self.ask), methods=["GET"]),
            Route(f"{_ONE}/delete", for_people(self.delete), methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        return self._page(self._found(request), notice=notice_of(request))

    async def save(self, request: Request) -> Response:
        form = await self._forms.read(request)
        agent = self._found(request)
        edit = edit_of(form, agent)
        if edit.overtaken:
            return self._page(agent, edit.typed, overtaken(edit.overtaken), _CONFLICT)
        if not edit.typed:
            return sent_on(f"{_ALL}{agent['id']}", "unchanged")
        try:
            await self._api.patch(api_request("PATCH", agent, patch_of(edit, agent)))
        except ApiError as refusal:
            return self._page(agent, edit.typed, complaints_of(refusal), refusal.status)
        return sent_on(f"{_ALL}{agent['id']}", "saved", tuple(edit.typed))

    async def copy(self, request: Request) -> Response:
        form = await self._forms.read(request)
        agent = self._found(request)
        body = {"name": form.get("copy_name", "")}
        if self._sandbox.options.runtime_key_rule == "required":
            body["slng_api_key"] = _RUNTIME_KEY
        try:
            made = await self._api.duplicate(api_request("POST", agent, body))
        except ApiError as refusal:
            complaints = complaints_of(refusal)
            return self._page(agent, body, complaints, refusal.status, copying=True)
        return sent_on(f"{_ALL}{json.loads(bytes(made.body))['id']}", "copied")

    async def ask(self, request: Request) -> Response:
        agent = self._found(request)
        return html("delete.html", agent=agent, token=self._forms.token)

    async def delete(self, request: Request) -> Response:
        await self._forms.read(request)
        await self._api.delete(api_request("DELETE", self._found(request)))
        return sent_on(f"{STAGE}/", "deleted")

    def _found(self, request: Request) -> Agent:
        row = self._sandbox.store.agent(request.path_params["agent_id"].lower())
        if row is None:
            raise no_agent()
        era = self._sandbox.era
        agent: Agent = json.loads(row.answer_of(era.name) or answer_text(row.record, era))
        return agent

    def _page(
        self,
        agent: Agent,
        typed: Mapping[str, str] | None = None,
        complaints: Complaints = NONE,
        status: int = 200,
        *,
        copying: bool = False,
        notice: Mapping[str, Any] | None = None,
    ) -> Response:
        """Return the form: what was typed where it was refused, else what is stored."""
        texts = {control.path: control.shown(agent) for control in FIELDS}
        return html(
            "agent.html",
            status,
            agent=agent,
            sections=SECTIONS,
            was={control.path: fingerprint(control, texts[control.path]) for control in FIELDS},
            texts=texts if copying else texts | dict(typed or {}),
            copy_name=(typed or {})["name"] if copying else f"{agent['name']} copy",
            copying=copying,
            complaints=complaints,
            regions=sorted(self._sandbox.era.regions),
            token=self._forms.token,
            json=json.dumps(agent, indent=2, ensure_ascii=False),
            tools=[_tool(tool) for tool in agent["tools"] or ()],
            **(notice or {"done": "", "changed": []}),
        )


def _tool(tool: Mapping[str, Any]) -> dict[str, str]:
    name = tool.get("name") or tool.get("built_in") or tool.get("template") or tool.get("id")
    text = json.dumps(tool, indent=2, ensure_ascii=False)
    return {"name": str(name), "type": str(tool.get("type")), "json": text}
