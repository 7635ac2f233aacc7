"""What of a document has the right type; nothing is taken for granted."""

from reconciler.model.values import Document


def text(value: object) -> str:
    return value if isinstance(value, str) else ""


def mapping(value: object) -> Document:
    return value if isinstance(value, dict) else {}


def mappings(value: object) -> list[tuple[int, Document]]:
    """The mappings of a list, with their indices."""
    items = value if isinstance(value, list) else []
    return [(index, item) for index, item in enumerate(items) if isinstance(item, dict)]
