"""`ledger migrate`, as a person moves a project's memory: real files, remotes and a database."""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from reconciler.ledger import SqliteLedger
from reconciler.ledger._git.ledger import GitLedger
from reconciler.ledger._postgres.ledger import PostgresLedger
from reconciler.sandbox import SandboxOptions
from tests.ledger import repositories
from tests.ledger.samples import a_run
from tests.program import KEY, Checkout, serving


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    monkeypatch.setenv("SLNG_API_KEY", KEY)
    with serving(tmp_path / "api.db", SandboxOptions()) as api:
        yield {"api": api.url, "api_key": {"env": "SLNG_API_KEY"}}


@pytest.fixture
def repo(tmp_path: Path, environment: dict[str, Any]) -> Checkout:
    """A clone of a bare remote, applied once with a ledger in a file."""
    remote = repositories.bare(tmp_path)
    clone = repositories.fresh_clone(remote, tmp_path / "clone")
    checkout = Checkout(clone, environment)
    checkout.spec("desk")
    assert checkout.apply().code == 0
    return checkout


def exported(repo: Checkout, *where: str) -> Any:
    return repo.run(*where, "ledger", "export").json


def two(repo: Checkout) -> dict[str, Any]:
    return {"staging": dict(repo.environment), "test": dict(repo.environment)}


def ledger_of(printed: str) -> dict[str, str]:
    """The block to write into reconciler.yaml, read as plainly as it is written."""
    head, *lines = printed.splitlines()
    assert head == "ledger:"
    return dict(line.strip().split(": ", 1) for line in lines)


def test_a_file_moves_to_a_branch_and_back_and_nothing_is_lost(repo: Checkout) -> None:
    before = exported(repo)
    said = repo.run("ledger", "migrate", "--to", "git")
    assert (said.code, said.out) == (0, "ledger:\n  backend: git\n")
    assert "test: 1 agent and the history copied." in said.err
    assert exported(repo) == before
    repo.configure(ledger=ledger_of(said.out))
    assert exported(repo) == before
    assert repo.plan()["changes"] == []
    repo.spec("desk", greeting="Good morning!")
    assert repo.apply().code == 0

    (repo.folder / ".reconciler" / "ledger.db").unlink()
    after = exported(repo)
    assert repo.run("ledger", "migrate", "--to", "sqlite").code == 0
    repo.configure(ledger={"backend": "sqlite"})
    assert exported(repo) == after != before


def test_branch_and_remote_are_what_is_to_be_written(repo: Checkout) -> None:
    said = repo.run("ledger", "migrate", "--to", "git", "--branch", "memory", "--remote", "origin")
    assert said.out == 'ledger:\n  backend: git\n  branch: "memory"\n  remote: "origin"\n'
    remote = repo.folder.parent / "remote.git"
    assert "refs/heads/memory/test" in repositories.refs(remote)


def test_a_file_moves_to_a_database(
    repo: Checkout, databases: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEDGER_URL", databases())
    said = repo.run("ledger", "migrate", "--to", "postgres", "--url-env", "LEDGER_URL")
    assert (said.code, said.out) == (
        0,
        "ledger:\n  backend: postgres\n  url: {env: LEDGER_URL}\n",
    )
    assert PostgresLedger(os.environ["LEDGER_URL"], "test").export() == exported(repo)


def test_all_environments_move_because_they_share_the_setting(repo: Checkout) -> None:
    repo.configure(environments=two(repo))
    assert repo.run("-e", "staging", "apply", "--auto-approve").code == 0
    before = [exported(repo, "-e", name) for name in two(repo)]
    assert repo.run("ledger", "migrate", "--to", "git").code == 0
    repo.configure(environments=two(repo), ledger={"backend": "git"})
    assert [exported(repo, "-e", name) for name in two(repo)] == before


def test_one_environment_moves_alone_and_the_others_are_named(repo: Checkout) -> None:
    repo.configure(environments=two(repo))
    said = repo.run("-e", "test", "ledger", "migrate", "--to", "git")
    assert said.code == 0
    assert "Not copied, and the setting is theirs too: staging." in said.err
    assert repo.run("-e", "nope", "ledger", "migrate", "--to", "git").code == 4


def test_an_environment_without_a_ledger_is_named_and_left(repo: Checkout) -> None:
    repo.configure(environments=two(repo))
    said = repo.run("ledger", "migrate", "--to", "git")
    assert said.code == 0
    assert "staging: it has no ledger yet, nothing to copy." in said.err


def test_a_target_that_is_not_empty_is_refused_before_anything_is_copied(repo: Checkout) -> None:
    repo.configure(environments=two(repo))
    assert repo.run("-e", "test", "ledger", "migrate", "--to", "git").code == 0
    assert repo.run("-e", "staging", "apply", "--auto-approve").code == 0
    said = repo.run("ledger", "migrate", "--to", "git")
    assert (said.code, said.out) == (3, "")
    assert "it holds a ledger of test" in said.err
    assert repo.run("-e", "staging", "ledger", "migrate", "--to", "git").code == 0


def test_the_same_place_by_another_name_is_not_empty_either(repo: Checkout) -> None:
    repo.run("ledger", "migrate", "--to", "git")
    repo.configure(ledger={"backend": "git"})
    said = repo.run("ledger", "migrate", "--to", "git", "--branch", "reconciler-ledger")
    assert said.code == 3


def test_an_apply_at_either_side_is_waited_for_by_a_person(repo: Checkout) -> None:
    with SqliteLedger(repo.folder / ".reconciler" / "ledger.db", "test").lock(a_run()):
        said = repo.run("ledger", "migrate", "--to", "git")
    assert (said.code, said.out) == (5, "")
    assert repo.run("ledger", "migrate", "--to", "git").code == 0


def test_the_embedded_sandbox_keeps_its_memory_beside_it(repo: Checkout) -> None:
    repo.configure(environments={**two(repo), "local": {"api": "sandbox"}})
    assert repo.run("-e", "local", "apply", "--auto-approve").code == 0
    said = repo.run("-e", "local", "ledger", "migrate", "--to", "git")
    assert (said.code, "local is the embedded sandbox" in said.err) == (4, True)
    said = repo.run("ledger", "migrate", "--to", "git")
    assert (said.code, "local" in said.err) == (0, False)


def test_what_was_never_applied_has_nothing_to_migrate(
    tmp_path: Path, environment: dict[str, Any]
) -> None:
    alone = Checkout(repositories.alone(tmp_path / "alone"), environment)
    said = alone.run("ledger", "migrate", "--to", "git")
    assert said.code == 1
    assert "only change `ledger:` in reconciler.yaml" in said.err


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--to", "sqlite"], "the ledger that reconciler.yaml names already"),
        (["--to", "postgres"], "--url-env LEDGER_URL"),
        (["--to", "postgres", "--url-env", "NOT_SET"], "database is not set: env:NOT_SET"),
        (["--to", "git", "--url-env", "X"], "means nothing to the backend git"),
        (["--to", "git", "--branch", "-x"], "--branch"),
        (["--to", "git", "--remote", "-x"], "--remote"),
        (["--to", "paper"], "paper"),
        ([], "--to"),
    ],
)
def test_what_can_not_be_is_bad_usage(repo: Checkout, flags: list[str], message: str) -> None:
    said = repo.run("ledger", "migrate", *flags)
    assert (said.code, said.out) == (4, "")
    assert message in said.err


def test_the_lock_of_a_git_ledger_can_be_taken_away_and_that_of_a_file_can_not(
    repo: Checkout,
) -> None:
    with SqliteLedger(repo.folder / ".reconciler" / "ledger.db", "test").lock(a_run()):
        said = repo.run("ledger", "unlock", "--yes")
        assert said.code == 5
        assert "end that process; its lock goes with it" in said.err
    repo.run("ledger", "migrate", "--to", "git")
    repo.configure(ledger={"backend": "git"})
    with GitLedger(repo.folder, "test", now=lambda: datetime.now(UTC)).lock(a_run()):
        said = repo.run("ledger", "unlock")
        assert said.code == 5
        assert "say it with `--yes`" in said.err
        said = repo.run("ledger", "unlock", "--yes")
        assert said.code == 0
        assert "Taken: held by alice" in said.err
