"""What differs between two versions."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any

from .columns import ARTICLES
from .merge import Known
from .rows import Row
from .version import Version

_NOT_COMPARED = frozenset(
    # Ids and sums say the same as text; nested columns as the findings; where and when a page was fetched is no change of the article;
    # scores move with every model.
    [
        "article_id",
        "text_sha256",
        "raw_sha256",
        "status",
        "status_note",
        "causes",
        "advice",
        "symptoms",
        "other",
        "n_findings",
        "http_status",
        "fetched_at",
        "warc_file",
        "warc_offset",
        "warc_length",
        "warc_digest",
        "first_run_id",
        "run_id",
        "canonical_article_id",
        "confidence",
        "removed",
        "masked_emails",
        "masked_phones",
        "final_url",
        "topic_source",
        "passages",
    ]
)
COMPARED = tuple(column.name for column in ARTICLES if column.name not in _NOT_COMPARED)
"""Columns of articles whose change is a change; "findings" is added where their ids differ."""


def compare(old: Known | None, new: Known | None) -> Row | None:
    """The row of the changes table for one address, or None if nothing differs. Gone articles are there, marked."""
    side = new or old
    assert side is not None  # noqa: S101  one of the two is given
    was = old is not None and old.article["status"] != "gone"
    is_ = new is not None and new.article["status"] != "gone"
    mine = {row["finding_id"] for row in old.findings} if old and was else set()
    fresh = {row["finding_id"] for row in new.findings} if new and is_ else set()
    fields: list[str] = []
    if was and is_:
        change = "changed"
        fields = changed_fields(old, new)  # type: ignore[arg-type]  # was and is_ are false for None
        if not fields:
            return None
    elif is_:
        change = "returned" if old is not None else "added"
    elif was:
        change = "removed"
    else:
        return None
    return {
        "url": side.article["url"],
        "site": side.article["site"],
        "title": side.article["title"],
        "change": change,
        "note": new.article["status_note"] if new and not is_ else None,
        "fields": fields,
        "old_article_id": old.article["article_id"] if old else None,
        "new_article_id": new.article["article_id"] if new else None,
        "findings_added": len(fresh - mine),
        "findings_removed": len(mine - fresh),
    }


def changed_fields(old: Known, new: Known) -> list[str]:
    """The compared columns whose values differ, and "findings" if the findings do."""
    # A column that the older version does not have yet tells nothing of the page.
    fields = [
        column
        for column in COMPARED
        if column in old.article and old.article[column] != new.article.get(column)
    ]
    if {row["finding_id"] for row in old.findings} != {row["finding_id"] for row in new.findings}:
        fields.append("findings")
    return fields


def changes(old: Version, new: Version) -> Iterator[Row]:
    """The rows of the changes table between any two versions, sorted by url, in one pass."""
    before, now = _known(old), _known(new)
    mine, fresh = next(before, None), next(now, None)
    while mine or fresh:
        url = min(side.article["url"] for side in (mine, fresh) if side)
        left = mine if mine and mine.article["url"] == url else None
        right = fresh if fresh and fresh.article["url"] == url else None
        if row := compare(left, right):
            yield row
        if left:
            mine = next(before, None)
        if right:
            fresh = next(now, None)


def _known(version: Version) -> Iterator[Known]:
    groups = groupby(version.rows("findings"), lambda row: str(row["url"]))
    told = next(groups, None)
    for article in version.rows("articles"):
        own: tuple[Row, ...] = ()
        if told is not None and told[0] == article["url"]:
            own = tuple(told[1])
            told = next(groups, None)
        yield Known(article, own)


def change_counts(rows: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Articles added, removed, changed and returned, findings added and removed."""
    counts = dict.fromkeys(
        ("added", "removed", "changed", "returned", "findings_added", "findings_removed"), 0
    )
    for row in rows:
        counts[row["change"]] += 1
        counts["findings_added"] += row["findings_added"]
        counts["findings_removed"] += row["findings_removed"]
    return counts
