"""Unknown live fields by path; one path for all tools of an agent."""

from typing import Any

import pytest

from reconciler.model.carried import is_lost, refused, unknown_paths, without

TEMPLATE = {"type": "template", "id": "a", "template": "hangup", "prompt": "Hang up."}
WEBHOOK = {
    "type": "webhook",
    "id": "b",
    "name": "x",
    "description": "d",
    "url": "https://x.example",
    "parameters": {},
    "prompt": "unknown here",
    "system": {"triggers": [], "note": 1},
    "execution_policy": {"beta": 1, "pre_action_message": {"voice": "v", "enabled": True}},
}
BODY: dict[str, Any] = {
    "name": "Desk",
    "orchestrator": {"a": 1},
    "models": {"stt": "s", "beta": 1, "fallbacks": {"stt": [], "new": []}},
    "idle_nudges": None,
    "tools": [TEMPLATE, WEBHOOK, {"type": "teleport", "anything": 1}],
}


def test_what_the_documentation_does_not_know_is_found_at_every_depth() -> None:
    assert {".".join(path) for path in unknown_paths(BODY)} == {
        *("orchestrator", "models.beta", "models.fallbacks.new"),
        *("tools.prompt", "tools.system.note", "tools.execution_policy.beta"),
        "tools.execution_policy.pre_action_message.voice",
    }


def test_a_key_goes_only_from_tools_in_which_it_is_unknown() -> None:
    template, webhook, other = without(BODY, ("tools", "prompt"))["tools"]
    assert template == TEMPLATE
    assert webhook == {key: value for key, value in WEBHOOK.items() if key != "prompt"}
    assert other == {"type": "teleport", "anything": 1}
    assert "beta" not in without(BODY, ("models", "beta"))["models"]
    assert "orchestrator" not in without(BODY, ("orchestrator",))


@pytest.mark.parametrize(
    ("named", "name"),
    [
        ("tools.1.prompt", "tools.prompt"),
        ("tools.1.webhook.prompt", "tools.prompt"),
        ("tools.1.webhook.system.note", "tools.system.note"),
        ("tools.0.template", None),
        ("tools.9.prompt", "tools.prompt"),
        ("orchestrator.a", "orchestrator"),
        ("orchestrators", None),
        ("models.beta", "models.beta"),
        ("tools", None),
    ],
)
def test_a_path_that_an_api_names_is_known_again(named: str, name: str | None) -> None:
    carried = [".".join(path) for path in unknown_paths(BODY)]
    assert refused([named], BODY, carried) == ({name} if name else set())


def test_a_field_is_lost_only_in_tools_that_are_still_there() -> None:
    path = ("tools", "prompt")
    without_it = {key: value for key, value in WEBHOOK.items() if key != "prompt"}
    assert not is_lost(path, BODY, BODY)
    assert not is_lost(path, BODY, {**BODY, "tools": [TEMPLATE]})
    assert is_lost(path, BODY, {**BODY, "tools": [without_it]})
    assert is_lost(("models", "beta"), BODY, {**BODY, "models": {}})
    # the same key of a template is known, and so no matter of this
    assert not is_lost(path, BODY, {**BODY, "tools": [{**TEMPLATE, "prompt": "x"}, WEBHOOK]})
