"""What the last look at an environment found, for the time that it saves the next one."""

from typing import Any, Protocol


class Memo(Protocol):
    """JSON values by name. One may be gone at any time; one that is there is never wrong.

    What is put holds for as long as the program, the project file and the environment are what
    they are now.
    """

    def get(self, name: str) -> Any:
        """What was put under a name; None where nothing is known."""
        ...

    def put(self, name: str, value: Any) -> None:
        """Keep a value; `save` writes it."""
        ...

    def save(self) -> None:
        """Write what is new. Never fails: what can not be written is not remembered."""
        ...
