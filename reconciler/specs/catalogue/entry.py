"""The form of the catalogue's entries."""

from reconciler.nouns import noun


@noun
class Entry:
    """One code: what is wrong in a few words, why it matters, and an example each way."""

    code: str
    title: str
    why: str
    wrong: str
    right: str
