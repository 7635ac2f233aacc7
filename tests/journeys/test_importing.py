"""`import`: specs for agents that other hands made, and nothing of anyone's is touched."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from reconciler import workflow
from reconciler.errors import Refused, SpecsInvalid, UsageError
from reconciler.journeys.importing import ImportRequest, import_agents
from reconciler.model.values import SecretRef
from reconciler.specs import load_specs, validate
from reconciler.workflow import Request, Site
from tests.fakes import SilentProgress
from tests.journeys.importing_world import PROJECT, World, agent, new_run

TOOL = "11111111-2222-4333-8444-55555555555"
LONG = "You are the desk.\n\n- Be kind.\n- Be brief.\n- Never guess.\n- Say ${price} as it is."


def webhook(name: str = "check_order", **more: Any) -> dict[str, Any]:
    return {
        "type": "webhook",
        "id": f"{TOOL}0",
        "name": name,
        "description": "Looks an order up.",
        "url": "https://crm.example.com/orders",
        "parameters": {"type": "object", "properties": {"number": {"type": "string"}}},
        **more,
    }


@pytest.fixture
def world(tmp_path: Any) -> World:
    return World(tmp_path)


def errors(world: World) -> list[str]:
    async def act(site: Site) -> list[str]:
        return [str(p) for p in validate(site.loaded) if p.severity == "error"]

    return world.run(act)


def test_an_imported_agent_is_adopted_and_the_next_plan_is_empty(world: World) -> None:
    world.create(agent("Front Desk"))
    report = world.import_()
    assert [(each.key, each.error) for each in report.agents] == [("front-desk", None)]
    plan = world.plan()
    assert plan.memory
    assert plan.changes == ()
    assert plan.unchanged == ("front-desk",)
    assert errors(world) == []


def test_documented_defaults_are_left_out(world: World) -> None:
    world.create(agent("Front Desk", enable_interruptions=True, tools=[], runtime_variables=[]))
    world.import_()
    assert world.read("agents/front-desk.yaml") == (
        "name: Front Desk\n"
        "language: en\n"
        "region: eu-central\n"
        "system_prompt: Help the caller.\n"
        "greeting: Hello!\n"
        "\n"
        "models:\n"
        "  stt: deepgram/nova-3\n"
        "  llm: groq/openai/gpt-oss-120b\n"
        "  tts: slng/aura-2\n"
        "  tts_voice: aura-2-thalia-en\n"
    )


@pytest.mark.parametrize("prompt", [LONG, f"{LONG}\n", f"{LONG}\r{LONG}\n\n", "x" * 400])
def test_a_long_prompt_is_a_file_byte_for_byte(world: World, prompt: str) -> None:
    world.create(agent("Front Desk", system_prompt=prompt))
    world.import_()
    assert world.read("prompts/front-desk.md") == prompt.replace("${", "$${")
    assert "{file: ../prompts/front-desk.md}" in world.read("agents/front-desk.yaml")
    assert world.plan().changes == ()


@pytest.mark.parametrize("prompt", [f"\ufeff{LONG}\x07", LONG.replace("\n", "\r\n")])
def test_a_prompt_that_no_text_file_can_hold_stays_in_the_spec(world: World, prompt: str) -> None:
    world.create(agent("Front Desk", system_prompt=prompt))
    world.import_()
    assert world.files() == {"reconciler.yaml", "agents/front-desk.yaml"}
    assert world.plan().changes == ()


def test_a_secret_becomes_a_reference_with_a_name_of_its_own(world: World) -> None:
    world.secrets["T"] = "the-secret-token"
    tools = [
        webhook(auth={"type": "bearer", "token": SecretRef("env", "T")}),
        webhook(
            "check-order", id=f"{TOOL}1", auth={"type": "hmac", "secret": SecretRef("env", "T")}
        ),
        webhook(
            "check__order", id=f"{TOOL}2", auth={"type": "bearer", "token": SecretRef("env", "T")}
        ),
    ]
    world.create(agent("Front Desk", tools=tools))
    report = world.import_()
    assert report.agents[0].secrets == (
        ("FRONT_DESK_CHECK_ORDER_TOKEN", "tools.check_order.auth.token"),
        ("FRONT_DESK_CHECK_ORDER_SECRET", "tools.check-order.auth.secret"),
        ("FRONT_DESK_CHECK_ORDER_TOKEN_2", "tools.check__order.auth.token"),
    )
    spec = world.read("agents/front-desk.yaml")
    assert "token: {env: FRONT_DESK_CHECK_ORDER_TOKEN}  # " in spec
    plan = world.plan()
    assert plan.changes == ()
    assert sum("FRONT_DESK" in warning for warning in plan.warnings) == 3
    assert not any("the-secret-token" in world.read(name) for name in world.files())


def test_an_invented_variable_is_never_one_in_use(world: World) -> None:
    name = "FRONT_DESK_CHECK_ORDER_TOKEN"
    world.write(
        "reconciler.yaml",
        "version: 1\nenvironments:\n  sandbox: {api: sandbox}\n"
        f"  other: {{api: 'https://api.example.com', api_key: {{env: {name}}}}}\n",
    )
    world.secrets["T"] = "x"
    auth = {"type": "bearer", "token": SecretRef("env", "T")}
    world.create(agent("Front Desk", tools=[webhook(auth=auth)]))
    assert world.import_().agents[0].secrets[0][0] == f"{name}_2"


def test_agents_never_share_an_invented_variable(world: World) -> None:
    world.secrets["T"] = "x"
    auth = {"type": "bearer", "token": SecretRef("env", "T")}
    world.create(
        agent("Desk", tools=[webhook("new_order", auth=auth)]),
        agent("Desk new", tools=[webhook("order", auth=auth)]),
    )
    names = [name for each in world.import_().agents for name, _ in each.secrets]
    assert names == ["DESK_NEW_ORDER_TOKEN", "DESK_NEW_ORDER_TOKEN_2"]


def test_tool_ids_are_kept_and_triggers_name_their_tool(world: World) -> None:
    system = {"triggers": [{"event": "tool_succeeded", "source_tool_id": f"{TOOL}0"}]}
    after = webhook("report", id=f"{TOOL}1", source="system", system=system)
    world.create(agent("Front Desk", tools=[webhook(), after]))
    world.import_()
    spec = world.read("agents/front-desk.yaml")
    assert f"    id: {TOOL}0\n" in spec
    assert "- {event: tool_succeeded, source_tool: check_order}" in spec
    assert world.plan().changes == ()


def test_keys_are_safe_readable_and_never_taken_twice(world: World) -> None:
    names = [
        "Straße / Ö",
        "strasse o",
        "STRASSE-O",
        "支持",
        "../../etc/passwd",
        "CON",
        "_defaults",
        "---",
    ]
    made = {a.name: a for a in world.create(*(agent(name) for name in names))}
    keys = {each.agent.name: each.key for each in world.import_().agents}
    assert len({str(key).casefold() for key in keys.values()}) == len(names)
    assert {keys[name] for name in names[:3]} == {"strasse-o", "strasse-o-2", "strasse-o-3"}
    assert keys["支持"] == "支持"
    assert keys["---"] == f"agent-{made['---'].id[:8]}"
    assert keys["../../etc/passwd"] == "etc-passwd"
    assert keys["CON"] == "con-agent"
    assert world.plan().changes == ()


def test_no_file_that_is_there_is_touched(world: World) -> None:
    draft = world.write("agents/Front-Desk.YML", "mine")
    prompt = world.write("prompts/Front-Desk-2.md", "mine too")
    world.create(agent("Front Desk", system_prompt=LONG))
    assert world.import_().agents[0].key == "front-desk-2"
    assert (draft.read_text(), prompt.read_text()) == ("mine", "mine too")
    assert world.read("prompts/front-desk-2-2.md") == LONG.replace("${", "$${")


def test_the_key_of_a_spec_that_is_gone_is_not_given_again(world: World) -> None:
    """It would seize the agent that the ledger still knows under it."""
    world.create(agent("Front Desk"), agent("Other"))
    world.import_()
    (world.folder / "agents/front-desk.yaml").unlink()
    world.create(agent("front desk"))
    assert world.import_("front desk").agents[0].key == "front-desk-2"
    assert [(c.key, c.action) for c in world.plan().changes] == [("front-desk", "delete")]


def test_shared_mode_agents_have_no_tools(tmp_path: Any) -> None:
    world = World(tmp_path, era="deployed")
    world.create(
        agent("Shared", tool_mode="shared"), agent("Legacy", tool_mode="legacy", tools=[webhook()])
    )
    world.import_()
    assert "tools:" not in world.read("agents/shared.yaml")
    assert "tool_mode: shared" in world.read("agents/shared.yaml")
    assert "tool_mode: legacy" in world.read("agents/legacy.yaml")
    assert world.plan().changes == ()


def test_nudges_of_the_api_are_undeclared_and_those_of_people_declared(world: World) -> None:
    texts = {"first_nudge_text": "Hm?", "second_nudge_text": "Hm!", "final_hangup_text": "Bye"}
    world.create(
        *(agent(f"Plain {n}") for n in range(3)),
        agent("Spoken", idle_nudges=texts),
        agent("Quick", language="de", idle_nudges={**texts, "hangup_delay_seconds": 5}),
        agent("Alone", language="fr"),
    )
    world.import_()
    assert "idle_nudges" not in world.read("agents/plain-0.yaml")
    assert "idle_nudges" not in world.read("agents/alone.yaml")
    assert "first_nudge_text: Hm?" in world.read("agents/spoken.yaml")
    assert "hangup_delay_seconds: 5" in world.read("agents/quick.yaml")
    assert world.plan().changes == ()


HOSTILE_DEFAULTS = """\
version: 1
defaults:
  language: de
  region: eu-central
  enable_interruptions: false
  template_defaults: {shop: here}
  idle_nudges: {first_nudge_text: Still there}
  models: {llm_kwargs: {temperature: 1}, failure_audio_enabled: false}
  extra: {noise_cancellation_enabled: true}
environments:
  sandbox:
    api: sandbox
    overrides: {greeting: Override!, models: {tts_voice: other}, runtime_variables: []}
"""


def test_defaults_and_overrides_of_the_project_change_nothing(world: World) -> None:
    world.write("reconciler.yaml", HOSTILE_DEFAULTS)
    variables = [{"name": "wish", "description": "What they want."}]
    world.create(
        agent("Plain"),
        agent(
            "Rich",
            models={**agent("")["models"], "llm_kwargs": {"top_p": 1}},
            runtime_variables=variables,
        ),
    )
    report = world.import_()
    assert [each.error for each in report.agents] == [None, None]
    assert world.plan().changes == ()
    spec = world.read("agents/plain.yaml")
    assert "region:" not in spec
    assert "enable_interruptions: true" in spec
    assert "greeting: Hello!" in spec.partition("environments:")[2]


def test_with_more_environments_an_agent_stays_where_it_was_found(world: World) -> None:
    world.write("reconciler.yaml", PROJECT + "  other: {api: sandbox}\n")
    world.create(agent("Front Desk"))
    world.import_()
    assert "only: [sandbox]" in world.read("agents/front-desk.yaml")
    world.environment = "other"
    assert world.plan().changes == ()


def test_common_values_go_to_a_defaults_file_when_asked(world: World) -> None:
    world.create(agent("A"), agent("B"), agent("C", language="de"))
    offered = world.import_(dry_run=True)
    assert offered.defaults is not None
    assert "language: en" in offered.defaults.content
    assert world.files() == {"reconciler.yaml"}
    world.import_(with_defaults=True)
    assert "language: en" in world.read("agents/_defaults.yaml")
    assert "language" not in world.read("agents/a.yaml")
    assert "language: de" in world.read("agents/c.yaml")
    assert world.plan().changes == ()


def test_a_defaults_file_never_changes_an_agent_that_is_there(world: World) -> None:
    world.create(agent("Old", language="de"))
    world.import_()
    world.create(agent("New 1"), agent("New 2"))
    report = world.import_(with_defaults=True)
    assert report.defaults is not None
    assert "language" not in report.defaults.content
    assert "region" in report.defaults.content
    assert world.plan().changes == ()


def test_a_defaults_file_that_is_there_is_left_alone(world: World) -> None:
    world.write("agents/_defaults.yaml", "enable_interruptions: true\n")
    world.create(agent("A"), agent("B"))
    report = world.import_(with_defaults=True)
    assert report.defaults is not None
    assert not report.defaults_written
    assert world.read("agents/_defaults.yaml") == "enable_interruptions: true\n"
    assert world.plan().changes == ()


@pytest.mark.parametrize(
    ("word", "message", "hint"),
    [
        ("Front Dask", "no unmanaged agent", "did you mean `Front Desk`?"),
        ("Managed", "is managed already, by managed", None),
        ("Written", "the spec written stands for 'Written' already", "`reconciler apply` adopts"),
    ],
)
def test_a_name_that_can_not_be_imported_is_told_why(
    world: World, word: str, message: str, hint: str | None
) -> None:
    world.create(agent("Managed"))
    world.import_()
    world.create(agent("Front Desk"), agent("Written"))
    source = world.read("agents/managed.yaml").replace("Managed", "Written")
    world.write("agents/written.yaml", source)
    before = world.files()
    with pytest.raises(UsageError, match=message) as caught:
        world.import_(word)
    assert hint is None or hint in str(caught.value.hint)
    assert world.files() == before


def test_invalid_specs_are_told_before_anything_is_written(world: World) -> None:
    world.write("agents/broken.yaml", "nme: x\n")
    world.create(agent("Front Desk"))
    with pytest.raises(SpecsInvalid):
        world.import_()
    assert world.files() == {"reconciler.yaml", "agents/broken.yaml"}


def test_an_agent_that_no_spec_can_say_is_refused_and_the_others_go_on(world: World) -> None:
    world.create(agent("Fine"), agent(""))
    report = world.import_()
    told = {each.agent.name: each.error for each in report.agents}
    assert told["Fine"] is None
    assert "no valid spec can say this: `name`" in str(told[""])
    assert report.failed
    assert world.files() == {"reconciler.yaml", "agents/fine.yaml"}


def test_what_a_spec_can_not_say_is_left_undeclared_and_told(world: World) -> None:
    odd = webhook(parameters={"type": "strnig"})
    world.create(agent("Front Desk", tools=[odd]))
    (each,) = world.import_().agents
    assert each.error is None
    assert "tools is left as it is live" in each.notes[0]
    assert world.read("agents/front-desk.yaml").startswith("# tools is left as it is live: ")
    assert world.plan().changes == ()


class Meddling:
    """A store on whose agents someone else works while they are imported."""

    def __init__(self, store: Any, after: int, act: Any) -> None:
        self.store, self.after, self.act, self.lists = store, after, act, 0

    async def list_agents(self) -> Any:
        self.lists += 1
        if self.lists == self.after:
            await self.act(self.store)
        return await self.store.list_agents()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)


def meddled(world: World, after: int, act: Any) -> Any:
    async def main(site: Site) -> Any:
        busy = replace(site, store=Meddling(site.store, after, act))
        return await import_agents(
            busy,
            ImportRequest(everything=True),
            new_run(),
            progress=SilentProgress(),
            stop=asyncio.Event(),
        )

    return world.run(main)


def test_an_agent_deleted_meanwhile_leaves_no_file(world: World) -> None:
    gone, _ = world.create(agent("Gone", system_prompt=LONG), agent("Stays"))
    report = meddled(world, 2, lambda store: store.delete_agent(gone.id))
    told = {each.agent.name: each.error for each in report.agents}
    assert told == {"Gone": "the agent was deleted while it was imported", "Stays": None}
    assert world.files() == {"reconciler.yaml", "agents/stays.yaml"}


def test_an_agent_changed_meanwhile_leaves_no_file(world: World) -> None:
    (made,) = world.create(agent("Front Desk"))
    report = meddled(world, 2, lambda store: store.patch_agent(made.id, {"greeting": "New!"}))
    assert "was changed while it was imported" in str(report.agents[0].error)
    assert world.files() == {"reconciler.yaml"}
    assert not (world.folder / "agents").exists()


@pytest.mark.parametrize("adoption", ["ask", "allow", "forbid"])
def test_a_change_under_the_lock_stops_everything(world: World, adoption: str) -> None:
    world.write("reconciler.yaml", f"{PROJECT}adoption: {adoption}\n")
    (made,) = world.create(agent("Front Desk"))
    with pytest.raises(Refused):
        meddled(world, 3, lambda store: store.patch_agent(made.id, {"greeting": "New!"}))
    assert world.files() == {"reconciler.yaml"}
    assert not world.plan().memory


def test_a_spec_that_would_write_something_is_taken_back(
    world: World,
) -> None:
    """The last gate. A new spec says what is live; defaults that somebody adds say otherwise."""
    world.create(agent("Front Desk"))

    async def act(_: Any) -> None:
        world.write("agents/_defaults.yaml", "enable_interruptions: false\n")

    with pytest.raises(Refused, match="front-desk: the spec would change it: enable_interruptions"):
        meddled(world, 2, act)
    assert world.files() == {"reconciler.yaml", "agents/_defaults.yaml"}
    assert not world.plan().memory


def test_importing_writes_nothing_to_the_api(world: World) -> None:
    before = world.create(*(agent(f"Desk {n}", system_prompt=LONG) for n in range(3)))
    world.import_()
    after = world.live()
    assert [after[a.name].raw for a in before] == [a.raw for a in before]


def test_another_organisations_key_is_refused(world: World) -> None:
    world.create(agent("Mine"))
    world.import_()
    world.key = "someone-else"
    world.create(agent("Theirs"))
    with pytest.raises(Refused):
        world.import_()
    assert world.files() == {"reconciler.yaml", "agents/mine.yaml"}


def test_the_first_line_names_a_schema_that_is_there(world: World) -> None:
    world.write("schemas/agent.schema.json", "{}")
    world.create(agent("Front Desk"))
    world.import_()
    first = world.read("agents/front-desk.yaml").splitlines()[0]
    assert first == "# yaml-language-server: $schema=../schemas/agent.schema.json"


def test_fifty_agents_of_other_hands_make_valid_specs_and_an_empty_plan(world: World) -> None:
    world.secrets["T"] = "x"
    auth = {"type": "bearer", "token": SecretRef("env", "T")}
    made = world.create(
        *(
            agent(
                f"Agent №{n}: «{'Büro' if n % 2 else 'Küche'}»",
                system_prompt=LONG * (n % 4 + 1) if n % 5 else "Short.",
                language=("en", "de", "fr")[n % 3],
                greeting="  Hi: #1 {{name}} " if n % 7 == 0 else "Hello!",
                template_defaults={"name": "no", "price": "1e3"} if n % 2 else {},
                tools=[webhook(auth=auth)] if n % 3 == 0 else [],
            )
            for n in range(50)
        )
    )
    report = world.import_(with_defaults=True)
    assert not report.failed
    assert len(report.agents) == len(made)
    assert sum(len(each.secrets) for each in report.agents) == 17
    assert len({name for each in report.agents for name, _ in each.secrets}) == 17
    assert errors(world) == []
    assert world.plan().changes == ()

    async def prompts(site: Site) -> set[tuple[str, str]]:
        specs, _ = load_specs(site.loaded, "sandbox")
        return {(a.name, a.declared["system_prompt"]) for a in specs.agents}

    assert world.run(prompts) == {(a.name, a.document["system_prompt"]) for a in made}


def test_after_an_import_a_change_in_git_is_an_ordinary_update(world: World) -> None:
    world.create(agent("Front Desk", system_prompt=LONG))
    world.import_()
    world.write("prompts/front-desk.md", "You are new.\n")

    async def apply(site: Site) -> Any:
        return await workflow.apply(
            site,
            Request(),
            new_run(),
            agree=lambda _: None,
            progress=SilentProgress(),
            stop=asyncio.Event(),
        )

    world.run(apply)
    assert world.live()["Front Desk"].document["system_prompt"] == "You are new.\n"
    assert world.plan().changes == ()
