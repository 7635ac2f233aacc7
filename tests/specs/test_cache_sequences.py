"""Whatever is written, broken, put back and removed in whichever order: a cache makes no difference.

Each file of a project has states, wrong ones among them; a turn brings one file into one of them,
and mostly somebody looks. Two environments are looked at in turn, and all of them at once.
"""

from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from reconciler.errors import SpecsInvalid, UsageError
from reconciler.specs import load_specs, validate
from tests.specs.project_folder import PROJECT, write
from tests.specs.test_cache import project

GONE: Final = None
OUT: Final = "a link that leads out of the project"

STATES: Final[dict[str, tuple[str | None, ...]]] = {
    "reconciler.yaml": (
        PROJECT,
        PROJECT.replace("greeting: Hello", "greeting: {file: prompts/hello.md}"),
        PROJECT.replace("{crm: crm.example.com}", "{other: x}"),
        PROJECT.replace("api: sandbox\n", "api: sandbox\n    overrides: {language: fr}\n"),
        f"{PROJECT}nope: 1\n",
    ),
    "agents/_defaults.yaml": (
        GONE,
        "system_prompt: {file: ../prompts/shared.md}\n",
        "greeting: {file: ../prompts/hello.md}\nlanguage: de\n",
        "lnguage: de\n",
        "- 1\n",
    ),
    "agents/team/_defaults.yaml": (
        GONE,
        "system_prompt: {file: ../../prompts/team.md}\n",
    ),
    "agents/a.yaml": (
        "name: A\n",
        GONE,
        "name: A\ngreeting: {file: ../prompts/hello.md}\n",
        "nmae: A\n",
        "name: B\n",
        "name: A\nruntime_variables: [{name: order}]\n",
        "name: A\nenvironments: {only: [staging]}\n",
        "\tno YAML",
    ),
    "agents/b.yaml": (
        "name: B\n",
        GONE,
        "name: B\nmoved_from: a\n",
        "name: B\nomit: [greeting]\n",
        "name: B\nextra: {n: 1.0, m: 1, f: 1.0e-7}\nslng_api_key: {env: X}\n",
        OUT,
    ),
    "agents/team/c.yaml": (
        "name: C\n",
        GONE,
        "name: C\ntemplate_defaults: {who: you}\n",
        "name: C\ngreeting: {file: ../../prompts/none.md}\n",
    ),
    "prompts/shared.md": ("One.\n", "Two {{who}}.\n", "Three {{\n", "${crm}\n", GONE, OUT),
    "prompts/hello.md": ("Hey.\n", "Ho {{who}}.\n", GONE, "{{"),
    "prompts/team.md": ("T.\n", "Two {{\n", GONE),
}
LOOKS: Final = ("sandbox", "sandbox", "staging", "all", "nobody")

_states = st.sampled_from(
    [(name, number) for name in STATES for number in range(len(STATES[name]))]
)
_turns = st.lists(st.tuples(_states, st.sampled_from(LOOKS)), min_size=1, max_size=20)


def bring(folder: Path, name: str, state: str | None) -> None:
    file = folder / name
    file.unlink(missing_ok=True)
    if state is OUT:
        file.symlink_to(folder.parent / "outside.yaml")
    elif state is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(state)


def seen(folder: Path, look: str, *, cached: bool) -> Any:
    """All that there is to be said."""
    try:
        loaded = project(folder, cached=cached)
        if look == "all":
            return validate(loaded)
        specs, warnings = load_specs(loaded, look)
    except SpecsInvalid as error:
        return error.problems
    except UsageError as error:
        return str(error)
    places = [
        agent.locate(steps) for agent in specs.agents for steps in (("name",), ("system_prompt",))
    ]
    return repr((specs, [agent.secrets for agent in specs.agents])), places, warnings


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(_turns)
@example(  # a spec that has an error while a text that all share changes, and is put right
    [
        (("agents/_defaults.yaml", 1), "sandbox"),
        (("prompts/shared.md", 1), "nobody"),
        (("agents/b.yaml", 3), "nobody"),
        (("agents/a.yaml", 3), "sandbox"),
        (("agents/a.yaml", 0), "sandbox"),
    ]
)
@example(  # a text that all share makes every spec wrong
    [
        (("agents/_defaults.yaml", 1), "sandbox"),
        (("prompts/shared.md", 2), "sandbox"),
        (("prompts/shared.md", 2), "sandbox"),
    ]
)
def test_a_cache_makes_no_difference(
    tmp_path_factory: pytest.TempPathFactory, turns: list[tuple[tuple[str, int], str]]
) -> None:
    folder = tmp_path_factory.mktemp("sequence") / "project"
    (folder.parent / "outside.yaml").write_text("name: B\n")
    write(folder, "# --- prompts/none\n")
    for name, states in STATES.items():
        bring(folder, name, states[0])
    for (name, number), look in turns:
        bring(folder, name, STATES[name][number])
        if look != "nobody":
            assert seen(folder, look, cached=True) == seen(folder, look, cached=False)
