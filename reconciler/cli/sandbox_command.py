"""`reconciler sandbox`."""

from typing import TYPE_CHECKING, Any

import click

from reconciler.cli.root import Options
from reconciler.cli.site import state_folder
from reconciler.errors import UsageError

if TYPE_CHECKING:
    from reconciler.sandbox import Fault


@click.group(help="The embedded API: serve it on a port, or reset it.")
def command() -> None:
    pass


@command.command(help="Serve the sandbox of this project on a port, until Ctrl-C.")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=8750, show_default=True)
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
    options: Options, /, *, host: str, port: int, faults: tuple[str, ...], **behaviour: Any
) -> None:
    from reconciler import sandbox

    chosen = sandbox.SandboxOptions(faults=tuple(_fault(text) for text in faults), **behaviour)
    folder = state_folder(options.folder)
    folder.mkdir(mode=0o700, exist_ok=True)
    click.echo(f"The sandbox listens on http://{host}:{port}", err=True)
    sandbox.serve(folder / "sandbox.db", host, port, chosen)


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

    sandbox.reset(state_folder(options.folder) / "sandbox.db")
    click.echo("The sandbox is empty.", err=True)
