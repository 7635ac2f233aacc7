"""The `--allow-…` flags that `plan` and `apply` share: ways past the guards."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

_F = TypeVar("_F", bound=Callable[..., Any])


def allow_options(command: _F) -> _F:
    """Add the flags; the command gets them as `allow_…` arguments."""
    for name, what in (
        ("updates", "updates"),
        ("adopt", "adoptions that overwrite a live agent"),
        ("vanished", "managed agents missing live"),
        ("deletes", "deletes"),
    ):
        option = click.option(
            f"--allow-{name}", type=click.IntRange(min=0), metavar="N", help=f"Up to N {what}."
        )
        command = option(command)
    empty = click.option("--allow-empty", is_flag=True, help="An empty specs folder is meant.")
    return empty(command)


def target_option(command: _F) -> _F:
    return click.option(
        "--target", multiple=True, metavar="KEY", help="Only this key; may be repeated."
    )(command)
