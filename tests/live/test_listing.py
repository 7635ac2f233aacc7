"""A list read with a memo is the list read without one, and a list that is no list stays none."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.errors import LiveError
from reconciler.live.decoding import decode_list
from reconciler.live.listing import Listing, Row, agents_of, listing_of, read_list, rows_of
from reconciler.model.live import LiveAgent

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(-9, 9) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)
AGENTS = st.lists(
    st.fixed_dictionaries(
        {"id": st.sampled_from("abcdef"), "name": st.text(max_size=4)},
        optional={
            "organisation_id": st.sampled_from(["one", None, 7]),
            "deleted_at": st.sampled_from([None, "2026-01-01T00:00:00Z"]),
            "created_at": st.just("2026-01-01T00:00:00Z"),
            "tools": st.just([{"type": "webhook", "auth_type": "bearer"}]),
            "more": JSON,
        },
    ),
    max_size=5,
    unique_by=lambda agent: str(agent["id"]),
)
GAPS = st.sampled_from(["", " ", "\n\t "])


def content(agents: list[dict[str, Any]], gap: str = "", *, ascii_only: bool = True) -> bytes:
    texts = [json.dumps(agent, ensure_ascii=ascii_only) for agent in agents]
    return f"{gap}[{gap}{f'{gap},{gap}'.join(texts)}{gap}]{gap}".encode()


def rows(found: Listing | list[LiveAgent]) -> list[Row]:
    assert isinstance(found, Listing)
    return rows_of(json.loads(json.dumps(found.rows)))


def agents(found: Listing | list[LiveAgent]) -> list[LiveAgent]:
    return agents_of(found) if isinstance(found, Listing) else found


@given(AGENTS, AGENTS, GAPS, GAPS, st.booleans())
def test_whatever_was_listed_before_the_same_agents_are_found(
    before: list[dict[str, Any]],
    now: list[dict[str, Any]],
    gap: str,
    other_gap: str,
    ascii_only: bool,  # noqa: FBT001  # hypothesis gives it
) -> None:
    known = rows(read_list(content(before, gap), []))
    mixed = [*now, *(agent for agent in before if agent["id"] not in {a["id"] for a in now})]
    text = content(mixed, other_gap, ascii_only=ascii_only)
    found = read_list(text, known)
    expected = decode_list(text)
    assert [(a.id, a.name, a.organisation_id) for a in agents(found)] == [
        (a.id, a.name, a.organisation_id) for a in expected
    ]
    assert repr(agents(found)) == repr(expected)
    assert [agent.raw for agent in agents(found)] == [agent.raw for agent in expected]
    again = read_list(text, rows(found))
    assert isinstance(again, Listing)
    assert (again.rows, again.is_new) == (rows(found), False)
    assert set(again.decoded) == set()
    assert repr(agents(again)) == repr(expected)


TWO = content([{"id": "a", "name": "A", "text": "x" * 50}, {"id": "b", "name": "B"}])


@pytest.mark.parametrize("known", [True, False])
def test_a_list_that_is_cut_anywhere_is_an_error(*, known: bool) -> None:
    before = rows(read_list(TWO, [])) if known else []
    for at in range(len(TWO)):
        with pytest.raises(LiveError):
            read_list(TWO[:at], before)


@given(st.integers(0, len(TWO) - 1), st.binary(min_size=1, max_size=2))
def test_a_list_that_is_garbled_is_never_taken_for_the_one_before(at: int, noise: bytes) -> None:
    garbled = TWO[:at] + noise + TWO[at + 1 :]
    try:
        expected: Any = repr(decode_list(garbled))
    except LiveError as error:
        expected = error.code
    try:
        found: Any = repr(agents(read_list(garbled, rows(read_list(TWO, [])))))
    except LiveError as error:
        found = error.code
    assert found == expected


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{}",
        b"[{}]",
        b"[1]",
        b"[[]]",
        TWO.replace(b"]", b",]"),
        TWO + b"]",
        TWO + b" x",
        b"[,]",
        TWO.replace(b'"b"', b'"a"'),
        b"\xff" + TWO,
        b'[{"id": "a", "name": "A", "n": NaN}]',
        b"[" * 100_000,
    ],
)
def test_what_is_no_list_of_agents_is_an_error(text: bytes) -> None:
    for before in ([], rows(read_list(TWO, []))):
        with pytest.raises(LiveError):
            read_list(text, before)


def test_an_id_that_is_listed_twice_is_an_error_though_one_of_them_is_deleted() -> None:
    twice = content([{"id": "a", "name": "A"}, {"id": "a", "name": "B", "deleted_at": "then"}])
    assert listing_of(twice, []) is None
    with pytest.raises(LiveError, match="twice"):
        read_list(twice, [])


def test_an_empty_list_is_no_agents_and_not_those_of_before() -> None:
    found = read_list(b" [ ] ", rows(read_list(TWO, [])))
    assert agents(found) == []
    assert isinstance(found, Listing)
    assert found.is_new
