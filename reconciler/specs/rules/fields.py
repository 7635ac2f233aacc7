"""Rules of the agent's own fields."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from reconciler.model import fields
from reconciler.model.fields import MODELLED, SERVER_OWNED
from reconciler.specs.findings import Finding, did_you_mean, listed
from reconciler.specs.rules.known import LANGUAGES, LLMS, REGIONS
from reconciler.specs.rules.typed import mapping, text
from reconciler.specs.rules.view import NUDGES, View

_NESTED: Final[dict[str, frozenset[str]]] = {
    "models": frozenset({*fields.REQUIRED_MODELS, *fields.MODELS_DEFAULTS, "fallbacks"}),
    "models.fallbacks": frozenset(fields.FALLBACKS_DEFAULTS),
    "idle_nudges": frozenset({*fields.NUDGE_TEXTS, *fields.NUDGES_DEFAULTS}),
}
_OMITTABLE: Final = MODELLED | {"extra", "lifecycle", "ignore"}
_TRUNK_OF: Final = {
    "inbound_greeting": "sip_inbound_trunk_id",
    "outbound_greeting": "sip_outbound_trunk_id",
}


def known_models(view: View) -> Iterator[Finding]:
    models = mapping(view.document.get("models"))
    fallbacks = mapping(models.get("fallbacks")).get("llm")
    named: list[tuple[Any, Any]] = [(("models", "llm"), models.get("llm"))]
    if isinstance(fallbacks, list):
        named += [(("models", "fallbacks", "llm", i), name) for i, name in enumerate(fallbacks)]
    for steps, name in named:
        if isinstance(name, str) and name not in LLMS:
            message = f"`{name[:80]}` is no language model that we know"
            hint = (
                did_you_mean(name, LLMS) or f"known are {listed(LLMS[:3])}; the API may know more"
            )
            yield Finding("SPEC103", message, steps, hint)


def known_region(view: View) -> Iterator[Finding]:
    region = view.document.get("region")
    if isinstance(region, str) and region not in REGIONS:
        hint = did_you_mean(region, REGIONS) or f"documented are {listed(REGIONS[:3])}"
        yield Finding("SPEC104", f"`{region[:80]}` is no region that we know", ("region",), hint)


def known_language(view: View) -> Iterator[Finding]:
    language = view.document.get("language")
    if isinstance(language, str) and language.split("-")[0].lower() not in LANGUAGES:
        message = f"`{language[:80]}` is no language code that we know"
        yield Finding("SPEC105", message, ("language",), "write `en`, `de` or `pt-BR`")


def extra_is_extra(view: View) -> Iterator[Finding]:
    for name in mapping(view.document.get("extra")):
        if name in SERVER_OWNED:
            message = f"`{name}` belongs to the API and is never sent"
            yield Finding("SPEC038", message, ("extra", name), "remove it", at_key=True)
        elif name in MODELLED:
            message = f"`{name}` is a field that the reconciler knows"
            hint = "move it out of `extra`, to the top level"
            yield Finding("SPEC038", message, ("extra", name), hint, at_key=True)


def omitted_paths(view: View) -> Iterator[Finding]:
    omitted = view.document.get("omit")
    for index, path in enumerate(omitted if isinstance(omitted, list) else []):
        if isinstance(path, str) and (hint := _wrong_path(path)) is not None:
            yield Finding("SPEC058", f"`{path[:80]}` is no field", ("omit", index), hint)


def _wrong_path(path: str) -> str | None:
    """A hint when a dotted path leads to no field; free maps hold what they like."""
    steps = path.split(".")
    if steps[0] in fields.NEWER:
        return f"write `extra.{path}`"
    if steps[0] not in _OMITTABLE:
        return did_you_mean(steps[0], _OMITTABLE) or "name a field, such as `idle_nudges`"
    for depth in range(1, len(steps)):
        around = ".".join(steps[:depth])
        if around in _NESTED and steps[depth] not in _NESTED[around]:
            known = [f"{around}.{name}" for name in _NESTED[around]]
            return did_you_mean(path, known) or f"known are {listed(sorted(known))}"
    return None


def directional_greetings(view: View) -> Iterator[Finding]:
    for greeting, trunk in _TRUNK_OF.items():
        if not text(view.document.get(greeting)):
            continue
        if trunk not in view.document:
            message = f"`{greeting}` needs a trunk, and `{trunk}` is not declared"
            hint = "fine if the trunk is set in the dashboard: `plan` will check"
            yield Finding("SPEC110", message, (greeting,), hint, at_key=True)
        elif view.document[trunk] is None:
            message = f"`{greeting}` needs a trunk, and `{trunk}` is null"
            yield Finding("SPEC055", message, (greeting,), "name the trunk", at_key=True)


def all_nudge_texts(view: View) -> Iterator[Finding]:
    """The texts of an agent that exists may be live; the API has none of its own (API.md 4.5)."""
    nudges = mapping(view.document.get("idle_nudges"))
    missing = [name for name in NUDGES if nudges.get(name) is None]
    if nudges and missing:
        message = f"`idle_nudges` lacks {listed(missing)}: the API takes all three texts or none"
        hint = "declare them; fine if the live agent has them: `plan` will check"
        yield Finding("SPEC112", message, ("idle_nudges",), hint, at_key=True)


def moved_from_a_key(view: View) -> Iterator[Finding]:
    if text(view.document.get("moved_from")).endswith((".yaml", ".yml")):
        message = "`moved_from` is a key, not the name of a file"
        hint = "write the old path below the specs folder without its ending: `support/router`"
        yield Finding("SPEC067", message, ("moved_from",), hint)


def shared_mode(view: View) -> Iterator[Finding]:
    if view.document.get("tool_mode") == "shared" and view.document.get("tools"):
        message = "an agent in shared mode can not have `tools` of its own"
        hint = "write `tool_mode: legacy`, or remove `tools`"
        yield Finding("SPEC057", message, ("tools",), hint, at_key=True)


def legacy_mode(view: View) -> Iterator[Finding]:
    """Only of a mode that is declared: live, or by the API's default, it may be shared."""
    if view.document.get(fields.TOOL_MODE) != "legacy":
        return
    extra = mapping(view.document.get("extra"))
    for name in fields.REFERENCES:
        if extra.get(name):
            message = f"an agent in legacy mode can not have `{name}`"
            hint = f"write `tool_mode: shared`, or remove `{name}`"
            yield Finding("SPEC059", message, ("extra", name), hint, at_key=True)


RULES: Final[tuple[Callable[[View], Iterator[Finding]], ...]] = (
    known_models,
    known_region,
    known_language,
    extra_is_extra,
    omitted_paths,
    directional_greetings,
    all_nudge_texts,
    moved_from_a_key,
    shared_mode,
    legacy_mode,
)
