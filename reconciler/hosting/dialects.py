"""What GitHub and GitLab call the same things."""

from collections.abc import Callable, Mapping
from typing import Any, Final, Literal
from urllib.parse import quote

from reconciler.nouns import noun

HostName = Literal["github", "gitlab"]


@noun
class Dialect:
    """One host's API.

    `limit` is the most characters of a comment. `comments` and `comment` give paths, from the repo
    and the request's number, and from those and a comment's id. `wrote` tells whether the
    account (None: an app's token, which the host does not let ask who it is) wrote a comment.
    """

    name: HostName
    request: str
    limit: int
    base_url: str
    token_names: tuple[str, ...]
    headers: Callable[[str], Mapping[str, str]]
    comments: Callable[[str, int], str]
    comment: Callable[[str, int, int], str]
    update: Literal["PATCH", "PUT"]
    wrote: Callable[[Mapping[str, Any], Mapping[str, Any] | None], bool]
    permission: str


def _github_headers(token: str) -> Mapping[str, str]:
    return {
        "Authorization": f"Bearer {token}",
        "Accept": "application/vnd.github+json",
        "X-GitHub-Api-Version": "2022-11-28",
    }


def _github_wrote(comment: Mapping[str, Any], account: Mapping[str, Any] | None) -> bool:
    author = comment.get("user") or {}
    if account is None:
        # The token of a workflow run or of an app. A person can not be a bot, so nobody can
        # have us fill in a comment that they go on editing.
        return author.get("type") == "Bot"
    return bool(author.get("id") == account.get("id"))


def _gitlab_wrote(comment: Mapping[str, Any], account: Mapping[str, Any] | None) -> bool:
    author = comment.get("author") or {}
    return account is not None and author.get("id") == account.get("id")


def _gitlab_notes(repo: str, number: int) -> str:
    return f"/projects/{quote(repo, safe='')}/merge_requests/{number}/notes"


def _github_repo(repo: str) -> str:
    return f"/repos/{quote(repo, safe='/')}"


DIALECTS: Final[Mapping[HostName, Dialect]] = {
    "github": Dialect(
        name="github",
        request="pull request",
        limit=65_536,
        base_url="https://api.github.com",
        token_names=("GITHUB_TOKEN", "GH_TOKEN"),
        headers=_github_headers,
        comments=lambda repo, number: f"{_github_repo(repo)}/issues/{number}/comments",
        comment=lambda repo, _, comment: f"{_github_repo(repo)}/issues/comments/{comment}",
        update="PATCH",
        wrote=_github_wrote,
        permission="the job needs `permissions: {pull-requests: write}`; a run for a fork never "
        "has it, so let that run only validate",
    ),
    "gitlab": Dialect(
        name="gitlab",
        request="merge request",
        limit=1_000_000,
        base_url="https://gitlab.com/api/v4",
        token_names=("GITLAB_TOKEN",),
        headers=lambda token: {"PRIVATE-TOKEN": token},
        comments=_gitlab_notes,
        comment=lambda repo, number, note: f"{_gitlab_notes(repo, number)}/{note}",
        update="PUT",
        wrote=_gitlab_wrote,
        permission="the token needs the scope `api` and the role Reporter or higher; "
        "CI_JOB_TOKEN can not write comments",
    ),
}
