"""The client against the embedded API, in this process: the whole way of an agent's life."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from reconciler.errors import LiveError
from reconciler.live import ApiClient
from reconciler.model.live import AgentStore
from reconciler.model.values import Document, SecretRef
from reconciler.sandbox import Fault, SandboxOptions, create_app
from tests.live.servers import AGENT_ID

BODY: Document = {
    "name": "Desk",
    "system_prompt": "You work for {{company}}.",
    "greeting": "Hello",
    "language": "en",
    "region": "eu-central",
    "models": {
        "stt": "slng/deepgram/nova:3-en",
        "llm": "groq/openai/gpt-oss-120b",
        "tts": "slng/deepgram/aura:2-en",
        "tts_voice": "aura-2-thalia-en",
    },
    "template_defaults": {"company": "ACME"},
    "tools": [
        {
            "type": "webhook",
            "id": "0b6f1f8e-3c39-4ed0-8b55-5ae2a2c9a001",
            "name": "check_order",
            "description": "Looks up an order",
            "url": "https://crm.example.com/orders",
            "parameters": {"type": "object", "properties": {}},
            "auth": {"type": "bearer", "token": SecretRef("env", "CRM_TOKEN")},
        }
    ],
}


def live(
    folder: Path, scenario: Any, options: SandboxOptions | None = None, **settings: Any
) -> list[Any]:
    """Run a scenario over a sandbox; returns the requests that the sandbox saw."""
    app = create_app(folder / "sandbox.db", options or SandboxOptions())

    async def sleep(_: float) -> None: ...

    settings = {"sleep": sleep, **settings}

    async def main() -> list[Any]:
        async with app.router.lifespan_context(app):
            async with ApiClient(
                "http://sandbox",
                "slng_key_1",
                resolve=lambda _: "token-canary-1",
                app=app,
                **settings,
            ) as client:
                await scenario(client)
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as stage:
                seen: list[Any] = (await stage.get("/_sandbox/requests")).json()
                return seen

    return asyncio.run(main())


@pytest.mark.parametrize("era", ["openapi", "deployed"])
def test_an_agent_is_created_read_changed_and_deleted(tmp_path: Path, era: Any) -> None:
    async def scenario(client: ApiClient) -> None:
        store: AgentStore = client
        assert await store.list_agents() == []
        made = await store.create_agent(
            BODY | ({"tool_mode": "legacy"} if era == "deployed" else {})
        )
        assert made.name == "Desk"
        assert made.organisation_id
        assert made.document["template_defaults"] == {"company": "ACME"}
        assert made.document["tools"][0]["auth"] == {"type": "bearer"}
        assert not {"id", "organisation_id", "template_variables"} & made.document.keys()
        assert await store.get_agent(made.id) == made
        assert await store.list_agents() == [made]
        patched = await store.patch_agent(made.id, {"greeting": "Hi"})
        assert patched.document["greeting"] == "Hi"
        replaced = await store.replace_agent(made.id, BODY | {"greeting": "Good day"})
        assert replaced.document["greeting"] == "Good day"
        assert await store.last_call_at(made.id) is None
        await store.delete_agent(made.id)
        assert await store.get_agent(made.id) is None
        assert await store.list_agents() == []
        await store.delete_agent(made.id)

    live(tmp_path, scenario, SandboxOptions(era=era))


def test_an_id_that_is_no_uuid_is_an_error_and_not_an_absent_agent(tmp_path: Path) -> None:
    async def scenario(client: ApiClient) -> None:
        with pytest.raises(LiveError) as caught:
            await client.get_agent("desk")
        assert caught.value.status == 422

    live(tmp_path, scenario)


def test_a_refused_field_is_named(tmp_path: Path) -> None:
    for era in ("openapi", "deployed"):

        async def scenario(client: ApiClient) -> None:
            with pytest.raises(LiveError) as caught:
                await client.create_agent(BODY | {"greeting": 7, "slng_api_key": "literal"})
            assert set(caught.value.fields) == {"greeting", "slng_api_key"}
            assert "remove `slng_api_key`" in (caught.value.hint or "")
            assert caught.value.request_id

        live(tmp_path, scenario, SandboxOptions(era=era))


def test_the_reference_era_asks_for_the_runtime_key(tmp_path: Path) -> None:
    async def scenario(client: ApiClient) -> None:
        with pytest.raises(LiveError) as caught:
            await client.create_agent(BODY)
        assert "slng_api_key" in caught.value.fields
        assert "declare `slng_api_key" in (caught.value.hint or "")

    live(tmp_path, scenario, SandboxOptions(era="reference"))


def test_a_name_that_is_taken_is_a_clear_conflict(tmp_path: Path) -> None:
    async def scenario(client: ApiClient) -> None:
        await client.create_agent(BODY)
        with pytest.raises(LiveError, match="already exists") as caught:
            await client.create_agent(BODY)
        assert (caught.value.status, caught.value.unclear) == (409, False)

    live(tmp_path, scenario)


def test_a_replace_of_an_agent_that_is_gone_is_an_error(tmp_path: Path) -> None:
    async def scenario(client: ApiClient) -> None:
        for write in (client.replace_agent, client.patch_agent):
            with pytest.raises(LiveError) as caught:
                await write(AGENT_ID, BODY)
            assert caught.value.status == 404

    live(tmp_path, scenario)


@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "error", "garbage", "html"])
def test_a_create_in_trouble_is_sent_once_and_unclear(tmp_path: Path, kind: Any) -> None:
    async def scenario(client: ApiClient) -> None:
        with pytest.raises(LiveError) as caught:
            await client.create_agent(BODY)
        assert caught.value.unclear

    fault = Fault(at=1, kind=kind, method="POST", status=503)
    seen = live(tmp_path, scenario, SandboxOptions(faults=(fault,)))
    assert [request["method"] for request in seen].count("POST") == 1


@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "error"])
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "GET"])
def test_everything_else_in_passing_trouble_is_sent_again(
    tmp_path: Path, kind: Any, method: str
) -> None:
    async def scenario(client: ApiClient) -> None:
        made = await client.create_agent(BODY)
        if method == "PUT":
            await client.replace_agent(made.id, BODY)
        elif method == "PATCH":
            await client.patch_agent(made.id, {"greeting": "Hi"})
        elif method == "DELETE":
            await client.delete_agent(made.id)
        assert len(await client.list_agents()) == (0 if method == "DELETE" else 1)

    fault = Fault(at=1, kind=kind, method=method, status=502)
    seen = live(tmp_path, scenario, SandboxOptions(faults=(fault,)))
    assert [request["method"] for request in seen].count(method) == 2


@pytest.mark.parametrize("kind", ["half_list", "garbage", "html"])
def test_a_spoilt_list_is_read_again_and_never_empty(tmp_path: Path, kind: Any) -> None:
    async def scenario(client: ApiClient) -> None:
        await client.create_agent(BODY)
        assert len(await client.list_agents()) == 1
        with pytest.raises(LiveError):
            await client.list_agents()

    faults = tuple(Fault(at=at, kind=kind, method="GET") for at in (1, *range(3, 9)))
    live(tmp_path, scenario, SandboxOptions(faults=faults))


def test_a_bad_key_is_a_clear_error(tmp_path: Path) -> None:
    async def main() -> None:
        app = create_app(tmp_path / "sandbox.db")
        async with (
            app.router.lifespan_context(app),
            ApiClient("http://sandbox", "invalid-key", resolve=lambda _: None, app=app) as client,
        ):
            with pytest.raises(LiveError, match="Invalid API key") as caught:
                await client.list_agents()
            assert "was not accepted" in (caught.value.hint or "")

    asyncio.run(main())


def test_sixteen_workers_meet_a_rate_limit_once_and_keep_to_it_then(tmp_path: Path) -> None:
    async def scenario(client: ApiClient) -> None:
        queue = iter(range(60))

        async def work() -> None:
            for _ in queue:
                assert await client.get_agent(AGENT_ID) is None

        await asyncio.gather(*(work() for _ in range(16)))

    options = SandboxOptions(rate_limit=20, latency=0.02)
    seen = live(tmp_path, scenario, options, sleep=asyncio.sleep)
    statuses = [request["status"] for request in seen]
    assert statuses.count(404) == 60
    # All that was in flight when the limit was met, and hardly any more: once it was 16 a second.
    assert statuses.count(429) <= 20
