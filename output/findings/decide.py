"""Which role each sentence and item has: the list as a whole first, from lead-in, heading and the vote of its items; then prose."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cleaning.sentences import sentences

from .cues import OTHER, Cues
from .features import CLASSES, CONTINUES, ROLES, Floats
from .finding import GROUPS, Role
from .model import Model
from .units import Unit, tokens_of

_STOP = re.compile(r"[.!?] ")


@dataclass(slots=True)
class Decision:
    """A unit and the role it was given; None: it states nothing."""

    unit: Unit
    role: Role | None
    confidence: float
    decided_by: str
    secondary: Role | None = None
    continues: bool = False
    """It goes on with the finding before it."""


_ADVICE_NAMES = frozenset(role.value for role in Role if GROUPS[role] == "advice")
_ADVICE = [ROLES.index(role.value) for role in Role if GROUPS[role] == "advice"]
_CARE = [ROLES.index(role) for role in (Role.TREATMENT, Role.SELF_CARE, Role.PREVENTION)]
_CONTINUES_AT = CLASSES.index(CONTINUES)
_OTHER_AT = ROLES.index(OTHER)
_PREVENTION_AT, _SELF_CARE_AT = ROLES.index(Role.PREVENTION), ROLES.index(Role.SELF_CARE)
LEAD_WORD = 2.0
LEAD_LOOKALIKE = 8.0
LOOKALIKES = frozenset([Role.SEE_DOCTOR.value, Role.COMPLICATION.value, Role.DIAGNOSIS.value])
"""Lists whose items look like another role's: "Call a doctor if:" is followed by symptoms."""
LEAD_SENTENCE = 2.0
HEADING_WORD = 4.0
"""What a lead-in's and a heading's own wording add to the votes of a list: a lead-in is overruled by items that are of one mind, a
heading sooner, a lead-in that is a whole sentence sooner still. These and the numbers below were moved one after the other on our own articles and MedQuAD's labelled documents, read
with weights that had not seen the author or the source: macro F1 .672 to .682 and .692 to .701 at the first round, lists right .891 to .911 and .823 to .828; with the weights of
today LEAD_WORD 3 to 2 and SWITCH 1 to 1.5: .785 to .787 and .699 to .703, the other numbers moved by a third change less."""
HEADING_EACH = 1.5
LEAD_EACH = 1.0
REACH = 3
SWITCH = 1.5
"""The same for each of a list's first REACH items, and what a change of role within a list costs: where a second list has grown on to
the first ("Reasons", then advice), its items are no longer under the heading. (With the weights of part a alone, out of fold: items
right .873 with no end to the reach, .892 with 3 or 4. HEADING_EACH 2, 1.5 and 1, NIDDK left out: macro F1 .734, .736, .736.)"""
KIN = 0.8
KIN_PROSE = 0.6
"""How much of their shares kinds of advice lend each other, in lists and in prose: an item that may be self-care or prevention is advice.
(With the weights of part a alone, out of fold: items right .840 without, .873 with .6; F1 of advice in MedQuAD's labelled documents .707, .716. In lists
see_doctor is not lent to: its F1 in part a .822, else .777.)"""
RATHER_CARE = 0.6
"""Prose that is so nearly as likely self-care as prevention is self-care: most advice is for those who have it. (.8 and .6, sources and authors left out: F1 of advice the
same, precision of prevention .54 and .55, .80 and .82, recall of self-care .56 and .57, .88 and .88.)"""
CALLS = 0.8
"""From this share on an item among other advice tells when to see a doctor."""
FLOOR = 0.03
"""Added to each share, so that one sure item does not outvote a list."""
DISSENT = 0.85
"""From this share on an item of a list is believed against its list (a list whose items differ in role)."""
DISSENT_HEADING = 0.97
"""The same under a heading that tells the role; never against a lead-in."""
ANNOUNCED = 0.86
CONTESTED = 2
"""How often an item is right in role and span where a heading or lead-in settled its list, which the votes take for certain (out of
fold 95 % of 329 items of part a, 83 % of 950 in MedQuAD's labelled documents), and how fast that falls where the items' own votes pull
the other way."""
SECONDARY_EVIDENCE = 1.6
"""The weight that makes a cue a strong one. Set by hand."""
INTRODUCTION = 0.7
"""A sentence of the paragraph that ends in a list's lead-in or in a question must be this sure: most only lead up to the list or the answer."""
PROSE = 0.35
"""The share that makes a sentence of prose a finding. (.30 to .40, sources and authors left out: macro F1 within .003.)"""
PROSE_SYMPTOM = 0.43
"""The same for a symptom. (.35, .42 and .5, NIDDK left out: F1 of symptoms .828, .833, .837; .43 for the demo, where .5 finds six of 172 fewer and .42 is wrong more often.)"""
PROSE_BESIDE_LIST = 0.5
"""And for a cause on a page that lists its causes under a heading or lead-in. (Set for the seed page, where it keeps an
anecdote out; on the dev third and part a's held-out families the macro F1 moves by less than a point.)"""
DEFINES = 0.7
"""And for a cause that a definition names ("… is a disorder caused by …"), if the list of causes stands under another heading. (NIDDK and NHLBI left out, of the sentences of which this decides:
24 of 30 from .7 on are causes, 10 of 37 below.)"""
WITHOUT_EVIDENCE = 0.4
"""Prose that shows no cue of its role must be this sure. (.4, .5 out of fold: F1 of cause in MedQuAD's labelled documents .625, .632,
in part a .762, .736.)"""
STATED = 0.12
"""Prose that says it outright (a cue that `states` its role) need not be so sure. (.12 to .35, sources and authors left out: macro F1 within .001; chosen for "The most common
cause is being overtired.")"""
CUE_TEMPERATURE = 1.0
CUE_PRIOR = 1.4
"""Without a model: what a sentence's cues must beat, as weight for "other", and what an item without a cue adds to the role its list is announced as."""
CUE_THRESHOLD = 0.6


def decide(units: Sequence[Unit], cues: Cues, model: Model | None) -> list[Decision]:
    """Give each unit its role; by cues alone where there is no model for the language."""
    if not units:
        return []
    shares = model.read(units, cues) if model is not None else _cue_shares(units, cues)
    prose = _in_prose(shares)
    in_lists = _pooled(shares)
    votes = np.log(in_lists[:, :_CONTINUES_AT] + FLOOR)
    alone = _alone(shares)
    place = {id(unit): number for number, unit in enumerate(units)}
    settled: dict[int, tuple[str, float, str]] = {}
    decisions: list[Decision] = []
    for number, unit in enumerate(units):
        if unit.item and unit.aside and unit.lead_role in ("", OTHER):
            decided = Decision(unit, None, 1.0, "heading")
        elif unit.item and _states_nothing(unit, cues):
            decided = Decision(unit, None, 1.0, "rule")
        elif unit.item:
            if number not in settled:
                members = [place[id(member)] for member in unit.siblings]
                settled.update(
                    zip(members, _roles_in_list(unit, in_lists[members], votes[members]), strict=True)
                )
            decided = _item(unit, alone[number], settled[number], cues)
        else:
            previous = decisions[-1] if decisions else None
            decided = _sentence(unit, prose[number], previous, cues, learned=model is not None)
            if (decided.role or decided.continues) and _states_nothing(unit, cues):
                decided = Decision(unit, None, 1.0, "rule")
        decisions.append(decided)
    return _beside_lists(decisions, cues)


def _states_nothing(unit: Unit, cues: Cues) -> bool:
    """Whether a sentence, or an item's first, is a pointer, an open question or no words at all."""
    if not any(map(str.isalpha, unit.text)):
        return True
    found = cues.never.search(unit.masked)
    return found is not None and not (unit.item and _STOP.search(unit.masked, 0, found.start()))


def _cue_shares(units: Sequence[Unit], cues: Cues) -> Floats:
    """Shares out of the cues' hand-set weights; an item without a cue says what its list is announced as, else nothing."""
    table = np.zeros((len(units), len(CLASSES)), np.float32)
    for number, unit in enumerate(units):
        votes = cue_votes(_shown(unit, cues), cues)
        for role, weight in votes.items():
            table[number, ROLES.index(role)] = weight
        if not unit.item:
            table[number, _OTHER_AT] += CUE_PRIOR
            if unit.heading_role:
                table[number, ROLES.index(unit.heading_role)] += 1.2
        elif not any(votes.values()):
            table[number, ROLES.index(_announced_as(unit.siblings[0]))] = CUE_PRIOR
    table[:, _CONTINUES_AT] = -9.0
    exps = np.exp(table / CUE_TEMPERATURE)
    shares: Floats = exps / exps.sum(axis=1, keepdims=True)
    return shares


def _announced_as(first: Unit) -> str:
    """The role that a list's lead-in or heading tells, "other" if neither tells one."""
    return first.lead_role or (first.heading_role if _tells(first) else OTHER)


def _shown(unit: Unit, cues: Cues) -> int:
    """A unit's cues; of an item with a label those in it and the sentence behind it: later ones may tell what to do about it."""
    if not unit.item or unit.label_end < 0:
        return unit.cues
    label = unit.label_end - unit.start
    end = next((end for _, end in sentences(unit.masked) if end > label + 1), len(unit.masked))
    opening = unit.masked[:end]
    return unit.cues & cues.finder.find(opening, tokens_of(opening))


def cue_votes(shown: int, cues: Cues) -> dict[str, float]:
    """What these cues say for each role."""
    votes = dict.fromkeys(ROLES, 0.0)
    for cue in cues.finder.shown(shown):
        votes[cue.role] += cue.weight
    return votes


# ---------------------------------------------------------------------------------------------------- lists


def _roles_in_list(first: Unit, members: Floats, votes: Floats) -> list[tuple[str, float, str]]:
    """For each item of a list its role, how sure that is, and what settled it, by the items' pooled shares and the votes that these make.

    One role for all where a lead-in announces it; else the likeliest row of roles when each change of role costs SWITCH (a list that
    goes on from causes to advice, or whose items differ).
    """
    announced = bool(first.lead_role) and not first.lead_in.endswith((".", "。", "!", "！"))
    if not announced and len(members) >= 3:
        path = _path(votes, first)
        if len(set(path)) > 1:
            return [
                (
                    ROLES[role],
                    float(members[[n for n, other in enumerate(path) if other == role], role].mean()),
                    "list_vote",
                )
                for role in path
            ]
    role, confidence, by = _list_role(first, votes, announced=announced)
    return [(role, confidence, by)] * len(members)


def _pooled(shares: Floats) -> Floats:
    """Shares where treatment, self-care and prevention lend each other KIN of theirs: is it advice, before which advice."""
    lent = shares.copy()
    care = shares[:, _CARE]
    lent[:, _CARE] += KIN * (care.sum(axis=1, keepdims=True) - care)
    return lent


def _alone(shares: Floats) -> list[tuple[int, float]]:
    """For each unit its best class but "continues", and the share of that, whatever its list says."""
    own = shares[:, :_CONTINUES_AT]
    return list(zip(own.argmax(axis=1).tolist(), own.max(axis=1).tolist(), strict=True))


def _path(votes: Floats, first: Unit) -> list[int]:
    """The best row of roles, by dynamic programming."""
    scores = votes.copy()
    for role, word in (
        (first.heading_role if _tells(first) else "", HEADING_EACH),
        (first.lead_role, LEAD_EACH),
    ):
        if role:
            scores[:REACH, ROLES.index(role)] += word
    each: list[int] = scores.argmax(axis=1).tolist()
    if len(set(each)) == 1:  # all of one mind: no change of role pays
        return each
    total = scores[0].copy()
    back = np.zeros(scores.shape, np.int64)
    for number in range(1, len(scores)):
        best = int(total.argmax())
        change = total[best] - SWITCH
        back[number] = np.where(total >= change, np.arange(len(total)), best)
        total = np.maximum(total, change) + scores[number]
    path = [int(total.argmax())]
    for number in range(len(scores) - 1, 0, -1):
        path.append(int(back[number, path[-1]]))
    return path[::-1]


def _tells(first: Unit) -> bool:
    """Whether the heading of a list says what it is: not where another list stood under it first, where it opens no role ("10 points"), or has
    its role from the heading above it."""
    return first.fresh and not first.inherited and first.heading_role not in ("", OTHER)


def _list_role(first: Unit, shares: Floats, *, announced: bool) -> tuple[str, float, str]:
    votes = shares.mean(axis=0) * min(len(shares), 3) ** 0.5
    alone = int(votes.argmax())
    if first.lead_role:
        role = first.lead_role
        votes[ROLES.index(role)] += (
            (LEAD_LOOKALIKE if role in LOOKALIKES else LEAD_WORD) if announced else LEAD_SENTENCE
        )
        if announced and role != OTHER:
            votes[_OTHER_AT] -= LEAD_SENTENCE
    if _tells(first):
        votes[ROLES.index(first.heading_role)] += HEADING_WORD * (0.3 if first.lead_role else 1.0)
    exps = np.exp(votes - votes.max())
    best = int(votes.argmax())
    role = ROLES[best]
    if role == first.lead_role:
        by = "lead_in"
    elif role == first.heading_role and _tells(first):
        by = "heading"
    else:
        by = "list_vote" if best == alone else "rule"
    kin = _ADVICE if role in _ADVICE_NAMES else [best]
    return role, float(exps[kin].sum() / exps.sum()), by


def _item(unit: Unit, alone: tuple[int, float], settled: tuple[str, float, str], cues: Cues) -> Decision:
    """Between what the item is by itself and what its list settles."""
    own, share = alone
    role, confidence, by = settled
    if (
        by != "lead_in"
        and ROLES[own] != role
        and share >= (DISSENT if by == "list_vote" else DISSENT_HEADING)
    ):
        role, confidence, by = ROLES[own], share, "model"
    if role in _ADVICE_NAMES and ROLES[own] == Role.SEE_DOCTOR and share >= CALLS:
        role = ROLES[own]
    if role == OTHER or (role == Role.CAUSE and unit.cues & cues.finder.bit.get("unknown_cause", 0)):
        return Decision(unit, None, confidence, by)
    primary = Role(role)
    if by in ("lead_in", "heading"):
        if unit.leads and role in _ADVICE_NAMES:  # "Relief:", "1. Diet", and what to eat below it
            return Decision(unit, None, confidence, by)
        confidence = ANNOUNCED * confidence**CONTESTED
    return Decision(unit, primary, confidence, by, _secondary(primary, unit, cues))


def _secondary(primary: Role, unit: Unit, cues: Cues) -> Role | None:
    """A cause inside a piece of advice, advice inside a cause: what a strong cue in the item's words also says."""
    rival = {"cause": "advice", "advice": "cause"}.get(GROUPS[primary])
    if rival is None:
        return None
    found = [
        cue
        for cue in cues.finder.shown(unit.cues)
        if cue.role != OTHER and cue.weight >= SECONDARY_EVIDENCE and GROUPS[Role(cue.role)] == rival
    ]
    return Role(max(found, key=lambda cue: cue.weight).role) if found else None


# ---------------------------------------------------------------------------------------------------- prose


def _in_prose(shares: Floats) -> list[tuple[int, float, float, float]]:
    """For each unit its best role, and the shares of that role, of "other" and of "continues"."""
    pooled = shares[:, :_OTHER_AT].copy()
    advice = shares[:, _ADVICE]
    pooled[:, _ADVICE] += KIN_PROSE * (advice.sum(axis=1, keepdims=True) - advice)
    best = pooled.argmax(axis=1)
    care = (best == _PREVENTION_AT) & (shares[:, _SELF_CARE_AT] >= RATHER_CARE * shares[:, _PREVENTION_AT])
    best[care] = _SELF_CARE_AT
    share = np.minimum(pooled[np.arange(len(best)), best], 1.0)
    columns = (best, share, shares[:, _OTHER_AT], shares[:, _CONTINUES_AT])
    return list(zip(*(column.tolist() for column in columns), strict=True))


def _sentence(
    unit: Unit,
    shares: tuple[int, float, float, float],
    previous: Decision | None,
    cues: Cues,
    *,
    learned: bool,
) -> Decision:
    best, share, other, continues = shares
    if unit.leads or unit.text.endswith(("?", "？")):
        return Decision(unit, None, other, "rule")
    if previous is not None and not (
        (previous.role is not None or previous.continues)
        and previous.unit.paragraph == unit.paragraph
        and not previous.unit.item
    ):
        previous = None
    if previous and continues > max(share, other) and not _turns(unit, previous, cues):
        return Decision(unit, None, continues, "model", continues=True)
    needed = PROSE if learned else CUE_THRESHOLD
    if ROLES[best] == Role.SYMPTOM:
        needed = max(needed, PROSE_SYMPTOM)
    if cues.evidence.get(ROLES[best], unit.cues) & unit.cues == 0:
        needed = max(needed, WITHOUT_EVIDENCE)
    elif cues.finder.states.get(ROLES[best], 0) & unit.cues:
        needed = min(needed, STATED)
    if cues.finder.bit.get("unknown_cause", 0) & unit.cues and ROLES[best] == Role.CAUSE:
        needed = 1.0
    if unit.siblings[-1].leads or unit.siblings[-1].text.endswith(("?", "？")):
        needed = max(needed, INTRODUCTION)
    if share < needed:
        return Decision(unit, None, other, "model")
    role = Role(ROLES[best])
    if previous and _goes_on(unit, role, previous, cues) and not _turns(unit, previous, cues):
        return Decision(unit, None, share, "model", continues=True)
    return Decision(unit, role, share, "model" if learned else "rule")


def _turns(unit: Unit, previous: Decision, cues: Cues) -> bool:
    """A sentence that denies nothing does not go on with a denial."""
    denies = cues.negation.says.search
    return denies(previous.unit.masked) is not None and denies(unit.masked) is None


def _goes_on(unit: Unit, role: Role, previous: Decision, cues: Cues) -> bool:
    """A sentence of the same role that points back ("This …", "The surgeon …" after "surgery") tells more of the same point."""
    if previous.role is not None and previous.role is not role:
        return False
    if cues.continues.search(unit.masked):
        return True
    tokens = unit.tokens
    return (
        len(tokens) > 2
        and tokens[0] == "the"
        and any(word[:5] == tokens[1][:5] for word in previous.unit.tokens if len(word) > 4)
    )


def _beside_lists(decisions: list[Decision], cues: Cues) -> list[Decision]:
    """Where a page lists its causes, a cause told in prose must be surer; and "X are spasms caused by …" above the list only defines X."""
    causes = [d for d in decisions if d.unit.item and d.role is Role.CAUSE]
    headings = {d.unit.heading for d in causes}
    announced = any(d.decided_by in ("lead_in", "heading") for d in causes)
    definition = cues.finder.bit.get("definition", 0)
    states = cues.finder.states.get(Role.CAUSE.value, 0)
    for decision in decisions:
        if decision.unit.item or decision.role is not Role.CAUSE or not causes:
            continue
        unsure = announced and decision.confidence < PROSE_BESIDE_LIST and not decision.unit.cues & states
        only_defines = decision.confidence < DEFINES or decision.unit.heading in headings
        if unsure or (decision.unit.cues & definition and only_defines):
            decision.role = None
    return decisions
