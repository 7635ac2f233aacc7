"""`reconciler sandbox`."""

import contextlib
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reconciler.cli.root import Options, group_of_commands
from reconciler.cli.state import sandbox_file, unusable_sandbox
from reconciler.errors import UsageError

if TYPE_CHECKING:
    from reconciler.sandbox import Fault


command = group_of_commands("The embedded API: serve it on a port, or reset it.")


@command.command(
    help="Serve the sandbox of this project on a port, with a page to change agents, until Ctrl-C."
)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8750,
    show_default=True,
    help="0 picks a free one.",
)
@click.option("--expose", is_flag=True, help="Allow a --host that other machines can reach.")
@click.option(
    "--era",
    type=click.Choice(["reference", "openapi", "deployed"]),
    default="openapi",
    show_default=True,
    help="Which version of the API to be.",
)
@click.option(
    "--runtime-key",
    type=click.Choice(["required", "optional", "refused"]),
    help="What becomes of slng_api_key; the era decides by default.",
)
@click.option("--latency", type=click.FloatRange(min=0), default=0.0, help="Seconds per answer.")
@click.option("--rate-limit", type=click.IntRange(min=1), help="Requests a second; 429 above.")
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="[METHOD@]N:KIND[:ARG]",
    help="A failure to order, such as POST@2:drop_after or 5:error:502; may be repeated.",
)
@click.pass_obj
def serve(
    options: Options,
    /,
    *,
    host: str,
    port: int,
    expose: bool,
    faults: tuple[str, ...],
    **behaviour: Any,
) -> None:
    from reconciler import sandbox

    chosen = sandbox.SandboxOptions(faults=tuple(_fault(text) for text in faults), **behaviour)
    if not expose and not sandbox.is_loopback(host):
        raise _too_open(host)
    database = sandbox_file(options.folder)
    try:
        # Ctrl-C is how serving ends, not how it fails.
        with contextlib.suppress(KeyboardInterrupt):
            sandbox.serve(database, host, port, chosen, _announcement(options.folder))
    except OSError as error:
        raise _no_address(host, port, error) from error
    except sqlite3.Error as error:
        raise unusable_sandbox(database, error) from error
    click.echo("The sandbox has stopped; its agents are kept.", err=True)


def _announcement(folder: Path) -> Callable[[str], None]:
    from reconciler.sandbox import PROJECT_KEY

    def announce(url: str) -> None:
        click.echo(
            f"The sandbox of {folder.resolve()} is up, until Ctrl-C.\n"
            f"  page  {url}/\n"
            f"  API   {url}\n"
            f"  key   {PROJECT_KEY} (any other is an organisation of its own)",
            err=True,
        )

    return announce


def _too_open(host: str) -> UsageError:
    return UsageError(
        f"--host {host} lets other machines in, and the sandbox asks nobody for a password: "
        "whoever reaches the port reads, changes and deletes its agents, prompts included",
        code="SANDBOX_EXPOSED",
        hint="say --expose as well if you mean it, or leave --host out",
    )


def _no_address(host: str, port: int, error: OSError) -> UsageError:
    import errno

    if error.errno == errno.EADDRINUSE:
        return UsageError(
            f"port {port} of {host} is in use, perhaps by another sandbox",
            code="PORT_IN_USE",
            hint="say --port N, or --port 0 for any free one",
        )
    why = error.strerror or error
    return UsageError(f"can not listen on port {port} of {host}: {why}", code="NO_ADDRESS")


def _fault(text: str) -> "Fault":
    from reconciler import sandbox

    try:
        return sandbox.parse_fault(text)
    except ValueError as error:
        raise UsageError(f"--fault {text}: {error}") from error


@command.command(help="Forget all agents of the sandbox of this project.")
@click.pass_obj
def reset(options: Options) -> None:
    from reconciler import sandbox

    database = sandbox_file(options.folder)
    try:
        sandbox.reset(database)
    except (OSError, sqlite3.Error) as error:
        raise unusable_sandbox(database, error) from error
    click.echo("The sandbox is empty.", err=True)
