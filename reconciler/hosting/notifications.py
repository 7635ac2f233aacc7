"""Messages to people, through Apprise: Slack, Teams, e-mail and the rest as URLs.

A URL may hold a secret, so targets are named by where their URL comes from, never by the URL.
"""

import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import field
from typing import Any, Final, Literal

from reconciler.errors import UsageError
from reconciler.nouns import noun

Kind = Literal["info", "success", "warning", "failure"]

_LOGGERS: Final = ("apprise", "urllib3", "requests")


@noun
class Target:
    """One URL; `label` names it without its secrets."""

    label: str
    url: str = field(repr=False)


@noun
class Message:
    title: str
    body: str
    kind: Kind


def deliver(message: Message, targets: Sequence[Target]) -> dict[str, str | None]:
    """Send to each target; for each label None, or why it was not delivered.

    Raises `UsageError` when Apprise is not installed.
    """
    apprise = _apprise()
    with _silent():
        return {target.label: _sent(apprise, message, target) for target in targets}


def _sent(apprise: Any, message: Message, target: Target) -> str | None:
    asset = apprise.AppriseAsset(app_id="reconciler", app_desc="reconciler", plugin_paths=[])
    sender = apprise.Apprise(asset=asset)
    try:
        if not sender.add(target.url):
            return "this is no URL that Apprise knows"
        done = sender.notify(title=message.title, body=message.body, notify_type=message.kind)
    except Exception as error:  # noqa: BLE001  # a hundred plugins, and their errors hold the URL
        return type(error).__name__
    return None if done else "it was not accepted there"


def _apprise() -> Any:
    try:
        import apprise  # noqa: PLC0415  # an optional dependency
    except ImportError as error:
        raise UsageError(
            "`notify` needs the package apprise", hint="install `reconciler[notify]`"
        ) from error
    return apprise


@contextmanager
def _silent() -> Iterator[None]:
    """Apprise logs what it could not send, and where: URLs do not belong into a CI log.

    Its plugins load when they are used, and the libraries of some warn about themselves.
    """
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    before = [logger.disabled for logger in loggers]
    for logger in loggers:
        logger.disabled = True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, was in zip(loggers, before, strict=True):
            logger.disabled = was
