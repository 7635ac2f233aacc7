"""What a digest rests on: the same JSON, the same digest."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from reconciler.model.values import canonical, canonical_object, digest, same
from tests.planning.test_properties import floats

numbers = st.integers(-(10**17), 10**17).filter(lambda n: int(float(n)) == n)
scalars = st.none() | st.booleans() | numbers | st.text() | st.sampled_from(["v1.0, 2.0", "1e+16"])
documents = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=9
)


@given(documents)
def test_whole_floats_are_integers_wherever_they_stand(document: Any) -> None:
    assert digest(floats(document)) == digest(document)
    assert same(json.loads(canonical(floats(document))), document)


@given(documents, documents)
def test_a_document_written_in_parts_reads_as_one_written_whole(left: Any, right: Any) -> None:
    in_parts = canonical_object({"z": canonical(left), "a": right})
    assert in_parts == canonical({"a": right, "z": left})
