"""A cause, a piece of advice, a symptom … as a span of the article's text."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a span says of the article's condition, in the field's words."""

    CAUSE = "cause"
    RISK_FACTOR = "risk_factor"
    SYMPTOM = "symptom"
    COMPLICATION = "complication"
    DIAGNOSIS = "diagnosis"
    TREATMENT = "treatment"
    SELF_CARE = "self_care"
    PREVENTION = "prevention"
    SEE_DOCTOR = "see_doctor"


GROUPS = {
    Role.CAUSE: "cause",
    Role.RISK_FACTOR: "cause",
    Role.SYMPTOM: "symptom",
    Role.COMPLICATION: "other",
    Role.DIAGNOSIS: "other",
    Role.TREATMENT: "advice",
    Role.SELF_CARE: "advice",
    Role.PREVENTION: "advice",
    Role.SEE_DOCTOR: "advice",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One claim of the page. The evidence is Article.text[start:end]."""

    role: Role
    label: str
    """A few words that name it ("Fatigue")."""
    start: int
    """Half-open, code points, into Article.text; without the list marker."""
    end: int
    heading: str = ""
    lead_in: str = ""
    list_id: int = -1
    """The passage's list; -1 in prose."""
    list_position: int = 0
    list_marker: str = "none"
    """num, bullet, ordinal, label, line or none."""
    polarity: str = "assert"
    """assert or negated for claims; do or avoid for advice."""
    hedge: bool = False
    """The page itself says that it is not sure."""
    confidence: float = 1.0
    """Estimated chance that role and span are right (calibrated: see the model's card)."""
    decided_by: str = "heading"
    """heading, lead_in, list_vote, rule or model."""
    secondary_role: Role | None = None
    """What the same words also say ("eat more magnesium" inside a cause)."""
    parent: int = -1
    """Index, in the list that find() returns, of the finding whose item this one was told in; -1 for none."""
    also: tuple[tuple[int, int], ...] = ()
    """Spans where the page says the same again."""
