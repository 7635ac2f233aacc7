"""Notifications arrive at a real receiver, each drift once, and nothing secret is said."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from reconciler.cli.notify_command import notify_apply, notify_drift, notify_failure
from reconciler.cli.root import Options
from reconciler.errors import LiveError
from reconciler.model.change import Action, Change, FieldChange, Origin, Plan
from reconciler.model.drift import AgentDrift, DriftReport, DriftStatus, FieldDrift
from reconciler.model.outcome import ChangeOutcome, Outcome, Result
from tests.program import Checkout, serving_app

HOSTILE = "x<!channel> @everyone [a](http://evil)\n\u202e"


@dataclass
class Receiver:
    url: str = ""
    status: int = 200
    seen: list[dict[str, Any]] = field(default_factory=list)

    @property
    def titles(self) -> list[str]:
        return [message["title"] for message in self.seen]


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()

    async def take(request: Request) -> Response:
        if receiver.status == 200:
            receiver.seen.append(await request.json())
        return JSONResponse({}, receiver.status)

    with serving_app(Starlette(routes=[Route("/{path:path}", take, methods=["POST"])])) as served:
        receiver.url = served.url.replace("http://", "json://") + "/canary-secret-path"
        yield receiver


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    for name in ("GITHUB_ACTIONS", "GITLAB_CI"):
        monkeypatch.delenv(name, raising=False)
    with receiving() as found:
        monkeypatch.setenv("HOOK", found.url)
        yield found


@pytest.fixture
def repo(tmp_path: Path, receiver: Receiver) -> Checkout:
    return Checkout(tmp_path / "repo", {"api": "sandbox"}, {"notify": [{"env": "HOOK"}]})


@pytest.fixture
def options(repo: Checkout) -> Options:
    return Options(repo.folder, None, color=False, quiet=False, verbose=False)


def changed(path: str = "greeting", after: str = "Hi", *, declared: bool = True) -> FieldDrift:
    change = FieldChange((path,), "Hello", after, Origin.DRIFT)
    return FieldDrift(change, declared=declared)


def drift(*fields: FieldDrift, key: str = "desk", name: str = "Desk") -> DriftReport:
    status = DriftStatus.DRIFTED if fields else DriftStatus.CLEAN
    return DriftReport("test", memory=True, agents=(AgentDrift(key, "id-1", name, status, fields),))


def outcome(*results: Result) -> Outcome:
    changes = [
        Change(f"agent-{n}", Action.UPDATE, "Name", lambda: "d") for n in range(len(results))
    ]
    plan = Plan("test", None, None, lambda: "d", tuple(changes))
    pairs = zip(changes, results, strict=True)
    return Outcome(plan, tuple(ChangeOutcome(change, result) for change, result in pairs))


def test_one_drift_is_told_once_however_often_it_is_seen(
    options: Options, receiver: Receiver
) -> None:
    for _ in range(3):
        notify_drift(options, drift(changed()))
    assert receiver.titles == ["Drift in test: 1 agent"]
    assert receiver.seen[0]["message"] == "desk: drifted (greeting)"


def test_another_value_of_the_field_is_another_drift(options: Options, receiver: Receiver) -> None:
    notify_drift(options, drift(changed()))
    notify_drift(options, drift(changed(after="Hey")))
    assert len(receiver.seen) == 2


def test_undeclared_fields_of_a_drifted_agent_make_no_new_drift(
    options: Options, receiver: Receiver
) -> None:
    notify_drift(options, drift(changed()))
    notify_drift(options, drift(changed(), changed("region", "us-east", declared=False)))
    assert len(receiver.seen) == 1


def test_the_end_of_a_drift_is_told_once_and_no_drift_never(
    options: Options, receiver: Receiver
) -> None:
    for report in (drift(), drift(changed()), drift(), drift(), drift(changed())):
        notify_drift(options, report)
    assert receiver.titles == [
        "Drift in test: 1 agent",
        "No more drift in test",
        "Drift in test: 1 agent",
    ]


def test_what_was_not_delivered_is_told_again(
    options: Options, receiver: Receiver, capsys: pytest.CaptureFixture[str]
) -> None:
    receiver.status = 500
    notify_drift(options, drift(changed()))
    receiver.status = 200
    notify_drift(options, drift(changed()))
    assert len(receiver.seen) == 1
    said = capsys.readouterr().err
    assert said == "warning: notify env:HOOK was not notified: it was not accepted there\n"


def test_a_target_that_failed_does_not_make_the_others_hear_it_twice(
    repo: Checkout, options: Options, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    with receiving() as other:
        monkeypatch.setenv("OTHER", other.url)
        repo.configure(notify=[{"env": "HOOK"}, {"env": "OTHER"}])
        other.status = 503
        notify_drift(options, drift(changed()))
        other.status = 200
        notify_drift(options, drift(changed()))
        assert (len(receiver.seen), len(other.seen)) == (1, 1)


def test_state_that_is_lost_or_damaged_tells_once_more_and_no_worse(
    options: Options, receiver: Receiver
) -> None:
    state = options.folder / ".reconciler/notified.json"
    for text in (None, "{", "[]", '{"format_version": 1, "told": 3}', '{"format_version": 2}'):
        if text is not None:
            state.write_text(text, encoding="utf-8")
        notify_drift(options, drift(changed()))
    assert len(receiver.seen) == 5


def test_the_state_names_targets_without_their_urls(options: Options, receiver: Receiver) -> None:
    notify_drift(options, drift(changed()))
    state = options.folder / ".reconciler/notified.json"
    assert "canary" not in state.read_text(encoding="utf-8")
    assert [path.name for path in state.parent.iterdir()] == ["notified.json"]


def test_names_from_outside_can_not_act_where_the_message_is_read(
    options: Options, receiver: Receiver
) -> None:
    notify_drift(options, drift(changed(HOSTILE), key=HOSTILE))
    body = receiver.seen[0]["message"]
    assert not set("<>@[]()!:\u202e") & set(body.replace(": drifted (", "").rstrip(")"))
    assert "\n" not in body


@pytest.mark.parametrize(
    ("results", "title", "kind"),
    [
        ([Result.DONE, Result.DONE], "Apply to test: 2 done", "success"),
        ([Result.DONE, Result.FAILED], "Apply to test: 1 done, 1 failed", "failure"),
        ([Result.NOT_STARTED], "Apply to test: 1 not started", "failure"),
    ],
)
def test_an_apply_is_told_with_its_end(
    options: Options, receiver: Receiver, results: list[Result], title: str, kind: str
) -> None:
    notify_apply(options, outcome(*results))
    assert [(seen["title"], seen["type"]) for seen in receiver.seen] == [(title, kind)]


def test_an_apply_of_nothing_is_not_told(options: Options, receiver: Receiver) -> None:
    notify_apply(options, outcome())
    assert receiver.seen == []


def test_an_apply_that_did_not_begin_is_told_without_quoting_anybody(
    options: Options, receiver: Receiver
) -> None:
    notify_failure(options, LiveError("could not list: <!channel> canary", code="API500"))
    assert receiver.seen[0]["message"] == "API500: nothing was written"


def test_the_run_is_linked_where_the_ci_system_names_it(
    options: Options, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITLAB_CI", "true")
    monkeypatch.setenv("CI_JOB_URL", "https://gitlab.example/jobs/1")
    notify_drift(options, drift(changed()))
    assert receiver.seen[0]["message"].endswith("\nhttps://gitlab.example/jobs/1")


@pytest.mark.parametrize(
    ("url", "warning"),
    [
        ("nonsense://canary-secret", "this is no URL that Apprise knows"),
        ("json://127.0.0.1:9/canary-secret", "it was not accepted there"),
        ("", "is not set"),
    ],
)
def test_a_target_that_does_not_work_is_a_warning_without_its_url(
    options: Options,
    url: str,
    warning: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("HOOK", url)
    notify_drift(options, drift(changed()))
    said = capsys.readouterr()
    assert warning in said.err
    assert "canary" not in said.err + said.out


def test_a_state_that_can_not_be_written_fails_nothing(
    options: Options, receiver: Receiver, capsys: pytest.CaptureFixture[str]
) -> None:
    (options.folder / ".reconciler").write_text("in the way", encoding="utf-8")
    notify_drift(options, drift(changed()))
    assert len(receiver.seen) == 1
    assert capsys.readouterr().err.startswith("warning: nobody was notified: ")


def test_without_notify_nothing_is_loaded_and_nothing_said(
    repo: Checkout, options: Options, capsys: pytest.CaptureFixture[str]
) -> None:
    repo.configure()
    notify_drift(options, drift(changed()))
    notify_apply(options, outcome(Result.FAILED))
    assert capsys.readouterr() == ("", "")
    assert not os.path.lexists(options.folder / ".reconciler")
