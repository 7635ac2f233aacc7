"""A cache of specs is never wrong, and never in the way."""

import contextlib
import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler.errors import Position, Problem, SpecsInvalid, UsageError
from reconciler.model.desired import DesiredAgent, Specs
from reconciler.model.project import Deletion, Environment, IgnoreRule, LedgerConfig, Project
from reconciler.model.values import SecretRef
from reconciler.specs import LoadedProject, load_project, load_specs, loading_specs, validate
from reconciler.specs.caching import CachePlace
from reconciler.specs.files import Files
from reconciler.specs.load import load_from
from reconciler.specs.remembered import entry_of_project, project_of
from tests.specs.project_folder import write

KEY = b"k" * 32
FILES = """# --- agents/desk.yaml
name: Desk
system_prompt: {file: ../prompts/desk.md}
greeting: Hello from ${crm}
slng_api_key: {env: RUNTIME}
template_defaults: {unused: x}
lifecycle: {prevent_destroy: true, update: patch}
ignore: [{path: models.tts_voice, reason: A trial., until: 2027-06-30}]
extra: {noise: 1.0, deep: {a: [1, true, null, "é"]}}
tools:
  - type: webhook
    name: check_order
    description: Looks an order up.
    url: https://${crm}/orders
    auth: {type: bearer, token: {env: CRM_TOKEN}}
    parameters: {type: object}
environments:
  staging: {id: 550e8400-e29b-41d4-a716-446655440000}
# --- agents/_defaults.yaml
language: en
# --- agents/team/_defaults.yaml
greeting: {file: ../../prompts/team.md}
# --- agents/team/night.yaml
name: Night
moved_from: night
region: mars-1
# --- agents/away.yaml
name: Away
environments: {only: [staging]}
# --- prompts/desk.md
You answer.
# --- prompts/team.md
Hi.
"""
CHANGES = {
    "agents/desk.yaml": "# nothing new\n",
    "agents/team/_defaults.yaml": "language: de\n",
    "agents/team/night.yaml": "language: fr # warm\n",
    "agents/away.yaml": "region: us-east\n",
    "prompts/desk.md": "More {{of}} it.\n",
    "prompts/team.md": "And {{more}}.\n",
    "reconciler.yaml": "concurrency: 3\n",
}


def project(folder: Path, *, cached: bool = True) -> LoadedProject:
    with contextlib.suppress(FileExistsError):
        (folder / ".reconciler").mkdir()
    place = CachePlace(folder / ".reconciler" / "cache.db", KEY)
    return load_project(folder, place if cached else None)


def found(
    folder: Path, *, cached: bool, environment: str = "sandbox"
) -> tuple[Specs | None, tuple[Problem, ...]]:
    try:
        return load_specs(project(folder, cached=cached), environment)
    except SpecsInvalid as error:
        return None, error.problems


def places(specs: Specs | None) -> list[Position | None]:
    ways = [("name",), ("greeting",), ("tools", "check_order", "url"), ("extra", "deep", "a")]
    return [agent.locate(way) for agent in (specs.agents if specs else ()) for way in ways]


def alike(folder: Path, environment: str = "sandbox") -> None:
    cold = found(folder, cached=False, environment=environment)
    for _ in range(2):
        warm = found(folder, cached=True, environment=environment)
        assert warm == cold
        assert repr(warm[0]) == repr(cold[0])  # 1 is 1.0 and True for Python
        assert places(warm[0]) == places(cold[0])


def kept(folder: Path) -> dict[str, int]:
    """What the cache holds, each with a number: what is read in earnest is kept under a new one."""
    with contextlib.closing(sqlite3.connect(folder / ".reconciler" / "cache.db")) as database:
        return dict(database.execute("SELECT environment || ':' || key, rowid FROM entries"))


def test_what_is_remembered_equals_what_is_read(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    for environment in ("sandbox", "staging"):
        alike(tmp_path, environment)
    before = kept(tmp_path)
    specs, warnings = found(tmp_path, cached=True)
    assert kept(tmp_path) == before
    assert specs is not None
    assert [agent.key for agent in specs.agents] == ["desk", "team/night"]
    assert specs.skipped == ("away",)
    assert {warning.code for warning in warnings} == {"SPEC101", "SPEC104"}


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(turns=st.lists(st.sampled_from(sorted(CHANGES)), max_size=5))
def test_any_change_of_any_file_is_seen(
    tmp_path_factory: pytest.TempPathFactory, turns: list[str]
) -> None:
    folder = write(tmp_path_factory.mktemp("project"), FILES)
    alike(folder)
    for name in turns:
        with (folder / name).open("a", encoding="utf-8") as file:
            file.write(CHANGES[name])
        alike(folder)


def test_only_what_has_changed_is_read_again(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    found(tmp_path, cached=True)
    before = kept(tmp_path)
    (tmp_path / "prompts" / "desk.md").write_text("Other words.")
    found(tmp_path, cached=True)
    changed = {key for key, number in kept(tmp_path).items() if before[key] != number}
    assert changed == {"sandbox:desk"}


def test_specs_with_errors_are_read_each_time(tmp_path: Path) -> None:
    write(tmp_path, "# --- agents/a.yaml\nname: A\nfeild: 1\n# --- agents/b.yaml\nname: B\n")
    for _ in range(2):
        with pytest.raises(SpecsInvalid, match="unknown field"):
            load_specs(project(tmp_path), "sandbox")
    assert kept(tmp_path).keys() == {":project", "sandbox:", "sandbox:b"}


def test_two_specs_that_clash_are_told_with_their_places(tmp_path: Path) -> None:
    write(tmp_path, "# --- agents/a.yaml\nname: A\n# --- agents/b.yaml\nname: A\n")
    alike(tmp_path)
    assert validate(project(tmp_path)) == validate(project(tmp_path, cached=False))


def test_a_file_that_went_behind_a_symlink_is_not_taken_from_the_cache(tmp_path: Path) -> None:
    folder = write(tmp_path / "project", FILES)
    found(folder, cached=True)
    (folder / "prompts").rename(tmp_path / "prompts")
    (folder / "prompts").symlink_to(tmp_path / "prompts")
    assert found(folder, cached=True)[0] is None


def test_a_specs_folder_that_went_behind_a_symlink_is_an_error(tmp_path: Path) -> None:
    folder = write(tmp_path / "project", FILES)
    found(folder, cached=True)
    (folder / "agents").rename(tmp_path / "agents")
    (folder / "agents").symlink_to(tmp_path / "agents")
    assert [each.code for each in found(folder, cached=True)[1]] == ["SPEC075"]


def test_an_entry_that_we_did_not_write_counts_for_nothing(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    found(tmp_path, cached=True)
    with sqlite3.connect(tmp_path / ".reconciler" / "cache.db") as database:
        database.execute("UPDATE entries SET rest = replace(rest, 'Desk', 'Mine')")
    database.close()
    alike(tmp_path)


@pytest.mark.parametrize("damage", [b"", b"no database", b"SQLite format 3\0" + b"\1" * 5000])
def test_a_damaged_cache_is_made_anew(tmp_path: Path, damage: bytes) -> None:
    write(tmp_path, FILES)
    found(tmp_path, cached=True)
    before = kept(tmp_path)
    (tmp_path / ".reconciler" / "cache.db").write_bytes(damage)
    alike(tmp_path)
    assert kept(tmp_path).keys() == before.keys()


ENDLESS = """
    CREATE VIEW entries AS
    WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c)
    SELECT '' AS environment, 'k' AS key, x'00' AS head, x'00' AS mac, x'' AS rest FROM c
"""


@pytest.mark.parametrize("schema", [ENDLESS, "CREATE TABLE entries (environment, key, value)"])
def test_a_database_of_somebody_else_is_asked_nothing(tmp_path: Path, schema: str) -> None:
    write(tmp_path, FILES)
    found(tmp_path, cached=True)
    before = kept(tmp_path)
    (tmp_path / ".reconciler" / "cache.db").unlink()
    with contextlib.closing(sqlite3.connect(tmp_path / ".reconciler" / "cache.db")) as database:
        database.execute(schema)
        database.commit()
    alike(tmp_path)
    assert kept(tmp_path).keys() == before.keys()


def test_a_link_leads_nowhere(tmp_path: Path) -> None:
    theirs = tmp_path / "ledger.db"
    with contextlib.closing(sqlite3.connect(theirs)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("CREATE TABLE records (key TEXT)")
        database.commit()
    content = theirs.read_bytes()
    ours = write(tmp_path / "ours", FILES)
    (ours / ".reconciler").mkdir()
    (ours / ".reconciler" / "cache.db").symlink_to(theirs)
    alike(ours)
    assert theirs.read_bytes() == content
    assert "sandbox:desk" in kept(ours)


def test_a_cache_that_another_process_holds_is_no_cache(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    found(tmp_path, cached=True)
    other = sqlite3.connect(tmp_path / ".reconciler" / "cache.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    assert found(tmp_path, cached=True) == found(tmp_path, cached=False)
    other.close()


def test_a_folder_that_can_not_be_written_means_no_cache(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    (tmp_path / ".reconciler").write_text("a file in the way")
    assert found(tmp_path, cached=True) == found(tmp_path, cached=False)


def test_entries_of_specs_that_are_gone_go_too(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    found(tmp_path, cached=True)
    (tmp_path / "agents" / "desk.yaml").unlink()
    found(tmp_path, cached=True)
    with sqlite3.connect(tmp_path / ".reconciler" / "cache.db") as database:
        keys = {key for (key,) in database.execute("SELECT key FROM entries")}
    database.close()
    assert keys == {"", "away", "project", "team/night"}


def test_a_place_in_a_file_that_has_gone_is_nowhere(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    found(tmp_path, cached=True)
    specs, _ = found(tmp_path, cached=True)
    assert specs is not None
    (tmp_path / "agents" / "desk.yaml").unlink()
    desk: DesiredAgent = specs.by_key["desk"]
    assert desk.locate(("name",)) is None


def test_few_specs_make_no_folder_that_was_not_there(tmp_path: Path) -> None:
    place = CachePlace(tmp_path / ".reconciler" / "cache.db", KEY)
    load_specs(load_project(write(tmp_path, FILES), place), "sandbox")
    assert not (tmp_path / ".reconciler").exists()


_PROJECTS = st.builds(
    Project,
    environments=st.dictionaries(
        st.text(min_size=1, max_size=5),
        st.builds(
            Environment,
            api=st.just("sandbox"),
            api_key=st.none() | st.builds(SecretRef, st.sampled_from(["env", "file"]), st.text()),
            overrides=st.dictionaries(st.text(), st.none() | st.booleans() | st.integers(-9, 9)),
        ),
        min_size=1,
        max_size=2,
    ),
    ledger=st.builds(LedgerConfig, url=st.none() | st.just(SecretRef("env", "URL"))),
    deletion=st.builds(Deletion, max_percent=st.floats(0, 100)),
    ignore=st.lists(
        st.builds(IgnoreRule, path=st.text(), reason=st.text(), until=st.none() | st.dates()),
        max_size=2,
    ).map(tuple),
    notify=st.lists(st.text() | st.just(SecretRef("file", "url.txt")), max_size=2).map(tuple),
    secret_folders=st.just(("/run/secrets",)),
)


@given(_PROJECTS)
def test_a_project_comes_back_from_its_entry(project: Project) -> None:
    entry = json.loads(json.dumps(entry_of_project(project)))
    assert repr(project_of(entry)) == repr(project)


def test_a_project_that_is_known_needs_neither_yaml_nor_pydantic(tmp_path: Path) -> None:
    known = project(write(tmp_path, FILES))
    load_specs(known, "sandbox")
    code = (
        "import sys; from pathlib import Path;"
        "from reconciler.specs import load_project, load_specs;"
        "from reconciler.specs.caching import CachePlace;"
        f"place = CachePlace(Path({str(tmp_path / '.reconciler' / 'cache.db')!r}), {KEY!r});"
        f"loaded = load_project(Path({str(tmp_path)!r}), place);"
        "print(len(load_specs(loaded, 'sandbox')[0].agents), loaded.project.concurrency,"
        "sorted({'pydantic', 'ruamel'} & set(sys.modules)), loaded.source.value['version'])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "2 16 [] 1\n"


def test_a_spec_whose_entry_goes_while_it_is_used_is_read_again(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    expected, _ = found(tmp_path, cached=False)
    found(tmp_path, cached=True)
    specs, _ = found(tmp_path, cached=True)
    assert specs is not None
    with sqlite3.connect(tmp_path / ".reconciler" / "cache.db") as database:
        database.execute("UPDATE entries SET rest = x'7b7d' WHERE key = 'desk'")
        database.execute("DELETE FROM entries WHERE key = 'team/night'")
    database.close()
    assert specs == expected


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "agents" / "desk.yaml").unlink(),
        lambda folder: (folder / "agents" / "desk.yaml").write_text("name: Another\n"),
        lambda folder: (folder / "prompts" / "desk.md").write_text("You do not answer."),
        lambda folder: (folder / "agents" / "_defaults.yaml").write_text("language: de\n"),
        lambda folder: (folder / "prompts" / "team.md").write_text("Ho."),
    ],
    ids=["it goes", "it is another", "its prompt is", "defaults are", "a text of defaults is"],
)
def test_a_spec_that_is_changed_while_it_is_used_is_an_error(
    tmp_path: Path, change: Callable[[Path], object]
) -> None:
    write(tmp_path, FILES)
    found(tmp_path, cached=True)
    specs, _ = found(tmp_path, cached=True)
    assert specs is not None
    (tmp_path / ".reconciler" / "cache.db").unlink()
    change(tmp_path)
    with pytest.raises(UsageError, match=r"agents/desk.yaml was changed while it was read"):
        _ = specs.by_key["desk"].declared


def test_what_was_read_before_a_shared_text_changed_is_not_taken_after(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    found(tmp_path, cached=True)
    night = tmp_path / "agents" / "team" / "night.yaml"
    night.write_text(f"{night.read_text()}language: fr\n")
    slow = loading_specs(project(tmp_path), "sandbox")
    for _ in slow.steps():
        pass
    (tmp_path / "prompts" / "team.md").write_text("Ho.\n")
    found(tmp_path, cached=True)  # a faster process, which writes all
    slow.result()  # which writes its own
    alike(tmp_path)


def test_a_file_that_changes_between_two_environments_is_kept_as_what_it_is(tmp_path: Path) -> None:
    write(tmp_path, "# --- agents/desk.yaml\nname: Desk\ngreeting: old\n")
    loaded, files = project(tmp_path), Files(tmp_path)
    desk = tmp_path / "agents" / "desk.yaml"
    before = desk.read_text()
    load_from(loaded, "sandbox", files, loaded.cache)
    desk.write_text(before.replace("old", "new"))
    load_from(loaded, "staging", files, loaded.cache)
    desk.write_text(before)
    alike(tmp_path, "staging")


def test_a_file_that_appears_after_all_has_the_hash_of_what_was_read(tmp_path: Path) -> None:
    files, path = Files(tmp_path), tmp_path / "text.md"
    assert files.digest(str(path)) is None
    path.write_text("It is here.")
    assert files.text(str(path)).content == "It is here."
    assert files.digest(str(path)) == Files(tmp_path).digest(str(path))


def test_a_warning_that_several_specs_share_is_told_of_the_same_one(tmp_path: Path) -> None:
    specs = "".join(f"# --- agents/{key}.yaml\nname: {key}\n" for key in "abc")
    write(tmp_path, f"{specs}# --- agents/_defaults.yaml\ngreeting: Hello {{{{who}}}}.\n")
    found(tmp_path, cached=True)
    (tmp_path / "agents" / "a.yaml").write_text("name: a # touched\n")
    alike(tmp_path)
