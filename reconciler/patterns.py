"""Regular expressions that are compiled when somebody first searches with them.

To compile one takes a fifth of a millisecond; a plan of a fleet in sync needs few of the fifty in
the modules that it loads.
"""

import re
from typing import TYPE_CHECKING, Any, AnyStr


class _LatePattern:
    """In the place of a pattern. What is asked of it once is a plain attribute from then on."""

    def __init__(self, text: Any, flags: int = 0) -> None:
        self._made = (text, flags)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # of a copy that is being made, say
            raise AttributeError(name)
        found = getattr(re.compile(*self._made), name)
        setattr(self, name, found)
        return found


if TYPE_CHECKING:

    def pattern(text: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]: ...
else:
    pattern = _LatePattern
