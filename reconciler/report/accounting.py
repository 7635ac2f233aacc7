"""Nothing goes untold: the ways past the guards that were given."""

from dataclasses import fields

from reconciler.model.change import Approval


def allowed(approval: Approval) -> dict[str, int]:
    """The ways past the guards that were given, by name."""
    given = {field.name: getattr(approval, field.name) for field in fields(approval)}
    return {
        name: value for name, value in given.items() if value is not None and value is not False
    }


def flags(approval: Approval) -> list[str]:
    """The same as the command line has them."""
    return [
        f"--allow-{name}" + ("" if value is True else f" {value}")
        for name, value in allowed(approval).items()
    ]
