"""GitHub and GitLab with the semantics that matter here, on a real port.

Comments belong to their authors, lists come in pages, tokens may be unknown or may not write, and
failures can be ordered: `trouble` holds answers that come before the real one, the last of each
`after` its effect.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.program import serving_app

TOKEN = "ghs_canary_token_1234567890"


@dataclass
class Ordered:
    """An answer to order: for this method, in place of the effect or after it."""

    method: str
    status: int
    headers: dict[str, str] = field(default_factory=dict)
    after: bool = False


@dataclass
class Host:
    """One pull or merge request, number 7 of acme/voice, and who may do what with it."""

    account: dict[str, Any]
    url: str = ""
    comments: list[dict[str, Any]] = field(default_factory=list)
    requests: list[tuple[str, str, Any]] = field(default_factory=list)
    trouble: list[Ordered] = field(default_factory=list)
    may_write: bool = True
    is_app: bool = True
    most: int = 65_536
    next_page: str | None = None
    numbers: Iterator[int] = field(default_factory=lambda: iter(range(1001, 10_000)))

    def say(self, body: str, *, by: dict[str, Any] | None = None) -> dict[str, Any]:
        author = by or self.account
        comment = {"id": next(self.numbers), "body": body, "user": author, "author": author}
        self.comments.append(comment)
        return comment

    @property
    def bodies(self) -> list[str]:
        return [comment["body"] for comment in self.comments]

    def methods(self) -> list[str]:
        return [method for method, _, _ in self.requests]


PERSON = {"id": 42, "login": "mallory", "type": "User"}
BOT = {"id": 41898282, "login": "github-actions[bot]", "type": "Bot"}


@contextmanager
def github(**options: Any) -> Iterator[Host]:
    host = Host(BOT, **options)
    with _serving(host, "/repos/acme/voice/issues/7/comments", "/repos/acme/voice/issues/comments"):
        yield host


@contextmanager
def gitlab(**options: Any) -> Iterator[Host]:
    host = Host({"id": 9, "username": "project_1_bot"}, is_app=False, most=1_000_000, **options)
    path = "/projects/{project:path}/merge_requests/7/notes"
    with _serving(host, path, path):
        yield host


@contextmanager
def _serving(host: Host, many: str, one: str) -> Iterator[None]:
    async def everything(request: Request) -> Response:
        body = await request.json() if request.method in {"POST", "PATCH", "PUT"} else None
        host.requests.append((request.method, _path(request), body))
        ordered = next((o for o in host.trouble if o.method == request.method), None)
        if ordered is not None:
            host.trouble.remove(ordered)
            if ordered.after:
                _answer(host, request, body)
            return JSONResponse({"message": "trouble"}, ordered.status, ordered.headers)
        return _answer(host, request, body)

    methods = ["GET", "POST", "PATCH", "PUT", "DELETE"]
    routes = [
        Route(many, everything, methods=methods),
        Route(f"{one}/{{comment:int}}", everything, methods=methods),
        Route("/user", everything, methods=methods),
    ]
    with serving_app(Starlette(routes=routes)) as served:
        host.url = served.url
        yield


def _path(request: Request) -> str:
    path: str = request.scope["raw_path"].decode()
    return path


def _answer(host: Host, request: Request, body: Any) -> Response:
    if TOKEN not in str(request.headers.get("authorization")) + str(
        request.headers.get("private-token")
    ):
        return JSONResponse({"message": "Bad credentials"}, 401)
    if request.url.path == "/user":
        return _user(host)
    if request.method == "GET":
        return _page(host, request)
    if not host.may_write:
        return JSONResponse({"message": "Resource not accessible by integration"}, 403)
    if body is not None and len(body["body"]) > host.most:
        return JSONResponse({"message": "Body is too long"}, 422)
    writes: dict[str, Callable[[], Response]] = {
        "POST": lambda: JSONResponse(host.say(body["body"]), 201),
        "PATCH": lambda: _changed(host, request, body),
        "PUT": lambda: _changed(host, request, body),
        "DELETE": lambda: _deleted(host, request),
    }
    return writes[request.method]()


def _user(host: Host) -> Response:
    if host.is_app:
        return JSONResponse({"message": "Resource not accessible by integration"}, 403)
    return JSONResponse(host.account)


def _page(host: Host, request: Request) -> Response:
    size, page = int(request.query_params["per_page"]), int(request.query_params.get("page", 1))
    shown = host.comments[size * (page - 1) : size * page]
    following = host.next_page or str(request.url.include_query_params(page=page + 1))
    more = size * page < len(host.comments) or host.next_page
    first = f'<{request.url.include_query_params(page=1)}>; rel="first"'
    links = [first, f'<{following}>; rel="next"'] if more else [first]
    return JSONResponse(shown, headers={"Link": ", ".join(links)})


def _comment(host: Host, request: Request) -> dict[str, Any] | None:
    wanted = request.path_params["comment"]
    return next((c for c in host.comments if c["id"] == wanted), None)


def _changed(host: Host, request: Request, body: Any) -> Response:
    comment = _comment(host, request)
    if comment is None:
        return JSONResponse({"message": "Not Found"}, 404)
    comment["body"] = body["body"]
    return JSONResponse(comment)


def _deleted(host: Host, request: Request) -> Response:
    comment = _comment(host, request)
    if comment is None:
        return JSONResponse({"message": "Not Found"}, 404)
    host.comments.remove(comment)
    return Response(status_code=204)
