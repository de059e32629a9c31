"""Charts as inline SVG: Altair draws, vl-convert renders, nothing is loaded and nothing runs in the reader's browser.

The same numbers stand in a table beside each chart, so a chart is a picture to the eye and hidden from screen readers.
"""

import re
from collections.abc import Sequence
from typing import Any

import altair as alt
import vl_convert
from markupsafe import Markup

WIDTH = 620
PALETTE = ("#4c78a8", "#e07b39", "#4f9d5d", "#b05fb0", "#c9a227", "#d0504a", "#3aa6a6", "#8a6d5c")
"""Told apart on white and on near-black, for the common colour blindnesses too, with the shapes that go with them."""
MAX_SITES = 8
"""Lines in one chart that an eye can follow; as many as the palette has."""


def trend(points: Sequence[dict[str, Any]], title: str) -> Markup:
    """A line a site over the runs. A point: run, site, value."""
    base = alt.Chart(alt.InlineData(list(points))).encode(
        x=alt.X("run:O", title=None, axis=alt.Axis(labelAngle=0, labelOverlap=True)),
        y=alt.Y("value:Q", title=title, axis=alt.Axis(tickMinStep=1 if _whole(points) else 0.1)),
        color=alt.Color("site:N", scale=alt.Scale(range=list(PALETTE)), legend=None),
    )
    # One legend for colour and shape: that of the shapes, painted by the colours' scale.
    paint = alt.ExprRef("scale('color', datum.value)")
    legend = alt.Legend(symbolFillColor=paint, symbolStrokeColor=paint, symbolOpacity=1)
    shapes = base.mark_point(filled=True, size=60, opacity=1).encode(
        shape=alt.Shape("site:N", title=None, legend=legend)
    )
    return _svg((base.mark_line() + shapes).properties(width=WIDTH, height=180))


def histogram(bars: Sequence[dict[str, Any]], x_title: str, y_title: str) -> Markup:
    """Bars in the order given. A bar: label, value."""
    chart = (
        alt.Chart(alt.InlineData(list(bars)))
        .mark_bar(color=PALETTE[0])
        .encode(
            x=alt.X("label:N", title=x_title, sort=None, axis=alt.Axis(labelAngle=0)),
            y=alt.Y("value:Q", title=y_title, axis=alt.Axis(tickMinStep=1)),
        )
        .properties(width=WIDTH, height=150)
    )
    return _svg(chart)


def _whole(points: Sequence[dict[str, Any]]) -> bool:
    return all(float(point["value"]).is_integer() for point in points)


def _svg(chart: alt.Chart | alt.LayerChart) -> Markup:
    styled = (
        chart.configure(background="transparent", font="sans-serif")
        .configure_view(stroke=None)
        .configure_axis(
            labelColor="currentColor",
            titleColor="currentColor",
            domainColor="#8888",
            tickColor="#8888",
            gridColor="#8883",
            labelFontSize=12,
            titleFontSize=12,
        )
        .configure_legend(labelColor="currentColor", titleColor="currentColor", labelFontSize=12)
    )
    svg = vl_convert.vegalite_to_svg(styled.to_dict())
    # A page with several charts would carry each clip path's id several times; the names of sites come from profiles and are escaped by vega.
    svg = re.sub(r'(?:aria-[a-z]+|role)="[^"]*"\s?', "", svg)
    return Markup(svg.replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1))  # noqa: S704
