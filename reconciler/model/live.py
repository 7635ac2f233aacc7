"""The agent as the API returns it now, and the store that holds it."""

from collections.abc import Sequence
from dataclasses import field
from datetime import datetime
from typing import Protocol

from reconciler.model.late import Late
from reconciler.model.values import Document
from reconciler.nouns import noun


@noun
class LiveAgent(Late):
    """One live agent.

    `document` holds the writable fields in the shape of a spec: server-owned fields gone,
    `template_variables` read back as `template_defaults`, a webhook's `auth_type` as
    `auth: {type}`, unknown fields kept; a shared-mode agent has no `tools` in it. `raw` is the
    answer as it came, for the history.
    """

    id: str
    name: str
    document: Document
    organisation_id: str | None = None
    created_at: datetime | None = None
    raw: Document = field(default_factory=dict, compare=False, repr=False)

    @property
    def is_deleted(self) -> bool:
        """Whether the API keeps it, but as one that is no more."""
        return self.raw.get("deleted_at") is not None


class AgentStore(Protocol):
    """The agents of one organisation. Every method raises `LiveError`."""

    async def list_agents(self) -> Sequence[LiveAgent]:
        """All agents. A failed, cut or garbled answer is an error, never "no agents"."""
        ...

    async def get_agent(self, agent_id: str) -> LiveAgent | None:
        """The agent, or None when the API says that there is none."""
        ...

    async def create_agent(self, body: Document) -> LiveAgent:
        """POST, once. `LiveError.unclear` says that the agent may exist all the same."""
        ...

    async def replace_agent(self, agent_id: str, body: Document) -> LiveAgent:
        """PUT of the whole writable document."""
        ...

    async def patch_agent(self, agent_id: str, body: Document) -> LiveAgent:
        """PATCH of some top-level fields."""
        ...

    async def delete_agent(self, agent_id: str) -> None:
        """DELETE; an agent that is already gone is a success."""
        ...

    async def last_call_at(self, agent_id: str) -> datetime | None:
        """When the agent's latest call was created, or None when it never had one."""
        ...
