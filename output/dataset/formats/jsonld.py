"""JSON-LD in schema.org's words: a MedicalWebPage an article, its findings as HealthTopicContent and as properties of the condition.

The nesting follows the NHS content API. A cause here is what the page claims, never a fact: `citation` on the condition names the page.
Validated against schema.org 30.0's definitions: primaryPrevention takes MedicalTherapy and not LifestyleModification, and a see_doctor list
has no property of the condition at all.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..selection import Selection
from .jsonl import open_gzip, to_json

_ASPECT = {
    "cause": "CausesHealthAspect",
    "risk_factor": "CausesHealthAspect",
    "symptom": "SymptomsHealthAspect",
    "treatment": "TreatmentsHealthAspect",
    "self_care": "SelfCareHealthAspect",
    "prevention": "PreventionHealthAspect",
    "see_doctor": "SeeDoctorHealthAspect",
    "complication": "RisksOrComplicationsHealthAspect",
    "diagnosis": "ScreeningHealthAspect",
}
_PROPERTY = {
    "cause": ("cause", "MedicalCause"),
    "risk_factor": ("riskFactor", "MedicalRiskFactor"),
    "symptom": ("signOrSymptom", "MedicalSymptom"),
    "treatment": ("possibleTreatment", "MedicalTherapy"),
    "self_care": ("possibleTreatment", "LifestyleModification"),
    "prevention": ("primaryPrevention", "MedicalTherapy"),
    "complication": ("possibleComplication", ""),
    "diagnosis": ("typicalTest", "MedicalTest"),
}
_HEADLINE = {
    "cause": "Causes",
    "risk_factor": "Risk factors",
    "symptom": "Symptoms",
    "treatment": "Treatment",
    "self_care": "Self-care",
    "prevention": "Prevention",
    "see_doctor": "When to see a doctor",
    "complication": "Complications",
    "diagnosis": "Diagnosis",
}
_AUDIENCE = {"parents": "ParentAudience", "professionals": "MedicalAudience", "patients": "Patient"}


def write_jsonld(selection: Selection, folder: Path) -> None:
    """Write articles.jsonld.gz: one document, its @graph a page a line."""
    with open_gzip(folder / "articles.jsonld.gz") as file:
        file.write(b'{"@context":"https://schema.org","@graph":[')
        first = True
        for row in selection.rows("articles"):
            if row["status"] == "gone":
                continue
            file.write((b"\n" if first else b",\n") + to_json(as_web_page(row)))
            first = False
        file.write(b"\n]}\n")


def as_web_page(row: Mapping[str, Any]) -> dict[str, Any]:
    """An articles row as a MedicalWebPage."""
    findings = [*row["causes"], *row["symptoms"], *row["advice"], *row["other"]]
    by_role: dict[str, list[Mapping[str, Any]]] = {}
    for finding in findings:
        by_role.setdefault(finding["role"], []).append(finding)
    page = {
        "@type": "MedicalWebPage",
        "@id": row["url"],
        "url": row["url"],
        "identifier": row["article_id"],
        "name": row["title"],
        "inLanguage": row["language"],
        "author": {"@type": "Person", "name": row["author"]} if row["author"] else None,
        "publisher": {"@type": "Organization", "name": row["publisher"]} if row["publisher"] else None,
        "datePublished": row["date_published"],
        "dateModified": row["date_modified"],
        "lastReviewed": row["last_reviewed"] and row["last_reviewed"].date().isoformat(),
        "license": row["license"],
        "audience": {
            "@type": _AUDIENCE.get(row["audience"] or "", "Audience"),
            "audienceType": row["audience"],
        }
        if row["audience"]
        else None,
        "about": _condition(row, by_role),
        "hasPart": [_part(role, items) for role, items in by_role.items()],
    }
    return {key: value for key, value in page.items() if value not in (None, [], {})}


def _condition(
    row: Mapping[str, Any], by_role: Mapping[str, list[Mapping[str, Any]]]
) -> dict[str, Any] | None:
    if not row["topic"]:
        return None
    condition: dict[str, Any] = {
        "@type": "MedicalCondition",
        "name": row["topic"],
        "citation": row["url"],
    }
    if row["alternate_names"]:
        condition["alternateName"] = row["alternate_names"]
    for role, items in by_role.items():
        if role not in _PROPERTY:
            continue
        name, kind = _PROPERTY[role]
        values = [
            {
                "@type": kind,
                "name": item["label"] or item["text"],
                "description": item["text"],
                "identifier": item["finding_id"],
            }
            if kind
            else item["label"] or item["text"]
            for item in items
        ]
        condition.setdefault(name, []).extend(values)
    return condition


def _part(role: str, items: list[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "@type": "HealthTopicContent",
        "headline": _HEADLINE[role],
        "hasHealthAspect": f"https://schema.org/{_ASPECT[role]}",
        "hasPart": [
            {"@type": "WebPageElement", "identifier": item["finding_id"], "text": item["text"]}
            for item in items
        ],
    }
