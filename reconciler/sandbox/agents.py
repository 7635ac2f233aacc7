"""The endpoints under /v1/agents that read and write agents (API.md 2.1, 4)."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Container
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from reconciler.sandbox import clock, documents, rules
from reconciler.sandbox.answers import answer_text
from reconciler.sandbox.bodies import AgentDuplicate
from reconciler.sandbox.documents import Document
from reconciler.sandbox.errors import ApiError, no_agent
from reconciler.sandbox.parsing import agent_body, agent_id_of
from reconciler.sandbox.requests import Sandbox, written
from reconciler.sandbox.sealing import digest
from reconciler.sandbox.store import Record, Row


class Agents:
    def __init__(self, sandbox: Sandbox) -> None:
        self._store = sandbox.store
        self._era = sandbox.era
        self._key_rule = sandbox.options.runtime_key_rule

    def routes(self) -> list[BaseRoute]:
        one = "/v1/agents/{agent_id}"
        return [
            Route("/v1/agents", self.list, methods=["GET"]),
            Route("/v1/agents", self.create, methods=["POST"]),
            Route(one, self.show, methods=["GET"]),
            Route(one, self.put, methods=["PUT"]),
            Route(one, self.patch, methods=["PATCH"]),
            Route(one, self.delete, methods=["DELETE"]),
            Route(f"{one}/duplicate", self.duplicate, methods=["POST"]),
        ]

    async def list(self, request: Request) -> Response:
        rows = self._store.agents(request.state.organisation)
        return written(f"[{','.join(self._answer(row) for row in rows)}]")

    async def create(self, request: Request) -> Response:
        body, key = agent_body(await request.body(), self._era.create, self._key_rule)
        document = documents.created(body, self._era)
        sent = {*body.model_fields_set, "region"}
        rules.check(document, self._era, sent=sent, before=None)
        with self._store.writing():
            return written(self._added(request.state.organisation, document, key), 201)

    async def show(self, request: Request) -> Response:
        return written(self._answer(self._found(request)))

    async def put(self, request: Request) -> Response:
        agent_id_of(request.path_params["agent_id"])
        body, key = agent_body(await request.body(), self._era.replace, self._key_rule)
        return self._changed(
            request,
            lambda before: documents.replaced(before, body, self._era),
            sent=body.model_fields_set,
            key=key,
        )

    async def patch(self, request: Request) -> Response:
        agent_id_of(request.path_params["agent_id"])
        raw = await request.body()
        body, key = agent_body(raw, self._era.update, self._key_rule, partial=True)
        return self._changed(
            request,
            lambda before: documents.patched(before, body, self._era),
            sent=body.model_fields_set,
            key=key,
        )

    async def delete(self, request: Request) -> Response:
        with self._store.writing():
            record = self._found(request).record
            moment = clock.now()
            self._save(replace(record, deleted_at=moment, updated_at=moment))
        return Response(status_code=204)

    async def duplicate(self, request: Request) -> Response:
        agent_id_of(request.path_params["agent_id"])
        body, key = agent_body(await request.body(), AgentDuplicate, self._key_rule)
        with self._store.writing():
            original = self._found(request).record
            document = documents.duplicated(original.document, body.name, self._era)
            return written(self._added(original.organisation, document, key), 201)

    def _changed(
        self,
        request: Request,
        change: Callable[[Document], Document],
        *,
        sent: Container[str],
        key: str | None,
    ) -> Response:
        with self._store.writing():
            row = self._found(request)
            before = row.record
            document = change(before.document)
            rules.check(document, self._era, sent=sent, before=before.document)
            self._refuse_conflicts(before.organisation, document, besides=before.id)
            kept = digest(before.id, key) if key is not None else before.runtime_key
            after = replace(before, document=document, runtime_key=kept)
            if _same(before, after):
                return written(self._answer(row))
            return written(self._save(replace(after, updated_at=clock.now())))

    def _added(self, organisation: str, document: Document, key: str | None) -> str:
        agent_id, moment = str(uuid.uuid4()), clock.now()
        self._refuse_conflicts(organisation, document, besides=agent_id)
        record = Record(
            id=agent_id,
            organisation=organisation,
            document=document,
            runtime_key=None if key is None else digest(agent_id, key),
            created_at=moment,
            updated_at=moment,
        )
        text = answer_text(record, self._era)
        self._store.insert(record, era=self._era.name, answer=text)
        return text

    def _save(self, record: Record) -> str:
        text = answer_text(record, self._era)
        self._store.update(record, era=self._era.name, answer=text)
        return text

    def _refuse_conflicts(self, organisation: str, document: Document, *, besides: str) -> None:
        name, trunk = document["name"], document["sip_inbound_trunk_id"]
        if self._store.name_is_taken(organisation, name, besides=besides):
            message = f"Agent with name '{name}' already exists"
            raise ApiError(409, message, code="AGENT_NAME_CONFLICT")
        if trunk is not None and self._store.trunk_is_taken(organisation, trunk, besides=besides):
            raise ApiError(409, f"Inbound trunk '{trunk}' is assigned to another agent")

    def _found(self, request: Request) -> Row:
        agent_id = agent_id_of(request.path_params["agent_id"])
        row = self._store.agent(agent_id, request.state.organisation)
        if row is None:
            raise no_agent()
        return row

    def _answer(self, row: Row) -> str:
        return row.answer_of(self._era.name) or answer_text(row.record, self._era)


def _same(before: Record, after: Record) -> bool:
    def compared(record: Record) -> Any:
        # As text: to Python 1, 1.0 and True are equal, in JSON they are not.
        return record.runtime_key, json.dumps(record.document, sort_keys=True)

    return bool(compared(before) == compared(after))
