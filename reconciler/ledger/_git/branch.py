"""The ledger's branch: read as a book, written as commits."""

from reconciler.errors import LedgerError
from reconciler.ledger._git import objects, pages
from reconciler.ledger._git.book import Book
from reconciler.ledger._git.commands import Git
from reconciler.nouns import noun


@noun
class Edition:
    """The book as it stands in one commit; no commit yet is the empty book."""

    commit: str | None
    tree: objects.Tree
    book: Book


class Branch:
    """Commits of one environment's ledger. What they are pushed to is not known here."""

    def __init__(self, git: Git, environment: str) -> None:
        self._git = git
        self._environment = environment

    def edition(self, commit: str | None) -> Edition:
        tree = objects.tree_of(self._git, commit)
        return Edition(commit, tree, pages.book_of(self._git, self._environment, tree))

    def committed(self, edition: Edition, book: Book, subject: str) -> Edition | None:
        """A commit that brings an edition to this book; None when they say the same."""
        changes = pages.changes(edition.book, book)
        wanted = {p: text for p, text in changes.items() if _is_news(p, text, edition.tree)}
        if not wanted:
            return None
        message = f"{subject}\n\n{_listed(wanted)}\n"
        commit, tree = objects.committed(self._git, edition.tree, wanted, edition.commit, message)
        return Edition(commit, tree, book)

    def documents(self, edition: Edition, paths: list[str]) -> dict[str, str]:
        """The text of files, by their paths."""
        try:
            blobs = {path: edition.tree[path] for path in paths}
        except KeyError as error:
            raise LedgerError(f"the ledger's branch is damaged: {error} is not there") from error
        found = objects.texts(self._git, blobs.values())
        return {path: found[blob] for path, blob in blobs.items()}


def _is_news(path: str, text: str | None, tree: objects.Tree) -> bool:
    """Not a file removed that never was, nor a document kept already: its name is its content."""
    return path in tree if text is None else not (path.startswith("documents/") and path in tree)


def _listed(changes: dict[str, str | None]) -> str:
    """Which files a commit changes, for `git log`."""
    return "\n".join(f"{'-' if changes[path] is None else '+'} {path}" for path in sorted(changes))
