"""httpx without what we do not use of it: its own command line, and trio.

It imports both where they happen to be installed (100 ms, with rich and pygments); a None in the
place of a module is Python's way to say that it is not.
"""

import sys
from typing import Final

_UNUSED: Final = [name for name in ("httpx._main", "trio") if name not in sys.modules]

for _name in _UNUSED:
    sys.modules[_name] = None  # type: ignore[assignment]  # see above
try:
    import httpcore  # noqa: F401  # asks for trio, and httpx imports it late
    import httpx
finally:
    for _name in _UNUSED:
        del sys.modules[_name]

__all__ = ["httpx"]
