"""How a file is written: what comes new into it looks like what is there."""

import json
from collections import Counter
from collections.abc import Iterable
from typing import Final

from reconciler.nouns import noun
from reconciler.specs.editing.lines import column
from reconciler.specs.editing.nodes import BLOCK, Node, below
from reconciler.specs.scalars import NotJson, plain

_HABIT: Final = 0.75  # of all: then it is no accident


@noun
class Manner:
    """`step` is the indentation of what stands below a key, `listed` that of a list's dashes.

    `keys` and `texts` are the quotes that nearly all keys and texts have, or ""; `pad` is what
    stands inside of braces.
    """

    json: bool = False
    step: int = 2
    listed: int = 2
    keys: str = ""
    texts: str = ""
    pad: str = ""


def manner_of(text: str, root: Node | None, *, json_only: bool = False) -> Manner:
    """The manner of a text; `json_only` where the file is one that must be JSON."""
    if json_only or root is None or _is_json(text):
        return Manner(json=True, keys='"', texts='"')
    found = list(below(root))
    steps = [_offsets(text, node) for node in found if node.keys is not None and not node.flow]
    maps = [offset for each in steps for offset, is_list in each if not is_list]
    lists = [offset for each in steps for offset, is_list in each if is_list]
    names = {id(key) for node in found for key in node.keys or ()}
    texts = [node for node in found if id(node) not in names and _is_text(node)]
    braces = [text[n.start : n.start + 2] for n in found if n.flow and n.keys]
    step = min(maps, default=2)
    return Manner(
        step=step,
        listed=Counter(lists).most_common(1)[0][0] if lists else step,
        keys=_habit(node.style for node in found if id(node) in names and node.text != "<<"),
        texts=_habit(node.style for node in texts),
        pad=" " if braces and braces.count("{ ") > len(braces) * _HABIT else "",
    )


def _is_json(text: str) -> bool:
    if text.lstrip()[:1] not in {"{", "["}:
        return False
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _offsets(text: str, mapping: Node) -> list[tuple[int, bool]]:
    """How far the collections below the keys of a block mapping are indented; True for lists."""
    here = column(text, mapping.leads[0]) if mapping.leads else 0
    return [
        (column(text, child.leads[0]) - here, child.keys is None)
        for child in mapping.children
        if child.is_block_collection and child.leads
    ]


def _is_text(node: Node) -> bool:
    """Whether a scalar is a text that could be written on one line."""
    if node.text is None or node.style in BLOCK:
        return False
    try:
        return node.style != "" or isinstance(plain(node.text), str)
    except NotJson:
        return False


def _habit(styles: Iterable[str]) -> str:
    counts = Counter(styles)
    style, count = counts.most_common(1)[0] if counts else ("", 0)
    return style if count > counts.total() * _HABIT else ""
