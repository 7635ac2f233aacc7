"""Which agents' idle nudges were written by a person.

The API fills nudges in, in the agent's language, and does not say so. Declared, computed texts
would be noise in every spec and would not follow a change of language; undeclared, they stay as
they are live. So nudges are taken for computed unless something speaks against it: a delay or
switch that has not its default, a template in a text, or texts other than those of most agents
of the same language.
"""

from collections import Counter
from collections.abc import Mapping

from reconciler.model import fields
from reconciler.model.values import Document, same


def hand_written(agents: Mapping[str, Document]) -> frozenset[str]:
    """The ids of the agents whose nudges a spec should declare, from all normal documents."""
    texts = {agent_id: _texts(document) for agent_id, document in agents.items()}
    languages = {agent_id: str(d.get("language")).lower() for agent_id, d in agents.items()}
    usual = {
        language: _usual(Counter(texts[i] for i in agents if languages[i] == language))
        for language in set(languages.values())
    }
    return frozenset(
        agent_id
        for agent_id, document in agents.items()
        if texts[agent_id] is not None
        and (_touched(document["idle_nudges"]) or texts[agent_id] != usual[languages[agent_id]])
    )


def _texts(document: Document) -> tuple[str, ...] | None:
    nudges = document.get("idle_nudges")
    if not isinstance(nudges, dict):
        return None
    return tuple(str(nudges.get(name)) for name in fields.NUDGE_TEXTS)


def _usual(counts: Counter[tuple[str, ...] | None]) -> tuple[str, ...] | None:
    """The texts that a language's agents have as a rule; None where there is no rule."""
    del counts[None]
    ranked = counts.most_common(2)
    if not ranked or (len(ranked) > 1 and ranked[0][1] == ranked[1][1]):
        return None
    return ranked[0][0]


def _touched(nudges: Document) -> bool:
    defaults = fields.NUDGES_DEFAULTS
    return any(not same(nudges.get(name), default) for name, default in defaults.items()) or any(
        "{{" in str(nudges.get(name)) for name in fields.NUDGE_TEXTS
    )
