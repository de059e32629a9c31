"""The tables of a dataset version, declared once: every format, check and document is made from here.

Types are Arrow's. A text column that has nothing to say is null, never "". `keys` name the rows' order too: tables are written sorted by
url, so that two versions, or a hundred shards, are merged and compared in one pass without being held in memory.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from ..findings.finding import GROUPS, Role
from .rows import Row

if TYPE_CHECKING:
    import pandas as pd

TEXT = pa.string()
TEXTS = pa.list_(pa.string())
TIME = pa.timestamp("us", tz="UTC")
INT = pa.int32()
LONG = pa.int64()
SHARE = pa.float64()
FLAG = pa.bool_()

ROLES = tuple(role.value for role in Role)
ROLE_GROUPS = tuple(dict.fromkeys(GROUPS.values()))
STATUSES = ("new", "changed", "unchanged", "gone")
STAGES = ("fetch", "cleaning", "dataset")
CHANGES = ("added", "removed", "changed", "returned")


def _struct(*fields: tuple[str, pa.DataType, str]) -> pa.DataType:
    return pa.struct([pa.field(name, kind, metadata={"description": text}) for name, kind, text in fields])


SPAN = pa.list_(
    _struct(
        ("start", INT, "first code point in the article's text"),
        ("end", INT, "one past the last code point"),
    )
)
REMOVED = pa.list_(
    _struct(
        ("text", TEXT, "the block as a reader sees it"),
        ("reason", TEXT, "why it is not the article's own"),
        ("start", INT, "where it begins in the decoded source of the page; null where that is not known"),
        ("end", INT, "where it ends there"),
        ("after", INT, "how many code points of the article's text stand before it"),
        ("confidence", SHARE, "how sure the decision is, 0.5 to 1"),
    )
)
PASSAGES = pa.list_(
    _struct(
        ("kind", TEXT, "heading, paragraph or item"),
        ("start", INT, "first code point in the article's text, after a list marker"),
        ("end", INT, "one past the last"),
        ("level", INT, "a heading's rank or an item's nesting; 0 for a paragraph"),
        ("list_id", INT, "which list of the article, counted from 0; null outside lists"),
        ("position", INT, "1-based place in the list; null outside lists"),
        ("marker", TEXT, "num, bullet, ordinal, label, line or none"),
    )
)
NESTED = pa.list_(
    _struct(
        ("finding_id", TEXT, "the row in the findings table"),
        ("role", TEXT, "its role"),
        ("label", TEXT, "a few words that name it"),
        ("text", TEXT, "the statement, white space folded"),
        ("start", INT, "first code point in the article's text"),
        ("end", INT, "one past the last"),
        ("confidence", SHARE, "estimated chance that role and span are right"),
    )
)
SITE_COUNTS = pa.list_(
    _struct(
        ("site", TEXT, "the profile's name"),
        ("fetched", LONG, "pages whose body this run has fetched"),
        ("unchanged", LONG, "pages the site says have not changed since"),
        ("failed", LONG, "pages this run asked for and could not have, though it should"),
        (
            "articles",
            LONG,
            "articles this run has read out of pages that are new, changed, or read by new rules",
        ),
        ("refused", LONG, "pages this run has refused, or could not have"),
        ("findings", LONG, "findings in those articles"),
        ("known", LONG, "articles of the site in the version, gone ones not counted"),
        ("failed_gates", TEXTS, "bounds of yield that the site's run broke, in words"),
        ("accepted_gates", TEXTS, "those that it broke and that were waved through (--accept)"),
    )
)
HASHES = pa.list_(_struct(("name", TEXT, "file"), ("sha256", TEXT, "of its bytes")))


@dataclass(frozen=True, slots=True)
class Column:
    """One column: what it is called, holds and means."""

    name: str
    type: pa.DataType
    description: str
    nullable: bool = True
    values: tuple[str, ...] = ()
    """The only values it takes, if they are few."""

    @property
    def nothing(self) -> Any:
        """What stands for "not recorded"."""
        if pa.types.is_list(self.type):
            return []
        return None if self.nullable else {TEXT: "", INT: 0, LONG: 0, SHARE: 0.0, FLAG: False}[self.type]


def _required(name: str, kind: pa.DataType, description: str, values: tuple[str, ...] = ()) -> Column:
    return Column(name, kind, description, nullable=False, values=values)


_SOURCE = (
    Column("http_status", INT, "status of the response; null where none came, and for a loose file"),
    Column("fetched_at", TIME, "when the response came; null where none came, and for a loose file"),
    Column("warc_file", TEXT, "WARC file that holds the response, relative to the archive's folder"),
    Column("warc_offset", LONG, "first byte of the record in that file"),
    Column("warc_length", LONG, "bytes of the record, compressed"),
    Column("warc_digest", TEXT, "the payload's digest as in the record"),
)

ARTICLES = (
    _required("article_id", TEXT, "sha256 of url, line feed, text: another text is another article"),
    _required("url", TEXT, "address that was asked for; unique in the table, which is sorted by it"),
    Column("site", TEXT, "name of the site's profile; null for a loose file"),
    _required("status", TEXT, "against the version before: what happened to the page", STATUSES),
    Column("status_note", TEXT, "why it is gone, in words"),
    Column("title", TEXT, "as the page states it"),
    Column("topic", TEXT, "the condition or aim, lower case, without population: leg cramps"),
    Column(
        "canonical_topic",
        TEXT,
        "the name that stands for the topic and its synonyms, in a vocabulary of our own",
    ),
    Column("topic_source", TEXT, "where the topic was read: title, heading, lead or frequency"),
    Column("alternate_names", TEXTS, "other names of the topic that the page gives"),
    Column("population", TEXT, "whom the article is about: children, older adults …; null for everyone"),
    Column("audience", TEXT, "whom it speaks to: patients, parents, carers or professionals"),
    Column("language", TEXT, "BCP 47 primary language"),
    Column("author", TEXT, "as the page states it"),
    Column("publisher", TEXT, "as the page states it"),
    Column("date_published", TIME, "as the page states it; a date alone is midnight UTC"),
    Column("date_modified", TIME, "as the page states it"),
    Column("last_reviewed", TIME, "as the page states it"),
    Column("canonical_url", TEXT, "the address that the page gives as its own"),
    Column("final_url", TEXT, "address after redirects, where it differs from url"),
    Column("source_format", TEXT, "what the article was read from", values=("html", "text")),
    Column("license", TEXT, "licence that the page states: a name or an address"),
    Column("robots", TEXT, "robots rules stated with the page (X-Robots-Tag and meta), comma separated"),
    Column(
        "tdm_reservation",
        FLAG,
        "the page, or its host in tdmrep.json, reserves text and data mining (TDMRep); null if neither says",
    ),
    _required(
        "shareable", FLAG, "an open licence is stated and nothing is reserved: the text may be passed on"
    ),
    _required("text", TEXT, "the article's own words, title left out, a block a line; all offsets index it"),
    _required("text_sha256", TEXT, "of text"),
    Column("raw_sha256", TEXT, "of the page's bytes"),
    Column("passages", PASSAGES, "headings, paragraphs and list items of the text"),
    Column("removed", REMOVED, "every block of the page that was left out, in the page's order"),
    Column("causes", NESTED, "findings with the roles cause and risk_factor"),
    Column("advice", NESTED, "findings with the roles treatment, self_care, prevention and see_doctor"),
    Column("symptoms", NESTED, "findings with the role symptom"),
    Column("other", NESTED, "findings with the roles complication and diagnosis"),
    _required(
        "n_findings",
        INT,
        "findings of the article; none is looked for on pages about animals, on those that hardly speak of health, and in languages other than English and Chinese",
    ),
    Column("has_disclaimer", FLAG, "the page says that it does not replace medical advice"),
    _required("masked_emails", INT, "e-mail addresses overwritten in text"),
    _required("masked_phones", INT, "telephone numbers overwritten in text"),
    _required("confidence", SHARE, "how sure the cleaner is that text is the article, 0 to 1"),
    _required(
        "canonical_article_id",
        TEXT,
        "itself, or the article of which this one is a near-duplicate; compare with article_id to keep one of each",
    ),
    *_SOURCE,
    _required("first_run_id", TEXT, "the run that met the page first"),
    _required("run_id", TEXT, "the run that made this row"),
)

FINDINGS = (
    _required("finding_id", TEXT, "sha256 of url, role, evidence and its count: kept while these stay"),
    _required("article_id", TEXT, "its article"),
    _required("url", TEXT, "the article's address"),
    Column("site", TEXT, "the article's site"),
    Column("topic", TEXT, "the article's topic"),
    Column("canonical_topic", TEXT, "the name that stands for the topic and its synonyms"),
    Column("population", TEXT, "the article's population"),
    _required("role", TEXT, "what the words say of the topic", ROLES),
    _required("role_group", TEXT, "the role, coarsely", ROLE_GROUPS),
    Column("label", TEXT, "a few words that name it: Fatigue"),
    _required("text", TEXT, "the evidence with its white space folded"),
    _required("evidence", TEXT, "exactly the article's text[start:end]"),
    _required("start", INT, "first code point in the article's text, 0-based"),
    _required("end", INT, "one past the last code point"),
    Column("raw_start", INT, "where the blocks of the evidence begin in the decoded source; null if unknown"),
    Column("raw_end", INT, "where they end there"),
    Column("heading", TEXT, "heading above it"),
    Column("lead_in", TEXT, "sentence that announces its list"),
    Column("list_id", INT, "which list of the article, counted from 0; null in prose"),
    Column("list_position", INT, "1-based place in the list; null in prose"),
    Column("list_marker", TEXT, "what marks the item: num, bullet, ordinal, label, line or none"),
    _required(
        "polarity",
        TEXT,
        "do or avoid for advice, assert or negated else",
        ("do", "avoid", "assert", "negated"),
    ),
    _required("hedge", FLAG, "the page itself says that it is not sure"),
    _required("confidence", SHARE, "estimated chance that role and span are right"),
    _required("decided_by", TEXT, "what gave the role: heading, lead_in, list_vote, rule or model"),
    Column("secondary_role", TEXT, "what the same words also say", values=ROLES),
    Column("parent_finding_id", TEXT, "the finding in whose item it was told"),
    Column("also", SPAN, "spans where the page says the same again"),
    Column(
        "claim_id",
        TEXT,
        "the claim that it makes; null without topic or label, and in copies and gone articles",
    ),
    _required("run_id", TEXT, "the run that made this row"),
)

REPEATED = frozenset({"article_id", "url", "site", "topic", "canonical_topic", "population"})
"""Columns of findings that say again what their article's say; other names that both tables have mean something else in each."""

CLAIMS = (
    _required("claim_id", TEXT, "sha256 of topic, role_group and the stems of label"),
    _required("topic", TEXT, "the canonical topic"),
    _required("role", TEXT, "the role that most findings have", ROLES),
    _required("role_group", TEXT, "the role, coarsely", ROLE_GROUPS),
    _required("label", TEXT, "the label that most findings give it"),
    _required("n_findings", INT, "findings that make it, gone and near-duplicate articles left out"),
    _required("n_articles", INT, "articles that state it"),
    _required("n_sites", INT, "sites that state it"),
    _required("n_hedged", INT, "findings that are not sure of it"),
    _required("n_against", INT, "findings that deny it or advise against it"),
    _required("conflict", FLAG, "some state it, some deny it; or some advise it, some advise against it"),
    _required("confidence", SHARE, "mean confidence of its findings"),
    Column("finding_ids", TEXTS, "its findings, the most confident first, a thousand at most"),
)

REFUSALS = (
    _required("url", TEXT, "address of the page that holds no article or could not be had"),
    Column("site", TEXT, "name of the site's profile"),
    _required("stage", TEXT, "where it was refused", STAGES),
    _required("reason", TEXT, "why, one of a few words"),
    Column("detail", TEXT, "the evidence for the reason"),
    *_SOURCE,
    _required("run_id", TEXT, "the run that refused it: the last that asked for it, or read it"),
)

CHANGE_LOG = (
    _required("url", TEXT, "the article's address"),
    Column("site", TEXT, "the article's site"),
    Column("title", TEXT, "the article's title, the new one if there are two"),
    _required("change", TEXT, "what happened against the version before", CHANGES),
    Column("note", TEXT, "why it was removed"),
    Column("fields", TEXTS, "columns of articles whose value changed"),
    Column("old_article_id", TEXT, "in the version before"),
    Column("new_article_id", TEXT, "in this version"),
    _required("findings_added", INT, "findings that are new in this version"),
    _required("findings_removed", INT, "findings that only the version before has"),
)

RUNS = (
    _required("run_id", TEXT, "the run"),
    Column("started_at", TIME, "when it began"),
    Column("finished_at", TIME, "when crawling and cleaning were done"),
    Column(
        "finish_reason",
        TEXT,
        "finished, or by site what ended its crawl before all was fetched: a budget, as a rule",
    ),
    Column("package_version", TEXT, "version of consilia"),
    Column("code_version", TEXT, "the code's commit or hash"),
    Column("config_json", TEXT, "profiles and settings of the run"),
    Column("models", HASHES, "learned weights and rules that decided"),
    _required("n_pages", LONG, "pages whose body was fetched; of a build, which fetches none, pages read"),
    _required("n_unchanged", LONG, "pages the sites say have not changed"),
    _required("n_errors", LONG, "pages that failed for a fault of ours"),
    _required("n_articles", LONG, "articles read out of pages that are new, changed, or read by new rules"),
    _required("n_refused", LONG, "pages this run has refused, or could not have"),
    _required("n_findings", LONG, "findings in those articles"),
    Column("sites", SITE_COUNTS, "the same, site by site"),
)


@dataclass(frozen=True, slots=True)
class TableSpec:
    """A table: its columns, what one row is, and what tells rows apart."""

    name: str
    row: str
    columns: tuple[Column, ...]
    keys: tuple[str, ...]
    """Unique together."""
    order: tuple[str, ...]
    """The rows' order."""

    def fill(self, row: Row) -> Row:
        """The row of an older version with the columns declared now: what it lacks is null, or nothing's value where null is not allowed."""
        return {column.name: row.get(column.name, column.nothing) for column in self.columns}

    @property
    def schema(self) -> pa.Schema:
        """The Arrow schema, descriptions as field metadata."""
        return pa.schema(
            [
                pa.field(c.name, c.type, nullable=c.nullable, metadata={"description": c.description})
                for c in self.columns
            ],
            metadata={"table": self.name, "row": self.row},
        )


TABLES: Mapping[str, TableSpec] = {
    spec.name: spec
    for spec in (
        TableSpec("articles", "one article as last read", ARTICLES, ("url",), ("url",)),
        TableSpec(
            "findings", "one cause, piece of advice, symptom …", FINDINGS, ("finding_id",), ("url", "start")
        ),
        TableSpec(
            "claims",
            "what several pages say of one topic",
            CLAIMS,
            ("claim_id",),
            ("topic", "role", "claim_id"),
        ),
        TableSpec(
            "refusals",
            "one page that stands without an article, as it was last asked for",
            REFUSALS,
            (),
            ("url", "stage", "reason"),
        ),
        TableSpec(
            "changes",
            "one article that differs from the version before",
            CHANGE_LOG,
            ("url",),
            ("url",),
        ),
        TableSpec("runs", "one run that led to this version", RUNS, ("run_id",), ("run_id",)),
    )
}


def to_arrow(name: str, rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Rows of dicts as a table of the declared schema."""
    return pa.Table.from_pylist(list(rows), schema=TABLES[name].schema)


_DTYPES = {INT: "Int32", LONG: "Int64", SHARE: "Float64", FLAG: "boolean", TEXT: "str"}


def to_pandas(table: pa.Table) -> "pd.DataFrame":
    """A frame with pandas' nullable types, so that a whole number with a gap stays whole."""
    import pandas as pd  # half a second and 50 MB, which a worker never needs

    kinds = {kind: pd.api.types.pandas_dtype(dtype) for kind, dtype in _DTYPES.items()}
    frame: pd.DataFrame = table.to_pandas(types_mapper=kinds.get)
    return frame
