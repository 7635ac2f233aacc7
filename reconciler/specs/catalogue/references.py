"""Codes of `{file: …}`, `{env: …}` and `${variables}`."""

from typing import Final

from reconciler.specs.catalogue.entry import Entry

_TOOL: Final = """name: Desk
tools:
  - type: webhook
    name: check_order
    description: Looks up an order.
    url: https://crm.example.com/orders
    parameters: {type: object}
    auth: {type: bearer, token: TOKEN}"""


def _token(token: str) -> str:
    return _TOOL.replace("TOKEN", token)


ENTRIES: Final = (
    Entry(
        "SPEC021",
        "a reference of the wrong form",
        "A reference is a mapping with one key: `file` for texts, `env` or `file` for secrets.",
        "name: Desk\nsystem_prompt: {file: prompts/desk.md, encoding: utf-8}",
        "# --- agents/desk.yaml\nname: Desk\nsystem_prompt: {file: ../prompts/desk.md}\n"
        "# --- prompts/desk.md\nYou answer the phone.",
    ),
    Entry(
        "SPEC022",
        "a referenced file is not there",
        "The path is relative to the file that says it.",
        "# --- agents/desk.yaml\nname: Desk\nsystem_prompt: {file: prompts/desk.md}\n"
        "# --- prompts/desk.md\nYou answer the phone.",
        "# --- agents/desk.yaml\nname: Desk\nsystem_prompt: {file: ../prompts/desk.md}\n"
        "# --- prompts/desk.md\nYou answer the phone.",
    ),
    Entry(
        "SPEC023",
        "a referenced file is outside the project",
        "What an agent says is reviewed with the project, so it lives in the project; symlinks "
        "are resolved first.",
        "name: Desk\nsystem_prompt: {file: /etc/hostname}",
        "# --- agents/desk.yaml\nname: Desk\nsystem_prompt: {file: desk.md}\n"
        "# --- agents/desk.md\nYou answer the phone.",
    ),
    Entry(
        "SPEC024",
        "a secret is written down",
        "Whoever reads the repo could use it. Take it back at its issuer: git remembers.",
        _token("s3cr3t"),
        _token("{env: CRM_TOKEN}"),
    ),
    Entry(
        "SPEC025",
        "`{env: …}` where no secret stands",
        "Only `slng_api_key`, `auth.token` and `auth.secret` come from the environment; "
        "everything else is reviewed in git.",
        "name: Desk\ngreeting: {env: GREETING}",
        "name: Desk\ngreeting: Welcome to ${crm}",
    ),
    Entry(
        "SPEC026",
        "an API key is used as a secret of an agent",
        "The key of an environment controls all its agents. A webhook or an agent must not get it.",
        _token("{env: SLNG_API_KEY}"),
        _token("{env: CRM_TOKEN}"),
    ),
    Entry(
        "SPEC027",
        "a secret's name or place can not be",
        "`env` takes the name of an environment variable, not the secret; a `file` outside the "
        "project must lie in one of `secret_folders`.",
        _token("{file: /run/secrets/crm}"),
        _token("{file: ../secrets/crm}"),
    ),
    Entry(
        "SPEC028",
        "an unknown variable",
        "`${name}` takes its value from the environment's `variables`; `$${` is a literal `${`.",
        "name: Desk\ngreeting: Welcome to ${crn}",
        "name: Desk\ngreeting: Welcome to ${crm}",
    ),
    Entry(
        "SPEC029",
        "`${` without a name",
        "A variable is `${name}`; `$${` writes a literal `${`.",
        "name: Desk\ngreeting: It costs ${ 5",
        "name: Desk\ngreeting: It costs $${ 5",
    ),
)
