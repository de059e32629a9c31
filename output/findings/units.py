"""The sentences and items of an article, each with what stands around it: heading, lead-in, list."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from cleaning.article import Article
from cleaning.passages import Marker, Passage
from cleaning.sentences import sentences

from .cues import OTHER, Cues, Wording
from .finding import Role

INLINE = 7
"""Rank of a question inside a paragraph: below every heading."""
SUB_ITEM_WORDS = 150
"""A paragraph of more words below a sub-heading is no item's; of several only so many are its evidence, the others tell more of the same."""


@dataclass(slots=True)
class Unit:
    """One sentence of prose, or one item of a list."""

    start: int
    end: int
    text: str
    masked: str
    """Lower case, the page's topic replaced by TOPIC."""
    item: bool
    heading: str = ""
    heading_role: str = ""
    """A role's name, "other", or "" where the heading tells nothing."""
    fresh: bool = True
    """False from the second list or the second screenful under a heading: its word counts for less."""
    lead_in: str = ""
    lead_role: str = ""
    list_id: int = -1
    position: int = 0
    marker: str = Marker.NONE.value
    level: int = 0
    label_end: int = -1
    paragraph: int = 0
    """Which passage it stands in."""
    index: int = 0
    """Its place among the paragraph's sentences."""
    tokens: list[str] = field(default_factory=list, repr=False)
    """The masked text's words."""
    cues: int = 0
    """The cues in it, a bit each (see CueFinder)."""
    leads: bool = False
    """It does no more than announce the list below it."""
    siblings: list["Unit"] = field(default_factory=list, repr=False)
    """The items of its list, itself among them; the sentences of its paragraph in prose."""
    closed: bool = False
    """It stands under a heading such as "Research" or "Outlook"."""
    aside: bool = False
    """It stands under a heading whose lists are beside the point, such as "Ingredients"."""
    inherited: bool = False
    """The heading's own words tell nothing: the role is that of the heading above it."""
    known_topic: bool = False
    """The page is about a condition that has a name."""


@dataclass(slots=True)
class _Named:
    """The list that a row of headings makes."""

    members: list[Unit]
    list_id: int
    parent: "_Heading"
    lead_in: str
    lead_role: str


@dataclass(slots=True)
class _Heading:
    level: int
    text: str
    role: str
    own: bool
    """Its own words tell the role; False: taken from the heading above it."""


def mask_of(topic: str, alternates: Sequence[str], cues: Cues) -> re.Pattern[str] | None:
    """What finds the page's own topic in lower-case text; None if there is no topic."""
    names = [cues.spelt(name.lower()) for name in (topic, *alternates) if name]
    forms = []
    for name in names:
        words = name.split()
        forms.append(_flexible(name, cues))
        last = words[-1]
        if len(words) > 1 and cues.language == "en" and last not in cues.generic_heads and len(last) > 4:
            forms.append(_flexible(last, cues))
    if not forms:
        return None
    body = "|".join(sorted(set(forms), key=len, reverse=True))
    return re.compile(body if cues.language == "zh" else rf"\b(?:{body})\b")


def _flexible(name: str, cues: Cues) -> str:
    escaped = re.escape(name).replace(r"\ ", r"[\s*-]+").replace(" ", r"[\s*-]+")
    if cues.language == "zh":
        return escaped
    if name.endswith("ies"):
        return escaped[:-3] + "(?:y|ies)"
    if name.endswith("s") and not name.endswith(("ss", "is", "us")):
        return escaped[:-1] + "(?:s|es|ing)?"
    return escaped + "(?:s|es|ing)?"


def lay_out(
    article: Article, cues: Cues, mask: re.Pattern[str] | None, *, known_topic: bool = False
) -> list[Unit]:
    """List the units in reading order. `known_topic`: Subject.known."""
    units = _Layout(article, cues, mask).run()
    for unit in units:
        unit.known_topic = known_topic
    return units


_DEFINES = re.compile(
    r"\W*(?:an? |the )?(?:[\w'-]+ ){0,3}(?:TOPIC|[\w'-]+)(?: \([^)]*\))?(?:, [^,]{3,60},)? "
    r"(?:is|are|means|occurs|refers) "
)
_WORD = re.compile(r"\w")
_LABEL = re.compile(r"(?!Yes\.)[A-Z][a-z-]{2,}\.")
"""A word that the next sentence explains."""
MIN_EXPLAINED = 3
"""Spaces in a label's explanation: "Smoking. Poor sleep." are two points."""
_AS_FOLLOWS = re.compile(r"\b(?:following|as follows|below)\b|以下|如下")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_TOKEN = re.compile(r"[a-z]+(?:['-][a-z]+)*+|TOPIC|\d+|[?:;%]|[\u4e00-\u9fff]")


def tokens_of(masked: str) -> list[str]:
    """Words, numbers, the mask and the few signs that tell something."""
    return _TOKEN.findall(masked)


def _chinese_words(text: str) -> int:
    """How many words its Chinese characters make: most have two."""
    return len(_CHINESE.findall(text)) // 2


def role_of(text: str, wordings: Sequence[Wording]) -> str:
    """The first wording that matches, "" if none."""
    for wording in wordings:
        if wording.pattern.search(text):
            return wording.role
    return ""


class _Layout:
    """One walk over the passages, the stack of headings in hand."""

    def __init__(self, article: Article, cues: Cues, mask: re.Pattern[str] | None) -> None:
        self.text = article.text
        self.passages = article.passages
        self.cues = cues
        self.mask = mask
        self.units: list[Unit] = []
        self.roles: dict[str, str] = {}
        """What each heading's words tell."""
        title = " ".join(article.facts.title.split())
        self.title = _Heading(0, title, self._heading_role(title) if title else "", True)
        self.stack: list[_Heading] = []
        self.named: dict[int, _Named] = {}
        """The list of each heading that names an item, by the heading's place."""
        self.columns: dict[int, _Heading] = {}
        self.lists: dict[int, list[Unit]] = {}
        self.lead_in = ""
        """The last sentence, as long as nothing but items has followed it."""
        self.lists_under_heading = 0
        self.next_list = 1 + max((passage.list_id for passage in article.passages), default=-1)

    def run(self) -> list[Unit]:
        self._walk()
        self._open_summaries()
        known: dict[str, tuple[bool, bool]] = {}
        for unit in self.units:
            if unit.heading not in known:
                heading = unit.heading.lower()
                known[unit.heading] = (
                    bool(self.cues.closed.search(heading)),
                    bool(self.cues.asides.search(heading)),
                )
            closed, unit.aside = known[unit.heading]
            if unit.item and unit.lead_role == OTHER:
                unit.aside = unit.aside or bool(self.cues.asides.search(unit.lead_in.lower()))
            unit.closed = closed and unit.heading_role in ("", OTHER)
            unit.tokens = tokens_of(unit.masked)
            unit.cues = self.cues.finder.find(unit.masked, unit.tokens)
            if unit.item and unit.cues & self.cues.finder.bit["see_doctor"]:
                read = self._before_doctor(unit)
                unit.tokens = tokens_of(read)
                unit.cues = self.cues.finder.find(read, unit.tokens)
        return self.units

    def _before_doctor(self, unit: Unit) -> str:
        """What an item says before it sends its reader to a doctor: "Blood clot. One calf is swollen. Call an ambulance." is about the clot."""
        if Role.SEE_DOCTOR in (unit.heading_role, unit.lead_role):
            return unit.masked
        for start, end in list(sentences(unit.text))[1:]:
            if self.cues.finder.shows("see_doctor", self.masked(unit.text[start:end])):
                return self.masked(unit.text[:start])
        return unit.masked

    def _walk(self) -> None:
        at = 0
        while at < len(self.passages):
            passage = self.passages[at]
            if passage.kind == "heading":
                at = self._heading(at)
            elif passage.kind == "item":
                self._item(at)
                at += 1
            else:
                self._paragraph(at)
                at += 1

    def masked(self, text: str) -> str:
        lowered = self.cues.spelt(text.lower().replace("’", "'").replace("\n", " "))
        return self.mask.sub("TOPIC", lowered) if self.mask else lowered

    def _plain(self, text: str) -> str:
        """As the wordings of headings have it, all in lower case."""
        return self.masked(text).replace("TOPIC", "topic")

    def _heading_role(self, text: str) -> str:
        if text not in self.roles:
            masked = self._plain(text)
            aside = self.cues.asides.search(masked)
            self.roles[text] = OTHER if aside else role_of(masked, self.cues.headings)
        return self.roles[text]

    def _guessed_role(self, text: str) -> str:
        """The heading's role by the more daring wordings as well."""
        role = self._heading_role(text)
        if role in ("", OTHER):
            masked = self._plain(text)
            if not self.cues.asides.search(masked):
                return role_of(masked, self.cues.guesses) or role
        return role

    def _opens_section(self, text: str) -> bool:
        return self.cues.sections.search(self._plain(text)) is not None

    def _current(self) -> _Heading:
        return self.stack[-1] if self.stack else self.title

    def _open_summaries(self) -> None:
        """Bullets that sum the page up ("X is …", "The cause is …", "Treatment is …") are sentences, not a list of one kind."""
        summaries = {list_id for list_id, members in self.lists.items() if self._sums_up(members)}
        if not summaries:
            return
        opened: list[Unit] = []
        for unit in self.units:
            if unit.list_id not in summaries:
                opened.append(unit)
                continue
            members: list[Unit] = []
            for index, (start, end) in enumerate(sentences(self.text, unit.start, unit.end)):
                text = self.text[start:end]
                part = Unit(
                    start, end, text, self.masked(text), False, unit.heading, OTHER, False, paragraph=unit.paragraph, index=index
                )  # fmt: skip
                part.siblings = members
                members.append(part)
            opened.extend(members)
        self.units = opened

    def _sums_up(self, members: list[Unit]) -> bool:
        first = members[0]
        announced = bool(first.lead_in) and (bool(first.lead_role) or not first.lead_in.endswith("."))
        if len(members) < 3 or first.marker != Marker.BULLET.value or announced or first.position > 1:
            return False
        stopped = sum(unit.text.endswith(".") and unit.text.count(" ") >= 4 for unit in members)
        return 2 * stopped >= len(members) and _DEFINES.match(first.masked) is not None

    # -------------------------------------------------------------------------------- headings

    def _heading(self, at: int) -> int:
        passage = self.passages[at]
        text = " ".join(self.text[passage.start : passage.end].split())
        if passage.list_id >= 0:
            self.columns[passage.list_id] = self._column(at, text)
            return at + 1
        level = passage.level or 3
        while self.stack and self.stack[-1].level >= level:
            self.stack.pop()
        if at not in self.named:
            self._name_items(at, level)
        if at in self.named:
            return self._named_item(at, level, text)
        role = self._guessed_role(text)
        self.stack.append(_Heading(level, text, role or self._current().role, bool(role)))
        self.lead_in = ""
        self.lists_under_heading = 0
        return at + 1

    def _column(self, at: int, text: str) -> _Heading:
        """A column's head; the first column of a table is about what its section is about."""
        role = OTHER if self.cues.columns.search(text.lower()) else self._guessed_role(text)
        parent = self._current()
        first = at == 0 or self.passages[at - 1].list_id not in self.columns
        if not role and first:
            return _Heading(6, text, parent.role, parent.own)
        return _Heading(6, text, role, True)

    def _name_items(self, at: int, level: int) -> None:
        """Note the headings from here on that name an item each: a row of one level, a paragraph below each, no section of its own among them."""
        parent = self._current()
        telling = parent.role not in ("", OTHER) and (parent.level > 0 or self._of_one_role(parent.text))
        row: list[int] = []
        foreign = 0
        """Headings in the row whose words would tell another role elsewhere."""
        for place in range(at, len(self.passages)):
            passage = self.passages[place]
            if passage.kind != "heading" or passage.list_id >= 0 or (passage.level or 3) > level:
                continue
            text = self.text[passage.start : passage.end]
            role = self._heading_role(text)
            told = role not in ("", OTHER)
            if (
                (passage.level or 3) < level
                or text.rstrip().endswith(("?", "？"))
                or self._opens_section(text)
                or (told and not telling)
            ):
                break
            if self._kind_at(place + 1) == "paragraph" and self._told_below(place):
                row.append(place)
                foreign += self._guessed_role(text) not in ("", OTHER, parent.role)
            elif not telling:
                break
        if len(row) < (2 if telling else 3) or (2 * foreign >= len(row) and not (telling and parent.own)):
            return
        members: list[Unit] = []
        identity = self.next_list
        self.next_list += 1
        self.lists_under_heading += 1
        self.named.update(
            (place, _Named(members, identity, parent, self.lead_in, self._lead_role())) for place in row
        )

    def _of_one_role(self, title: str) -> bool:
        """Whether a title promises one thing: "Seven causes of …", not "Causes, symptoms and treatment of …"."""
        masked = self._plain(title)
        return (
            len({wording.role for wording in self.cues.headings if wording.pattern.search(masked)} - {OTHER})
            == 1
        )

    def _told_below(self, place: int) -> list[tuple[int, int]]:
        """The sentences of the paragraph below a heading, without one that only leads up to a list."""
        below = self.passages[place + 1]
        spans = list(sentences(self.text, below.start, below.end))
        leads = self._kind_at(place + 2) == "item" and self.text[spans[-1][1] - 1] in ":："
        return spans[:-1] if leads else spans

    def _words(self, first: int, last: int) -> int:
        text = self.text[self.passages[first].start : self.passages[last].end]
        return max(len(text.split()), _chinese_words(text))

    def _kind_at(self, place: int) -> str:
        return self.passages[place].kind if place < len(self.passages) else ""

    def _named_item(self, at: int, level: int, text: str) -> int:
        """The item that a heading names, with the paragraphs below it; the place after them."""
        named = self.named[at]
        parent = named.parent
        head = self.passages[at]
        end = self._told_below(at)[-1][1]
        after = at + 2
        while self._kind_at(after) == "paragraph" and self._kind_at(after + 1) != "item":
            passage = self.passages[after]
            if self._sends_to_doctor(self.text[passage.start : passage.end], parent):
                break
            if self._words(at, after) <= SUB_ITEM_WORDS:
                end = passage.end
            after += 1
        own = self.text[head.start : end]
        unit = Unit(
            head.start, end, own, self.masked(own), True, parent.text, parent.role, True,
            named.lead_in, named.lead_role, named.list_id, len(named.members) + 1, Marker.LABEL.value, 1, head.end, at,
        )  # fmt: skip
        unit.siblings = named.members
        unit.inherited = not parent.own
        named.members.append(unit)
        self.units.append(unit)
        self.stack.append(_Heading(level, text, parent.role, False))
        self.lists_under_heading = 1
        self.lead_in = self.text[end : self.passages[at + 1].end].strip() if after == at + 2 else ""
        return after

    def _sends_to_doctor(self, said: str, parent: _Heading) -> bool:
        return parent.role != Role.SEE_DOCTOR and any(
            wording.role == Role.SEE_DOCTOR and wording.pattern.search(self.masked(said))
            for wording in self.cues.leads
        )

    # -------------------------------------------------------------------------------- items

    def _lead_role(self) -> str:
        """What the lead-in says of the list; where the heading asks when to see a doctor, the signs it announces are the answer."""
        role = self._told_role() if self.lead_in else ""
        if role == Role.SYMPTOM and self._current().role == Role.SEE_DOCTOR:
            return Role.SEE_DOCTOR.value
        return role

    def _told_role(self) -> str:
        """The first reading of the lead-in that tells a role."""
        told = ""
        for role in self._readings():
            if role not in ("", OTHER):
                return role
            told = told or role
        return told

    def _readings(self) -> Iterator[str]:
        said = self.masked(self.lead_in)[-200:].replace("TOPIC", "topic")
        # "Causes:" on a line of its own is a heading in all but its mark-up
        brief = self.lead_in.count(" ") < 4 and _chinese_words(self.lead_in) <= 4
        if brief:
            yield self._heading_role(self.lead_in)
        if "，" in said:
            yield role_of(said.rpartition("，")[2], self.cues.leads)
        yield role_of(said, self.cues.leads)
        if brief:
            yield self._guessed_role(self.lead_in)
        if said.endswith(":"):
            yield role_of(said, self.cues.lead_guesses)

    def _item(self, at: int) -> None:
        passage = self.passages[at]
        if self._opens_part(at):
            return
        heading = self._current()
        column = self.columns.get(passage.list_id)
        members = self.lists.get(passage.list_id)
        if members is None:
            members = self.lists[passage.list_id] = []
            self.lists_under_heading += 1
            members_lead, members_role = self.lead_in, self._lead_role()
            fresh = self.lists_under_heading == 1 or bool(members_role)
            before = self.units[-1] if self.units else None
            if before is not None and self.lead_in and not before.item and before.text == self.lead_in:
                before.leads = not before.text.endswith((".", "。", "!", "！")) or bool(
                    _AS_FOLLOWS.search(before.masked)
                )
        elif members:
            members_lead, members_role, fresh = members[0].lead_in, members[0].lead_role, members[0].fresh
        else:
            members_lead, members_role, fresh = self.lead_in, self._lead_role(), True
        text = self.text[passage.start : passage.end]
        if column is not None:
            heading, fresh = column, True
            if column.role:  # it says more of its cells than what stands above the table
                members_lead = members_role = ""
            if column.role == OTHER:  # "Type", "Name": its cells say what the row is about
                members_role = OTHER
        unit = Unit(
            passage.start, passage.end, text, self.masked(text), True, heading.text, heading.role, fresh,
            members_lead, members_role, passage.list_id, passage.position, passage.marker.value, passage.level,
            passage.label_end, at,
        )  # fmt: skip
        unit.siblings = members
        unit.inherited = not heading.own
        members.append(unit)
        self.units.append(unit)
        # "7. Foods to eat:" leads in the list nested below it.
        nxt = self.passages[at + 1] if at + 1 < len(self.passages) else None
        if (
            nxt is not None
            and nxt.kind == "item"
            and nxt.level > passage.level
            and nxt.list_id != passage.list_id
        ):
            self.lead_in = text
            unit.leads = not text.endswith((".", "。", "!", "！"))
        elif nxt is not None and nxt.kind == "item" and nxt.list_id != passage.list_id:
            self.lead_in = ""

    def _opens_part(self, at: int) -> bool:
        """An item that is a part of the page by itself, "Treatment: …" or "Is it dangerous? …": read as a heading and what stands below it."""
        passage = self.passages[at]
        if self._asks_first(passage):
            start, heading = passage.start, None
        else:
            label = self.text[passage.start : max(passage.start, passage.label_end)]
            if not label or not self._opens_section(label):
                return False
            role = self._guessed_role(label)
            below = _WORD.search(self.text, passage.label_end, passage.end)
            if below is None or role in ("", OTHER):
                return False
            start, heading = below.start(), _Heading(INLINE, label, role, True)
        before = list(self.stack)
        if heading:
            self.stack.append(heading)
        spans = list(sentences(self.text, start, passage.end))
        if heading and len(spans) == 1:
            self._lone_item(at, *spans[0], heading)
        else:
            self._prose(at, start, passage.end)
        self.stack = before
        self.lead_in = ""
        return True

    def _asks_first(self, passage: Passage) -> bool:
        """Whether an item is a question and its answer."""
        if (
            "?" not in self.text[passage.start : passage.end]
            and "？" not in self.text[passage.start : passage.end]
        ):
            return False
        _, end = next(sentences(self.text, passage.start, passage.end))
        return self.text[end - 1] in "?？" and end < passage.end

    def _lone_item(self, at: int, start: int, end: int, heading: _Heading) -> None:
        text = self.text[start:end]
        unit = Unit(
            start, end, text, self.masked(text), True, heading.text, heading.role, True, list_id=self.next_list, position=1,
            marker=self.passages[at].marker.value, level=self.passages[at].level, paragraph=at,
        )  # fmt: skip
        self.next_list += 1
        unit.siblings = [unit]
        self.units.append(unit)

    # -------------------------------------------------------------------------------- prose

    def _paragraph(self, at: int) -> None:
        self._prose(at, self.passages[at].start, self.passages[at].end)

    def _prose(self, at: int, first: int, last: int) -> None:
        members: list[Unit] = []
        spans, labels = self._with_labels(list(sentences(self.text, first, last)))
        for index, (start, end) in enumerate(spans):
            text = self.text[start:end]
            asked = self._guessed_role(text) if text.endswith(("?", "？")) and len(text) < 200 else ""
            if asked:
                while self.stack and self.stack[-1].level >= INLINE:
                    self.stack.pop()
                self.stack.append(_Heading(INLINE, text, asked, True))
                self.lists_under_heading = 0
            heading = self._current()
            told = (
                heading.role if heading.level else ""
            )  # a title speaks of lists; prose may lead up to anything
            unit = Unit(
                start, end, text, self.masked(text), False, heading.text, told, self.lists_under_heading == 0,
                label_end=labels.get(start, -1), paragraph=at, index=index,
            )  # fmt: skip
            if asked:
                members.append(unit)  # what stands before leads up to it
                members = []
            unit.siblings = members
            unit.inherited = not heading.own
            members.append(unit)
            self.units.append(unit)
        self.lead_in = self.text[slice(*spans[-1])] if spans else ""

    def _with_labels(self, spans: list[tuple[int, int]]) -> tuple[list[tuple[int, int]], dict[int, int]]:
        """The sentences, a label with the one that explains it; where each label ends, by its start."""
        joined = spans[:1]
        labels: dict[int, int] = {}
        for left, right in pairwise(spans):
            if left[0] not in labels and self._labels(left, right, opens=left == spans[0]):
                labels[left[0]] = left[1]
                joined[-1] = (left[0], right[1])
            else:
                joined.append(right)
        return joined, labels

    def _labels(self, left: tuple[int, int], right: tuple[int, int], *, opens: bool) -> bool:
        """Whether a sentence is the other's label: "Dry mouthYour body …", or "Age. Most are over forty." where it opens a paragraph."""
        if left[1] == right[0]:
            return self.text[left[1] - 1].isalpha()
        return (
            opens
            and _LABEL.fullmatch(self.text, *left) is not None
            and self.text.count(" ", *right) >= MIN_EXPLAINED
        )
