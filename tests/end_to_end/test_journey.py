"""Create, update, rename, reset, delete, converge: in all three eras of the API."""

import json
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from reconciler.sandbox import create_app
from tests.end_to_end.conftest import Era
from tests.program import KEY, Api, Checkout, serving_app

WRITABLE = {
    "name",
    "system_prompt",
    "greeting",
    "inbound_greeting",
    "outbound_greeting",
    "language",
    "region",
    "models",
    "idle_nudges",
    "enable_interruptions",
    "tools",
    "sip_inbound_trunk_id",
    "sip_outbound_trunk_id",
    "template_defaults",
    "runtime_variables",
}
TRUNK = "3f1c9a52-7a60-4f2e-9a35-0a6f8b1a7c11"


def test_a_spec_becomes_an_agent_and_the_next_plan_is_one_request(
    any_api: Api, any_repo: Checkout
) -> None:
    any_repo.spec("desk")
    assert any_repo.apply().code == 0
    assert set(any_api.agents()) == {"Desk"}

    later = any_api.since()
    said = any_repo.run("plan", "--detailed-exitcode")
    assert said.code == 0, said.out
    assert "No changes. 1 agent is as its spec says." in said.out
    assert later.requests() == [("GET", "/v1/agents")]


def test_a_changed_greeting_is_one_put_of_the_whole_writable_document(
    any_api: Api, any_repo: Checkout
) -> None:
    any_repo.spec("desk")
    any_repo.spec("other")
    any_repo.apply()
    any_repo.spec("desk", greeting="Good morning!")

    later = any_api.since()
    assert any_repo.apply().code == 0
    assert later.writes() == ["PUT"]
    (body,) = later.bodies("PUT")
    # An agent in shared mode owns its tools itself: the API refuses them in a PUT.
    own_tools = {"tools"} if any_api.agents()["Desk"].get("tool_mode") == "shared" else set()
    assert body.keys() >= WRITABLE - own_tools
    assert body["greeting"] == "Good morning!"
    assert any_api.agents()["Desk"]["greeting"] == "Good morning!"


def test_a_removed_spec_is_one_delete(any_api: Api, any_repo: Checkout) -> None:
    any_repo.spec("desk")
    any_repo.spec("other")
    any_repo.apply()
    any_repo.remove("other")

    later = any_api.since()
    assert any_repo.apply().code == 0
    assert later.writes() == ["DELETE"]
    assert set(any_api.agents()) == {"Desk"}


def test_a_rename_keeps_the_agent(any_api: Api, any_repo: Checkout) -> None:
    any_repo.spec("desk")
    any_repo.apply()
    before = any_api.agents()["Desk"]["id"]
    any_repo.spec("desk", name="Front desk")
    (change,) = any_repo.plan()["changes"]
    assert (change["action"], change["name_from"], change["name"]) == (
        "update",
        "Desk",
        "Front desk",
    )
    assert any_repo.apply().code == 0
    assert {name: a["id"] for name, a in any_api.agents().items()} == {"Front desk": before}


def test_two_agents_swap_their_names(any_api: Api, any_repo: Checkout) -> None:
    any_repo.spec("a", name="Anna")
    any_repo.spec("b", name="Bert")
    any_repo.apply()
    ids = {name: agent["id"] for name, agent in any_api.agents().items()}
    any_repo.spec("a", name="Bert")
    any_repo.spec("b", name="Anna")
    said = any_repo.apply()
    assert said.code == 0, said.out + said.err
    swapped = {name: agent["id"] for name, agent in any_api.agents().items()}
    assert swapped == {"Anna": ids["Bert"], "Bert": ids["Anna"]}
    assert any_repo.plan()["changes"] == []


def test_a_field_no_longer_declared_goes_back_to_its_default(
    any_api: Api, any_repo: Checkout
) -> None:
    any_repo.spec("desk", enable_interruptions=False, template_defaults={"who": "you"})
    any_repo.apply()
    any_repo.spec("desk")
    (change,) = any_repo.plan()["changes"]
    assert [(f["path"], f["reset"]) for f in change["fields"]] == [
        (["enable_interruptions"], True),
        (["template_defaults", "who"], True),
    ]
    assert any_repo.apply().code == 0
    agent = any_api.agents()["Desk"]
    assert agent["enable_interruptions"] is True
    assert "who" not in agent["template_variables"]
    assert any_repo.plan()["changes"] == []


def test_nudges_no_longer_declared_are_the_apis_own_again(any_api: Api, any_repo: Checkout) -> None:
    any_repo.spec("plain")
    any_repo.spec("desk", idle_nudges=NUDGES)
    any_repo.apply()
    any_repo.spec("desk")
    assert any_repo.apply().code == 0
    agents = any_api.agents()
    assert agents["Desk"]["idle_nudges"] == agents["Plain"]["idle_nudges"]
    assert any_repo.plan()["changes"] == []


NUDGES = {
    "first_nudge_text": "Hello?",
    "second_nudge_text": "Hello??",
    "final_hangup_text": "Bye.",
}


def test_what_the_dashboard_set_and_the_spec_does_not_declare_survives(
    any_api: Api, any_repo: Checkout
) -> None:
    any_repo.spec("desk")
    any_repo.apply()
    nudges = {**any_api.agents()["Desk"]["idle_nudges"], "first_nudge_text": "Anybody there?"}
    any_api.click(
        "Desk",
        sip_inbound_trunk_id=TRUNK,
        inbound_greeting="Welcome, caller.",
        idle_nudges=nudges,
    )
    any_repo.spec("desk", greeting="Good morning!")
    assert any_repo.apply().code == 0
    agent = any_api.agents()["Desk"]
    assert agent["greeting"] == "Good morning!"
    assert agent["sip_inbound_trunk_id"] == TRUNK
    assert agent["inbound_greeting"] == "Welcome, caller."
    assert agent["idle_nudges"] == nudges


def test_drift_is_shown_and_git_wins(any_api: Api, any_repo: Checkout) -> None:
    any_repo.spec("desk")
    any_repo.apply()
    any_api.click("Desk", greeting="Changed by hand")

    drift = any_repo.run("drift", "--format", "json")
    assert drift.code == 2
    (agent,) = drift.json["agents"]
    assert agent["status"] == "drifted"
    assert [f["path"] for f in agent["fields"]] == [["greeting"]]

    (change,) = any_repo.plan()["changes"]
    assert [(f["path"], f["origin"]) for f in change["fields"]] == [(["greeting"], "drift")]
    assert any_repo.apply().code == 0
    assert any_api.agents()["Desk"]["greeting"] == "Hello!"
    assert any_repo.run("drift").code == 0


def test_a_language_change_asks_for_the_computed_nudges_again(
    any_api: Api, any_repo: Checkout
) -> None:
    any_repo.spec("german", language="de")
    any_repo.spec("desk")
    any_repo.apply()
    any_repo.spec("desk", language="de")
    assert any_repo.apply().code == 0
    agents = any_api.agents()
    assert agents["Desk"]["idle_nudges"] == agents["German"]["idle_nudges"]
    assert any_repo.plan()["changes"] == []


def test_every_tool_variant_round_trips(any_repo: Checkout, any_api: Api, era: Era) -> None:
    extra = {"tool_mode": "legacy"} if era == "deployed" else {}
    any_repo.spec("desk", sip_outbound_trunk_id=TRUNK, tools=TOOLS, **extra)
    said = any_repo.apply()
    assert said.code == 0, said.out + said.err
    assert len(any_api.agents()["Desk"]["tools"]) == len(TOOLS)
    assert any_repo.plan()["changes"] == []
    any_repo.spec("desk", sip_outbound_trunk_id=TRUNK, tools=TOOLS[::-1], **extra)
    assert any_repo.plan()["changes"] == []


TOOLS: list[dict[str, Any]] = [
    {"type": "template", "template": "hangup", "prompt": "Hang up after goodbye."},
    {"type": "template", "template": "voicemail_detection"},
    {"type": "built_in", "built_in": "current_datetime", "timezone": "Europe/Berlin"},
    {
        "type": "built_in",
        "built_in": "current_datetime",
        "source": "system",
        "system": {"triggers": [{"event": "call_start"}]},
    },
    {
        "type": "webhook",
        "name": "check_order",
        "description": "Look an order up.",
        "url": "https://crm.example.com/orders",
        "parameters": {"type": "object", "properties": {"number": {"type": "string"}}},
        "timeout_seconds": 7,
    },
    {
        "type": "webhook",
        "name": "report",
        "description": "Report the call.",
        "url": "https://crm.example.com/calls",
        "parameters": {"type": "object"},
        "source": "system",
        "webhook_format": "raw",
        "system": {
            "triggers": [
                {"event": "call_end"},
                {"event": "tool_failed", "source_tool": "check_order"},
            ],
            "arguments": [
                {"name": "id", "type": "string", "source": {"type": "call_id"}},
                {
                    "name": "said",
                    "type": "transcript_messages",
                    "source": {"type": "transcript_messages"},
                },
            ],
        },
    },
    {
        "type": "human_transfer",
        "name": "to_desk",
        "phone_number": "+4930901820",
        "execution_policy": {"pre_action_message": {"enabled": True, "text": "One moment."}},
    },
]


@pytest.mark.parametrize("auth", [("bearer", "token"), ("hmac", "secret")])
def test_a_webhook_secret_is_sent_with_every_put_and_shown_nowhere(
    any_repo: Checkout,
    any_api: Api,
    monkeypatch: pytest.MonkeyPatch,
    auth: tuple[str, str],
    era: Era,
) -> None:
    kind, key = auth
    canary = "canary-7f3e.*%41(ü)"
    monkeypatch.setenv("CRM_TOKEN", canary)
    extra = {"tool_mode": "legacy"} if era == "deployed" else {}
    tool = {**TOOLS[4], "auth": {"type": kind, key: {"env": "CRM_TOKEN"}}}
    any_repo.spec("desk", tools=[tool], **extra)
    said = [any_repo.apply()]
    any_repo.spec("desk", tools=[tool], greeting="Good morning!", **extra)
    said.append(any_repo.run("plan", "--out", str(any_repo.folder / "saved.json")))
    later = any_api.since()
    said.append(any_repo.apply("--format", "json"))
    assert [s.code for s in said] == [0, 0, 0]
    (body,) = later.bodies("PUT")
    assert body["tools"][0]["auth"][key] == canary
    assert not any(canary in s.out + s.err for s in said)
    assert canary not in (any_repo.folder / "saved.json").read_text()
    for path in (any_repo.folder / ".reconciler").iterdir():
        assert canary.encode() not in path.read_bytes()


def test_a_rotated_secret_is_a_change_and_an_unset_one_is_not(
    repo: Checkout, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_TOKEN", "first-value")
    tool = {**TOOLS[4], "auth": {"type": "bearer", "token": {"env": "CRM_TOKEN"}}}
    repo.spec("desk", tools=[tool])
    repo.apply()
    assert repo.plan()["changes"] == []
    monkeypatch.setenv("CRM_TOKEN", "second-value")
    (change,) = repo.plan()["changes"]
    assert [(f["path"], f["secret"], f["before"], f["after"]) for f in change["fields"]] == [
        (["tools", "check_order", "auth", "token"], True, None, {"env": "CRM_TOKEN"})
    ]
    assert "(secret) changed" in repo.run("plan").out
    assert repo.apply().code == 0
    monkeypatch.delenv("CRM_TOKEN")
    plan = repo.plan()
    assert plan["changes"] == []
    assert any("not checked: CRM_TOKEN is not set" in w for w in plan["warnings"])


def test_a_missing_secret_fails_before_the_first_write(repo: Checkout, api: Api) -> None:
    repo.spec("plain")
    tool = {**TOOLS[4], "auth": {"type": "bearer", "token": {"env": "NOT_SET_ANYWHERE"}}}
    repo.spec("desk", tools=[tool])
    said = repo.apply()
    assert said.code == 4
    assert "NOT_SET_ANYWHERE" in said.err
    assert api.agents() == {}


def test_the_runtime_key_of_another_era_is_explained(
    repo: Checkout, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLNG_RUNTIME", "a-runtime-key-value")
    repo.spec("desk", slng_api_key={"env": "SLNG_RUNTIME"})
    said = repo.apply()
    assert said.code == 1
    assert "slng_api_key" in said.out
    assert "remove" in said.out
    assert "a-runtime-key-value" not in said.out + said.err


def test_a_region_that_the_api_accepts_and_does_not_change_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLNG_API_KEY", KEY)
    ignoring = IgnoresRegion(create_app(tmp_path / "api.db"))
    with serving_app(ignoring) as api:
        repo = Checkout(tmp_path / "repo", {"api": api.url, "api_key": {"env": "SLNG_API_KEY"}})
        repo.spec("desk")
        assert repo.apply().code == 0
        repo.spec("desk", region="us-east")
        said = repo.apply("--format", "json")
        assert said.code == 1
        (change,) = said.json["changes"]
        assert change["result"] == "failed"
        assert "not taken: region" in change["error"]
        (again,) = repo.plan()["changes"]
        assert [f["path"] for f in again["fields"]] == [["region"]]
        assert [f["origin"] for f in again["fields"]] == ["git"]


class IgnoresRegion:
    """An API that answers 200 to a new region and keeps the old one."""

    def __init__(self, app: Starlette) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "PUT":
            await self.app(scope, receive, send)
            return
        body = json.loads(await Request(scope, receive).body())
        text = json.dumps({**body, "region": "eu-central"}).encode()
        headers = [(k, v) for k, v in scope["headers"] if k != b"content-length"]
        headers.append((b"content-length", str(len(text)).encode()))

        async def replaced() -> Message:
            return {"type": "http.request", "body": text}

        await self.app({**scope, "headers": headers}, replaced, send)


def test_a_lost_ledger_duplicates_nothing(any_repo: Checkout, any_api: Api, tmp_path: Path) -> None:
    any_repo.spec("desk")
    any_repo.apply()
    for path in (any_repo.folder / ".reconciler").glob("ledger.db*"):
        path.unlink()
    plan = any_repo.plan()
    assert plan["memory"] is False
    assert [c["action"] for c in plan["changes"]] == ["adopt"]
    later = any_api.since()
    assert any_repo.apply().code == 0
    assert later.writes() == []
    assert len(any_api.agents()) == 1


def test_adopting_an_agent_that_differs_asks_first(repo: Checkout, api: Api) -> None:
    repo.spec("desk")
    repo.apply()
    for path in (repo.folder / ".reconciler").glob("ledger.db*"):
        path.unlink()
    repo.spec("desk", greeting="Mine now")
    later = api.since()
    said = repo.apply()
    assert said.code == 3
    assert "--allow-adopt 1" in said.out + said.err
    assert later.writes() == []
    assert repo.apply("--allow-adopt", "1").code == 0
    assert api.agents()["Desk"]["greeting"] == "Mine now"
