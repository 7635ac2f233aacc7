"""Differences that APIs make and that mean nothing: white space around, letter case, keys added."""

from collections.abc import Mapping

from reconciler.model.values import ABSENT, same


def alike(sent: object, answered: object) -> bool:
    """Two texts that differ in the white space around them or in letter case only."""
    if isinstance(sent, str) and isinstance(answered, str):
        return sent.strip().casefold() == answered.strip().casefold()
    return False


def near(sent: object, answered: object) -> bool:
    """The same, alike, or an object that only gained keys; null may be left out."""
    if isinstance(sent, Mapping) and isinstance(answered, Mapping):
        return all(
            (value is None and key not in answered) or near(value, answered.get(key, ABSENT))
            for key, value in sent.items()
        )
    if isinstance(sent, list) and isinstance(answered, list):
        pairs = zip(sent, answered, strict=False)
        return len(sent) == len(answered) and all(near(s, a) for s, a in pairs)
    return same(sent, answered) or alike(sent, answered)
