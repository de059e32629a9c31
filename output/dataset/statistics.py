"""Counts of a version that readers ask for first: stats.json, the card and the report are made from them.

Articles and findings are counted as they stand: gone articles, which stay in the tables, are counted by their status alone.
"""

from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from .changes import change_counts
from .run import RunInfo
from .version import Version

MOST_STATED = 10
"""Claims listed a topic and group."""
TOPICS_LISTED = 200
"""Topics whose claims are listed: those with most articles."""
EXAMPLES = 3
"""Findings named for each listed claim."""
_CLAIM = ("label", "role", "n_articles", "n_sites", "n_hedged", "n_against", "conflict")
_LENGTHS = (0, 500, 1_000, 2_000, 4_000, 8_000, 16_000)


def statistics(folder: Path, run: RunInfo) -> dict[str, Any]:
    """The counts, one pass over each table."""
    version = Version(folder)
    status: Counter[str] = Counter()
    sites: defaultdict[str, Counter[str]] = defaultdict(Counter)
    languages: Counter[str] = Counter()
    licenses: Counter[str] = Counter()
    topics: Counter[str] = Counter()
    removed: Counter[str] = Counter()
    lengths: Counter[int] = Counter()
    totals: Counter[str] = Counter()
    for row in version.rows("articles"):
        status[row["status"]] += 1
        if row["status"] == "gone":
            continue
        here = sites[row["site"] or ""]
        here["articles"] += 1
        here["findings"] += row["n_findings"]
        here["without findings"] += not row["n_findings"]
        here["shareable"] += row["shareable"]
        languages[row["language"] or "unknown"] += 1
        licenses[row["license"] or "none stated"] += 1
        topics[row["canonical_topic"] or ""] += 1
        lengths[max(bound for bound in _LENGTHS if bound <= len(row["text"]))] += 1
        removed.update(block["reason"] for block in row["removed"])
        totals["characters"] += len(row["text"])
        totals["masked e-mail addresses"] += row["masked_emails"]
        totals["masked telephone numbers"] += row["masked_phones"]
        totals["near-duplicates"] += row["canonical_article_id"] != row["article_id"]
        totals["shareable"] += row["shareable"]
        totals["reserving text and data mining"] += bool(row["tdm_reservation"])
        totals["with causes"] += bool(row["causes"])
        totals["with advice"] += bool(row["advice"])
    roles: Counter[str] = Counter()
    groups: Counter[str] = Counter()
    decided: Counter[str] = Counter()
    confidence: Counter[str] = Counter()
    for row in version.standing_findings():
        roles[row["role"]] += 1
        groups[row["role_group"]] += 1
        decided[row["decided_by"]] += 1
        confidence[f"{min(int(row['confidence'] * 10), 9) / 10:.1f}"] += 1
        totals["hedged"] += row["hedge"]
    refusals: Counter[tuple[str, str]] = Counter()
    by_site: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in version.rows("refusals"):
        refusals[row["stage"], row["reason"]] += 1
        by_site[row["site"] or ""][row["reason"]] += 1
    return {
        "run_id": run.run_id,
        "articles": sum(status.values()) - status["gone"],
        "findings": sum(roles.values()),
        "articles_by_status": _sorted(status),
        "sites": {
            site: {**_sorted(counts), "refused": _sorted(by_site[site])}
            for site, counts in sorted({**{site: Counter() for site in by_site}, **sites}.items())
        },
        "findings_by_role": _sorted(roles),
        "findings_by_group": _sorted(groups),
        "decided_by": _sorted(decided),
        "confidence": dict(sorted(confidence.items())),
        "refusals": [
            {"stage": stage, "reason": reason, "pages": count}
            for (stage, reason), count in sorted(refusals.items(), key=lambda item: (-item[1], item[0]))
        ],
        "removed_blocks_by_reason": _sorted(removed),
        "languages": _sorted(languages),
        "licenses": _sorted(licenses),
        "topics": dict(sorted(topics.items(), key=lambda item: (-item[1], item[0]))[:TOPICS_LISTED]),
        "text_lengths": {str(bound): lengths[bound] for bound in _LENGTHS},
        "totals": _sorted(totals),
        "changes": change_counts(version.rows("changes")),
        "most_stated": _most_stated(version, topics),
    }


def _most_stated(version: Version, topics: Counter[str]) -> dict[str, Any]:
    listed = {
        topic
        for topic, _ in sorted(topics.items(), key=lambda item: (-item[1], item[0]))[:TOPICS_LISTED]
        if topic
    }
    claims: defaultdict[str, defaultdict[str, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    for row in version.rows("claims"):
        if row["topic"] in listed:
            claims[row["topic"]][row["role_group"]].append(
                {**{key: row[key] for key in _CLAIM}, "finding_ids": row["finding_ids"][:EXAMPLES]}
            )
    return {
        topic: {
            group: sorted(rows, key=lambda row: (-row["n_sites"], -row["n_articles"], row["label"]))[
                :MOST_STATED
            ]
            for group, rows in sorted(groups.items())
        }
        for topic, groups in sorted(claims.items())
    }


def _sorted(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
