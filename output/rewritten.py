"""What became of published articles whose page has changed: evidence for or against a new layout of the site."""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from crawler.gates import MIN_REWRITTEN, Rewritten

from .dataset.shard import Shard
from .dataset.version import Version

_PLACE = ["url", "warc_file", "warc_offset"]


def rewritten(
    published: Version | None, site: str, archived: Sequence[Shard], current: Sequence[Shard]
) -> Rewritten:
    """Compare a site's articles as they are published with what their pages came to.

    `archived` holds the rows of every record, `current` those of the newest record of each page. Both sides are read from there, so both
    were made by the rules of today: a change of the rules is no change of the pages.
    """
    if published is None:
        return Rewritten()
    mine = pc.field("site") == site
    before = _places(published.file("articles"), mine & (pc.field("status") != "gone"))
    now = {
        url: place
        for table in ("articles", "refusals")
        for shard in current
        for url, place in _places(shard.path(table), mine).items()
    }
    changed = [url for url, place in before.items() if url in now and now[url] != place]
    if len(changed) < MIN_REWRITTEN:
        return Rewritten(pages=len(changed))
    then = _measures(archived, changed, before)
    today = _measures(current, changed, now)
    comparable = [url for url in changed if url in then]
    still = [url for url in comparable if url in today]
    return Rewritten(
        len(comparable),
        len(still),
        sum(then[url][0] for url in still),
        sum(today[url][0] for url in still),
        sum(then[url][1] for url in still),
        sum(today[url][1] for url in still),
    )


_Place = tuple[str, int]


def _places(file: object, rows: pc.Expression) -> dict[str, _Place]:
    table = pq.read_table(file, columns=_PLACE, filters=rows)
    columns = (table[name].to_pylist() for name in _PLACE)
    return {url: (warc, offset) for url, warc, offset in zip(*columns, strict=True)}


def _measures(
    shards: Sequence[Shard], urls: Sequence[str], places: dict[str, _Place]
) -> dict[str, tuple[int, int]]:
    """Characters and findings of the articles that lie at these places."""
    wanted = pc.field("url").isin(pa.array(urls))
    found = {}
    for shard in shards:
        table = pq.read_table(shard.path("articles"), columns=[*_PLACE, "text", "n_findings"], filters=wanted)
        lengths = pc.utf8_length(table["text"]).to_pylist()
        columns = (table[name].to_pylist() for name in (*_PLACE, "n_findings"))
        for url, warc, offset, findings, length in zip(*columns, lengths, strict=True):
            if places[url] == (warc, offset):
                found[url] = (length, findings)
    return found
