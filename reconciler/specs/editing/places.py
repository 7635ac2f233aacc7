"""Where an operation on a merged document is made: which layer, which file, which path in it."""

import os
import posixpath
from typing import Any

from reconciler.model.values import SecretRef
from reconciler.nouns import noun
from reconciler.specs.editing.bench import Bench
from reconciler.specs.editing.edit import edited, edited_for_all
from reconciler.specs.editing.keeping import raw, rewritten
from reconciler.specs.editing.operations import CannotEdit, Operation, done, value_at
from reconciler.specs.files import Source
from reconciler.specs.layers import Layer, Merged
from reconciler.specs.marks import Text
from reconciler.specs.yaml_nodes import Steps


@noun
class Made:
    """A bench after an operation, and the file that was cut for it."""

    bench: Bench
    file: str


def at_origin(bench: Bench, key: str, operation: Operation) -> Made:
    """The operation made where the value was written, or where the thing around it was."""
    layer = _home(bench.merged(key), operation)
    owner = _owner(layer, operation.steps)
    if owner is None:
        return _in_layer(bench, layer, operation)
    if owner == operation.steps and not isinstance(operation.value, str):
        return _in_layer(bench, layer, operation)  # no text any more: no file for it
    return _in_file(bench, layer, owner, operation)


def for_all(bench: Bench, key: str, operation: Operation) -> Made | None:
    """The operation made where an anchor has the value, for all that share it.

    None without one, and where the file would say something else that does not count here: it
    may in another environment.
    """
    merged = bench.merged(key)
    layer = _home(merged, operation)
    if _owner(layer, operation.steps) is not None:
        return None
    steps = (*layer.prefix, *operation.steps)
    found = edited_for_all(layer.source.text.content, _raw(layer, operation, steps))
    if found is None or not all(_counts(merged, layer.source, each) for each in found[1]):
        return None
    return _made(bench, layer, found[0])


def _counts(merged: Merged, source: Source, steps: Steps) -> bool:
    """Whether a place in a file is the one that a value of the document comes from."""
    inside = [x for x in merged.layers if x.source is source and x.prefix == steps[: len(x.prefix)]]
    layer = max(inside, key=lambda each: len(each.prefix), default=None)
    return layer is not None and layer is _home(
        merged, Operation("put", steps[len(layer.prefix) :])
    )


def as_own(bench: Bench, key: str, operation: Operation) -> Made:
    """The operation made in the spec itself, whatever else has a say in the value."""
    merged = bench.merged(key)
    winner = _home(merged, operation)
    layer, later = _own_layer(merged, winner, bench.environment)
    steps = operation.steps
    owner = _owner(winner, steps)
    if layer is winner and owner is None:
        return _in_layer(bench, layer, operation)
    if layer is not winner and operation.kind == "remove" and isinstance(steps[-1], str):
        raise CannotEdit("it is declared in a shared place, and a spec can not take a key back")
    cut = len(owner) if owner is not None else len(steps)
    if layer is not winner:  # lists replace as one
        cut = min(cut, next((n for n, step in enumerate(steps) if isinstance(step, int)), cut))
    value = value_at(done(merged.document, operation), steps[:cut])
    whole = Operation("put", steps[:cut], value)
    if later:
        return _written(bench, layer, whole, ("environments", bench.environment, *steps[:cut]))
    return _in_layer(bench, layer, whole)


def _home(merged: Merged, operation: Operation) -> Layer:
    """The last layer that has the value; for a new one the spec, where it has a say at all."""
    own = [layer for layer in merged.layers if layer.source is merged.source]
    for layer in reversed(merged.layers):
        if layer.depth(operation.steps)[0] == len(operation.steps):
            return layer
    if any(isinstance(step, int) for step in operation.steps):
        deepest = max(layer.depth(operation.steps)[0] for layer in merged.layers)
        return next(x for x in reversed(merged.layers) if x.depth(operation.steps)[0] == deepest)
    # a new key: the environment's part only where the mapping around it is written there alone
    depths = [layer.depth(operation.steps)[0] for layer in own]
    return own[0] if depths[0] == max(depths) else own[depths.index(max(depths))]


def _own_layer(merged: Merged, winner: Layer, environment: str) -> tuple[Layer, bool]:
    """The spec's layer that wins over `winner`, and whether it is one that is not there yet."""
    layers = list(merged.layers)
    own = [layer for layer in layers if layer.source is merged.source]
    at = next(n for n, layer in enumerate(layers) if layer is winner)
    for layer in own:
        if next(n for n, each in enumerate(layers) if each is layer) >= at:
            return layer, False
    return own[0], bool(environment)


def _owner(layer: Layer, steps: Steps) -> Steps | None:
    """The path of the `{file: …}` that a path leads into."""
    return next((s for n in range(len(steps), 0, -1) if (s := steps[:n]) in layer.texts), None)


def _in_layer(bench: Bench, layer: Layer, operation: Operation) -> Made:
    return _written(bench, layer, operation, (*layer.prefix, *operation.steps))


def _written(bench: Bench, layer: Layer, operation: Operation, steps: Steps) -> Made:
    return _made(bench, layer, edited(layer.source.text.content, _raw(layer, operation, steps)))


def _made(bench: Bench, layer: Layer, text: str) -> Made:
    return Made(bench.with_edit(bench.real(layer.source.name), text), layer.source.name)


def _raw(layer: Layer, operation: Operation, steps: Steps) -> Operation:
    """An operation at a place of a layer's file, its value as the file would say it."""
    value = _placed(operation.value, layer.source.name)
    if operation.kind == "insert":
        return Operation("insert", steps, raw(value, None, None, layer.variables))
    old, meant = _old(layer.source.value, steps), _old(layer.value, steps[len(layer.prefix) :])
    return Operation(operation.kind, steps, raw(value, old, meant, layer.variables))


def _old(value: Any, steps: Steps) -> Any:
    try:
        return value_at(value, steps)
    except KeyError:
        return None


def _placed(value: Any, name: str) -> Any:
    """Secrets in files are named from the file that says so."""
    if isinstance(value, SecretRef) and value.source == "file" and not os.path.isabs(value.name):  # noqa: PTH117  # a name, no path of ours
        return SecretRef("file", posixpath.relpath(value.name, posixpath.dirname(name) or "."))
    if isinstance(value, dict):
        return {key: _placed(item, name) for key, item in value.items()}
    return [_placed(item, name) for item in value] if isinstance(value, list) else value


def _in_file(bench: Bench, layer: Layer, owner: Steps, operation: Operation) -> Made:
    """The operation made in the file of a `{file: …}`."""
    text = layer.texts[owner]
    inner = operation.steps[len(owner) :]
    meant = value_at(layer.value, owner)
    path = str(bench.loaded.folder / text.name)
    if isinstance(meant, str):
        content = rewritten(text.content, operation.value, layer.variables)
        if (
            layer.variables.substitute(Text("", content).with_plain_breaks.content)
            != operation.value
        ):
            return _in_layer(bench, layer, operation)  # no file can say it: it has `\r\n` in it
        content = _breaks_as_in(bench.files.text(path).content, content)
    else:
        source = bench.files.document(path)
        old = None if operation.kind == "insert" else _old(source.value, inner)
        value = raw(operation.value, old, _old(meant, inner), layer.variables)
        is_json = text.name.lower().endswith(".json")
        content = edited(text.content, Operation(operation.kind, inner, value), json_only=is_json)
    return Made(bench.with_edit(bench.real(text.name), content), text.name)


def _breaks_as_in(old: str, new: str) -> str:
    """A text with the line breaks that most lines of its file have on this machine."""
    mostly = old.count("\r\n") * 2 > old.count("\n")
    return new.replace("\n", "\r\n") if mostly else new


def is_shared_place(merged: Merged, file: str) -> bool:
    """Defaults and overrides are shared by what they are, one agent or many."""
    return file in {x.source.name for x in merged.layers if x.source is not merged.source}
