"""Which role each sentence and item has: heading, lead-in, the vote of the list, cues."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp

from .cues import OTHER, Cues
from .finding import GROUPS, Role
from .units import Unit

ROLES = (*(role.value for role in Role), OTHER)


@dataclass(slots=True)
class Decision:
    """A unit and the role it was given; None: it states nothing."""

    unit: Unit
    role: Role | None
    confidence: float
    decided_by: str
    secondary: Role | None = None


LEAD_VOTES = 4.0
HEADING_VOTES = 3.0
"""A lead-in's and a heading's word against cues of weight about 2 an item; set by hand on our own examples."""
OTHER_PRIOR = 1.4
"""What a sentence's cues must beat to be taken for a finding."""


SENTENCE_EVIDENCE = 2.0
SENTENCE_CONFIDENCE = 0.6
"""Prose is a finding only on a strong cue that has no rival; set by hand on our own examples."""


def cue_votes(unit: Unit, cues: Cues) -> dict[str, float]:
    """What the cues inside a unit say for each role."""
    votes = dict.fromkeys(ROLES, 0.0)
    for cue in cues.cues:
        if cue.pattern.search(unit.masked):
            votes[cue.role] += cue.weight
    return votes


def decide(units: Sequence[Unit], cues: Cues) -> list[Decision]:
    """Give each unit its role, lists as a whole first."""
    votes = [cue_votes(unit, cues) for unit in units]
    by_unit = {id(unit): vote for unit, vote in zip(units, votes, strict=True)}
    lists: dict[int, tuple[str, float, str]] = {}
    decisions = []
    for unit, vote in zip(units, votes, strict=True):
        if unit.item:
            if unit.list_id not in lists:
                lists[unit.list_id] = _list_role(unit.siblings, by_unit)
            decisions.append(_item(unit, vote, *lists[unit.list_id]))
        else:
            decisions.append(_sentence(unit, vote))
    return _without_definitions(decisions, by_unit)


def _without_definitions(decisions: list[Decision], votes: dict[int, dict[str, float]]) -> list[Decision]:
    """ "X are spasms caused by …" defines X; where the page goes on to list the causes, the list is what it claims."""
    if any(d.unit.item and d.role is Role.CAUSE for d in decisions):
        for decision in decisions:
            if decision.role is Role.CAUSE and not decision.unit.item and votes[id(decision.unit)][OTHER] > 0:
                decision.role = None
    return decisions


def _list_role(members: Sequence[Unit], votes: dict[int, dict[str, float]]) -> tuple[str, float, str]:
    first = members[0]
    total = {role: sum(votes[id(unit)][role] for unit in members) / len(members) for role in ROLES}
    by = "list_vote"
    if first.lead_role:
        total[first.lead_role] += LEAD_VOTES
    if first.heading_role:
        total[first.heading_role] += HEADING_VOTES if first.fresh and not first.lead_role else 0.5
    best = max(total, key=lambda role: total[role])
    if best == first.lead_role:
        by = "lead_in"
    elif best == first.heading_role and first.fresh:
        by = "heading"
    weights = {role: exp(value) for role, value in total.items()}
    return best, weights[best] / sum(weights.values()), by


def _item(unit: Unit, vote: dict[str, float], role: str, confidence: float, by: str) -> Decision:
    if role == OTHER:
        return Decision(unit, None, confidence, by)
    primary = Role(role)
    return Decision(unit, primary, confidence, by, _secondary(primary, vote))


SECONDARY_EVIDENCE = 2.0
"""One strong cue. Set by hand."""


def _secondary(primary: Role, vote: dict[str, float]) -> Role | None:
    """A cause inside a piece of advice, advice inside a cause: what else the item's words say."""
    rival = {"cause": "advice", "advice": "cause"}.get(GROUPS[primary])
    candidates = [role for role in Role if GROUPS[role] == rival and vote[role] >= SECONDARY_EVIDENCE]
    return max(candidates, key=lambda role: vote[role], default=None)


def _sentence(unit: Unit, vote: dict[str, float]) -> Decision:
    total = dict(vote)
    total[OTHER] += OTHER_PRIOR
    if unit.heading_role:
        total[unit.heading_role] += 1.2
    best = max(total, key=lambda role: total[role])
    weights = {role: exp(value) for role, value in total.items()}
    confidence = weights[best] / sum(weights.values())
    if (
        best == OTHER
        or vote[best] < SENTENCE_EVIDENCE
        or confidence < SENTENCE_CONFIDENCE
        or unit.text.endswith(("?", "？"))
    ):
        return Decision(unit, None, confidence, "rule")
    return Decision(unit, Role(best), confidence, "rule")
