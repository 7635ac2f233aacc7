"""The drift job of the GitLab pipeline, run by a shell with real curl against a GitLab of issues."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from ruamel.yaml import YAML
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.program import serving_app
from tests.scaffold.test_drift_issue import RECONCILER
from tests.scaffold.test_examples import EXAMPLES

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
TOKEN = "glpat_canary_1234567890"


@dataclass
class GitLab:
    url: str = ""
    issues: list[dict[str, Any]] = field(default_factory=list)

    def answer(self, request: Request, form: dict[str, str]) -> Response:
        if request.headers.get("private-token") != TOKEN:
            return JSONResponse({"message": "401 Unauthorized"}, 401)
        if request.method == "GET":
            wanted = request.query_params
            found = [i for i in self.issues if i["state"] == wanted["state"]]
            return JSONResponse([i for i in found if i["labels"] == wanted["labels"]])
        if request.method == "POST":
            self.issues.append({"iid": len(self.issues) + 1, "state": "opened", **form})
        else:
            issue = self.issues[int(request.path_params["iid"]) - 1]
            closed = form.pop("state_event", None) == "close"
            issue.update(form, **({"state": "closed"} if closed else {}))
        return JSONResponse({})


@contextmanager
def gitlab_of_issues() -> Iterator[GitLab]:
    gitlab = GitLab()

    async def take(request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode("utf-8")))
        return gitlab.answer(request, form)

    path = "/projects/5/issues"
    methods = ["GET", "POST", "PUT"]
    routes = [Route(path, take, methods=methods), Route(path + "/{iid}", take, methods=methods)]
    with serving_app(Starlette(routes=routes)) as served:
        gitlab.url = served.url
        yield gitlab


def drift(folder: Path, gitlab: GitLab, code: int, markdown: str) -> int:
    """Run the job's script as a runner does: all lines in one shell."""
    (folder / "bin").mkdir(exist_ok=True)
    (folder / "bin/reconciler").write_text(RECONCILER, encoding="utf-8")
    (folder / "bin/reconciler").chmod(0o755)
    (folder / "bin/python").unlink(missing_ok=True)
    (folder / "bin/python").symlink_to(sys.executable)
    (folder / "said.md").write_text(markdown, encoding="utf-8")
    (folder / "code").write_text(str(code), encoding="utf-8")
    pipeline = YAML(typ="safe").load(EXAMPLES / "gitlab/reconciler.yml")
    environment = {
        "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
        "FAKE": str(folder),
        "FOLDER": ".",
        "CI_API_V4_URL": gitlab.url,
        "CI_PROJECT_ID": "5",
        "GITLAB_TOKEN": TOKEN,
        "RECONCILER_ENV": "production",
    }
    script = "\n".join(pipeline["reconciler drift"]["script"])
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", script], cwd=folder, env=environment, check=False
    )
    return done.returncode


def test_drift_opens_one_issue_keeps_it_up_to_date_and_closes_it(tmp_path: Path) -> None:
    with gitlab_of_issues() as gitlab:
        for code, text in ((0, "clean"), (2, "first & = drift"), (2, "second\ndrift")):
            assert drift(tmp_path, gitlab, code, text) == 0
        (issue,) = gitlab.issues
        assert (issue["title"], issue["labels"]) == ("Drift in production", "drift::production")
        assert (issue["state"], issue["description"]) == ("opened", "second\ndrift")
        assert drift(tmp_path, gitlab, 0, "clean") == 0
        assert [found["state"] for found in gitlab.issues] == ["closed"]


def test_a_check_that_failed_is_neither_drift_nor_clean(tmp_path: Path) -> None:
    with gitlab_of_issues() as gitlab:
        drift(tmp_path, gitlab, 2, "drift")
        assert drift(tmp_path, gitlab, 4, "") == 4
        assert [found["state"] for found in gitlab.issues] == ["opened"]
