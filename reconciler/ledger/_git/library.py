"""Looking things up in the history of one edition."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from reconciler.ledger import _history
from reconciler.ledger._git import names, pages
from reconciler.ledger._git.book import RunPage
from reconciler.ledger._git.branch import Branch, Edition
from reconciler.ledger._history import RunDetail, RunSummary
from reconciler.model.ledger import HistoryEntry
from reconciler.model.values import Document


class Library:
    def __init__(self, branch: Branch, edition: Edition) -> None:
        self._branch = branch
        self.edition = edition
        self.book = edition.book

    def summaries(self, limit: int) -> Iterator[RunSummary]:
        """The last runs, newest first; a negative limit gives all."""
        paths = sorted(self._paths(), reverse=True)
        for page in self._pages(paths if limit < 0 else paths[:limit]):
            entries = _history.merged(entry for entry, _ in page.entries)
            yield _history.summarised(page.run, page.result, entries)

    def run(self, run_id: str) -> RunDetail:
        pages_by_id = {page.run.id: page for page in self._pages(self._paths())}
        return self._detail(pages_by_id[_history.chosen(run_id, pages_by_id)])

    def details(self) -> Iterator[RunDetail]:
        """All runs, newest first."""
        for page in self._pages(sorted(self._paths(), reverse=True)):
            yield self._detail(page)

    def history_of(self, key: str) -> tuple[HistoryEntry, ...]:
        now = self.book.records.get(key)

        def concerns(entry: HistoryEntry) -> bool:
            return entry.key == key or (now is not None and entry.agent_id == now.agent_id)

        pairs = [
            pair
            for page in self._pages(sorted(self._paths()))
            for pair in page.entries
            if concerns(pair[0])
        ]
        return _history.merged(self._complete(pairs))[::-1]

    def _detail(self, page: RunPage) -> RunDetail:
        entries = _history.merged(self._complete(page.entries))
        return RunDetail(_history.summarised(page.run, page.result, entries), entries)

    def _complete(self, pairs: Sequence[tuple[HistoryEntry, str | None]]) -> Iterator[HistoryEntry]:
        """Entries with their documents, read with one process."""
        digests = {digest for _, digest in pairs if digest is not None}
        documents = self._documents(digests)
        for entry, digest in pairs:
            yield replace(entry, before=None if digest is None else documents[digest])

    def _documents(self, digests: set[str]) -> dict[str, Document]:
        new = {d: text for d, text in self.book.documents.items() if d in digests}
        paths = {names.document_path(d): d for d in sorted(digests - new.keys())}
        found = self._branch.documents(self.edition, list(paths))
        texts = {**new, **{paths[path]: text for path, text in found.items()}}
        read = {d: partial(json.loads, text) for d, text in texts.items()}
        return {d: pages.understood(names.document_path(d), read[d]) for d in read}

    def _paths(self) -> list[str]:
        opened = {page.path for page in self.book.runs.values()}
        return [*opened, *(path for path in self.book.shelf.values() if path not in opened)]

    def _pages(self, paths: list[str]) -> Iterator[RunPage]:
        opened = {page.path: page for page in self.book.runs.values()}
        away = [path for path in paths if path not in opened]
        texts = self._branch.documents(self.edition, away)
        for path in paths:
            yield opened[path] if path in opened else pages.run_page(path, texts[path])
