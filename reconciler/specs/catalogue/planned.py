"""Problems of a spec that only a plan can see, because they are about live agents."""

from typing import Final

from reconciler.specs.catalogue.entry import Entry

ENTRIES: Final = (
    Entry(
        code="PLAN001",
        title="A spec is pinned to an agent that does not exist",
        why="`id` ties a spec to one live agent. Were a wrong id passed over, the spec would find "
        "another agent by its name, or make a new one beside the one that was meant.",
        wrong="""
name: Desk
environments:
  staging: {id: 00000000-0000-4000-8000-000000000000}
""",
        right="""
name: Desk
""",
    ),
)
