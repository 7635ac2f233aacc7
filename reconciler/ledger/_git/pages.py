"""The book as files, and back: what stands on the branch."""

import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, TypeVar

from reconciler.errors import LedgerError
from reconciler.ledger import _codec
from reconciler.ledger._git import names, objects
from reconciler.ledger._git.book import Book, Head, RunPage
from reconciler.ledger._git.commands import Git
from reconciler.model.late import marked
from reconciler.model.ledger import AgentRecord
from reconciler.model.values import Document

_FORMAT = 1
_HEAD = "ledger.json"
_T = TypeVar("_T")


def book_of(git: Git, environment: str, tree: objects.Tree) -> Book:
    """The ledger in a tree: the state at once, the history as it is asked for."""

    def load(path: str) -> RunPage:
        (text,) = objects.texts(git, [tree[path]]).values()
        return run_page(path, text)

    shelf = {p.split("-", 1)[1]: p for p in tree if p.startswith("runs/")}
    if _HEAD not in tree:
        if tree:
            raise _damaged(_HEAD, "it is not there")
        return Book(environment, load)
    wanted = {p: blob for p, blob in tree.items() if p.startswith(("agents/", "intents/", _HEAD))}
    found = objects.texts(git, wanted.values())
    files = {p: understood(p, partial(json.loads, found[blob])) for p, blob in wanted.items()}
    head = understood(_HEAD, lambda: _head(files[_HEAD]))
    records = {
        p: understood(p, partial(_record, files[p])) for p in wanted if p.startswith("agents/")
    }
    intents = _all(files, "intents/", lambda held: _codec.intent_of(held["key"], held))
    return Book(
        environment,
        load,
        shelf,
        head,
        {record.key: marked(record, wanted[path]) for path, record in records.items()},
        {intent.key: intent for intent in intents},
    )


def _record(held: Document) -> AgentRecord:
    return _codec.record_of(held["key"], held)


def changes(before: Book, after: Book) -> dict[str, str | None]:
    """The files that differ between two books of one branch; None is a file that goes."""
    files: dict[str, object] = {}
    if after.head is not before.head and after.head is not None:
        files[_HEAD] = _head_document(after.environment, after.head)
    for key in _differing(before.records, after.records):
        record = after.records.get(key)
        shown = record and {"key": key, **_codec.record_document(record)}
        files[names.agent_path(key)] = shown
    for key in _differing(before.intents, after.intents):
        intent = after.intents.get(key)
        files[names.intent_path(key)] = intent and {"key": key, **_codec.intent_document(intent)}
    for name in _differing(before.runs, after.runs):
        files[after.runs[name].path] = _run_document(after.runs[name])
    texts = {p: None if shown is None else objects.readable(shown) for p, shown in files.items()}
    added = {d: t for d, t in after.documents.items() if d not in before.documents}
    return {**texts, **{names.document_path(digest): text for digest, text in added.items()}}


def run_page(path: str, text: str) -> RunPage:
    """One run, from its file."""
    return understood(path, lambda: _run_page(path, json.loads(text)))


def understood(path: str, read: Callable[[], _T]) -> _T:
    """What a file says. Raises LedgerError when it can not be understood."""
    try:
        return read()
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged(path, repr(error)) from error


def _differing(before: Mapping[str, object], after: Mapping[str, object]) -> Iterator[str]:
    for key in sorted({*before, *after}):
        if before.get(key) is not after.get(key):
            yield key


def _all(
    files: Mapping[str, Any], folder: str, read: Callable[[dict[str, Any]], _T]
) -> Iterator[_T]:
    for path, held in files.items():
        if path.startswith(folder):
            yield understood(path, partial(read, held))


def _head(held: dict[str, Any]) -> Head:
    if held["format_version"] > _FORMAT:
        raise LedgerError(
            f"the ledger's branch has format {held['format_version']}, and this reconciler knows "
            f"up to {_FORMAT}",
            hint="a newer reconciler wrote it: upgrade this one; nothing was changed",
        )
    return Head(str(held["ledger_id"]), str(held["salt"]), held["organisation_id"])


def _head_document(environment: str, head: Head) -> dict[str, Any]:
    return {
        "format_version": _FORMAT,
        "environment": environment,
        "ledger_id": head.ledger_id,
        "organisation_id": head.organisation_id,
        "salt": head.salt,
    }


def _run_document(page: RunPage) -> dict[str, Any]:
    entries = [{**_codec.entry_document(entry), "before": digest} for entry, digest in page.entries]
    return {**_codec.run_document(page.run), "result": page.result, "entries": entries}


def _run_page(path: str, held: dict[str, Any]) -> RunPage:
    entries = tuple(
        (_codec.entry_of({**entry, "before": None}, None), entry["before"])
        for entry in held.pop("entries")
    )
    result = held.pop("result")
    return RunPage(path, _codec.run_of(held), result, entries)


def _damaged(path: str, why: str) -> LedgerError:
    return LedgerError(
        f"the ledger's branch is damaged: {path} can not be understood ({why})",
        hint="nothing was changed; `git revert` on that branch brings an earlier state back",
    )
