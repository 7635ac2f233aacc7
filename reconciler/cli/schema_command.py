"""`reconciler schema`."""

import json

import click


@click.command(help="Print a JSON Schema: of a spec, of the project file, or of a saved plan.")
@click.argument("what", type=click.Choice(["agent", "project", "plan"]))
def command(what: str) -> None:
    from reconciler import specs
    from reconciler.model.plan_document import plan_schema

    makers = {
        "agent": specs.agent_schema,
        "project": specs.project_schema,
        "plan": plan_schema,
    }
    click.echo(json.dumps(makers[what](), indent=2, ensure_ascii=False))
