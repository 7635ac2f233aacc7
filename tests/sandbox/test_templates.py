from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.sandbox.templates import (
    is_balanced,
    placeholders,
    templated_outside_path_and_values,
)

names = st.from_regex(r"[a-z_][a-z0-9_]{0,8}", fullmatch=True).filter(
    lambda name: (
        name not in {"if", "as", "else", "this", "true", "false", "null", "each", "with"}
        and name not in {"unless", "lookup", "log", "undefined"}
    )
)
plain = st.text(st.characters(exclude_characters="{}", exclude_categories=["Cs"]), max_size=20)


@given(st.lists(st.tuples(plain, names), max_size=5), plain)
def test_every_placeholder_is_found_once_in_order(parts: list[tuple[str, str]], end: str) -> None:
    text = "".join(f"{before}{{{{ {name} }}}}" for before, name in parts) + end
    assert is_balanced(text)
    assert placeholders(text) == list(dict.fromkeys(name for _, name in parts))


@given(plain, names)
def test_half_a_placeholder_is_never_balanced(text: str, name: str) -> None:
    assert not is_balanced(f"{text}{{{{{name}")
    assert not is_balanced(f"{text}{name}}}}}")


@given(names, names)
def test_a_host_is_never_templated_and_a_path_always_may_be(host: str, name: str) -> None:
    assert templated_outside_path_and_values(f"https://{{{{{name}}}}}.{host}/a")
    assert not templated_outside_path_and_values(f"https://{host}/{{{{{name}}}}}?a={{{{{name}}}}}")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{{#each items}}{{this}}{{/each}}", ["items"]),
        ("{{else if vip}}", ["vip"]),
        ("{{^closed}}open{{/closed}}", ["closed"]),
        ("{{~tight~}}", ["tight"]),
        ("{{customer.name}}", ["customer"]),
        ("{{> partial}}{{!-- note --}}{{$SECRET}}", []),
        ("{{}}", []),
    ],
)
def test_the_forms_of_handlebars_are_told_apart(text: str, found: list[str]) -> None:
    assert placeholders(text) == found
