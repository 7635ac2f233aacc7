"""The root command: global options, and commands that are imported when they are called."""

import gc
import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from reconciler import __version__
from reconciler.errors import UsageError
from reconciler.nouns import noun

if TYPE_CHECKING:
    from pathlib import Path

COMMANDS = {
    "apply": "Make the live agents what the specs say, after asking.",
    "drift": "Show what changed live since the last apply.",
    "comment": "Post the plan on the pull or merge request.",
    "doctor": "Check a set-up and say what to fix.",
    "explain": "Document a problem's code, such as SPEC012.",
    "history": "Show what was applied, by whom, from which commit.",
    "import": "Write specs for unmanaged agents, and adopt them.",
    "init": "Make a working project.",
    "ledger": "Look at and mend the ledger.",
    "plan": "Show what apply would do.",
    "pull": "Write live drift back into the specs.",
    "rollback": "Put back what an apply replaced, through a plan.",
    "sandbox": "The embedded API: serve it on a port, or reset it.",
    "schema": "Print a JSON Schema: agent, project or plan.",
    "show": "Show one agent: desired, live and remembered.",
    "validate": "Check the specs; needs no network.",
}


@noun
class Options:
    """The global options. `env` is None when nobody named an environment."""

    folder: "Path"
    env: str | None
    color: bool
    quiet: bool
    verbose: bool


class NoCommand(Exception):  # noqa: N818  # what is wrong
    """A group was named and none of its commands: `help` says which there are."""

    def __init__(self, ctx: click.Context) -> None:
        super().__init__(ctx.command_path)
        self.help = ctx.get_help()


def require_command(ctx: click.Context) -> None:
    """For a group that is called alone too. click's own help for that differs by its version."""
    if ctx.invoked_subcommand is None:
        raise NoCommand(ctx)


def group_of_commands(help_text: str) -> click.Group:
    """A command that has commands of its own."""

    @click.group(
        invoke_without_command=True, subcommand_metavar="COMMAND [ARGS]...", help=help_text
    )
    @click.pass_context
    def command(ctx: click.Context) -> None:
        require_command(ctx)

    return command


class LazyGroup(click.Group):
    """Knows its commands by name and one line of help; a command's module loads when it runs."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            # click takes it for a reader of our output who went away, and exits in silence. Of
            # such a reader nothing is heard here (see `streams`): another program has died.
            raise ConnectionError(str(error)) from error

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        if cmd_name == "sandbox":
            gc.enable()  # a server lives long (see `__main__`)
        module = import_module(f"reconciler.cli.{cmd_name}_command")
        command: click.Command = module.command
        return command

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(sorted(COMMANDS.items()))


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    subcommand_metavar="COMMAND [ARGS]...",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, message="reconciler %(version)s")
@click.option(
    "-C",
    "folder",
    type=click.Path(),
    default=".",
    metavar="DIR",
    help="Work in this project folder.",
)
@click.option("-e", "--env", envvar="RECONCILER_ENV", metavar="ENV", help="The environment.")
@click.option("--no-color", is_flag=True, help="No colours; NO_COLOR does the same.")
@click.option("-q", "--quiet", is_flag=True, help="Say less.")
@click.option("-v", "--verbose", is_flag=True, help="Say more.")
@click.pass_context
def root(
    ctx: click.Context,
    *,
    folder: str,
    env: str | None,
    no_color: bool,
    quiet: bool,
    verbose: bool,
) -> None:
    """Voice agents as code: plan, apply, drift."""
    require_command(ctx)
    _require_working_directory(folder)
    color = sys.stdout.isatty() and not no_color and not os.environ.get("NO_COLOR")
    from pathlib import Path

    ctx.obj = Options(Path(folder), env or None, color, quiet, verbose)


def _require_working_directory(folder: str) -> None:
    """Somebody may have deleted it meanwhile; a folder from the root on needs none."""
    try:
        os.path.abspath(folder)  # noqa: PTH100  # it asks where we are only if it must
    except OSError as error:
        raise UsageError(
            "the working directory is not there any more",
            hint="change to a folder that is there, or name the project's full path with -C",
        ) from error
