"""The comments of one pull or merge request."""

import re
from collections.abc import Iterator
from typing import Any, Final

from reconciler.hosting.dialects import Dialect
from reconciler.hosting.exchange import Answer, HostingError, Method, Rest, message_of
from reconciler.nouns import noun

_NEXT: Final = re.compile(r'<([^>]+)>\s*;[^,]*\brel="?next"?')
_MOST_PAGES: Final = 200
_FORBIDDEN: Final = 403
_GONE: Final = 404
_SERVER_ERRORS: Final = 500


@noun
class Comment:
    """One comment, as far as it concerns us."""

    id: int
    body: str


class Thread:
    """Reads and writes the comments of one request; every method raises `HostingError`."""

    def __init__(self, rest: Rest, dialect: Dialect, repo: str, number: int) -> None:
        self._rest = rest
        self._dialect = dialect
        self._repo = repo
        self._number = number

    def own(self) -> Iterator[Comment]:
        """The comments that this token wrote, oldest first."""
        account = self._account()
        for found in self._all():
            if self._dialect.wrote(found, account):
                yield Comment(int(found["id"]), str(found.get("body") or "").replace("\r\n", "\n"))

    def add(self, body: str) -> None:
        self._done("POST", self._dialect.comments(self._repo, self._number), body)

    def change(self, comment: Comment, body: str) -> None:
        self._done(self._dialect.update, self._path(comment), body)

    def remove(self, comment: Comment) -> None:
        """Delete a comment; one that is gone already is fine."""
        self._done("DELETE", self._path(comment), None, gone_is_fine=True)

    def _path(self, comment: Comment) -> str:
        return self._dialect.comment(self._repo, self._number, comment.id)

    def _account(self) -> dict[str, Any] | None:
        answer = self._rest.ask("GET", "/user")
        if answer.status == _FORBIDDEN and self._dialect.name == "github":
            return None  # the token of a workflow run or of an app
        account = self._success(answer, "ask whose token this is").json()
        return account if isinstance(account, dict) else None

    def _all(self) -> Iterator[dict[str, Any]]:
        path = f"{self._dialect.comments(self._repo, self._number)}?per_page=100"
        if self._dialect.name == "gitlab":
            path += "&order_by=created_at&sort=asc"
        purpose = f"read the comments of {self._dialect.request} {self._number} of {self._repo}"
        for _ in range(_MOST_PAGES):
            answer = self._success(self._rest.ask("GET", path), purpose)
            page = answer.json()
            if not isinstance(page, list):
                raise HostingError(f"could not {purpose}: the answer is no list")
            yield from page
            following = _NEXT.search(answer.headers.get("link", ""))
            if following is None:
                return
            path = following.group(1)
        raise HostingError(f"could not {purpose}: there are more than {_MOST_PAGES} pages")

    def _done(
        self, method: Method, path: str, body: str | None, *, gone_is_fine: bool = False
    ) -> None:
        answer = self._rest.ask(method, path, body=None if body is None else {"body": body})
        if not (gone_is_fine and answer.status == _GONE):
            self._success(answer, f"write the comment on {self._dialect.request} {self._number}")

    def _success(self, answer: Answer, purpose: str) -> Answer:
        if 200 <= answer.status < 300:  # noqa: PLR2004  # a success
            return answer
        said = message_of(answer)
        raise HostingError(
            f"could not {purpose}: {f'{said} ' if said else ''}(HTTP {answer.status})",
            status=answer.status,
            unclear=answer.status >= _SERVER_ERRORS,
            hint=self._hint(answer.status),
        )

    def _hint(self, status: int) -> str | None:
        names = " or ".join(self._dialect.token_names)
        return {
            401: f"the token was not accepted: check {names}, or what --token-env names",
            _FORBIDDEN: self._dialect.permission,
            _GONE: f"there is no such {self._dialect.request}, or this token may not see it: "
            f"check --repo and --number; {self._dialect.permission}",
        }.get(status)
