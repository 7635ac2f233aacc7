"""Edits as a unified diff that `git apply` takes."""

import difflib
import re
from typing import Final

_LINE: Final = re.compile(r"[^\n]*\n|[^\n]+\Z")


def unified_diff(name: str, before: str, after: str) -> str:
    """The patch of one file, "" where nothing changes. Carriage returns stay in their lines."""
    lines = difflib.unified_diff(
        _LINE.findall(before), _LINE.findall(after), f"a/{name}", f"b/{name}", n=3
    )
    whole = [x if x.endswith("\n") else f"{x}\n\\ No newline at end of file\n" for x in lines]
    return "".join(whole)
