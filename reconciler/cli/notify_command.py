"""No command of its own: what `drift` and `apply` tell people, by the `notify` URLs.

Nothing here fails a command: what could not be told is a warning on standard error.
"""

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from reconciler.cli.known_secrets import masked, resolver
from reconciler.cli.root import Options
from reconciler.cli.site import chosen_environment
from reconciler.cli.state import state_folder
from reconciler.errors import ReconcilerError

if TYPE_CHECKING:
    from reconciler.hosting import Message, Target
    from reconciler.model.drift import DriftReport
    from reconciler.model.outcome import Outcome
    from reconciler.specs import LoadedProject


def notify_drift(options: Options, report: "DriftReport") -> None:
    """Tell each target about drift that it was not told yet, and once when it is gone."""
    _unfailing(lambda: _drift(options, report))


def notify_apply(options: Options, outcome: "Outcome") -> None:
    """Tell about an apply that made or tried changes."""
    _unfailing(lambda: _apply(options, outcome))


def notify_failure(options: Options, failure: ReconcilerError) -> None:
    """Tell about an apply that ended before its first write."""
    _unfailing(lambda: _failure(options, failure))


def _drift(options: Options, report: "DriftReport") -> None:
    from reconciler import hosting

    told = hosting.Told(state_folder(options.folder) / "notified.json")
    state = hosting.CLEAN if report.clean else hosting.drift_fingerprint(report)
    due = [
        target
        for target in _targets(options)
        if told.last(report.environment, target.label) != state
    ]
    if due:
        delivered = _tell(hosting.drift_message(report, _link()), due)
        if delivered:
            told.remember(report.environment, delivered, state)


def _apply(options: Options, outcome: "Outcome") -> None:
    if outcome.changes and (targets := _targets(options)):
        from reconciler import hosting

        _tell(hosting.apply_message(outcome, _link()), targets)


def _failure(options: Options, failure: ReconcilerError) -> None:
    from reconciler import hosting, specs

    if targets := _targets(options):
        environment = chosen_environment(specs.load_project(options.folder), options)
        _tell(hosting.failure_message(environment, failure, _link()), targets)


def _tell(message: "Message", targets: "list[Target]") -> list[str]:
    """Send; the labels of those that were told."""
    from reconciler import hosting

    results = hosting.deliver(message, targets)
    for label, trouble in results.items():
        if trouble is not None:
            _warn(f"{label} was not notified: {trouble}")
    return [label for label, trouble in results.items() if trouble is None]


def _targets(options: Options) -> "list[Target]":
    from reconciler.cli.cache_place import load_project

    try:
        loaded = load_project(options.folder)
    except ReconcilerError:
        return []  # the command has said so itself, and nobody knows whom to tell
    if not loaded.project.notify:
        return []  # as in most projects: no library need be loaded to say nothing
    return targets_of(loaded, options, warn=_warn)


def targets_of(
    loaded: "LoadedProject", options: Options, *, warn: Callable[[str], None]
) -> "list[Target]":
    """The URLs of the project file; `warn` hears of each that is not set."""
    from reconciler.hosting import Target
    from reconciler.model.values import SecretRef, digest

    resolve = resolver(options.folder, loaded.project.secret_folders)
    targets = {}
    for each in loaded.project.notify:
        if isinstance(each, SecretRef):
            label, url = f"notify {each}", resolve(each)
        else:
            label, url = f"notify {digest(each)[:12]}", each
        if url:
            targets[label] = Target(label, url.strip())
        else:
            warn(f"{label} is not set: nobody is notified there")
    return list(targets.values())


def _link() -> str | None:
    from reconciler.hosting import ci_run

    return ci_run(os.environ).run_url


def _unfailing(tell: Callable[[], None]) -> None:
    try:
        tell()
    except ReconcilerError as error:
        _warn(f"nobody was notified: {error.message}")
    except Exception as error:  # noqa: BLE001  # a notification is not worth a failed apply
        _warn(f"nobody was notified: {type(error).__name__}")


def _warn(text: str) -> None:
    from reconciler.report import escape

    click.echo(masked(f"warning: {escape(text)}"), err=True)
