"""From a form that was sent to the PATCH it stands for: the touched fields and no others.

Each control travels with a digest of what it showed (`was.…`). So a field that nobody touched is
never sent, whatever a browser makes of its line ends, and whatever changed meanwhile.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import field
from typing import Any

from reconciler.nouns import noun
from reconciler.sandbox.page.fields import FIELDS, Field

MEANWHILE = (
    "This changed elsewhere while you were editing. Saving again puts your text in place of: {now}"
)


@noun
class Edit:
    """typed: the touched fields' texts; overtaken: why nothing may be sent. Both by path."""

    typed: dict[str, str] = field(default_factory=dict)
    overtaken: dict[str, str] = field(default_factory=dict)


def fingerprint(control: Field, text: str) -> str:
    return hashlib.sha256(control.settled(text).encode()).hexdigest()[:32]


def edit_of(form: Mapping[str, str], agent: Mapping[str, Any]) -> Edit:
    edit = Edit()
    for control in FIELDS:
        was = form.get(f"was.{control.path}")
        text = form.get(control.path, "")
        if was is None or fingerprint(control, text) == was:
            continue
        now = control.shown(agent)
        if control.settled(text) == control.settled(now):
            continue
        edit.typed[control.path] = text
        if fingerprint(control, now) != was:
            edit.overtaken[control.path] = MEANWHILE.format(now=now or "(empty)")
    return edit


def patch_of(edit: Edit, agent: Mapping[str, Any]) -> dict[str, Any]:
    """Return the body of the PATCH; the API takes `models` and `idle_nudges` whole only."""
    body: dict[str, Any] = {}
    for control in FIELDS:
        if control.path not in edit.typed:
            continue
        value = control.value(edit.typed[control.path], control.shown(agent))
        name, *inner = control.parts
        if inner:
            body.setdefault(name, dict(agent.get(name) or {}))[inner[0]] = value
        else:
            body[name] = value
    return body
