"""Codes of the project file."""

from typing import Final

from reconciler.specs.catalogue.entry import Entry


def _project(environments: str, *, version: str = "1", more: str = "") -> str:
    return f"# --- reconciler.yaml\nversion: {version}\n{more}environments:\n{environments}"


_SANDBOX: Final = "  sandbox: {api: sandbox}"
_REAL: Final = "  staging: {api: https://api.agents.slng.ai, api_key: {env: KEY}}"


ENTRIES: Final = (
    Entry(
        "SPEC070",
        "an unknown version of the project file",
        "The only version so far is 1. A newer file needs a newer reconciler.",
        _project(_SANDBOX, version="2"),
        _project(_SANDBOX),
    ),
    Entry(
        "SPEC071",
        "two environments with one organisation",
        "Each would see the other's agents as its own and delete what it does not know.",
        _project(
            "  a: {api: sandbox, organisation_id: acme}\n  b: {api: sandbox, organisation_id: acme}"
        ),
        _project(
            "  a: {api: sandbox, organisation_id: acme}\n  b: {api: sandbox, organisation_id: foo}"
        ),
    ),
    Entry(
        "SPEC072",
        "an API address that is not safe or not one",
        "The API key travels to it: https everywhere, http only to this machine.",
        _project("  staging: {api: http://api.agents.slng.ai, api_key: {env: KEY}}"),
        _project(_REAL),
    ),
    Entry(
        "SPEC073",
        "an environment without an API key",
        "Every API but the embedded sandbox asks for one.",
        _project("  staging: {api: https://api.agents.slng.ai}"),
        _project(_REAL),
    ),
    Entry(
        "SPEC074",
        "a name that an environment can not have",
        "Names are used in file names and commands; `only` has a meaning of its own in specs.",
        _project("  only: {api: sandbox}"),
        _project(_SANDBOX),
    ),
    Entry(
        "SPEC075",
        "the specs folder is outside the project",
        "Specs are reviewed with the project, so they live in it.",
        _project(_SANDBOX, more="specs: ../agents\n"),
        _project(_SANDBOX, more="specs: agents\n"),
    ),
    Entry(
        "SPEC077",
        "the specs folder is not there, or can not be read",
        "A plan would delete every agent that it no longer finds, so it is refused as well.",
        _project(_SANDBOX, more="specs: agnts\n"),
        _project(_SANDBOX, more="specs: agents\n"),
    ),
    Entry(
        "SPEC078",
        "settings of the ledger that do not fit its backend",
        "`url` is for `postgres`, which needs one; `branch` and `remote` are for `git`.",
        _project(_SANDBOX, more="ledger: {backend: postgres}\n"),
        _project(_SANDBOX, more="ledger: {backend: postgres, url: {env: LEDGER_URL}}\n"),
    ),
    Entry(
        "SPEC076",
        "a name that a variable can not have",
        "A variable is used as `${name}`: letters, digits, `_`, `.`, `-`, a letter first.",
        _project('  sandbox: {api: sandbox, variables: {"my host": example.com}}'),
        _project("  sandbox: {api: sandbox, variables: {my_host: example.com}}"),
    ),
)
