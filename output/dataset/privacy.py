"""Personal data out of exported text: e-mail addresses and telephone numbers, each overwritten at its own length.

A mask as long as what it hides keeps every offset true. Numbers that help a reader in need and belong to nobody stay: short codes (911,
112, 116 123) are too short to match, freephone numbers are listed below. Dates, doses, ranges, ISBNs and identifiers are no numbers to
call: a telephone number must be written as one (a leading + or 00, an area code set off, or a word like "tel" before it).
"""

import re

MASK = "█"

_EMAIL = re.compile(
    # The look-behind and the bounded parts keep it linear on "a.a.a.a…".
    r"(?<![\w.+%-])[\w+%-]{1,64}(?:\.[\w+%-]{1,64}){0,8}(?:@|\s?\[at\]\s?|\s?\(at\)\s?)(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}(?![\w@])",
)
_SEPARATOR = r"[ \u00a0.\u2010-\u2013-]"
_PHONE = re.compile(
    rf"""(?<![\w.,/+-])(?:
      (?:\+|00)[1-9]\d{{0,2}}(?:{_SEPARATOR}?\(?\d{{1,5}}\)?){{2,6}}            # +44 20 7946 0958
    | (?:1{_SEPARATOR})?(?:\(\d{{3}}\)[ ]?|\d{{3}}{_SEPARATOR})\d{{3}}{_SEPARATOR}\d{{4}}   # (555) 010-1234
    | \(?0[1-9]\d{{0,4}}\)?{_SEPARATOR}\d{{2,4}}(?:{_SEPARATOR}?\d{{2,4}}){{1,3}}     # 020 7946 0958, 010-1234 5678
    | 1[3-9]\d{{9}}                                                             # a Chinese mobile number
    )(?![\w/]|[.,-]\d)""",
    re.VERBOSE,
)
_CUED = re.compile(
    r"\b(?:tel|telephone|phone|mobile|cell|fax|whatsapp|wechat|call us(?: on| at)?|text us(?: on| at)?)\b[.:]{0,2}\s{0,3}"
    rf"(\(?\+?\d(?:{_SEPARATOR}?\(?\d\)?){{6,14}})(?!\d)",
    re.IGNORECASE,
)
_DATE = re.compile(r"(?:19|20)\d\d[-./ ](?:0?[1-9]|1[0-2])[-./ ](?:0?[1-9]|[12]\d|3[01])\b")
MIN_DIGITS = 9
"""The shortest national numbers with their area code (Norway 8, most 9 and more); below it, ranges and ids win. [counted by hand]"""
MIN_DIGITS_CUED = 7
"""A local number without its area code."""

_FREEPHONE = re.compile(
    r"(?:\+?1)?8(?:00|33|44|55|66|77|88)\d{7}"  # North America
    r"|(?:\+44|0)(?:800|808|300)\d{3,7}|(?:\+44|0)?116\d{3}"  # United Kingdom, European harmonised services
    r"|(?:\+|00)?800\d{8}|0800\d{4,8}|1[38]00\d{4,6}"  # international, much of Europe, Australia
    r"|400\d{7}"  # China
)


def withhold(text: str) -> str:
    """Every letter and digit overwritten: for what readers wrote below an article, often of their own health and under their names."""
    return re.sub(r"[^\W_]", MASK, text)


def mask(text: str) -> tuple[str, int, int]:
    """The text with addresses and numbers overwritten, and how many of each."""
    emails = phones = 0

    def hide_email(match: re.Match[str]) -> str:
        nonlocal emails
        emails += 1
        return MASK * len(match[0])

    def hide_phone(match: re.Match[str]) -> str:
        nonlocal phones
        number = match[1] if match.re is _CUED else match[0]
        digits = re.sub(r"[^\d+]", "", number)
        fewest = MIN_DIGITS_CUED if match.re is _CUED else MIN_DIGITS
        if not fewest <= len(digits.lstrip("+")) <= 15 or _FREEPHONE.fullmatch(digits) or _DATE.match(number):
            return match[0]
        phones += 1
        return match[0][: len(match[0]) - len(number)] + MASK * len(number)

    if "@" in text or "at]" in text or "at)" in text:
        text = _EMAIL.sub(hide_email, text)
    text = _PHONE.sub(hide_phone, text)
    return _CUED.sub(hide_phone, text), emails, phones
