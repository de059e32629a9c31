"""Read bytes as text: what is declared is believed unless the bytes speak against it.

Evidence goes before declarations because both kinds of error are common on old sites: bytes that are valid UTF-8 with letters
beyond ASCII are UTF-8 whatever the header says, and a declared charset that makes the words implausible (letters glued to
signs, capitals inside words, private characters) gives way to one that does not. `_oddness` is that evidence.
"""

import codecs
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

import chardet
from bs4.dammit import EncodingDetector, UnicodeDammit

Source = Literal["bom", "header", "meta", "sniffed", "repaired", "given"]

SAMPLE_BYTES = 24_000
"""How much text beyond ASCII is weighed: keeps chardet at some 2 ms a page. The cases in tests/cleaning/charsets are far
shorter, so longer samples are safer still."""

MAX_ODDNESS = 0.12
"""Above this share of odd characters a declared charset is doubted. Right declarations in tests/cleaning/charsets lie at 0.01 or
below; wrong ones at 0.48 or above, but for the few that read as letters of the same script: `_unheard_of` tells those."""

CLEARLY_BETTER = 0.5
"""A charset that nobody declared replaces a declared one only when it halves the oddness."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32le"),  # before UTF-16: its first half is UTF-16's mark
    (codecs.BOM_UTF32_BE, "utf-32be"),
    (codecs.BOM_UTF16_LE, "utf-16le"),
    (codecs.BOM_UTF16_BE, "utf-16be"),
)


@dataclass(frozen=True, slots=True)
class Reading:
    """Bytes read as text."""

    text: str
    encoding: str
    """The WHATWG name."""
    source: Source


def read(body: bytes, header: str = "") -> Reading:
    """Decode a page, given the charset of its Content-Type header; never fails on any bytes."""
    for mark, name in _BOMS:
        if body.startswith(mark):
            rest = body[len(mark) :]
            if name != "utf-8":
                return Reading(rest.decode(_codec(name), "replace"), name, "bom")
            try:
                return Reading(_undouble(rest.decode(), rest), name, "bom")
            except UnicodeDecodeError:
                body = rest  # a mark that an editor left on a page in another charset
                break
    if b"\0" in body and (name := _wide(body)):
        return Reading(body.decode(_codec(name), "replace"), name, "sniffed")
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return _legacy(body, header)
    return _unicode(text, body, header)


def charset_name(label: str) -> str:
    """The WHATWG name that a label stands for, "" for none."""
    return _names().get(label.strip("\t\n\f\r \"'").lower(), "")


def _unicode(text: str, body: bytes, header: str) -> Reading:
    """Judge bytes that are valid UTF-8."""
    name = charset_name(header)
    source: Source = "header"
    if not name:
        name, source = declared_inside(body), "meta"
    if len(text) == len(body):  # ASCII alone: the charsets that shift with escapes look like it
        if b"\x1b$" in body or b"\x1b(" in body:
            for shifting in ("iso-2022-kr",) if b"\x1b$)C" in body else ("iso-2022-jp",):
                try:
                    return Reading(
                        body.decode(_codec(shifting)), shifting, source if name == shifting else "sniffed"
                    )
                except UnicodeDecodeError:
                    continue
        if name in ("hz-gb-2312", "utf-7") and (b"~{" in body or b"+" in body):
            return Reading(body.decode(_codec(name), "replace"), name, source)
        if name in (
            "",
            "utf-16le",
            "utf-16be",
            "utf-32le",
            "utf-32be",
        ):  # it cannot be: the label itself is readable
            return Reading(text, "utf-8", "sniffed")
        return Reading(text, name, source)
    if name == "utf-8":
        return Reading(_undouble(text, body), name, source)
    if name and not _rather_utf8(text, body, name):
        return Reading(body.decode(_codec(name)), name, source)
    return Reading(_undouble(text, body), "utf-8", "repaired" if name else "sniffed")


def _rather_utf8(text: str, body: bytes, name: str) -> bool:
    """Whether valid UTF-8 is that by more than chance, another charset being declared.

    Three characters by chance are rarer than one in a thousand in any charset of the table; below that the odder reading loses.
    """
    beyond = sum(1 for character in text if character > "\x7f") if len(text) < 50_000 else 4
    if beyond > 3 or b"\xef\xbf\xbd" in body:  # U+FFFD in UTF-8: nobody writes "ï¿½"
        return True
    try:
        other = body.decode(_codec(name))
    except UnicodeDecodeError:
        return True
    return _oddness(text) <= _oddness(other)


def _legacy(body: bytes, header: str) -> Reading:
    """Judge bytes that are not valid UTF-8."""
    declared: list[tuple[str, Source]] = [(charset_name(header), "header"), (declared_inside(body), "meta")]
    declared = [
        (name, source) for name, source in declared if name and not name.startswith(("utf-16", "utf-32"))
    ]
    names = [name for name, _ in declared]
    sample = _sample(body)
    broken = sample.decode("utf-8", "replace")
    errors = broken.count("\ufffd")
    whole = sum(1 for character in broken if character > "\x7f") - errors
    # GBK read as UTF-8 is whole by chance in one sequence of six, a windows-1252 page in next to none.
    if errors * 2 <= whole or (errors == 0 and not names):
        source = next(
            (source for name, source in declared if name == "utf-8"), "repaired" if names else "sniffed"
        )
        text = body.decode("utf-8", "consilia-stray")
        return Reading(_undouble(text, body), "utf-8", source)

    legacy = [(name, source) for name, source in declared if name != "utf-8"]
    weighed = [(_weigh(sample, name), place, name, source) for place, (name, source) in enumerate(legacy)]
    best = min(weighed, default=None, key=lambda it: (round(it[0], 2), it[1]))
    doubted = best is not None and _unheard_of(sample, best[2])
    if best and best[0] <= MAX_ODDNESS and not doubted:
        return Reading(_single(body, best[2]), best[2], best[3])

    guesses = list(dict.fromkeys(_guesses(sample)))
    guessed = min(
        ((round(_weigh(sample, name), 2), name in _RARE, place, name) for place, name in enumerate(guesses)),
        default=None,
    )
    if best and (guessed is None or (guessed[0] > best[0] * CLEARLY_BETTER and not doubted)):
        return Reading(body.decode(_codec(best[2]), _handler(best[2])), best[2], best[3])
    if guessed is None:
        return Reading(
            body.decode("cp1252", "consilia-c1"), "windows-1252", "repaired" if names else "sniffed"
        )
    name = guessed[3]
    return Reading(body.decode(_codec(name), _handler(name)), name, "repaired" if names else "sniffed")


def _single(body: bytes, name: str) -> str:
    """Decode, and give back U+FFFD where a program had written it in UTF-8 into a page of another charset."""
    text = body.decode(_codec(name), _handler(name))
    return text.replace("ï¿½", "\ufffd") if b"\xef\xbf\xbd" in body else text


def declared_inside(body: bytes) -> str:
    """The charset that a meta element or an XML declaration names, as WHATWG name; "" for none.

    A declared UTF-16 means UTF-8 as in the WHATWG prescan: its own bytes could not have been read otherwise.
    """
    head = body[:4096]
    if b"charset" not in head and b"encoding" not in head and b"CHARSET" not in head:
        head = body[:65_536]
        if not re.search(rb"(?i)charset\s*=|<\?xml", head):
            return ""
    head = re.sub(rb"<!--(?:[^-]|-(?!->))*-->", b"", head)
    label = EncodingDetector.find_declared_encoding(head, is_html=True, search_entire_document=True)
    name = charset_name(label or "")
    return "utf-8" if name.startswith(("utf-16", "utf-32")) else name


def _wide(body: bytes) -> str:
    """UTF-16 or UTF-32 without a mark, by where its zeros lie."""
    sample = body[:4096]
    sample = sample[: len(sample) // 4 * 4]
    if len(sample) < 4:
        return ""
    zeros = [sample[phase::4].count(0) / (len(sample) / 4) for phase in range(4)]
    if min(zeros[1:]) > 0.7 and zeros[0] < 0.3:
        return "utf-32le"
    if min(zeros[:3]) > 0.7 and zeros[3] < 0.3:
        return "utf-32be"
    even, odd = (zeros[0] + zeros[2]) / 2, (zeros[1] + zeros[3]) / 2
    # Markup and spaces alone give a page in any script this share of zeros.
    if odd > 0.2 and even < 0.02:
        return "utf-16le"
    if even > 0.2 and odd < 0.02:
        return "utf-16be"
    return ""


def _sample(body: bytes) -> bytes:
    """Lines' stretches with bytes beyond ASCII, markup left out, up to SAMPLE_BYTES."""
    window = re.sub(rb"<[^<>]*>", b"\n", body[: SAMPLE_BYTES * 20])
    kept: list[bytes] = []
    total = 0
    for line in window.splitlines():
        if not line.isascii():
            line = line[:SAMPLE_BYTES]
            kept.append(line)
            total += len(line)
            if total > SAMPLE_BYTES:
                break
    return b"\n".join(kept) or re.sub(rb"[\x00-\x7f]{40,}", b"\n", body)[:SAMPLE_BYTES]


def _guesses(sample: bytes) -> Iterator[str]:
    """Charsets to try where none is declared or the declared one cannot be, likeliest first."""
    named = list(_named(sample))
    yield from named[:4]
    if not any(name in _TWO_BYTES for name in named[:1]) and all(
        len(run) % 2 == 0 for run in _HIGH_RUN.findall(sample)
    ):
        yield "gbk"  # English from a Chinese editor: nothing but its quotes and dashes lies beyond ASCII, two bytes each
    dammit = UnicodeDammit(sample, ["windows-1252"], is_html=True)
    if dammit.original_encoding and (name := charset_name(dammit.original_encoding)):
        yield name


_TWO_BYTES = {
    "gbk": "zh",
    "gb18030": "zh",
    "big5": "zh",
    "euc-jp": "ja",
    "shift_jis": "ja",
    "iso-2022-jp": "ja",
    "euc-kr": "ko",
}

_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_RARE = frozenset(
    (
        "iso-8859-3",
        "iso-8859-4",
        "iso-8859-6",
        "iso-8859-10",
        "iso-8859-13",
        "iso-8859-14",
        "iso-8859-16",
        "macintosh",
        "x-mac-cyrillic",
        "ibm866",
    )
)
"""Charsets that hardly any page was written in: taken undeclared only when no other fits as well."""

MIN_EVIDENCE = 20
"""Characters beyond ASCII from which chardet's silence about a declared charset counts."""


def _unheard_of(sample: bytes, name: str) -> bool:
    """Whether chardet, which names every charset that it thinks possible, leaves out the declared one.

    That tells Korean read as GBK (everyday Chinese characters), KOI8-R read as windows-1251 (all capitals), Czech read as windows-1252.
    """
    if sum(byte > 0x7F for byte in sample) < MIN_EVIDENCE:
        return False
    named = _named(sample)
    if not named:
        return False
    first = next(iter(named))
    if _weigh(sample, first) > MAX_ODDNESS:
        return False
    if name in _TWO_BYTES:
        return _TWO_BYTES.get(first, _TWO_BYTES[name]) != _TWO_BYTES[name]
    if name in named or first.startswith(("mac", "x-mac", "ibm")):
        return False
    # Text in capitals alone looks to chardet like small letters of another charset.
    small = sample.decode(_codec(name), _handler(name)).lower().encode(_codec(name), "ignore")
    return _named(small).get(name, 0.0) < named[first]


def _named(sample: bytes) -> dict[str, float]:
    """The charsets that chardet thinks possible, likeliest first, each with how sure it is."""
    sure: dict[str, float] = {}
    for guess in chardet.detect_all(sample):
        if name := charset_name(str(guess["encoding"] or "")):
            sure.setdefault(name, guess["confidence"])
    return sure


def _weigh(sample: bytes, name: str) -> float:
    return _oddness(sample.decode(_codec(name), _handler(name)))


_BROKEN = re.compile("[\ufffd\x80-\x84\x86-\x9f\ue000-\uf8ff\ufff0-\ufff8]")
_GLUED = re.compile(r"[^\W\d_][¡-©«-´¶¸»-¿×÷]{1,2}(?=[^\W\d_])")
_INVERTED = re.compile("[а-яёєіїґß-öø-ÿα-ώ][А-ЯЁЄІЇҐÀ-ÖØ-ÞΑ-Ω]")
_CAPITAL_INSIDE = re.compile("(?<=[a-z])[À-ÖØ-ÞĀ-žȀ-ɎḀ-ỾŸ]")
_LATIN_RUN = re.compile("[\xa1-\u02af‚-•…‰‹›€™Œœ]{4,}")
_MIXED = re.compile("[A-Za-zÀ-ɏ][\u0370-\u06ff\u0e00-\u0e7f]|[\u0370-\u06ff\u0e00-\u0e7f][A-Za-zÀ-ɏ]")
_HALF_WIDTH = re.compile("[\uff61-\uff9f]")
_HAN = re.compile("[\u4e00-\u9fff]")
_HANGUL = re.compile("[\uac00-\ud7a3]")


def _oddness(text: str) -> float:
    """The share, 0 upwards, of characters beyond ASCII that stand where no writer puts them."""
    beyond = sum(1 for character in text if character > "\x7f")
    if not beyond:
        return 0.0
    odd = 3.0 * len(_BROKEN.findall(text))
    odd += len(_GLUED.findall(text)) + len(_INVERTED.findall(text)) + len(_MIXED.findall(text))
    odd += sum(1 for match in _CAPITAL_INSIDE.finditer(text) if match[0].isupper())
    for match in _LATIN_RUN.finditer(text):
        if len(set(match[0])) > 2:  # "»»»»" and "€€€€" are signs, not letters
            odd += len(match[0])
    odd += 0.5 * len(_HALF_WIDTH.findall(text))
    common = _common_han()
    odd += sum(1 for character in _HAN.findall(text) if character not in common)
    for character in _HANGUL.findall(text):
        try:
            character.encode("euc_kr")
        except UnicodeEncodeError:
            odd += 1
    return odd / beyond


@cache
def _common_han() -> frozenset[str]:
    """The first levels of GB 2312 and JIS X 0208 and Big5's frequent characters, as the standards' own tables order them."""
    common: set[str] = set()
    for codec, leads in (
        ("gb2312", range(0xB0, 0xD8)),
        ("euc_jp", range(0xB0, 0xD0)),
        ("big5", range(0xA4, 0xC7)),
    ):
        for lead in leads:
            for trail in range(0x40, 0xFF):
                common.update(bytes((lead, trail)).decode(codec, "ignore"))
    return frozenset(common)


@cache
def _table() -> dict[str, tuple[str, tuple[str, ...]]]:
    table = tomllib.loads(files(__package__).joinpath("charsets.toml").read_text("utf-8"))
    return {name: (entry["codec"], tuple(entry["labels"])) for name, entry in table.items()}


@cache
def _names() -> dict[str, str]:
    names = {label: name for name, (_, labels) in _table().items() for label in labels}
    return names | _aliases()


def _aliases() -> dict[str, str]:
    """Names that chardet and old servers use beyond the standard's."""
    aliases = tomllib.loads(files(__package__).joinpath("charset_aliases.toml").read_text("utf-8"))
    return {alias: name for name, entry in aliases.items() for alias in entry}


def _codec(name: str) -> str:
    return _table()[name][0]


def _handler(name: str) -> str:
    return "consilia-c1" if name.startswith(("windows-", "iso-8859")) else "replace"


def _c1(error: UnicodeError) -> tuple[str, int]:
    """Bytes that a single-byte charset leaves open are control characters, as in the WHATWG tables."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("latin-1"), error.end


def _stray(error: UnicodeError) -> tuple[str, int]:
    """One byte of windows-1252 between ASCII in a UTF-8 page is its sign; all else is unreadable."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    broken, end = error.object[error.start : error.end], error.end
    before = error.object[error.start - 1] if error.start else 0x20
    after = error.object[end] if end < len(error.object) else 0
    if len(broken) == 1 and before < 0x80 and 0 < after < 0x80:
        return broken.decode("cp1252", "replace"), end
    return "\ufffd", end


codecs.register_error("consilia-c1", _c1)
codecs.register_error("consilia-stray", _stray)


# UTF-8 that was read as windows-1252 and written as UTF-8 again: a lead byte's character and as many followers as it calls for.
_FOLLOWER = "[\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]"
_DOUBLED = re.compile(
    # A lead that is a letter of living alphabets or a sign ("×" before a hard space) must come twice or stand in a word.
    f"(?:[ÂÃ]{_FOLLOWER}|[àáâãäåæçèéêëìíï]{_FOLLOWER}{{2}}|ð{_FOLLOWER}{{3}}"
    f"|(?<=[a-z])[ÄÅ](?!\xa0){_FOLLOWER}(?=[a-z])|(?:[ÄÅÎÏÐÑØÙ×]{_FOLLOWER}){{2}})+"
)
_DOUBLED_SURELY = re.compile(f"(?:[ÂÃÄÅÎÏÐÑØÙ]{_FOLLOWER}|×(?!\xa0){_FOLLOWER})+")
_DOUBLED_BYTES = re.compile(
    rb"\xc3(?:[\x82-\x85\x8e-\x91\x97-\x99\xa0-\xad\xaf\xb0])(?:\xc2[\x80-\xbf]|\xe2[\x80\x82\x84]|\xc5[\x92\x93\xa0\xa1\xb8\xbd\xbe]|\xc6\x92|\xcb[\x86\x9c])"
)

MIN_DOUBLED = 2
"""Double-encoded sequences below which a page may be telling about them; a page that holds the fault holds it at every quote."""


def _undouble(text: str, body: bytes) -> str:
    """Undo one round of UTF-8 read as windows-1252, where the page shows it more than once."""
    if b"\xc3" not in body or not _DOUBLED_BYTES.search(body):
        return text
    for _ in range(MAX_ROUNDS):
        found = 0

        def repair(match: re.Match[str]) -> str:
            nonlocal found
            if len(match[0]) == 2 and found < SURELY_DOUBLED and not _in_a_word(match):
                return match[0]  # a page that tells of the fault quotes it alone
            try:
                once = match[0].encode("cp1252", "consilia-c1-back").decode()
            except UnicodeError:
                return match[0]
            if not _DOUBLED_RESULT.fullmatch(once):
                return match[0]
            found += len(once)
            return once

        repaired = _DOUBLED.sub(repair, text)
        if found < MIN_DOUBLED:
            break
        text = _DOUBLED_SURELY.sub(repair, repaired) if found >= SURELY_DOUBLED else repaired
    return text


def _in_a_word(match: re.Match[str]) -> bool:
    """Whether a pair touches a letter or a digit, or holds a control character that nobody types."""
    before, after = (
        match.string[match.start() - 1 : match.start()],
        match.string[match.end() : match.end() + 1],
    )
    return before.isalnum() or after.isalnum() or any("\x80" <= character <= "\x9f" for character in match[0])


SURELY_DOUBLED = 8
"""Sequences from which the page as a whole went through the fault: then single pairs with any lead are undone too."""

MAX_ROUNDS = 3
"""Times the fault is undone; a page that went through three such programs has been seen, one through four has not."""


# What the repair may give: letters and signs of living scripts. "ß“" (German, a word in quotes) would give N'Ko.
_DOUBLED_RESULT = re.compile(
    "[\x80-\u017f\u0384-\u03ce\u0400-\u045f\u05d0-\u05ea\u0600-\u06ff\u0900-\u097f\u0e00-\u0e7f\u1e00-\u1eff"
    "\u2010-\u203a\u20ac\u2122\u2190-\u21ff\u2600-\u27bf\u3000-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff00-\uffef\U0001f300-\U0001faff]+"
)


def _c1_back(error: UnicodeError) -> tuple[bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return error.object[error.start : error.end].encode("latin-1"), error.end


codecs.register_error("consilia-c1-back", _c1_back)
