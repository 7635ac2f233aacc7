"""Codes of agents that get in each other's way, and of environments that specs name."""

from typing import Final

from reconciler.specs.catalogue.entry import Entry

_ID: Final = "550e8400-e29b-41d4-a716-446655440000"
_OTHER: Final = "650e8400-e29b-41d4-a716-446655440000"


def _two(desk: str, other: str) -> str:
    return f"# --- agents/desk.yaml\nname: Desk\n{desk}\n# --- agents/other.yaml\n{other}"


ENTRIES: Final = (
    Entry(
        "SPEC060",
        "two agents of one name",
        "Names are unique in an organisation: the API would refuse the second.",
        _two("greeting: Hello", "name: Desk"),
        _two("greeting: Hello", "name: Other"),
    ),
    Entry(
        "SPEC061",
        "two agents with one inbound trunk",
        "An inbound trunk belongs to one agent.",
        _two(f"sip_inbound_trunk_id: {_ID}", f"name: Other\nsip_inbound_trunk_id: {_ID}"),
        _two(f"sip_inbound_trunk_id: {_ID}", f"name: Other\nsip_inbound_trunk_id: {_OTHER}"),
    ),
    Entry(
        "SPEC062",
        "two specs pinned to one live agent",
        "Each would undo what the other wants.",
        _two(
            f"environments: {{staging: {{id: {_ID}}}}}",
            f"name: Other\nenvironments: {{staging: {{id: {_ID}}}}}",
        ),
        _two(
            f"environments: {{staging: {{id: {_ID}}}}}",
            f"name: Other\nenvironments: {{staging: {{id: {_OTHER}}}}}",
        ),
    ),
    Entry(
        "SPEC063",
        "two files moved from one place",
        "One file can have moved to one place only.",
        _two("moved_from: front", "name: Other\nmoved_from: front"),
        _two("moved_from: front", "name: Other\nmoved_from: back"),
    ),
    Entry(
        "SPEC064",
        "`moved_from` names a file that is still there",
        "Then it has not moved; unless the file that is there says `moved_from`, too.",
        _two("greeting: Hello", "name: Other\nmoved_from: desk"),
        _two("greeting: Hello", "name: Other\nmoved_from: front"),
    ),
    Entry(
        "SPEC065",
        "an unknown environment",
        "`environments` of a spec names environments of reconciler.yaml.",
        "name: Desk\nenvironments:\n  stagin: {greeting: Test}",
        "name: Desk\nenvironments:\n  staging: {greeting: Test}",
    ),
    Entry(
        "SPEC066",
        "`only` lists nothing",
        "`only` lists the environments in which the agent lives; left out, it lives in all.",
        "name: Desk\nenvironments: {only: []}",
        "name: Desk\nenvironments: {only: [staging]}",
    ),
    Entry(
        "SPEC067",
        "`moved_from` names a file",
        "It names the agent's old key: the path of its file below the specs folder without the "
        "ending. A file's name would be the key of no agent, and the move would go unseen.",
        "name: Desk\nmoved_from: agents/front.yaml",
        "name: Desk\nmoved_from: front",
    ),
)
