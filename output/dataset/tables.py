"""Articles as tidy tables in memory, for those who work without a run."""

from collections.abc import Iterable

import pandas as pd

from cleaning.article import Article

from ..findings.find import find
from ..findings.subject import describe
from .columns import to_arrow, to_pandas
from .rows import page_rows


def tables(articles: Iterable[Article]) -> dict[str, pd.DataFrame]:
    """The tables "articles" and "findings", with the columns of a published version; no articles, no rows."""
    described = ((article, describe(article)) for article in articles)
    rows = [page_rows(article, None, subject, find(article, subject), "") for article, subject in described]
    return {
        "articles": to_pandas(to_arrow("articles", (row.article for row in rows if row.article))),
        "findings": to_pandas(to_arrow("findings", (finding for row in rows for finding in row.findings))),
    }
