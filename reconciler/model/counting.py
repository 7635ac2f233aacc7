"""Numbers with their nouns."""


def counted(number: int, noun: str) -> str:
    """`1 agent`, `2 agents`, `1,204 lines`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def is_or_are(number: int) -> str:
    return "is" if number == 1 else "are"
