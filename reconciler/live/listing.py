"""The list of all agents: of those whose text is as it was, nothing more is read than who it is.

A list names each agent in a text of its own. A memo knows the texts of the last list by length and
hash, so a text that is there again is found without taking it apart; its agent is decoded when
somebody asks for more than id, name and organisation.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any, Final, NamedTuple

from reconciler.live.decoding import decode_agent, decode_list, json_value
from reconciler.model.late import late, marked
from reconciler.model.live import LiveAgent
from reconciler.model.memo import Memo
from reconciler.model.rereading import reread
from reconciler.patterns import pattern

_NAME: Final = "list"
_EMPTY: Final = pattern(rb"[ \t\r\n]*\[[ \t\r\n]*\][ \t\r\n]*")
_START: Final = pattern(r"[ \t\r\n]*\[[ \t\r\n]*")
_NEXT: Final = pattern(r"[ \t\r\n]*(?:(,)[ \t\r\n]*|\][ \t\r\n]*\Z)")
_scan: Final = json.JSONDecoder().raw_decode


class Row(NamedTuple):
    """One agent of a list: its text by length (characters) and hash, and who it is."""

    length: int
    mark: str
    id: str
    name: str
    organisation_id: str | None


class Listing(NamedTuple):
    """The agents of a list that are not deleted, in its order.

    `text` are their texts, one after the other; `decoded` are those that have been read already,
    by their number; `is_new` that the last list was another one.
    """

    rows: Sequence[Row]
    text: str
    decoded: Mapping[int, LiveAgent]
    is_new: bool


class _Piece(NamedTuple):
    """The text of one agent, its hash, and what is known of it."""

    text: str
    mark: str
    known: Row | None


def rows_of(kept: Any) -> list[Row]:
    """Rows that come back from JSON."""
    return [Row(*row) for row in kept or ()]


def known_rows(memo: Memo | None) -> list[Row]:
    """Those of the last list."""
    return rows_of(memo.get(_NAME)) if memo is not None else []


def listing_of(content: bytes, before: Sequence[Row]) -> Listing | None:
    """The agents of an answer; None for one that can not be told apart, or names one agent twice.

    Raises `LiveError` for an agent that is none.
    """
    if _EMPTY.fullmatch(content):
        return Listing([], "", {}, is_new=bool(before))
    try:
        pieces = list(_pieces(content.decode(), before))
    except (ValueError, RecursionError):
        return None
    rows: list[Row] = []
    ids, texts, decoded = set(), [], {}
    for text, mark, known in pieces:
        row = known
        if row is None:
            agent = marked(decode_agent(json_value(text.encode())), mark)
            row = Row(len(text), mark, agent.id, agent.name, agent.organisation_id)
            if not agent.is_deleted:
                decoded[len(rows)] = agent
        ids.add(row.id)
        if known or len(rows) in decoded:
            rows.append(row)
            texts.append(text)
    if len(ids) != len(pieces):
        return None
    return Listing(rows, "".join(texts), decoded, is_new=rows != before)


def agents_of(listing: Listing) -> list[LiveAgent]:
    """The agents; those that are not decoded yet are when somebody asks for more of them."""
    agents, at = [], 0
    for number, row in enumerate(listing.rows):
        text = listing.text[at : at + row.length]
        agents.append(listing.decoded.get(number) or _late(row, text))
        at += row.length
    return agents


def agents_kept(listing: Listing, memo: Memo | None) -> list[LiveAgent]:
    """The agents, known again the next time they are listed."""
    if memo is not None and listing.is_new:
        memo.put(_NAME, listing.rows)
    return agents_of(listing)


def read_list(content: bytes, before: Sequence[Row]) -> Listing | list[LiveAgent]:
    """The agents of an answer that are not deleted, in its order; `LiveError` for anything odd."""
    return listing_of(content, before) or decode_list(content)  # which says what is wrong


def _late(row: Row, text: str) -> LiveAgent:
    return late(
        LiveAgent,
        row.mark,
        lambda: decode_agent(reread(text)),
        id=row.id,
        name=row.name,
        organisation_id=row.organisation_id,
    )


def _pieces(text: str, before: Sequence[Row]) -> Iterator[_Piece]:
    """The agents of a list, one by one. Raises ValueError where it is none, or an empty one."""
    numbers = {known.mark: number for number, known in enumerate(before)}
    at, expected, more = _matched(_START, text, 0).end(), 0, True
    while more:
        known = before[expected] if expected < len(before) else None
        piece = _piece(text[at : at + known.length], known) if known else None
        if piece is None or piece.known is None:
            piece = _piece(text[at : _scan(text, at)[1]], None)
            if piece.mark in numbers:
                expected = numbers[piece.mark]
                piece = piece._replace(known=before[expected])
        yield piece
        expected += 1
        end = _matched(_NEXT, text, at + len(piece.text))
        at, more = end.end(), end[1] is not None


def _piece(text: str, known: Row | None) -> _Piece:
    mark = sha256(text.encode()).hexdigest()
    return _Piece(text, mark, known if known and known.mark == mark else None)


def _matched(pattern: re.Pattern[str], text: str, at: int) -> re.Match[str]:
    found = pattern.match(text, at)
    if found is None:
        raise ValueError(at)
    return found
