"""A merged document as the rules see it: only what has the right type."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any, Final

from reconciler.model.values import Document
from reconciler.nouns import noun
from reconciler.specs.marks import Steps
from reconciler.specs.rules.handlebars import only_names
from reconciler.specs.rules.typed import mapping, mappings, text

GREETINGS: Final = ("greeting", "inbound_greeting", "outbound_greeting")
NUDGES: Final = ("first_nudge_text", "second_nudge_text", "final_hangup_text")


@noun(slots=False)
class View:
    """One agent: its key and merged document."""

    key: str
    document: Document

    @cached_property
    def tools(self) -> list[tuple[int, Document]]:
        return mappings(self.document.get("tools"))

    def tools_of(self, kind: str) -> Iterator[tuple[int, Document]]:
        return ((index, tool) for index, tool in self.tools if tool.get("type") == kind)

    @cached_property
    def runtime_names(self) -> list[tuple[int, str]]:
        variables = mappings(self.document.get("runtime_variables"))
        return [(index, text(each.get("name"))) for index, each in variables]

    @cached_property
    def prompts(self) -> list[tuple[Steps, str]]:
        """What the agent is told and says first."""
        names = ("system_prompt", *GREETINGS)
        return [((name,), value) for name in names if (value := text(self.document.get(name)))]

    @cached_property
    def templates(self) -> list[tuple[Steps, str]]:
        """Every text in which Handlebars means something."""
        nudges = mapping(self.document.get("idle_nudges"))
        said = [(("idle_nudges", name), text(nudges.get(name))) for name in NUDGES]
        in_tools = [found for index, tool in self.tools for found in _in_tool(index, tool)]
        return [(steps, value) for steps, value in [*self.prompts, *said, *in_tools] if value]

    @cached_property
    def placeholders(self) -> list[tuple[Steps, str, list[tuple[int, str]] | None]]:
        """The templates with the variables of those that hold nothing but `{{name}}`."""
        return [(steps, value, only_names(value)) for steps, value in self.templates]


def _in_tool(index: int, tool: Document) -> Iterator[tuple[Steps, str]]:
    for name in ("prompt", "url", "phone_number", "timezone"):
        if name in tool:
            yield ("tools", index, name), text(tool[name])
    message = mapping(mapping(tool.get("execution_policy")).get("pre_action_message"))
    spoken = ("tools", index, "execution_policy", "pre_action_message", "text")
    yield spoken, text(message.get("text"))
    arguments: Any = mapping(tool.get("system")).get("arguments")
    for row, argument in mappings(arguments):
        source = mapping(argument.get("source"))
        steps = ("tools", index, "system", "arguments", row, "source", "template")
        yield steps, text(source.get("template"))
