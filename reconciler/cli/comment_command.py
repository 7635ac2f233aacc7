"""`reconciler comment`: the plan, on the pull or merge request that is reviewed."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reconciler.cli.allow import allow_options, target_option
from reconciler.cli.apply_command import _load
from reconciler.cli.known_secrets import masked, resolver
from reconciler.cli.plan_command import exit_code_of, request_of
from reconciler.cli.root import Options
from reconciler.cli.run_info import folder_in_repo
from reconciler.cli.site import chosen_environment, open_site, run_async
from reconciler.errors import MissingSecret, ReconcilerError, SpecsInvalid, UsageError
from reconciler.nouns import noun

if TYPE_CHECKING:
    from reconciler.hosting import CiRun, HostName
    from reconciler.model.change import Plan

_ROOM = 2_000  # characters for what we put around a part: marker, footer
_SUMMARY = 250_000  # characters; GitHub takes 1 MiB of summary a step


@click.command(help="Post the plan on the pull or merge request: one comment an environment.")
@click.option(
    "--plan",
    "plan_file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="A plan that `plan --out` saved; else it is made now.",
)
@click.option("--host", type=click.Choice(["github", "gitlab"]), help="The CI system's by default.")
@click.option("--base-url", metavar="URL", help="The host's API, for one of your own.")
@click.option("--repo", metavar="OWNER/NAME", help="The repo, or GitLab's project path or id.")
@click.option("--number", type=click.IntRange(min=1), help="The pull or merge request.")
@click.option("--token-env", metavar="NAME", help="The variable that holds the token.")
@click.option("--delete-if-empty", is_flag=True, help="No comment where nothing would change.")
@click.option("--dry-run", is_flag=True, help="Print the comment; post nothing.")
@target_option
@allow_options
@click.pass_obj
def command(
    options: Options,
    /,
    *,
    plan_file: Path | None,
    delete_if_empty: bool,
    dry_run: bool,
    target: tuple[str, ...],
    **given: Any,
) -> int:
    from reconciler import report

    place = {name: given.pop(name) for name in ("host", "base_url", "repo", "number", "token_env")}
    desk = _desk(options, place, dry_run=dry_run)
    desk.annotate(options)
    try:
        plan = _saved(options, plan_file) if plan_file else _made(options, target, given)
    except ReconcilerError as failure:
        desk.failed(failure, _environment(options))
        raise
    for guard in plan.guards:  # also when the post fails, and its exit code outranks this one
        click.echo(f"refused by a guard: {report.escape(guard.message)}", err=True)
    desk.show(plan, delete_if_empty=delete_if_empty)
    return exit_code_of(plan, detailed=False)


@noun
class _Desk:
    """Where the plan is shown: on the request, in the job's summary, as annotations."""

    folder: str
    ci: "CiRun"
    host: "HostName"
    base_url: str
    repo: str
    number: int
    token_env: str
    dry_run: bool

    def show(self, plan: "Plan", *, delete_if_empty: bool) -> None:
        from reconciler import report
        from reconciler.hosting import DIALECTS

        parts = report.plan_markdown(plan, limit=DIALECTS[self.host].limit - _ROOM)
        parts[-1] += self._footer(plan.digest)
        self._summarise(report.plan_markdown(plan, limit=_SUMMARY)[0])
        empty = not (plan.changes or plan.guards)
        self._post(plan.environment, [] if empty and delete_if_empty else parts)

    def annotate(self, options: Options) -> None:
        """On GitHub, what `validate` finds shows beside the lines of the pull request."""
        from reconciler import report, specs

        if self.ci.host != "github" or self.dry_run:
            return
        try:
            problems = specs.validate(specs.load_project(options.folder), options.env)
        except SpecsInvalid as invalid:
            problems = invalid.problems
        except UsageError:
            return  # making the plan says it better
        if problems:
            click.echo(report.problems_github(problems, folder=self.folder))

    def failed(self, failure: ReconcilerError, environment: str | None) -> None:
        """An old plan must not stand there as if it still held: say that there is none."""
        from reconciler import report
        from reconciler.hosting import DIALECTS
        from reconciler.report.markdown import code, fence, parts

        lines = masked(report.error_text(failure)).split("\n")
        title = f"There is no plan: {code(failure.code)}"
        bodies = parts(title, [fence("text", lines)], DIALECTS[self.host].limit - _ROOM)
        bodies[-1] += self._footer(None)
        self._summarise(bodies[0])
        if environment is None:
            return
        try:
            self._post(environment, bodies)
        except ReconcilerError as second:
            click.echo(masked(f"the comment was not posted either: {second.message}"), err=True)

    def _post(self, environment: str, parts: list[str]) -> None:
        from reconciler import hosting

        if self.dry_run:
            click.echo("\n".join(parts) or "No comment: nothing would change.")
            return
        dialect = hosting.DIALECTS[self.host]
        marker = hosting.Marker(environment, self.folder)
        headers = dialect.headers(_token(self.token_env))
        with hosting.Rest(self.base_url, headers) as rest:
            thread = hosting.Thread(rest, dialect, self.repo, self.number)
            kept = hosting.keep_comments(thread, marker, parts)
        where = f"{dialect.request} {self.number} of {self.repo}"
        click.echo(f"The comment of {environment} on {where}: {kept}.")

    def _footer(self, digest: str | None) -> str:
        told = [f"commit {self.ci.commit[:12]}"] if self.ci.commit else []
        told += [f"plan <code>{digest}</code>"] if digest else []
        told += [f"[run]({self.ci.run_url})"] if self.ci.run_url else []
        return f"\n<sub>{' · '.join(told)}</sub>\n" if told else ""

    def _summarise(self, text: str) -> None:
        """GitHub shows what is in this file on the page of the run."""
        path = os.environ.get("GITHUB_STEP_SUMMARY")
        if not path or self.ci.host != "github" or self.dry_run:
            return
        try:
            with Path(path).open("a", encoding="utf-8") as summary:
                summary.write(text + "\n")
        except OSError as error:
            click.echo(f"warning: no job summary: {error.strerror}", err=True)


def _desk(options: Options, place: dict[str, Any], *, dry_run: bool) -> _Desk:
    """Flags first, then what the CI system says; what is missing is said all at once."""
    from reconciler.hosting import DIALECTS, ci_run

    ci = ci_run(os.environ)
    host: HostName = place["host"] or ci.host or "github"
    same = host == ci.host
    repo = place["repo"] or (ci.repo if same else None)
    number = place["number"] or (ci.number if same else None)
    missing = {"--host": place["host"] or ci.host, "--repo": repo, "--number": number}
    if not dry_run and not all(missing.values()):
        names = ", ".join(name for name, value in missing.items() if not value)
        raise UsageError(
            f"which request? Nothing says {names}",
            code="NO_REQUEST",
            hint="run it in a pipeline of a pull or merge request, or give the flags",
        )
    base_url = place["base_url"] or (ci.base_url if same else None) or DIALECTS[host].base_url
    token_env = place["token_env"] or ci.token_name(host, os.environ)
    if not dry_run:
        _token(token_env)  # before the plan is made
    folder = folder_in_repo(options.folder)
    return _Desk(folder, ci, host, base_url, repo or "", number or 0, token_env, dry_run)


def _token(name: str) -> str:
    from reconciler.model.values import SecretRef

    token = (resolver(Path(), ())(SecretRef("env", name)) or "").strip()
    if not token.isascii() or not token.isprintable() or not token:
        raise MissingSecret(
            f"the token to comment with is not set: {name}",
            hint="on GitHub pass `GITHUB_TOKEN: ${{ github.token }}`, on GitLab a project access "
            "token with the scope `api` as GITLAB_TOKEN; or name a variable with --token-env",
        )
    return token


def _saved(options: Options, path: Path) -> "Plan":
    from reconciler.hosting import plan_of

    plan = plan_of(_load(path))
    if options.env is not None and options.env != plan.environment:
        raise UsageError(f"{path} is a plan of {plan.environment}, not of {options.env}")
    return plan


def _made(options: Options, target: tuple[str, ...], allow: dict[str, Any]) -> "Plan":
    from reconciler import workflow

    async def main() -> "Plan":
        async with open_site(options) as site:
            return await workflow.plan(site, request_of(target, allow))

    return run_async(main)


def _environment(options: Options) -> str | None:
    """Whose comment it is, as far as the project file can be read."""
    from reconciler.specs import load_project

    try:
        return chosen_environment(load_project(options.folder), options)
    except ReconcilerError:
        return options.env
