"""`reconciler pull`."""

from typing import TYPE_CHECKING, Any

import click

from reconciler.cli.root import Options
from reconciler.cli.site import open_site, run_async
from reconciler.errors import ExitCode

if TYPE_CHECKING:
    from reconciler.journeys.pulling import PullResult


@click.command(
    help="Write what changed live back into the specs, as the smallest edit. Exits with 3 when "
    "something was refused; the rest is written."
)
@click.argument("keys", nargs=-1, metavar="[KEY]...")
@click.option("--dry-run", is_flag=True, help="Print the patch and write nothing.")
@click.option(
    "--to",
    type=click.Choice(["spec", "origin"]),
    help="Where a value goes that is shared: the spec gets its own, or the shared place changes "
    "(only where every agent that uses it is live so already).",
)
@click.option(
    "--force",
    is_flag=True,
    help="Take the live value of conflicts, and edit files with uncommitted changes.",
)
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
@click.pass_obj
def command(
    options: Options,
    /,
    *,
    keys: tuple[str, ...],
    dry_run: bool,
    to: Any,
    force: bool,
    form: str,
) -> int:
    from reconciler.cli.committed import Committed
    from reconciler.journeys.pulling import PullRequest, pull
    from reconciler.specs.editing import write

    committed = Committed()
    request = PullRequest(
        keys=frozenset(keys),
        to=to,
        force=force,
        dirty=lambda real: not dry_run and not committed.holds(real),
    )

    async def main() -> "PullResult":
        async with open_site(options) as site:
            return await pull(site, request)

    result = run_async(main)
    if not dry_run:
        write(result.edits)
    click.echo(_json(result) if form == "json" else _text(result, dry_run=dry_run))
    return ExitCode.REFUSED if result.refused else ExitCode.DONE


def _text(result: "PullResult", *, dry_run: bool) -> str:
    from reconciler.report.escaping import escape, inline, page
    from reconciler.specs.editing import unified_diff

    lines = []
    if not result.memory:
        lines.append("No ledger, no memory: every difference counts as changed live.")
    if dry_run:
        lines += [escape(unified_diff(e.name, e.before, e.after)) for e in result.edits]
    lines += [
        f"{'would pull' if dry_run else 'pulled'} {inline(p.key)} {inline('.'.join(p.change.path))}"
        f"{' → ' + inline(', '.join(p.files)) if p.files else ''}"
        for p in result.pulled
    ]
    lines += [
        f"refused {inline(r.key)} {inline('.'.join(r.path))}: {inline(r.reason)}"
        for r in result.refused
    ]
    lines += [f"not touched {inline(u.who)}: {inline(u.why)}" for u in result.untouched]
    lines += [f"note: {inline(note)}" for note in (*result.notes, *_to_set(result))]
    if not result.pulled and not result.refused:
        lines.append("Nothing to pull.")
    return page(lines)


def _to_set(result: "PullResult") -> list[str]:
    """Secrets that came with a pulled auth: nobody can read them back."""
    return [
        f"{p.key} {'.'.join(p.change.path)}: the secret can not be read back; set the variable "
        "that the new reference in the spec names"
        for p in result.pulled
        if "auth" in p.change.path
        or (isinstance(p.change.before, dict) and isinstance(p.change.before.get("auth"), dict))
    ]


def _json(result: "PullResult") -> str:
    from reconciler import report
    from reconciler.specs.editing import unified_diff

    return report.dump(
        {
            "format_version": 1,
            "environment": result.environment,
            "memory": result.memory,
            "pulled": [
                {"key": p.key, "path": list(p.change.path), "files": list(p.files)}
                for p in result.pulled
            ],
            "refused": [
                {"key": r.key, "path": list(r.path), "reason": r.reason} for r in result.refused
            ],
            "untouched": [{"who": u.who, "why": u.why} for u in result.untouched],
            "notes": [*result.notes, *_to_set(result)],
            "patch": "".join(unified_diff(e.name, e.before, e.after) for e in result.edits),
        }
    )
