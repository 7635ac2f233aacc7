"""Pages of an agent's calls, read for one thing: when the latest call was made (API.md 11)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from reconciler.errors import LiveError
from reconciler.live.decoding import GARBLED, json_value, timestamp
from reconciler.nouns import noun

MOST_PAGES: Final = 10


@noun
class CallPage:
    """The latest `created_at` on one page, and how many pages there are."""

    latest: datetime | None
    pages: int


def decode_page(content: bytes) -> CallPage:
    """One page of calls.

    What a deletion rests on must be certain: an item without a time, or a count of calls that no
    item bears out, is a `LiveError`, never "no call".
    """
    page = json_value(content)
    items = page.get("items") if isinstance(page, dict) else None
    meta = page.get("meta") if isinstance(page, dict) else None
    if not isinstance(items, list) or not isinstance(meta, dict):
        raise LiveError("the answer is no page of calls", code=GARBLED)
    times = [
        timestamp(item.get("created_at") if isinstance(item, dict) else None) for item in items
    ]
    known = [time for time in times if time is not None]
    pages, total = meta.get("pages"), meta.get("total")
    if not isinstance(pages, int) or len(known) != len(items) or (total and not items):
        raise LiveError("the answer is no whole page of calls", code=GARBLED)
    return CallPage(latest=max(known, default=None), pages=pages)


def further_pages(pages: int) -> Sequence[int]:
    """The pages to read after the first, the last one first.

    The order of calls is documented nowhere. Newest first puts the latest call on page 1, oldest
    first on the last page; up to `MOST_PAGES` all are read, beyond that the first and the last
    ones, which holds for both orders.
    """
    return range(pages, max(1, pages - MOST_PAGES + 1), -1)
