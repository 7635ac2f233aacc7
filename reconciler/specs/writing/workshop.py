"""Many agents → their drafts and files, and the defaults that they could share."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from reconciler.model.values import Document
from reconciler.nouns import noun
from reconciler.specs.merging import merged
from reconciler.specs.writing.common import common_values
from reconciler.specs.writing.drafting import Draft, Naming, Unwritable, draft_of
from reconciler.specs.writing.names import key_of
from reconciler.specs.writing.places import Places
from reconciler.specs.writing.rendering import NewFile, defaults_file, spec_files
from reconciler.specs.writing.surroundings import Surroundings
from reconciler.specs.writing.wanted import wanted_of


@noun
class Original:
    """A live agent to write a spec of: `live` as decoded, `normal` in normal form."""

    agent_id: str
    name: str
    live: Document
    normal: Document
    with_nudges: bool = False


@noun
class Made:
    """The draft and the files of one agent, or why there are none."""

    agent_id: str
    key: str
    draft: Draft | None = None
    files: tuple[NewFile, ...] = ()
    error: str | None = None


@noun
class Batch:
    """`defaults` is worth having as a file; `shared` says that the specs count on it."""

    made: tuple[Made, ...]
    defaults: NewFile | None = None
    shared: bool = False


def make(
    originals: Sequence[Original],
    around: Surroundings,
    *,
    reserved: Iterable[str],
    managed: Iterable[Document] | None,
    with_defaults: bool,
) -> Batch:
    """Draft all; nothing is written.

    `reserved` are keys that may not be given, `managed` the documents of all specs that are
    there (None when they are not known: then no defaults are offered).
    """
    wanted = [wanted_of(o.normal, o.live, with_nudges=o.with_nudges) for o in originals]
    common = common_values(wanted, around.base, managed) if managed is not None else {}
    shared = bool(common) and with_defaults and not around.has_defaults_file
    if shared:
        around = replace(around, base=merged(around.base, common))
    places, variables = Places(around, reserved), set(around.env_names)
    made = []
    for original, document in zip(originals, wanted, strict=True):
        key = key_of(original.name, original.agent_id, places.is_taken)
        places.take(key)
        one = _made(Naming(key, original.agent_id, variables), document, original, around, places)
        variables |= {name for name, _ in one.draft.secrets} if one.draft else set()
        made.append(one)
    return Batch(tuple(made), defaults_file(common, around) if common else None, shared)


def _made(
    naming: Naming,
    wanted: Document,
    original: Original,
    around: Surroundings,
    places: Places,
) -> Made:
    try:
        draft = draft_of(naming, wanted, original.normal, around)
    except Unwritable as reason:
        return Made(naming.agent_id, naming.key, error=f"no valid spec can say this: {reason}")
    files = spec_files(draft, places.prompt_path(naming.key), around)
    return Made(naming.agent_id, naming.key, draft, tuple(files))
