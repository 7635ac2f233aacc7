"""Secrets, found when they are needed, and masked in whatever is shown afterwards."""

import os
from collections.abc import Callable
from pathlib import Path

from reconciler.errors import UsageError
from reconciler.model.values import SecretRef

_seen: set[str] = set()


def resolver(folder: Path, secret_folders: tuple[str, ...]) -> Callable[[SecretRef], str | None]:
    """How references become values: None for what is not set; an empty variable is not set."""
    roots = [folder, *(folder / place for place in secret_folders)]
    allowed = [root.resolve() for root in roots]

    def value_of(ref: SecretRef) -> str | None:
        value = os.environ.get(ref.name) if ref.source == "env" else _read(ref.name, allowed)
        if value:
            _seen.add(value)
        return value or None

    return value_of


def _read(name: str, allowed: list[Path]) -> str | None:
    path = (allowed[0] / name).resolve()
    if not any(path.is_relative_to(root) for root in allowed):
        raise UsageError(
            f"the secret file {name} is outside the project folder",
            hint="name its folder under `secret_folders` in reconciler.yaml",
        )
    try:
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise UsageError(f"the secret file {name} can not be read: {reason}") from error


def masked(text: str) -> str:
    """A text without the value of any secret that this process has resolved, however spelt."""
    if not _seen:
        return text
    from reconciler.live.masking import Mask

    mask = Mask()
    for value in _seen:
        mask.add(value)
    return mask.text(text)
