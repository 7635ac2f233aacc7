"""Variables stay where they still fit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.specs.editing.keeping import literal, rewritten
from reconciler.specs.variables import Variables

VARIABLES = Variables("test", {"crm": "crm.example.com", "desk": "+49", "shop": "Jörg & Co"})


@pytest.mark.parametrize(
    ("written", "new", "after"),
    [
        ("https://${crm}/a", "https://crm.example.com/b", "https://${crm}/b"),
        ("https://${crm}/a", "https://other.com/a", "https://other.com/a"),
        ("at ${shop}", "Jörg & Co it is, with ${x}", "${shop} it is, with $${x}"),
        ("${desk} or +49", "+49 or +43", "${desk} or +43"),
        ("$${crm} ${crm}", "${crm} crm.example.com!", "$${crm} ${crm}!"),
        ("plain", "crm.example.com", "crm.example.com"),
        ("${crm}", "subcrm.example.community", "subcrm.example.community"),
    ],
)
def test_a_variable_stays_where_its_value_does(written: str, new: str, after: str) -> None:
    assert rewritten(written, new, VARIABLES) == after


@given(st.text(alphabet="${}crmshopJörg &49+. a"), st.text(alphabet="${}crm.exampl o+49$"))
def test_what_is_written_means_the_new_text(written: str, new: str) -> None:
    assert VARIABLES.substitute(rewritten(written, new, VARIABLES)) == new
    assert VARIABLES.substitute(literal(new)) == new
