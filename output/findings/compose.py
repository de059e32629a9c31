"""Findings out of decided units: spans, labels, polarity, hedges, advice told inside a cause, facts told twice."""

import re
from collections import deque
from collections.abc import Sequence
from dataclasses import replace

from cleaning.sentences import sentences

from .cues import Cues, Denial
from .decide import Decision
from .finding import GROUPS, Finding, Role
from .label import label_of
from .units import Unit

_WORDS = re.compile(r"[a-z0-9]+|[\u4e00-\u9fff]")


def compose(decisions: Sequence[Decision], cues: Cues, mask: re.Pattern[str] | None) -> list[Finding]:
    """Turn decided units into findings in reading order."""
    findings: list[Finding] = []
    for decision in decisions:
        if decision.continues and findings:
            findings[-1] = replace(findings[-1], end=decision.unit.end)
        if decision.role is None:
            continue
        index = len(findings)
        findings.append(_finding(decision, decision.role, cues, mask))
        if decision.unit.item and GROUPS[decision.role] in ("cause", "symptom"):
            told = _told_inside(decision, cues, mask, index)
            if told and told[-1].end == decision.unit.end:
                findings[index] = _without_tail(findings[index], told, decision.unit)
            findings.extend(told)
    return _merged(findings, decisions)


def _finding(decision: Decision, role: Role, cues: Cues, mask: re.Pattern[str] | None) -> Finding:
    unit = decision.unit
    own = unit.text[: unit.label_end - unit.start] if unit.label_end >= 0 else ""
    return Finding(
        role,
        label_of(unit.text, cues, mask, own),
        unit.start,
        unit.end,
        unit.heading,
        unit.lead_in,
        unit.list_id,
        unit.position,
        unit.marker,
        _polarity(unit, role, cues),
        _hedged(unit.masked, role, cues),
        round(decision.confidence, 4),
        decision.decided_by,
        decision.secondary,
    )


def _without_tail(parent: Finding, told: Sequence[Finding], unit: Unit) -> Finding:
    """The cause ends where nothing but advice follows it."""
    end = unit.end
    for child in reversed(told):
        if unit.text[child.end - unit.start : end - unit.start].strip():
            break
        end = child.start
    kept = unit.text[: end - unit.start].rstrip()
    return replace(parent, end=unit.start + len(kept))


def _polarity(unit: Unit, role: Role, cues: Cues) -> str:
    if GROUPS[role] != "advice":
        return "negated" if _denied(unit, cues.negation, cues) else "assert"
    return "avoid" if role != Role.SEE_DOCTOR and _denied(unit, cues.avoid, cues) else "do"


LABEL_WORDS = 2
"""Words of a first clause that may be no more than a label: "Alcohol. Never with these tablets." """


def _denied(unit: Unit, denial: Denial, cues: Cues) -> bool:
    """Whether a unit's own words deny what it names, or those that announce its list."""
    if unit.item and _announced_by(unit, denial.lists, cues):
        return True
    label = max(0, unit.label_end - unit.start)
    told = [unit.text[:label], *denial.ends.split(unit.text[label:].lstrip(" .:–—-|"))]
    clauses = [cues.spelt(clause.strip().lower().replace("’", "'")) for clause in told if clause.strip()]
    upto = 2 if clauses and (label or clauses[0].count(" ") < LABEL_WORDS) else 1
    return any(denial.says.search(clause) for clause in clauses[:upto])


def _announced_by(unit: Unit, lists: re.Pattern[str], cues: Cues) -> bool:
    """A lead-in that says something of its own goes before the heading."""
    return bool(
        lists.search(cues.spelt(unit.lead_in.lower()))
        or (unit.fresh and not unit.lead_role and lists.search(cues.spelt(unit.heading.lower())))
    )


def _hedged(masked: str, role: Role, cues: Cues) -> bool:
    hedge = cues.hedge if GROUPS[role] == "advice" else cues.hedge_claim
    return hedge.search(masked) is not None


def _told_inside(decision: Decision, cues: Cues, mask: re.Pattern[str] | None, parent: int) -> list[Finding]:
    """Advice in a later sentence of a cause's item."""
    unit = decision.unit
    spans = list(sentences(unit.text))
    found = []
    for left, right in spans[1:]:
        text = unit.text[left:right]
        lowered = cues.spelt(text.lower())
        masked = mask.sub("TOPIC", lowered) if mask else lowered
        sends = cues.finder.shows("see_doctor", masked)
        if sends or cues.inner_advice.search(masked) or cues.finder.shows("imperative", masked):
            clinical = cues.finder.shows("states_treatment", masked)
            role = Role.SEE_DOCTOR if sends else Role.TREATMENT if clinical else Role.SELF_CARE
            inner = Unit(unit.start + left, unit.start + right, text, masked, False)
            child = _finding(Decision(inner, role, decision.confidence * 0.8, "rule"), role, cues, mask)
            found.append(
                replace(
                    child,
                    heading=unit.heading,
                    list_id=unit.list_id,
                    list_position=unit.position,
                    list_marker=unit.marker,
                    parent=parent,
                )
            )
    return found


# ---------------------------------------------------------------------------------------------------- told twice


COMPARED = 200
"""Findings that a new one is compared with: more than any article of findings-gold has (72), and a bound on hostile pages."""
SAME = 0.8
"""From this share of common words on two findings of one role say the same."""


def _merged(findings: list[Finding], decisions: Sequence[Decision]) -> list[Finding]:
    """One finding for a fact told twice: the later places go to its `also`."""
    texts = {}
    for decision in decisions:
        texts[decision.unit.start, decision.unit.end] = decision.unit.text
    kept: list[Finding] = []
    new_place: dict[int, int] = {}
    seen: dict[tuple[str, frozenset[str]], int] = {}
    recent: deque[tuple[str, frozenset[str], int]] = deque(maxlen=COMPARED)
    for index, finding in enumerate(findings):
        words = frozenset(_WORDS.findall(texts.get((finding.start, finding.end), finding.label).lower()))
        group = finding.role.value
        twin = seen.get((group, words), -1)
        if twin < 0 and len(words) >= 5:
            for other_group, other_words, place in recent:
                if other_group == group and _alike(words, other_words):
                    twin = place
                    break
        if twin >= 0 and finding.list_id >= 0 and kept[twin].list_id == finding.list_id:
            twin = -1  # two items of one list are two findings
        if twin >= 0:
            kept[twin] = replace(kept[twin], also=(*kept[twin].also, (finding.start, finding.end)))
            new_place[index] = twin
            continue
        new_place[index] = len(kept)
        seen.setdefault((group, words), len(kept))
        recent.append((group, words, len(kept)))
        kept.append(finding)
    return [replace(f, parent=new_place[f.parent]) if f.parent >= 0 else f for f in kept]


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    common = len(one & other)
    return common >= SAME * (len(one) + len(other) - common)
