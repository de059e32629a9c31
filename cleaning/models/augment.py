"""Make other pages out of a page: the same article in another site's clothes.

A model trained on one collection learns that collection's habits. Here a page loses its class names or its sectioning elements, its paragraphs become
`<br>` lines, its frame is thinned, moved or replaced by another page's, and comment threads, teaser lists and live feeds made of other
articles' sentences are set around and inside it. What is content is found again afterwards by its words, so nothing here keeps track of it.
"""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

from selectolax.lexbor import LexborHTMLParser, LexborNode

_WORD = re.compile(r"\w+")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_SECTIONING = re.compile(r"<(/?)(?:article|main|section|aside|nav|header|footer|figure|figcaption)\b", re.I)
_PARAGRAPH = re.compile(r"<p\b[^>]*>(.*?)</p>", re.I | re.S)
_SKIP = frozenset(("script", "style", "noscript", "template", "svg", "iframe", "head"))


@dataclass(slots=True)
class Donor:
    """What other pages can take from a page."""

    frame: list[str] = field(default_factory=list)
    """HTML of elements beside the content."""
    sentences: list[str] = field(default_factory=list)
    paragraphs: list[str] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)


def content_root(tree: LexborHTMLParser, content: str) -> LexborNode | None:
    """The innermost element around nearly all of the words that the content has."""
    words = _WORD.findall(content.lower())
    known = set(zip(words, words[1:], words[2:], strict=False))
    if tree.body is None or not known:
        return None
    weight: dict[int, int] = {}
    chains: list[list[LexborNode]] = []
    for node in tree.body.traverse(include_text=True, skip_empty=True):
        if node.tag != "-text":
            continue
        own = _WORD.findall((node.text_content or "").lower())
        hits = sum(triple in known for triple in zip(own, own[1:], own[2:], strict=False))
        if not hits:
            continue
        chain: list[LexborNode] = []
        above = node.parent
        while above is not None and above.tag not in ("html", None):
            if above.tag in _SKIP:
                chain = []
                break
            chain.append(above)
            above = above.parent
        for element in chain:
            weight[element.mem_id] = weight.get(element.mem_id, 0) + hits
        if chain:
            chains.append(chain)
    if not chains:
        return None
    total = max(weight.values())
    best = None
    for chain in chains:
        for element in chain:
            if weight[element.mem_id] >= 0.9 * total:
                if best is None or weight[element.mem_id] <= weight[best.mem_id]:
                    best = element
                break
    while best is not None and best.tag in ("p", "span", "li", "td", "b", "font") and best.parent is not None:
        best = best.parent
    return best


def donate(html: str, content: str) -> Donor:
    """Take a page apart for others."""
    tree = LexborHTMLParser(html)
    donor = Donor()
    donor.paragraphs = [line for line in content.split("\n") if len(line) > 80][:60]
    donor.sentences = [
        part for line in donor.paragraphs for part in _SENTENCE.split(line) if 20 < len(part) < 300
    ][:150]
    donor.titles = [line for line in content.split("\n") if 15 < len(line) < 80 and line[-1:] not in ".,;"][
        :20
    ]
    root = content_root(tree, content)
    words = _WORD.findall(content.lower())
    known = set(zip(words, words[1:], words[2:], words[3:], strict=False))
    node = root
    while node is not None and node.tag != "body":
        for sibling in _siblings(node):
            text = sibling.text(deep=True, separator=" ", strip=True)
            own = _WORD.findall(text.lower())
            hits = sum(run in known for run in zip(own, own[1:], own[2:], own[3:], strict=False))
            if 3 < len(own) < 1500 and hits < 0.1 * len(own):
                html_of = sibling.html or ""
                if len(html_of) < 60_000:
                    donor.frame.append(html_of)
        node = node.parent
    return donor


def _siblings(node: LexborNode) -> list[LexborNode]:
    parent = node.parent
    return (
        [other for other in parent.iter() if other.mem_id != node.mem_id and other.tag not in _SKIP]
        if parent is not None
        else []
    )


def dress(html: str, content: str, donors: Sequence[Donor], rng: random.Random) -> str:
    """The page in other clothes."""
    tree = LexborHTMLParser(html)
    root = content_root(tree, content)
    if root is not None and root.tag not in ("body", "html"):
        if rng.random() < 0.6:
            _thin(root, rng.choice((0.3, 0.6, 1.0)), rng)
        _surround(root, donors, rng)
        if rng.random() < 0.3:
            _interrupt(root, donors, rng)
        if rng.random() < 0.1:
            _set_in_columns(root, donors, rng)
    out = tree.html or html
    if rng.random() < 0.35:
        out = _SECTIONING.sub(r"<\1div", out)
    style = rng.random()
    if style < 0.12:
        out = _PARAGRAPH.sub(r"\1<br><br>", out)
    elif style < 0.24:
        out = _PARAGRAPH.sub(r"<div>\1</div>", out)
    elif style < 0.3:
        out = re.sub(r"<(/?)li\b", r"<\1div", out)
    if rng.random() < 0.1:
        out = re.sub(r"<(/?)h[1-6]\b", r"<\1b", out)
    return out


def _thin(root: LexborNode, share: float, rng: random.Random) -> None:
    """Leave a part of the frame out."""
    node: LexborNode | None = root
    while node is not None and node.tag != "body":
        parent = node.parent
        for sibling in _siblings(node):
            if sibling.tag != "h1" and rng.random() < share:
                sibling.decompose()
        node = parent


def _surround(root: LexborNode, donors: Sequence[Donor], rng: random.Random) -> None:
    before: list[str] = []
    after: list[str] = []
    inside: list[str] = []
    donor = rng.choice(donors)
    if donor.frame and rng.random() < 0.6:
        for piece in rng.sample(donor.frame, min(len(donor.frame), rng.randint(1, 4))):
            rng.choice((before, after)).append(piece)
    roll = rng.random()
    if roll < 0.35:
        rng.choice((after, after, inside)).append(comments(donors, rng))
    elif roll < 0.65:
        rng.choice((after, after, before, inside)).append(teasers(donors, rng))
    elif roll < 0.75:
        after.append(feed(donors, rng))
    if rng.random() < 0.25:
        inside.append(note(donors, rng))
    if rng.random() < 0.3:
        after.append(note(donors, rng))
    level = root
    for _ in range(rng.randint(0, 2)):
        parent = level.parent
        if parent is None or parent.tag in ("body", "html", None):
            break
        level = parent
    if level.tag in ("td", "tr", "tbody", "table", "li", "ul", "ol"):
        level = root
    for pieces, place in ((before, "before"), (after, "after"), (inside, "inside")):
        for piece in pieces:
            fragment = LexborHTMLParser(f"<body><div>{piece}</div></body>").body
            node = fragment.first_child if fragment is not None else None
            if node is None:
                continue
            if place == "before":
                level.insert_before(node)
            elif place == "after":
                level.insert_after(node)
            else:
                root.insert_child(node)


def _interrupt(root: LexborNode, donors: Sequence[Donor], rng: random.Random) -> None:
    """Set a box or a pointer to another article between two paragraphs."""
    children = [child for child in root.iter() if child.tag in ("p", "div", "ul", "h2", "h3", "figure")]
    if len(children) < 3:
        return
    for _ in range(rng.randint(1, 3)):
        donor = rng.choice(donors)
        title = escape(rng.choice(donor.titles or donor.sentences or ["Another article"]))[:120]
        piece = rng.choice(
            (
                note(donors, rng),
                note(donors, rng),
                teasers(donors, rng),
                f"<p>{rng.choice(('Read also', 'See also', 'Related', 'More', 'Lire aussi', 'Lesen Sie auch', 'Leia também', 'Читайте также'))}: <a href='/x'>{title}</a></p>",
                f"<p><a href='/x'><b>{title}</b></a></p>",
                "<div>Advertisement</div>",
                f"<figure><img src='x.jpg'><figcaption>{title} (Photo: {_name(rng)})</figcaption></figure>",
            )
        )
        fragment = LexborHTMLParser(f"<body>{piece}</body>").body
        if fragment is not None and fragment.first_child is not None:
            rng.choice(children[:-1]).insert_after(fragment.first_child)


def _set_in_columns(root: LexborNode, donors: Sequence[Donor], rng: random.Random) -> None:
    """The page as it was laid out before style sheets: the content in the middle cell of a table."""
    donor = rng.choice(donors)
    titles = [escape(title) for title in donor.titles] or ["Home"]
    short = [
        f"<a href='/{n}'>{' '.join(rng.choice(titles).split()[: rng.randint(1, 3)])}</a>"
        for n in range(rng.randint(3, 12))
    ]
    long = [f"<a href='/{n}'>{rng.choice(titles)}</a>" for n in range(rng.randint(2, 8))]
    cells = [f"<td>{'<br>'.join(short)}</td>", f"<td>{root.html}</td>"]
    if rng.random() < 0.6:
        cells.append(f"<td><b>News</b><br>{'<br>'.join(long)}</td>")
    fragment = LexborHTMLParser(f"<body><table><tr>{''.join(cells)}</tr></table></body>").body
    if fragment is not None and fragment.first_child is not None:
        root.replace_with(fragment.first_child)


_FIRST = [
    "Anna",
    "Marek",
    "Li",
    "Joao",
    "Fatima",
    "Sven",
    "Priya",
    "Tom",
    "Yuki",
    "Olga",
    "Pedro",
    "Grace",
    "Ahmed",
    "Chloe",
    "Ivan",
    "Maria",
    "Ken",
    "Lucia",
    "Noah",
    "Ines",
]
_LAST = [
    "Berg",
    "Costa",
    "Novak",
    "Chen",
    "Rossi",
    "Khan",
    "Dubois",
    "Smith",
    "Sato",
    "Moreau",
    "Silva",
    "Jansen",
    "Kaya",
    "Popov",
    "Wright",
    "Haddad",
]


def _name(rng: random.Random) -> str:
    return rng.choice(
        (
            f"{rng.choice(_FIRST)} {rng.choice(_LAST)}",
            rng.choice(_FIRST),
            f"{rng.choice(_FIRST).lower()}{rng.randint(1, 99)}",
        )
    )


def _when(rng: random.Random) -> str:
    day, month, year, hour, minute = (
        rng.randint(1, 28),
        rng.randint(1, 12),
        rng.randint(2003, 2026),
        rng.randint(0, 23),
        rng.randint(10, 59),
    )
    name = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ][month - 1]
    return rng.choice(
        (
            f"{day}.{month}.{year} {hour}:{minute}",
            f"{year}-{month:02}-{day:02} {hour:02}:{minute}",
            f"{name} {day}, {year} at {hour % 12 + 1}:{minute} pm",
            f"{rng.randint(2, 23)} hours ago",
            f"{rng.randint(2, 11)} months ago",
            f"{year}/{month:02}/{day:02}",
            f"{day} {name[:3]} {year}",
        )
    )


def _talk(donors: Sequence[Donor], rng: random.Random, most: int = 5) -> list[str]:
    """Some sentences out of other articles, in paragraphs."""
    paragraphs = []
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        donor = rng.choice(donors)
        if donor.sentences:
            start = rng.randrange(len(donor.sentences))
            paragraphs.append(escape(" ".join(donor.sentences[start : start + rng.randint(1, most)])))
    return paragraphs or ["Thank you."]


def _wrap(paragraphs: Sequence[str], rng: random.Random) -> str:
    style = rng.random()
    if style < 0.6:
        return "".join(f"<p>{text}</p>" for text in paragraphs)
    if style < 0.8:
        return "<div>" + "<br><br>".join(paragraphs) + "</div>"
    return "<br>".join(paragraphs)


def _class(rng: random.Random, name: str) -> str:
    """A class that tells, or one that does not."""
    roll = rng.random()
    if roll < 0.4:
        return ""
    if roll < 0.75:
        return f' class="{"".join(rng.choices("abcdefghijklmnop", k=rng.randint(2, 6)))}-{rng.randint(1, 9)}"'
    return f' class="{name}"'


def comments(donors: Sequence[Donor], rng: random.Random) -> str:
    """A comment thread."""
    item, outer = rng.choice(
        (
            ("li", "ol"),
            ("li", "ul"),
            ("div", "div"),
            ("div", "section"),
            ("article", "div"),
            ("tr", "table"),
            ("dd", "dl"),
        )
    )
    own = _class(rng, "comment")
    pieces = []
    for number in range(rng.randint(1, 14)):
        name, when = _name(rng), _when(rng)
        head = rng.choice(
            (
                f"<div><b>{name}</b> <span>{when}</span></div>",
                f"<p><a href='/u/{name}'>{name}</a> says:</p><p><a href='#c{number}'>{when}</a></p>",
                f"<h4>{name}</h4><time>{when}</time>",
                f"<div>#{number + 1} {name} | {when}</div>",
                f"<div><a href='/u'>{name}</a></div><div>{when}</div>",
                f"<strong>{name}:</strong> ",
            )
        )
        tail = rng.choice(
            (
                "",
                "<a href='#r'>Reply</a>",
                "<div><a href='#'>Reply</a> <a href='#'>Like</a> <span>3</span></div>",
                "<button>▲ 4</button>",
                "<p><a href='#'>回复</a></p>",
                "<a href='#'>Antworten</a>",
            )
        )
        body = _wrap(_talk(donors, rng), rng)
        inner = f"{head}{body}{tail}" if rng.random() < 0.85 else f"{body}{head}"
        cell = f"<td>{inner}</td>" if item == "tr" else inner
        pieces.append(f"<{item}{own}>{cell}</{item}>")
    heading = rng.choice(
        (
            "",
            "<h3>Comments</h3>",
            f"<h2>{len(pieces)} Responses</h2>",
            f"<h3>{len(pieces)} comments</h3>",
            "<p>Discussion</p>",
            "<h3>Kommentare</h3>",
            "<div>Comentarios</div>",
            "<h4>评论</h4>",
        )
    )
    form = rng.choice(
        (
            "",
            "<form><label>Name</label><input><textarea></textarea><button>Submit</button></form>",
            "<p>Leave a comment</p><form><p>Your email address will not be published.</p></form>",
        )
    )
    return f"<div{_class(rng, 'comments')}>{heading}<{outer}>{''.join(pieces)}</{outer}>{form}</div>"


def teasers(donors: Sequence[Donor], rng: random.Random) -> str:
    """A list of other articles: titles, perhaps with a line of their text."""
    item = rng.choice(("li", "div", "article", "p"))
    own = _class(rng, "card")
    excerpt, dated = rng.random() < 0.5, rng.random() < 0.3
    pieces = []
    for _ in range(rng.randint(2, 12)):
        donor = rng.choice(donors)
        title = escape(rng.choice(donor.titles or donor.sentences or ["Another article"]))[:120]
        tag = rng.choice(("h3", "h4", "b", "div", "span"))
        text = f"<a href='/x'>{title}</a>" if item == "p" else f"<{tag}><a href='/x'>{title}</a></{tag}>"
        if excerpt and item != "p":
            sentence = _talk(donors, rng, 2)[0]
            text += f"<p>{sentence[: rng.randint(60, 220)]}{rng.choice(('…', '...', '', ' [...]'))}</p>"
        if dated:
            text += f"<span>{_when(rng)}</span>"
        pieces.append(f"<{item}{own}>{text}</{item}>")
    heading = rng.choice(
        (
            "",
            "<h3>Related articles</h3>",
            "<h2>More from this section</h2>",
            "<h3>You may also like</h3>",
            "<p>Latest</p>",
            "<h4>Lire aussi</h4>",
            "<h3>Das könnte Sie auch interessieren</h3>",
            "<b>相关文章</b>",
        )
    )
    outer = "ul" if item == "li" else "div"
    return (
        f"<{outer}{_class(rng, 'related')}>{heading}{''.join(pieces)}</{outer}>"
        if item != "li"
        else f"<div{_class(rng, 'related')}>{heading}<ul>{''.join(pieces)}</ul></div>"
    )


def feed(donors: Sequence[Donor], rng: random.Random) -> str:
    """Other articles in short, one after another, as portals set them under the first."""
    item = rng.choice(("li", "div", "article", "section"))
    own = _class(rng, "stream-item")
    pieces = []
    for _ in range(rng.randint(3, 20)):
        donor = rng.choice(donors)
        title = escape(rng.choice(donor.titles or donor.sentences or ["Another article"]))[:120]
        text = escape(rng.choice(donor.paragraphs or ["Something else happened."]))[:600]
        source = rng.choice(
            ("", f"<span>{rng.choice(_LAST)} News</span>", f"<div>{_when(rng)}</div>", "<div>Sponsored</div>")
        )
        pieces.append(f"<{item}{own}>{source}<h3><a href='/x'>{title}</a></h3><p>{text}</p></{item}>")
    return f"<div>{''.join(pieces)}</div>" if item != "li" else f"<ul>{''.join(pieces)}</ul>"


def note(donors: Sequence[Donor], rng: random.Random) -> str:
    """A box with some prose that is not the article's: sign-up, the writer, a notice, a promotion."""
    talk = " ".join(_talk(donors, rng, 2))[:400]
    name = _name(rng)
    return rng.choice(
        (
            f"<div{_class(rng, 'newsletter')}><h3>Get our newsletter</h3><p>{talk}</p><form><input><button>Sign up</button></form></div>",
            f"<div{_class(rng, 'author-bio')}><h4>About {name}</h4><p>{name} is a writer. {talk}</p><a href='/a'>More by {name}</a></div>",
            f"<div{_class(rng, 'promo')}><p><a href='/shop'>{talk[:120]}</a></p></div>",
            f"<div{_class(rng, 'box')}><div><b>{talk[:40]}?</b></div><div>{talk}</div><button>Join now</button></div>",
            f"<div{_class(rng, 'box')}><p>{talk}</p><p><a href='/start'>Start now</a></p></div>",
            "<div><p>Was this page helpful?</p><button>Yes</button><button>No</button></div>",
            f"<aside><p>{talk}</p></aside>",
            f"<div{_class(rng, 'disclaimer')}><p><small>{talk}</small></p><p>© 2019 {name}. All rights reserved.</p></div>",
            f"<div{_class(rng, 'tags')}>Tags: <a href='/t'>{name}</a>, <a href='/t'>health</a>, <a href='/t'>news</a></div>",
            "<div><a href='/p'>« Previous</a> <a href='/n'>Next »</a></div>",
        )
    )


_GREEK = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "абцдефгхийклмнопярстувьщызАБЦДЕФГХИЙКЛМНОПЯРСТУВЬЩЫЗ",
)
_ARABIC = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ?,;",
    "ابتثجحخدذرزسشصضطظعغفقكلمنهابتثجحخدذرزسشصضطظعغفقكلمنه؟،؛",
)
_FULL_STOPS = str.maketrans(".,!?:;", "。，！？：；")


def in_other_script(text: str, script: int) -> str:
    """The text letter by letter in another alphabet, or as if written in ideographs: no language, but its look."""
    if script == 0:
        return text.translate(_GREEK)
    if script == 1:
        return text.translate(_ARABIC)
    out = []
    for token in re.findall(r"[^\W\d_]+|\d+|\s+|.", text, re.S):
        if token[0].isalpha():
            value = sum(map(ord, token))
            out.append(
                "".join(
                    chr(0x4E00 + (value * 31 + n * 977) % 3000)
                    for n in range(max(1, round(len(token) / 3.2)))
                )
            )
        elif not token.isspace():
            out.append(token)
    return "".join(out).translate(_FULL_STOPS)
