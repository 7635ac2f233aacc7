"""Any plan, outcome, drift report or problem, made as hostile as hypothesis can."""

from typing import Any

from hypothesis import strategies as st

from reconciler.errors import Position, Problem
from reconciler.model.change import Action, Approval, Change, FieldChange, Guard, Origin, Plan
from reconciler.model.drift import AgentDrift, DriftReport, DriftStatus, FieldDrift
from reconciler.model.live import LiveAgent
from reconciler.model.outcome import ChangeOutcome, Outcome, Result
from reconciler.model.values import ABSENT, SecretRef

CANARY = "canary-9f3b7"

BITES = [
    "\x1b[31m", "\x07", "\x9b2J", "\u202e", "\u2066", "\u200b", "\u2028", "\ud800", "\U000e0041",
    "```", "``````", "~~~", "</details>", "<details>", "<summary>", "<script>", "<!--",
    "@everyone", "::error::", "##[error]", "##vso[task]", "|", "[a](http://b)", "\n", "\r", "\t",
    "\n```\n", "\n::warning::x", "日本", "👨‍👩‍👧", "é", "word ", "  ", "\\", '"', "%0A",
]  # fmt: skip
texts = st.lists(
    st.one_of(st.sampled_from(BITES), st.text(st.characters(), max_size=12)), max_size=8
).map("".join)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    texts,
    st.builds(SecretRef, st.just("env"), texts),
)
values: st.SearchStrategy[Any] = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(texts, inner, max_size=3),
        st.fixed_dictionaries({"auth": st.fixed_dictionaries({"token": st.just(CANARY)})}),
    ),
    max_leaves=8,
)
tools = st.lists(
    st.fixed_dictionaries({"type": st.just("webhook"), "name": texts, "url": values}), max_size=3
)
paths = st.one_of(
    st.sampled_from(
        [("name",), ("tools",), ("system_prompt",), ("runtime_variables",), ("models", "llm")]
    ),
    st.lists(texts, min_size=1, max_size=3).map(tuple),
)
anything = st.one_of(st.just(ABSENT), values, texts, tools)
open_fields = st.builds(
    FieldChange, paths, anything, anything, st.sampled_from(Origin), st.booleans(), st.just(False)
)
secret_fields = st.builds(
    FieldChange,
    paths,
    st.sampled_from([None, ABSENT, CANARY, {"a": [CANARY]}, [CANARY]]),
    st.one_of(st.just(CANARY), st.builds(SecretRef, st.just("env"), texts)),
    st.sampled_from(Origin),
    st.booleans(),
    st.just(True),
)
mislabelled = st.builds(
    FieldChange,
    st.sampled_from([("slng_api_key",), ("tools", "a", "auth", "token")]),
    st.just(CANARY),
    st.just(CANARY),
    st.sampled_from(Origin),
)
fields = st.one_of(open_fields, secret_fields, mislabelled)
agents = st.builds(LiveAgent, texts, texts, st.just({}))


@st.composite
def changes(draw: st.DrawFn) -> Change:
    maybe = st.none() | texts
    return Change(
        key=draw(texts),
        action=draw(st.sampled_from(Action)),
        name=draw(texts),
        make_digest=lambda: "d",
        key_from=draw(maybe),
        name_from=draw(maybe),
        vanished=draw(st.booleans()),
        blocked=draw(maybe),
        live=draw(st.none() | agents),
        fields=tuple(draw(st.lists(fields, max_size=3))),
        waits_for=tuple(draw(st.lists(texts, max_size=2))),
        parking={"name": draw(texts)} if draw(st.booleans()) else {},
    )


def tuples(strategy: st.SearchStrategy[Any], most: int = 2) -> st.SearchStrategy[Any]:
    return st.lists(strategy, max_size=most).map(tuple)


plans = st.builds(
    Plan,
    environment=texts,
    organisation_id=st.none() | texts,
    ledger_id=st.none() | texts,
    make_digest=st.just(lambda: "d"),
    changes=tuples(changes(), 3),
    unchanged=st.sampled_from([(), ("a",), ("a", "b")]),
    unmanaged=tuples(agents),
    guards=tuples(st.builds(Guard, texts, texts, texts)),
    warnings=tuples(texts),
    approval=st.builds(Approval, st.none() | st.integers(0, 9), empty=st.booleans()),
)


@st.composite
def outcomes(draw: st.DrawFn) -> Outcome:
    plan = draw(plans)
    maybe = st.none() | texts
    made = tuple(
        ChangeOutcome(c, draw(st.sampled_from(Result)), draw(maybe), draw(maybe))
        for c in plan.changes
    )
    return Outcome(plan, made, draw(maybe), draw(st.booleans()))


drifts = st.builds(
    DriftReport,
    environment=texts,
    memory=st.booleans(),
    agents=tuples(
        st.builds(
            AgentDrift,
            st.none() | texts,
            st.none() | texts,
            texts,
            st.sampled_from(DriftStatus),
            tuples(st.builds(FieldDrift, fields, st.booleans(), st.none() | texts)),
        ),
        3,
    ),
    warnings=tuples(texts),
)
problems = st.lists(
    st.builds(
        Problem,
        texts,
        texts,
        st.none()
        | st.builds(Position, texts, st.integers(1, 9), st.integers(1, 400), st.integers(0, 400)),
        st.none() | texts,
        st.sampled_from(["error", "warning"]),
        st.none() | texts,
        tuples(texts),
    ),
    max_size=3,
)
