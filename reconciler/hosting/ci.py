"""What the CI system says about the run; its variables come in as a mapping."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reconciler.hosting.dialects import DIALECTS, HostName
from reconciler.nouns import noun


@noun
class CiRun:
    """Where this process runs; None for what is not known. `commit` is what is reviewed."""

    host: HostName | None = None
    base_url: str | None = None
    repo: str | None = None
    number: int | None = None
    commit: str | None = None
    run_url: str | None = None
    private: bool | None = None

    def token_name(self, host: HostName, variables: Mapping[str, str]) -> str:
        """The variable that holds the token; the first that is set, or the usual one."""
        names = DIALECTS[host].token_names
        return next((name for name in names if variables.get(name)), names[0])


def ci_run(variables: Mapping[str, str]) -> CiRun:
    """The run as GitHub Actions or GitLab CI describe it; outside both nothing is known."""
    if variables.get("GITHUB_ACTIONS") == "true":
        return _github(variables)
    if variables.get("GITLAB_CI"):
        return _gitlab(variables)
    return CiRun()


def _github(variables: Mapping[str, str]) -> CiRun:
    event = _event(variables.get("GITHUB_EVENT_PATH"))
    request = event.get("pull_request") or {}
    ref = re.fullmatch(r"refs/pull/(\d+)/\w+", variables.get("GITHUB_REF", ""))
    issue = event.get("issue") or {}
    number = request.get("number") or issue.get("number") or (ref and ref.group(1))
    server, repo, run = (
        variables.get(f"GITHUB_{name}") for name in ("SERVER_URL", "REPOSITORY", "RUN_ID")
    )
    return CiRun(
        host="github",
        base_url=variables.get("GITHUB_API_URL") or None,
        repo=repo or None,
        number=int(number) if number else None,
        commit=(request.get("head") or {}).get("sha") or variables.get("GITHUB_SHA"),
        run_url=f"{server}/{repo}/actions/runs/{run}" if server and repo and run else None,
        private=(event.get("repository") or {}).get("private"),
    )


def _gitlab(variables: Mapping[str, str]) -> CiRun:
    number = variables.get("CI_MERGE_REQUEST_IID", "")
    visibility = variables.get("CI_PROJECT_VISIBILITY")
    return CiRun(
        host="gitlab",
        base_url=variables.get("CI_API_V4_URL") or None,
        repo=variables.get("CI_PROJECT_PATH") or variables.get("CI_PROJECT_ID") or None,
        number=int(number) if number.isdecimal() else None,
        commit=variables.get("CI_COMMIT_SHA") or None,
        run_url=variables.get("CI_JOB_URL") or None,
        private=visibility != "public" if visibility else None,
    )


def _event(path: str | None) -> dict[str, Any]:
    """The event that started the run; GitHub writes it to a file."""
    if not path:
        return {}
    try:
        event = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return event if isinstance(event, dict) else {}
