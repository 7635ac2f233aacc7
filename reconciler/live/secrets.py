"""Secret references in a body, resolved at the last moment (DESIGN.md 11).

The law of this file: a value stands in no local variable of a frame that can raise, so that a
traceback with locals shows none.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from reconciler.errors import LiveError, MissingSecret
from reconciler.live.masking import Mask
from reconciler.model.values import Document, SecretRef

SecretResolver: TypeAlias = Callable[[SecretRef], str | None]
"""The value of a secret now; None or "" when it is not set."""


class Sealed:
    """The bytes of a body that holds secrets; its repr shows none of them."""

    __slots__ = ("content",)

    def __init__(self, content: bytes) -> None:
        self.content = content


class Secrets:
    """Writes bodies as JSON with the secrets in them, and tells the mask what it saw."""

    def __init__(self, resolve: SecretResolver, mask: Mask) -> None:
        self._resolve = resolve
        self._mask = mask

    def seal(self, body: Document) -> Sealed:
        """The body as JSON, UTF-8.

        Raises `MissingSecret` naming all references that have no value, and `LiveError` for a
        body that is not JSON.
        """
        book = _Book(self._resolve, self._mask)
        sealed = book.sealed(body)
        if sealed is not None:
            return sealed
        missing = [
            f"{ref} ({'.'.join(path)})"
            for path, ref in _references(body, ())
            if not book.knows(ref)
        ]
        if missing:
            raise MissingSecret(
                f"secrets without a value: {', '.join(missing)}",
                hint="set the environment variable (env) or write the file (file) with the "
                "secret's text; an empty one counts as not set",
            )
        raise LiveError(
            "the body can not be sent: it, or a secret in it, is not JSON text",
            code="BAD_BODY",
            hint="look for numbers such as .nan, for dates, and for bytes that are not UTF-8",
        )


class _Book:
    """The values of one body, behind a repr that shows none."""

    def __init__(self, resolve: SecretResolver, mask: Mask) -> None:
        self._resolve = resolve
        self._mask = mask
        self._values: dict[SecretRef, str] = {}

    def knows(self, ref: SecretRef) -> bool:
        """Whether a secret has a value; it is written down, and hidden from now on."""
        return ref in self._values or self._write(ref, self._resolve(ref))

    def _write(self, ref: SecretRef, value: str | None) -> bool:
        if not value:
            return False
        self._values[ref] = value
        # A value that is not UTF-8 can not be percent-encoded, nor sent: `sealed` refuses it.
        if _is_utf8(value):
            self._mask.add(value)
        return True

    def sealed(self, body: Document) -> Sealed | None:
        """The body with its secrets; None if it is not JSON, or one of them has no value."""
        try:
            # The encoder asks for what it does not know: nobody else need look for references.
            text = json.dumps(
                body,
                default=self._value,
                ensure_ascii=False,
                allow_nan=False,
                separators=(",", ":"),
            )
            return Sealed(text.encode())
        except (TypeError, ValueError, RecursionError):
            return None  # the exception's frames hold the values

    def _value(self, item: object) -> str:
        if isinstance(item, SecretRef) and self.knows(item):
            return self._values[item]
        raise TypeError(type(item).__name__)


def _is_utf8(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _references(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], SecretRef]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in pairs:
        if isinstance(inner, SecretRef):
            yield (*path, str(key)), inner
        elif isinstance(inner, dict | list | tuple):
            yield from _references(inner, (*path, str(key)))
