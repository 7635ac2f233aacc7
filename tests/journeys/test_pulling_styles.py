"""Specs as many people and tools write them: each pull leaves the diff that a person looked at."""

from pathlib import Path

import pytest

from tests.specs.editing.styles import Applied, Style, styles

STYLES = styles()


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.name)
def test_a_pull_changes_what_changed_live_and_nothing_else(style: Style, tmp_path: Path) -> None:
    applied = Applied(style, tmp_path)
    for each in style.pulls:
        result, after = applied.pull(each)
        assert (each.told, applied.told(result)) == (each.told, each.diff)
        refused = {(r.key, r.path) for r in result.refused}
        fields = {(c.key, f.path) for c in after.changes for f in c.fields if not f.secret}
        ignored = {each.who for each in result.untouched}
        left = {(key, path) for key, path in fields if f"{key} {'.'.join(path)}" not in ignored}
        # a language that is refused resets the nudges that the API made up in it
        follows = {(key, ("idle_nudges",)) for key, path in fields if path == ("language",)}
        assert left == refused | (left & follows), each.told


def test_there_are_as_many_as_promised() -> None:
    assert len(STYLES) > 60
    assert sum(len(style.pulls) for style in STYLES) > 500
