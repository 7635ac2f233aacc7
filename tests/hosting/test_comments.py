"""One comment an environment, found again, on hosts with pages, authors and bad days."""

from collections.abc import Iterator

import pytest

from reconciler.errors import UsageError
from reconciler.hosting import DIALECTS, HostingError, Marker, Rest, Thread, keep_comments
from reconciler.hosting.comments import Kept
from reconciler.hosting.dialects import HostName
from tests.hosting.fake_hosts import PERSON, TOKEN, Host, Ordered, github, gitlab

PRODUCTION = Marker("production")


@pytest.fixture(params=["github", "gitlab"])
def name(request: pytest.FixtureRequest) -> HostName:
    chosen: HostName = request.param
    return chosen


@pytest.fixture
def host(name: HostName) -> Iterator[Host]:
    with (github if name == "github" else gitlab)() as served:
        yield served


@pytest.fixture
def waits() -> list[float]:
    return []


class Desk:
    """Keeps comments on the request of a host."""

    def __init__(self, host: Host, name: HostName, waits: list[float]) -> None:
        self.host, self.name, self.waits = host, name, waits

    def keep(self, *parts: str, marker: Marker = PRODUCTION, token: str = TOKEN) -> Kept:
        dialect = DIALECTS[self.name]
        with Rest(self.host.url, dialect.headers(token), sleep=self.waits.append) as rest:
            return keep_comments(Thread(rest, dialect, "acme/voice", 7), marker, parts)


@pytest.fixture
def desk(host: Host, name: HostName, waits: list[float]) -> Desk:
    return Desk(host, name, waits)


def shown(host: Host) -> list[str]:
    return [body.split("\n", 1)[1] for body in host.bodies]


def test_the_first_plan_is_posted_and_the_next_takes_its_place(host: Host, desk: Desk) -> None:
    assert desk.keep("one").created == 1
    assert desk.keep("two").updated == 1
    assert shown(host) == ["two"]


def test_the_same_plan_is_not_written_again(host: Host, desk: Desk) -> None:
    desk.keep("one")
    writes = len(host.requests)
    assert desk.keep("one").unchanged == 1
    assert {method for method, _, _ in host.requests[writes:]} == {"GET"}


def test_each_environment_and_each_project_of_a_repo_has_its_own_comment(
    host: Host, desk: Desk
) -> None:
    markers = [Marker("production"), Marker("production", "voice/eu"), Marker("production-2")]
    for _ in range(2):
        for marker in markers:
            desk.keep(f"{marker}", marker=marker)
    assert shown(host) == [str(marker) for marker in markers]


def test_our_comment_is_found_on_a_later_page(host: Host, desk: Desk) -> None:
    for number in range(230):
        host.say(f"chatter {number}", by=PERSON)
    desk.keep("one")
    for number in range(30):
        host.say(f"more chatter {number}", by=PERSON)
    assert desk.keep("two").updated == 1
    assert len(host.comments) == 261


def test_parts_that_are_no_longer_needed_are_deleted(host: Host, desk: Desk) -> None:
    desk.keep("one", "two", "three")
    kept = desk.keep("alone")
    assert (kept.updated, kept.deleted, shown(host)) == (1, 2, ["alone"])
    desk.keep("one", "two")
    assert shown(host) == ["one", "two"]


def test_no_parts_means_no_comment(host: Host, desk: Desk) -> None:
    desk.keep("one", "two")
    assert desk.keep().deleted == 2
    assert host.comments == []


def test_a_second_comment_of_one_part_goes(host: Host, desk: Desk) -> None:
    host.say(f"{PRODUCTION.line(1)}\nolder")
    host.say(f"{PRODUCTION.line(1)}\nnewer")
    desk.keep("plan")
    assert shown(host) == ["plan"]


def test_a_comment_of_somebody_else_is_never_touched_whatever_it_says(
    host: Host, desk: Desk
) -> None:
    theirs = f"{PRODUCTION.line(1)}\nI will edit this plan later"
    host.say(theirs, by=PERSON)
    desk.keep("plan")
    assert host.bodies[0] == theirs
    assert shown(host)[1:] == ["plan"]


def test_a_quoted_comment_is_not_taken_for_ours(host: Host, desk: Desk) -> None:
    host.say(f"> {PRODUCTION.line(1)}\n> plan\n\nlooks fine")
    desk.keep("plan")
    assert len(host.comments) == 2


def test_a_post_that_took_effect_and_answered_502_is_not_made_twice(host: Host, desk: Desk) -> None:
    host.trouble = [Ordered("POST", 502, after=True)]
    desk.keep("one", "two")
    assert shown(host) == ["one", "two"]


def test_a_host_that_says_wait_is_waited_for(host: Host, desk: Desk, waits: list[float]) -> None:
    host.trouble = [Ordered("POST", 429, {"Retry-After": "7"}), Ordered("GET", 503)]
    desk.keep("plan")
    assert (shown(host), waits) == (["plan"], [1.0, 7.0])


def test_a_secondary_rate_limit_is_a_403_that_says_when(desk: Desk, host: Host) -> None:
    host.trouble = [Ordered("POST", 403, {"Retry-After": "3600"})]
    desk.keep("plan")
    assert (shown(host), desk.waits) == (["plan"], [60.0])


def test_a_host_that_stays_down_is_told_so(host: Host, desk: Desk) -> None:
    host.trouble = [Ordered("GET", 503) for _ in range(50)]
    with pytest.raises(HostingError, match="HTTP 503"):
        desk.keep("plan")


def test_a_comment_deleted_meanwhile_is_posted_again(host: Host, desk: Desk) -> None:
    desk.keep("one")
    verb = "PATCH" if desk.name == "github" else "PUT"
    gone = host.comments.pop()
    host.comments.append(gone)
    host.trouble = [Ordered(verb, 404)]
    assert desk.keep("two").updated == 1
    assert shown(host) == ["two"]


def test_a_token_that_may_not_write_is_told_which_permission_it_needs(
    host: Host, desk: Desk
) -> None:
    host.may_write = False
    with pytest.raises(HostingError) as failure:
        desk.keep("plan")
    wanted = {"github": "pull-requests: write", "gitlab": "scope `api`"}[desk.name]
    assert wanted in str(failure.value.hint)
    assert failure.value.exit_code == 1


def test_an_unknown_token_is_named_by_its_variable_and_never_shown(desk: Desk) -> None:
    with pytest.raises(HostingError, match="HTTP 401") as failure:
        desk.keep("plan", token="wrong_canary_token")
    assert "_TOKEN" in str(failure.value.hint)
    assert "canary" not in f"{failure.value!r} {failure.value.hint} {failure.value.__cause__!r}"


def test_a_request_that_there_is_not_is_told(host: Host, name: HostName) -> None:
    dialect = DIALECTS[name]
    with Rest(host.url, dialect.headers(TOKEN)) as rest, pytest.raises(HostingError) as failure:
        keep_comments(Thread(rest, dialect, "acme/voice", 8), PRODUCTION, ["plan"])
    assert "--number" in str(failure.value.hint)


def test_the_token_does_not_follow_a_link_to_another_host(host: Host, desk: Desk) -> None:
    with github() as other:
        host.next_page = f"{other.url}/repos/acme/voice/issues/7/comments?per_page=100"
        with pytest.raises(HostingError, match="another host"):
            desk.keep("plan")
        assert other.requests == []


def test_a_host_that_is_not_there_is_told_without_the_token(waits: list[float]) -> None:
    with pytest.raises(HostingError, match=r"no answer from 127\.0\.0\.1") as failure:
        Desk(Host({}, "http://127.0.0.1:9"), "github", waits).keep("plan")
    assert TOKEN not in repr(failure.value)
    assert failure.value.__cause__ is None


@pytest.mark.parametrize("url", ["http://git.example.com/api", "ftp://x", "https://u:p@x/", "x"])
def test_a_base_url_that_would_leak_the_token_is_refused(url: str) -> None:
    with pytest.raises(UsageError) as refusal:
        Rest(url, {})
    assert url not in str(refusal.value)


@pytest.mark.parametrize("name", ["a--b", "--", "prod-", "x -->", "<b>", "ä"])
def test_a_marker_is_one_html_comment_whatever_the_names(name: str) -> None:
    marker = Marker(name, f"voice/{name}")
    line = marker.line(3)
    assert line.startswith("<!--")
    assert "--" not in line[4:-3]
    assert marker.part_of(f"{line}\nbody") == 3
    assert Marker("other", f"voice/{name}").part_of(line) is None


def test_on_gitlab_a_token_that_can_not_say_whose_it_is_posts_nothing() -> None:
    with gitlab() as host:
        host.trouble = [Ordered("GET", 403)]
        with pytest.raises(HostingError, match="whose token"):
            Desk(host, "gitlab", []).keep("plan")
        assert host.comments == []
