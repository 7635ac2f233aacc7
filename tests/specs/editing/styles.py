"""Specs as many people and tools write them, and for each the pulls to try and their diffs.

One text file a style, in `styles/`: the spec, then sections. `=== file NAME` is another file
(without one before it, the spec is `agents/desk.yaml`), `=== option crlf|cr|bom|no-final-newline`
is about the bytes, and `=== pull [--to spec|origin] CHANGE [& CHANGE]` is one pull with the diff
that came of it, looked at by a person:

    greeting = "Hi"                       a JSON value in a place of the live document
    system_prompt ~ "two" -> "three"      one text in another
    tools += {"type": …}                  one more item, or more keys
    -tools[hangup]                        one less; items by number, name or natural key
    hall greeting = "Hi"                  the agent of another spec

`python -m tests.specs.editing.styles [STYLE…]` writes the diffs anew: look at them.
"""

import asyncio
import copy
import difflib
import json
import re
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from reconciler.journeys.pulling import PullRequest, PullResult, pull
from reconciler.model.change import Plan
from reconciler.model.identity import natural_key
from reconciler.specs import load_project
from reconciler.specs.editing import To, write
from reconciler.workflow import Request, Site, apply, plan
from tests.fakes import NOW, MemoryLedger, MemoryStore, SilentProgress
from tests.world import EVERYTHING, RUN

FOLDER: Final = Path(__file__).parent / "styles"
PROJECT: Final = """\
version: 1
defaults: {enable_interruptions: true, models: {stt_final_timeout_s: 4}}
environments: {sandbox: {api: sandbox, variables: {desk: us}}}
"""
_SECTION: Final = re.compile(r"^=== (file|option|pull) (.*)\n", re.MULTILINE)
_STEP: Final = re.compile(r"\[([^\]]*)\]|\.?((?:\\.|[^.\[\\])+)")
_CHANGE: Final = re.compile(r"(?:(?P<key>[a-z/]+) )?(?P<path>\S(?:\\.|\S)*?) (?P<how>=|~|\+=) ")


@dataclass(frozen=True)
class Pull:
    """One pull: `told` is its line in the file, `diff` what is expected of it."""

    told: str
    diff: str

    @property
    def to(self) -> To | None:
        found = re.match(r"--to (spec|origin) ", self.told)
        return found.group(1) if found else None  # type: ignore[return-value]  # one of the two

    @property
    def changes(self) -> list[str]:
        return re.sub(r"^--to \w+ ", "", self.told).split(" & ")


@dataclass
class Style:
    name: str
    files: dict[str, str] = field(default_factory=dict)
    options: set[str] = field(default_factory=set)
    pulls: list[Pull] = field(default_factory=list)

    def data(self, text: str) -> bytes:
        """A file's bytes, as the options want them."""
        if "no-final-newline" in self.options:
            text = text.removesuffix("\n")
        newline = "\r\n" if "crlf" in self.options else "\r" if "cr" in self.options else "\n"
        return ("\ufeff" * ("bom" in self.options) + text.replace("\n", newline)).encode()


def styles(*names: str) -> list[Style]:
    """The styles, all or those whose names start so."""
    paths = sorted(FOLDER.glob("*.txt"))
    return [_style(path) for path in paths if not names or path.stem.startswith(names)]


def _style(path: Path) -> Style:
    first, *rest = _SECTION.split(path.read_text(encoding="utf-8"))
    style = Style(path.stem)
    if first:
        style.files["agents/desk.yaml"] = first
    for kind, told, body in zip(rest[::3], rest[1::3], rest[2::3], strict=True):
        if kind == "file":
            style.files[told] = body
        elif kind == "option":
            style.options.add(told)
        else:
            style.pulls.append(Pull(told, body))
    style.files.setdefault("reconciler.yaml", PROJECT)
    return style


@dataclass
class Applied:
    """A style in a folder, applied; each pull starts from there."""

    style: Style
    folder: Path
    store: MemoryStore = field(default_factory=MemoryStore)
    ledger: MemoryLedger = field(default_factory=MemoryLedger)

    def __post_init__(self) -> None:
        self.restore()
        asyncio.run(self._apply())

    def restore(self) -> None:
        for name, text in self.style.files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(self.style.data(text))

    def site(self, store: MemoryStore) -> Site:
        return Site(
            loaded=load_project(self.folder),
            environment="sandbox",
            organisation_id=None,
            store=store,
            ledger=copy.deepcopy(self.ledger) if store is not self.store else self.ledger,
            secret=lambda ref: f"value of {ref.name}",
            now=lambda: NOW,
        )

    async def _apply(self) -> None:
        request = Request(approval=EVERYTHING)
        site = self.site(self.store)
        quiet = SilentProgress()
        stop = asyncio.Event()
        await apply(site, request, RUN, agree=lambda _: None, progress=quiet, stop=stop)
        assert not (await plan(self.site(self.store), request)).changes

    def pull(self, each: Pull) -> tuple[PullResult, Plan]:
        """What a pull did, and the plan after it; the files stay as the pull left them."""
        self.restore()
        store = copy.deepcopy(self.store)
        for change in each.changes:
            _make(change, store)

        async def main() -> tuple[PullResult, Plan]:
            result = await pull(self.site(store), PullRequest(to=each.to))
            write(result.edits)
            return result, await plan(self.site(store), Request(approval=EVERYTHING))

        return asyncio.run(main())

    def told(self, result: PullResult) -> str:
        """The refusals and the diff, as they stand in the style's file."""
        lines = [f"! {'.'.join(r.path)}: {r.reason}\n" for r in result.refused]
        for name, text in sorted(self.style.files.items()):
            after = (self.folder / name).read_bytes().decode()
            lines += _diff(name, self.style.data(text).decode(), after)
        return "".join(lines)


def _diff(name: str, before: str, after: str) -> Iterator[str]:
    one, two = (re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+", x) for x in (before, after))
    found = list(difflib.unified_diff(one, two, n=0))[2:]
    if found and name != "agents/desk.yaml":
        yield f"@ {name}\n"
    for line in found:
        if not line.startswith("@@"):
            body = line.rstrip("\r\n")
            end = {"\n": "", "\r\n": "␍", "\r": "␍", "": "␄"}[line[len(body) :]]
            yield body.replace("\ufeff", "") + end + "\n"


def _make(told: str, store: MemoryStore) -> None:
    """One change of a live document."""
    by_key = {agent["name"].lower().split()[0]: agent for agent in store.agents.values()}
    if told.startswith("-"):
        around, step = _place(next(iter(store.agents.values())), told[1:])
        del around[step]
        return
    found = _CHANGE.match(told)
    assert found, told
    agent = by_key[found["key"]] if found["key"] else next(iter(store.agents.values()))
    around, step = _place(agent, found["path"])
    value = told[found.end() :]
    if found["how"] == "=":
        around[step] = json.loads(value)
    elif found["how"] == "~":
        old, new = (json.loads(each) for each in value.split(" -> "))
        assert old in around[step], told
        around[step] = around[step].replace(old, new)
    elif step == "template_defaults" or isinstance(around.get(step), dict):
        around[step] = {**around.get(step, {}), **json.loads(value)}
    else:
        new = json.loads(value)
        more = {"id": "11111111-1111-4111-8111-111111111111"} if step == "tools" else {}
        around[step] = [*around.get(step, []), {**more, **new}]


def _place(document: Any, path: str) -> tuple[Any, Any]:
    steps: list[Any] = []
    value = document
    for bracket, plain in _STEP.findall(path):
        step: Any = re.sub(r"\\(.)", r"\1", plain)
        if bracket:
            named = (i for i, item in enumerate(value) if bracket in natural_key(item))
            step = int(bracket) if bracket.isdecimal() else next(named)
        steps.append((value, step))
        inside = step < len(value) if bracket else step in value
        value = value[step] if inside else None
    around, step = steps[-1]
    return around, step


def _approve(style: Style) -> None:
    path = FOLDER / f"{style.name}.txt"
    text = path.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        applied = Applied(style, Path(folder))
        for each in style.pulls:
            said = applied.told(applied.pull(each)[0])
            text = text.replace(
                f"=== pull {each.told}\n{each.diff}", f"=== pull {each.told}\n{said}"
            )
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    for name in styles(*sys.argv[1:]):
        _approve(name)
