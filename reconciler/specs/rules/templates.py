"""Rules of the texts: braces, variables, and the tools that a prompt talks about."""

import re
from collections.abc import Callable, Collection, Iterator
from typing import Final

from reconciler.model.identity import natural_key
from reconciler.patterns import pattern
from reconciler.specs.findings import Finding, did_you_mean
from reconciler.specs.rules.handlebars import doubtful, unbalanced, used_names
from reconciler.specs.rules.known import RESERVED_TOOL_NAMES
from reconciler.specs.rules.typed import mapping, text
from reconciler.specs.rules.view import View

_CANDIDATE: Final = pattern(r"`([A-Za-z_][\w-]*)`|(?<![\w{$./-])([a-z][a-z0-9]*(?:_[a-z0-9]+)+)\b")
_BEFORE: Final = pattern(
    r"\b(call|use|invoke|run|trigger|using|calling|tool|function|webhook)\s+(the\s+)?`?\Z",
    re.IGNORECASE,
)
_AFTER: Final = pattern(r"`?\s+(tool|function|webhook)\b", re.IGNORECASE)
_NOUNS: Final = frozenset({"tool", "function", "webhook"})


def balanced_braces(view: View) -> Iterator[Finding]:
    for steps, template, simple in view.placeholders:
        for offset, braces in unbalanced(template) if simple is None else ():
            opening = braces == "{{"
            partner = "}}" if opening else "{{"
            message = f"`{braces}` without `{partner}`"
            hint = f"add `{partner}`; for a literal brace put a space between the two"
            yield Finding("SPEC050", message, steps, hint, offset=offset, length=2)


def understood_placeholders(view: View) -> Iterator[Finding]:
    for steps, template, simple in view.placeholders:
        for offset, length, message, hint in doubtful(template) if simple is None else ():
            yield Finding("SPEC113", message, steps, hint, offset=offset, length=length)


def declared_variables(view: View) -> set[str]:
    """Template variables that the document declares, with or without a default."""
    options = mapping(view.document.get("extra")).get("template_variable_options")
    return {*mapping(view.document.get("template_defaults")), *mapping(options)}


def variables(view: View) -> Iterator[Finding]:
    declared = declared_variables(view)
    runtime = {name for _, name in view.runtime_names}
    used: set[str] = set()
    spoken = {steps for steps, _ in view.prompts}
    for steps, template, simple in view.placeholders:
        for offset, name in used_names(template) if simple is None else simple:
            if name in runtime and name not in declared and steps in spoken:
                yield _runtime_in_prompt(steps, name, offset)
            elif name not in used and name not in declared and name not in runtime:
                yield _undeclared(steps, name, offset, declared | runtime)
            used.add(name)
    if {"system_prompt", "greeting"} <= view.document.keys():
        yield from _unused(view, used)


def _runtime_in_prompt(steps: tuple[str | int, ...], name: str, offset: int) -> Finding:
    return Finding(
        "SPEC053",
        f"`{name}` is a runtime variable: it has no value yet when this text is made",
        steps,
        "use it in tools only, or make it a template variable",
        offset=offset,
        length=len(name),
    )


def _undeclared(steps: tuple[str | int, ...], name: str, offset: int, known: set[str]) -> Finding:
    return Finding(
        "SPEC102",
        f"`{name}` has neither a default nor a declaration: every call must give it",
        steps,
        did_you_mean(name, known) or f"add `{name}` to `template_defaults`",
        offset=offset,
        length=len(name),
    )


def _unused(view: View, used: set[str]) -> Iterator[Finding]:
    for name in mapping(view.document.get("template_defaults")):
        if name not in used:
            message = f"no text uses the template variable `{name[:80]}`"
            hint = (
                did_you_mean(name, used) or "remove it, or write `{{" + name[:80] + "}}` in a text"
            )
            yield Finding("SPEC101", message, ("template_defaults", name), hint, at_key=True)


def one_kind_of_variable(view: View) -> Iterator[Finding]:
    defaults = declared_variables(view)
    seen: set[str] = set()
    for index, name in view.runtime_names:
        steps = ("runtime_variables", index, "name")
        if name in defaults:
            message = f"`{name}` is both a runtime and a template variable"
            yield Finding("SPEC052", message, steps, "rename one of the two")
        if name in seen:
            yield Finding(
                "SPEC056", f"the runtime variable `{name}` stands twice", steps, "keep one"
            )
        seen.add(name)


def mentioned_tools(view: View) -> Iterator[Finding]:
    """Nothing is said of an agent whose tools the spec does not declare: they are live."""
    if not isinstance(view.document.get("tools"), list) or "tool_mode" in view.document:
        return
    names = {natural_key(tool).partition("/")[0] for _, tool in view.tools}
    others = declared_variables(view) | {name for _, name in view.runtime_names}
    known = names | RESERVED_TOOL_NAMES | others
    said: set[str] = set()
    for offset, name in _mentions(text(view.document.get("system_prompt")), known):
        if name not in said:
            said.add(name)
            yield Finding(
                "SPEC106",
                f"the prompt mentions a tool `{name[:80]}` that the agent does not have",
                ("system_prompt",),
                did_you_mean(name, names) or "add the tool, or reword the prompt",
                offset=offset,
                length=len(name),
            )


def _mentions(prompt: str, known: Collection[str]) -> Iterator[tuple[int, str]]:
    """Unknown names that a prompt calls tools: `call check_order`, `the check_order tool`."""
    for found in _candidates(prompt):
        group = 1 if found.group(1) else 2
        if found.group(group) in known:
            continue
        before = _BEFORE.search(prompt, max(0, found.start() - 20), found.start())
        is_quoted_word = group == 1 and "_" not in found.group(1)
        if is_quoted_word and before and before.group(1).lower() not in _NOUNS:
            before = None  # "use `metric` units" is no call
        if before or _AFTER.match(prompt, found.end()):
            yield found.start(group), found.group(group)


def _candidates(prompt: str) -> Iterator[re.Match[str]]:
    """What looks like a tool's name; most lines hold nothing that could."""
    start = 0
    for line in prompt.split("\n"):
        end = start + len(line)
        if "_" in line or "`" in line:
            yield from _CANDIDATE.finditer(prompt, start, end)
        start = end + 1


RULES: Final[tuple[Callable[[View], Iterator[Finding]], ...]] = (
    balanced_braces,
    understood_placeholders,
    variables,
    one_kind_of_variable,
    mentioned_tools,
)
