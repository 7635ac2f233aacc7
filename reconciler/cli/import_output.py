"""What `reconciler import` says: as text for people, as JSON for programs."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from reconciler.report.escaping import inline, page, quoted

if TYPE_CHECKING:
    from reconciler.journeys.adopting import Imported, ImportReport
    from reconciler.model.live import LiveAgent
    from reconciler.model.values import Document


def import_text(report: "ImportReport", *, verbose: bool = False) -> str:
    """The agents and files, what could not be declared, the secrets to set, the defaults."""
    return page(_lines(report, verbose=verbose))


def _lines(report: "ImportReport", *, verbose: bool) -> Iterator[str]:
    if not report.agents:
        yield from _unmanaged(report.unmanaged, report.environment)
        return
    would = "Would import" if report.dry_run else "Import"
    yield f"{would} into {inline(report.environment)}"
    for each in sorted(report.agents, key=lambda each: (each.key or "~", each.agent.name)):
        yield from _agent(each)
        if report.dry_run and (verbose or len(report.agents) == 1):
            for file in each.files:
                yield from ("", f"--- {inline(file.path)}", file.content.rstrip("\n"))
    yield from _defaults(report)
    yield from _secrets(report)
    good = sum(each.error is None for each in report.agents)
    bad = len(report.agents) - good
    verb = "to import" if report.dry_run else "imported and adopted; nothing was changed live"
    yield ""
    yield f"{good} {verb}." + (f" {bad} not imported." if bad else "")


def _unmanaged(agents: Sequence["LiveAgent"], environment: str) -> Iterator[str]:
    if not agents:
        yield f"Every agent of {inline(environment)} is managed."
        return
    yield f"Unmanaged agents of {inline(environment)}:"
    yield from (f"  {inline(agent.id)}  {quoted(agent.name)}" for agent in agents)
    yield ""
    yield "Import some with `reconciler import NAME…` (or ids), all with `reconciler import --all`;"
    yield "`--dry-run` shows the files first. Nothing is changed live."


def _agent(each: "Imported") -> Iterator[str]:
    if each.error is not None:
        yield f"✗ {quoted(each.agent.name)} ({inline(each.agent.id)}): {inline(each.error)}"
        return
    yield f"✓ {inline(each.key or '')}  {quoted(each.agent.name)}"
    yield f"    {', '.join(inline(file.path) for file in reversed(each.files))}"
    yield from (f"    {inline(note)}" for note in each.notes)


def _defaults(report: "ImportReport") -> Iterator[str]:
    if report.defaults is None:
        return
    yield ""
    path = inline(report.defaults.path)
    if report.defaults_written:
        yield f"What they have in common {'would go' if report.dry_run else 'went'} to {path}."
        return
    yield f"They have this in common. As {path} it would shorten their specs (`--with-defaults`"
    yield "writes it where there is no such file yet and leaves it out of the specs):"
    yield ""
    yield from (f"    {line}".rstrip() for line in report.defaults.content.splitlines())


def _secrets(report: "ImportReport") -> Iterator[str]:
    secrets = [(each, s) for each in report.agents if not each.error for s in each.secrets]
    if not secrets:
        return
    yield ""
    yield "Secrets are never read back from the API. The live ones stay until a change of their"
    yield "agent is applied; set these variables before that:"
    width = max(len(name) for _, (name, _) in secrets)
    for each, (name, place) in secrets:
        yield f"    {name:<{width}}  {inline(each.key or '')}: {inline(place)}"


def import_json(report: "ImportReport") -> "Document":
    """`format_version` 1; the paths of files, not what is in them."""
    return {
        "format_version": 1,
        "environment": report.environment,
        "dry_run": report.dry_run,
        "agents": [_agent_json(each) for each in report.agents],
        "defaults": report.defaults
        and {
            "path": report.defaults.path,
            "content": report.defaults.content,
            "written": report.defaults_written and not report.dry_run,
        },
        "unmanaged": [{"agent_id": agent.id, "name": agent.name} for agent in report.unmanaged],
    }


def _agent_json(each: "Imported") -> "Document":
    return {
        "key": each.key,
        "agent_id": each.agent.id,
        "name": each.agent.name,
        "files": [file.path for file in each.files],
        "secrets": [{"env": name, "path": place} for name, place in each.secrets],
        "notes": list(each.notes),
        "error": each.error,
    }
