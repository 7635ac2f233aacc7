"""The one way of outside text into the page."""

import re
from typing import Any

from markupsafe import Markup
from markupsafe import escape as entities

from reconciler.report.escaping import LOG_COMMAND, UNSAFE, escape


def visible(value: Any) -> Markup:
    """Text as HTML in which nothing acts; invisible characters stand spelt out and marked."""
    if isinstance(value, Markup):
        return value
    return Markup(UNSAFE.sub(_marked, _inert(str(value))))  # noqa: S704  # escaped just there


def attribute(value: Any) -> Markup:
    """The same within the quotes of an attribute, where there is no room for marks."""
    return Markup(_inert(escape(str(value))))  # noqa: S704  # escaped just there


def _inert(text: str) -> str:
    """Entities also where a CI log would see a command, for pages are printed on their way."""
    safe = str(entities(text)).replace("::", "&#58;&#58;")
    return LOG_COMMAND.sub("&#35;#", safe)


def _marked(match: re.Match[str]) -> str:
    return f"<i>{escape(match.group())}</i>"
