"""`reconciler explain`."""

import click


@click.command(help="Document a problem's code, such as SPEC012.")
@click.argument("code")
def command(code: str) -> None:
    from reconciler import specs

    click.echo(specs.explain(code))
