"""Secret references in a body, resolved at the last moment (DESIGN.md 11).

The law of this file: a value stands in no local variable of a frame that can raise, so that a
traceback with locals shows none.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any, Final, TypeAlias

from reconciler.errors import LiveError, MissingSecret
from reconciler.live.masking import Mask
from reconciler.model.values import Document, SecretRef

SecretResolver: TypeAlias = Callable[[SecretRef], str | None]
"""The value of a secret now; None or "" when it is not set."""


_LEAVES: Final = frozenset({str, int, float, bool, type(None)})
"""Every value of every body is looked at, and most are these."""


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
        book = _Book()
        missing = [
            f"{ref} ({'.'.join(path)})"
            for path, ref in _references(body, ())
            if not self._learn(ref, book)
        ]
        if missing:
            raise MissingSecret(
                f"secrets without a value: {', '.join(missing)}",
                hint="set the environment variable (env) or write the file (file) with the "
                "secret's text; an empty one counts as not set",
            )
        sealed = book.sealed(body)
        if sealed is None:
            raise LiveError(
                "the body can not be sent: it, or a secret in it, is not JSON text",
                code="BAD_BODY",
                hint="look for numbers such as .nan, for dates, and for bytes that are not UTF-8",
            )
        return sealed

    def _learn(self, ref: SecretRef, book: "_Book") -> bool:
        return book.write(ref, self._resolve(ref), self._mask)


class _Book:
    """The values of one body, behind a repr that shows none."""

    def __init__(self) -> None:
        self._values: dict[SecretRef, str] = {}

    def write(self, ref: SecretRef, value: str | None, mask: Mask) -> bool:
        if not value:
            return False
        self._values[ref] = value
        # A value that is not UTF-8 can not be percent-encoded, nor sent: `sealed` refuses it.
        if _is_utf8(value):
            mask.add(value)
        return True

    def sealed(self, body: Document) -> Sealed | None:
        try:
            # The encoder asks for what it does not know: no copy of the body is needed.
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
        if isinstance(item, SecretRef):
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
        if type(inner) in _LEAVES:
            continue
        if isinstance(inner, SecretRef):
            yield (*path, str(key)), inner
        elif isinstance(inner, dict | list | tuple):
            yield from _references(inner, (*path, str(key)))
