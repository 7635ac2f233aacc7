"""Any operation on any text: exactly that and nothing else, or `CannotEdit`, and nothing worse."""

from typing import Any

from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from reconciler.model.values import same
from reconciler.specs.editing.edit import edited
from reconciler.specs.editing.operations import CannotEdit, Operation, done
from reconciler.specs.marks import Text
from reconciler.specs.yaml_reader import read

SCALARS = [
    *("one", "'it''s'", '"a \\u00e9 b"', "two words", "12", "true", "~", "0.50", "!!str 7"),
    *("a, b", "x: y", '"line\\\n   on"', "- z", "#h"),
]
KEYS = ["a", "b", "'c c'", '"d"', "e"]
NEW: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from(["new", "two\nlines\n", "x: y # z", "", None, 5, True, "no", " - a"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abx"), inner),
    max_leaves=4,
)


class Writer:
    """Writes a random tree in random styles; anchors are used again, merged in, and set anew."""

    def __init__(self, data: st.DataObject) -> None:
        self.data = data
        self.anchors: list[tuple[str, bool]] = []
        self.later: list[tuple[str, bool]] = []
        self.open: list[str] = []

    def chance(self, one_in: int) -> bool:
        return self.data.draw(st.integers(1, one_in)) == 1

    def pick(self, items: list[str]) -> str:
        return self.data.draw(st.sampled_from(items))

    def anchor(self, *, is_map: bool) -> str:
        if not self.chance(3):
            return ""
        free = [name for name in ("x", "y", "z-1", "w") if name not in self.open]
        if not free:
            return ""
        name = self.pick(free)
        self.anchors = [each for each in self.anchors if each[0] != name]
        self.later.append((name, is_map))
        return f"&{name} "

    def alias(self) -> str | None:
        if not self.anchors or not self.chance(3):
            return None
        return "*" + self.pick([name for name, _ in self.anchors])

    def node(self, depth: int, margin: str) -> str:
        """What follows `key:` or `-`, with the space or the line break before it."""
        if (alias := self.alias()) is not None:
            return f" {alias}{self.comment()}\n"
        self.later = []
        kind = self.pick(["scalar", "block", "flow", "map", "list"] if depth else ["scalar"])
        if kind == "scalar":
            anchor = self.anchor(is_map=False)
            self.set()
            return f" {anchor}{self.scalar(SCALARS)}{self.comment()}\n"
        if kind == "block":
            anchor, mark = self.anchor(is_map=False), self.pick(["|", "|-", "|+", ">", ">-"])
            self.set()
            lines = "".join(
                f"{margin}  {line}\n" for line in ("Some words.", "", "  More of", "it")
            )
            return (
                f" {anchor}{mark}{self.comment()}\n{lines.replace(f'{margin}  {chr(10)}', chr(10))}"
            )
        if kind == "flow":
            return f" {self.flow(2)}{self.comment()}\n"
        anchor = self.anchor(is_map=kind == "map").strip()
        mine = self.begin()
        body = self.map(depth, margin) if kind == "map" else self.list(depth, margin)
        self.finish(mine)
        return f" {anchor}{self.comment()}\n{body}" if anchor else f"{self.comment()}\n{body}"

    def begin(self) -> list[tuple[str, bool]]:
        """What is in a collection comes before its own anchor counts."""
        self.open += [name for name, _ in self.later]
        return self.later

    def finish(self, mine: list[tuple[str, bool]]) -> None:
        self.open = [name for name in self.open if name not in {each for each, _ in mine}]
        self.later = mine
        self.set()

    def set(self) -> None:
        """Anchors count from where their values end: none may name itself."""
        self.anchors += self.later
        self.later = []

    def scalar(self, among: list[str]) -> str:
        return self.pick(among)

    def comment(self) -> str:
        return self.pick(["", "", "  # said", "\t# tab"])

    def map(self, depth: int, margin: str) -> str:
        keys = self.data.draw(st.lists(st.sampled_from(KEYS), min_size=1, max_size=3, unique=True))
        lines = ""
        if (merge := self.merge()) is not None:
            lines += f"{margin}<<: {merge}{self.comment()}\n"
        for key in keys:
            lines += self.pick(["", "", f"{margin}# above\n", "\n"])
            mark = "? " if self.chance(8) else ""
            value = self.node(depth - 1, margin + "  ")
            lines += f"{margin}{mark}{key}" + (f"\n{margin}:" if mark else ":") + value
        return lines

    def merge(self) -> str | None:
        maps = [f"*{name}" for name, is_map in self.anchors if is_map]
        if not maps or not self.chance(2):
            return None
        return f"[{self.pick(maps)}, {self.pick(maps)}]" if self.chance(3) else self.pick(maps)

    def list(self, depth: int, margin: str) -> str:
        count = self.data.draw(st.integers(1, 3))
        return "".join(f"{margin}-{self.node(depth - 1, margin + '  ')}" for _ in range(count))

    def flow(self, depth: int) -> str:
        if (alias := self.alias()) is not None:
            return f"{alias} "
        self.later = []
        if depth == 0 or self.chance(3):
            anchor = self.anchor(is_map=False)
            self.set()
            return anchor + self.scalar(["one", "'it''s'", '"q"', "12", "two words", "~"])
        is_map = self.chance(2)
        anchor = self.anchor(is_map=is_map)
        mine = self.begin()
        if is_map:
            keys = self.data.draw(st.lists(st.sampled_from(KEYS), max_size=3, unique=True))
            pairs = [f"{key}: {self.flow(depth - 1)}" for key in keys]
            if (merge := self.merge()) is not None:
                pairs.insert(0, f"<<: {merge} ")
            body = "{" + ", ".join(pairs) + "}"
        else:
            count = self.data.draw(st.integers(0, 3))
            body = "[" + ", ".join(self.flow(depth - 1) for _ in range(count)) + "]"
        self.finish(mine)
        return anchor + body


def _paths(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value)
    found = [] if not isinstance(value, dict | list) else list(items)
    return [p for k, v in found for p in ((*at, k), *(_paths(v, (*at, k)) if _deep(v) else ()))]


def _steps(value: Any) -> list[Any]:
    return list(value) if isinstance(value, dict) else list(range(len(value)))


def _deep(value: Any) -> bool:
    return isinstance(value, dict | list)


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_an_edit_is_exact_or_there_is_none(data: st.DataObject) -> None:
    writer = Writer(data)
    text = data.draw(st.sampled_from(["", "---\n", "# head\n"])) + writer.map(3, "")
    if data.draw(st.integers(0, 4)) == 0:
        text = text.replace("\n", "\r\n")
    value, problems = read(Text("a.yaml", text))
    assume(not problems)
    path = data.draw(st.sampled_from(_paths(value)))
    assume(len(value) > 1 or len(path) > 1)  # a spec is never empty
    kind: Any = data.draw(st.sampled_from(["put", "put", "remove", "insert", "add"]))
    around = value
    for step in path[:-1]:
        around = around[step]
    if kind == "insert" and not isinstance(path[-1], int):
        kind = "put"
    if kind == "add":
        kind = "put"
        path = (*path[:-1], "new") if isinstance(path[-1], str) else path
    operation = Operation(kind, path, data.draw(NEW) if kind != "remove" else None)
    try:
        after = edited(text, operation)
    except CannotEdit as error:
        event(f"no edit: {error}")
        return
    found, problems = read(Text("a.yaml", after))
    assert problems == []
    assert same(found, done(value, operation))
    gone = around[path[-1]] if kind != "insert" and path[-1] in _steps(around) else None
    if kind != "remove" and not isinstance(gone, dict | list):
        assert after.count("#") >= text.count("#") - str(gone).count("#")
    event("edited")
