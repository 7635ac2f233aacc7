"""The git ledger in real repositories: what it needs, and what it leaves alone."""

import json
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event

import pytest

from reconciler.errors import LedgerError, Locked
from reconciler.ledger._git.lease import Timing
from reconciler.ledger._git.ledger import GitLedger
from reconciler.model.ledger import PLANNED
from tests.ledger import repositories
from tests.ledger.repositories import fresh_clone, git, refs
from tests.ledger.samples import NOON, a_record, a_run, an_entry, an_intent

BRANCH = "refs/heads/reconciler-ledger/production"
LOCK = "refs/reconciler-ledger/locks/reconciler-ledger/production"
QUICK = Timing(pauses=(0.0, 0.0, 0.0), reaching=())
Clone = Callable[..., Path]


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.time = NOON

    def __call__(self) -> datetime:
        return self.time

    def go(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    return repositories.bare(tmp_path)


@pytest.fixture
def clone(remote: Path, tmp_path: Path) -> Clone:
    return lambda name, *arguments: fresh_clone(remote, tmp_path / name, *arguments)


def ledger_in(folder: Path, clock: Clock, timing: Timing = QUICK) -> GitLedger:
    return GitLedger(folder, "production", now=clock, timing=timing)


def tip(remote: Path, ref: str = BRANCH) -> str:
    return git(remote, "rev-parse", ref)


def hook(remote: Path, name: str, script: str) -> Path:
    path = remote / "hooks" / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def unknown_holder(folder: Path, clock: Clock) -> GitLedger:
    """A ledger whose process nobody can ask about, so that only its lease tells of it."""
    return GitLedger(folder, "production", now=clock, timing=QUICK, process=lambda: None)


def users_own(folder: Path) -> dict[str, object]:
    """All that is the user's: branches, tags, HEAD, configuration, index, files."""
    own = ["HEAD", "index", "config", "shallow", "FETCH_HEAD", "packed-refs"]
    git_folder = folder / ".git" if (folder / ".git").exists() else folder
    kept = {name: (git_folder / name).read_bytes() for name in own if (git_folder / name).exists()}
    shown = git(folder, "for-each-ref", "refs/heads", "refs/tags", "refs/remotes/origin/main")
    files = {p.name: p.read_bytes() for p in folder.glob("*") if p.is_file()}
    return {**kept, **files, "refs": shown}


def test_a_fresh_checkout_of_any_kind_has_the_memory_and_is_left_as_it_was(
    clone: Clone, clock: Clock, tmp_path: Path, remote: Path
) -> None:
    ledger_in(clone("first"), clock).open("org-1")
    kinds = {
        "whole": [],
        "shallow": ["--depth=1"],
        "bare": ["--bare"],
        "single": ["--single-branch"],
    }
    for name, arguments in kinds.items():
        folder = clone(name, *arguments)
        if name == "shallow":
            git(folder, "checkout", "--quiet", "--detach")
            (folder / "README").write_text("changed, and staged")
            git(folder, "add", "README")
            (folder / "README").write_text("changed again")
        before = users_own(folder)
        ledger = ledger_in(folder, clock)
        assert ledger.read().organisation_id == "org-1"
        with ledger.lock(a_run(name)):
            ledger.start(a_run(name))
            ledger.record(a_record(name, f"agent {name}"))
            ledger.finish(name, "done")
        assert users_own(folder) == before
    assert set(ledger_in(tmp_path / "first", clock).read().records) == set(kinds)
    assert refs(remote) == ["refs/heads/main", BRANCH]


def test_the_branch_is_an_orphan_of_readable_files_with_a_history(
    clone: Clone, clock: Clock, remote: Path
) -> None:
    ledger = ledger_in(clone("a"), clock)
    ledger.open("org-1")
    ledger.record(a_record("support/Grüße.v2"))
    ledger.record(replace(a_record("support/Grüße.v2"), name="Zoë"))
    files = git(remote, "ls-tree", "-r", "--name-only", BRANCH).splitlines()
    path = "agents/support/Gr%C3%BC%C3%9Fe%2Ev2.json"
    assert files == [path, "ledger.json"]
    text = git(remote, "show", f"{BRANCH}:{path}")
    assert json.loads(text)["key"] == "support/Grüße.v2"
    changed = git(remote, "diff", "-U0", f"{BRANCH}~", BRANCH).splitlines()
    assert [line for line in changed if line[:2] in {"+ ", "- "}] == [
        '-  "name": "Name of agent-1",',
        '+  "name": "Zoë",',
    ]
    assert git(remote, "log", "--format=%s|%b", "-1", BRANCH) == f"production|+ {path}"
    assert git(remote, "rev-list", "--count", BRANCH) == "3"


def test_a_project_in_a_subfolder_has_a_branch_of_its_own(
    clone: Clone, clock: Clock, remote: Path
) -> None:
    folder = clone("a")
    (folder / "apps" / "voice").mkdir(parents=True)
    ledger_in(folder, clock).open("org-1")
    ledger_in(folder / "apps" / "voice", clock).open("org-2")
    named = GitLedger(folder, "production", now=clock, branch="mine", remote="origin")
    named.open("org-3")
    found = [ref for ref in refs(remote) if ref != "refs/heads/main"]
    assert len(found) == 3
    assert "refs/heads/mine/production" in found
    assert ledger_in(folder, clock).read().organisation_id == "org-1"
    assert ledger_in(folder / "apps" / "voice", clock).read().organisation_id == "org-2"


def test_a_branch_without_a_file_is_damaged_and_not_new(
    clone: Clone, clock: Clock, remote: Path
) -> None:
    folder = clone("a")
    ledger_in(folder, clock).open("org-1")
    empty = git(folder, "commit-tree", git(folder, "mktree").strip(), "-m", "empty").strip()
    git(folder, "push", "--quiet", "--force", "origin", f"{empty}:{BRANCH}")
    with pytest.raises(LedgerError, match="holds no file"):
        ledger_in(folder, clock).read()


def test_an_apply_of_a_hundred_changes_is_a_handful_of_pushes(
    clone: Clone, clock: Clock, remote: Path, tmp_path: Path
) -> None:
    pushes = tmp_path / "pushes"
    ledger = ledger_in(clone("a"), clock)
    ledger.open("org-1")
    hook(remote, "pre-receive", f"echo push >> {pushes}")
    keys = [f"team/agent{number}" for number in range(100)]
    creates, updates = keys[:50], keys[50:]
    with ledger.lock(a_run()):
        ledger.start(a_run())
        with ledger.writing(durable=True) as writer:
            for key in creates:
                writer.intend(an_intent(key))
            for key in updates:
                writer.remember(an_entry(PLANNED, key=key, before={"of": key}))
        seen = ledger_in(clone("b"), clock)
        assert sorted(seen.read().intents) == sorted(creates)
        assert {e.before["of"] for e in seen.run("run-1").entries if e.before} == set(updates)
        for key in keys[:-1]:
            with ledger.writing(durable=False) as writer:
                writer.remember(an_entry("started", key=key))
                writer.record(a_record(key, f"agent {key}"))
                writer.remember(an_entry("done", key=key))
        ledger.finish("run-1", "failed")
    assert pushes.read_text().count("push") == 4
    state, summary = seen.read(), seen.runs()[0]
    assert (len(state.records), dict(state.intents)) == (99, {})
    assert (summary.result, summary.results) == ("failed", {"done": 99})


def test_many_threads_share_their_pushes_and_each_is_durable(
    clone: Clone, clock: Clock, remote: Path, tmp_path: Path
) -> None:
    ledger, pushes = ledger_in(clone("a"), clock), tmp_path / "pushes"
    other = ledger_in(clone("b"), clock)
    ledger.open("org-1")

    def intended(number: int) -> bool:
        ledger.intend(an_intent(f"k{number}"))
        return f"k{number}" in other.read().intents

    with ledger.lock(a_run()), ThreadPoolExecutor(16) as pool:
        hook(remote, "pre-receive", f"echo push >> {pushes}\nsleep 0.2")
        assert all(pool.map(intended, range(32)))
    assert pushes.read_text().count("push") <= 12


def test_others_commits_that_come_between_are_kept(clone: Clone, clock: Clock) -> None:
    ledger, other = ledger_in(clone("a"), clock), ledger_in(clone("b"), clock)
    ledger.open("org-1")
    ledger.record_all([(a_record(key, key), None) for key in ("x", "y")])
    with ledger.lock(a_run()):
        ledger.start(a_run())
        ledger.record(a_record("mine", "mine"))
        other.record(a_record("theirs", "theirs"))
        other.forget("x")
        ledger.record(a_record("mine too", "mine too"))
        ledger.finish("run-1", "done")
    expected = {"mine", "mine too", "theirs", "y"}
    assert ledger.read() == other.read()
    assert set(other.read().records) == expected
    assert other.runs()[0].result == "done"


def test_a_lease_that_ended_is_taken_over_and_its_old_holder_writes_no_more(
    clone: Clone, clock: Clock
) -> None:
    first, second = unknown_holder(clone("a"), clock), unknown_holder(clone("b"), clock)
    first.open("org-1")
    with pytest.raises(LedgerError, match="lock of this environment was lost"), first.lock(a_run()):  # noqa: PT012  # the end of the lock tells it too
        first.record(a_record("before", "before"))
        first.flush()
        clock.go(QUICK.lease + QUICK.skew - 1)
        with pytest.raises(Locked, match="alice on host7"), second.lock(a_run("2")):
            raise AssertionError
        clock.go(2)
        assert second.holder() is None
        with second.lock(a_run("run-2", actor="bob")):
            assert second.holder() == a_run("run-2", actor="bob")
            second.record(a_record("second", "second"))
            first.record(a_record("late", "late"))
    assert set(second.read().records) == {"before", "second"}
    with second.lock(a_run("run-3")):
        pass


def test_a_lease_that_ended_unseen_is_renewed_by_the_next_write(clone: Clone, clock: Clock) -> None:
    first, second = unknown_holder(clone("a"), clock), unknown_holder(clone("b"), clock)
    first.open("org-1")
    with first.lock(a_run()):
        clock.go(1000)
        first.record(a_record("a"))
        with pytest.raises(Locked), second.lock(a_run("2")):
            raise AssertionError
    assert list(second.read().records) == ["a"]


def test_the_heart_beats_between_writes_and_batches_what_waits(
    clone: Clone, clock: Clock, remote: Path
) -> None:
    ledger = ledger_in(clone("a"), clock, Timing(batch=0.05, beat=0.1))
    ledger.open("org-1")
    with ledger.lock(a_run()):
        before = tip(remote, LOCK)
        ledger.record(a_record("a"))
        for _ in range(100):
            if tip(remote, LOCK) != before and ledger_in(remote, clock).read().records:
                break
            Event().wait(0.05)
        assert tip(remote, LOCK) != before
        assert list(ledger_in(remote, clock).read().records) == ["a"]
    assert LOCK not in refs(remote)


def test_a_lock_taken_away_stops_its_holder(clone: Clone, clock: Clock) -> None:
    first, second = ledger_in(clone("a"), clock), ledger_in(clone("b"), clock)
    first.open("org-1")
    assert second.unlock() is None
    with pytest.raises(LedgerError, match="was lost"), first.lock(a_run()):  # noqa: PT012  # the end of the lock tells it too
        assert second.unlock() == a_run()
        with pytest.raises(LedgerError, match="was lost"):
            first.intend(an_intent("a"))
        first.record(a_record("a"))
    assert second.read().records == {}


@pytest.mark.parametrize("phase", ["lock", "write"])
def test_a_push_refused_once_is_tried_again(
    clone: Clone, clock: Clock, remote: Path, tmp_path: Path, phase: str
) -> None:
    ledger, mark = ledger_in(clone("a"), clock), tmp_path / "refused"
    ledger.open("org-1")
    script = f"[ -e {mark} ] && exit 0; touch {mark}; echo 'not now' >&2; exit 1"
    if phase == "lock":
        hook(remote, "pre-receive", script)
    with ledger.lock(a_run()):
        if phase == "write":
            hook(remote, "pre-receive", script)
        ledger.intend(an_intent("a"))
        assert mark.exists()
    assert list(ledger.read().intents) == ["a"]


def test_a_push_that_arrived_but_was_not_answered_is_found_out(
    clone: Clone, clock: Clock, remote: Path
) -> None:
    ledger = ledger_in(clone("a"), clock)
    ledger.open("org-1")
    with ledger.lock(a_run()):
        # The refs have moved when this hook runs; then the connection is cut.
        script = hook(remote, "post-receive", "kill -9 $PPID")
        ledger.start(a_run())
        ledger.intend(an_intent("a"))
        script.unlink()
        ledger.finish("run-1", "done")
    assert list(ledger.read().intents) == ["a"]
    assert len(ledger.runs()) == 1


def test_a_remote_that_refuses_is_named_with_its_reason_and_without_its_password(
    clone: Clone, clock: Clock, remote: Path
) -> None:
    folder = clone("a")
    ledger = ledger_in(folder, clock)
    hook(remote, "pre-receive", "echo 'see https://me:canary@x.test/ for why' >&2; exit 1")
    with pytest.raises(LedgerError, match=r"can not be written: .*https://\*\*\*@x\.test") as error:
        ledger.open("org-1")
    assert "canary" not in str(error.value)
    with pytest.raises(LedgerError, match="can not be taken at origin"), ledger.lock(a_run()):
        raise AssertionError


def test_what_can_not_be_reached_or_found_is_an_error_with_a_way_out(
    clone: Clone, clock: Clock, remote: Path, tmp_path: Path
) -> None:
    folder = clone("a")
    ledger = ledger_in(folder, clock)
    remote.rename(tmp_path / "gone")
    with pytest.raises(LedgerError, match="remote origin can not be read") as error:
        ledger.read()
    assert "git ls-remote origin" in str(error.value.hint)
    with pytest.raises(LedgerError, match="names upstream, which is no remote"):
        GitLedger(folder, "production", now=clock, remote="upstream")
    (tmp_path / "empty").mkdir()
    with pytest.raises(LedgerError, match="not a git repository"):
        ledger_in(tmp_path / "empty", clock).read()


def test_a_branch_that_can_not_be_understood_is_damage_and_is_left_alone(
    clone: Clone, clock: Clock, remote: Path
) -> None:
    folder = clone("a")
    ledger = ledger_in(folder, clock)
    ledger.open("org-1")
    ledger.record(a_record("a"))
    git(folder, "fetch", "--quiet", "origin", BRANCH)
    git(folder, "checkout", "--quiet", "FETCH_HEAD")
    for name, text, message in [
        ("agents/a.json", "{", "damaged: agents/a.json can not be understood"),
        ("ledger.json", '{"format_version": 99}', "has format 99"),
    ]:
        (folder / name).write_text(text)
        git(folder, "commit", "--quiet", "-am", "by hand")
        git(folder, "push", "--quiet", "origin", f"HEAD:{BRANCH}")
        before = tip(remote)
        for deed in (ledger.read, lambda: ledger.record(a_record("b", "b")), ledger.export):
            with pytest.raises(LedgerError, match=message):
                deed()
        assert ledger.damage()
        assert tip(remote) == before
        git(folder, "revert", "--no-edit", "HEAD")


def _before_the_remote(folder: Path, clock: Clock) -> GitLedger:
    """A ledger of a repository without a remote, with one agent."""
    repositories.alone(folder)
    ledger = ledger_in(folder, clock)
    ledger.open("org-1")
    ledger.record(a_record("desk", "agent-1"))
    return ledger


def test_a_remote_that_is_added_later_does_not_make_the_ledger_forgotten(
    remote: Path, tmp_path: Path, clock: Clock
) -> None:
    folder = tmp_path / "mine"
    _before_the_remote(folder, clock)
    git(folder, "remote", "add", "origin", str(remote))
    told = r"in this repository, but not at origin"
    with pytest.raises(LedgerError, match=told) as caught:
        ledger_in(folder, clock).read()
    assert f"`git push origin {BRANCH}`" in (caught.value.hint or "")
    with pytest.raises(LedgerError, match=told):
        ledger_in(folder, clock).open("org-1")
    with pytest.raises(LedgerError, match=told), ledger_in(folder, clock).lock(a_run("r")):
        pass
    assert refs(remote) == ["refs/heads/main"]
    git(folder, "push", "--quiet", "origin", BRANCH)
    ledger = ledger_in(folder, clock)
    assert set(ledger.read().records) == {"desk"}
    with ledger.lock(a_run("r")):
        ledger.start(a_run("r"))
        ledger.record(a_record("hall", "agent-2"))
        ledger.finish("r", "done")
    assert set(ledger_in(folder, clock).read().records) == {"desk", "hall"}


def test_a_copy_of_the_branch_in_a_checkout_is_no_matter_while_the_remote_has_it(
    clone: Clone, clock: Clock
) -> None:
    ledger_in(clone("first"), clock).open("org-1")
    folder = clone("second")
    git(folder, "branch", "reconciler-ledger/production", "origin/reconciler-ledger/production")
    ledger_in(clone("third"), clock).record(a_record("desk", "agent-1"))
    assert set(ledger_in(folder, clock).read().records) == {"desk"}


def test_a_branch_that_was_deleted_at_the_remote_is_new_again_once_no_copy_is_left(
    clone: Clone, clock: Clock, remote: Path
) -> None:
    ledger_in(clone("first"), clock).open("org-1")
    fetched, copied = clone("fetched"), clone("copied")
    git(copied, "branch", "reconciler-ledger/production", "origin/reconciler-ledger/production")
    git(remote, "update-ref", "-d", BRANCH)
    assert not ledger_in(fetched, clock).read().has_memory
    with pytest.raises(LedgerError) as caught:
        ledger_in(copied, clock).read()
    assert "`git branch -D reconciler-ledger/production`" in (caught.value.hint or "")
    git(copied, "branch", "-D", "reconciler-ledger/production")
    assert not ledger_in(copied, clock).read().has_memory
