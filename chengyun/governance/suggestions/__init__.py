"""Suggestions, never silent decisions: matter, department, duplicates, similar cases.

Each comes with a confidence and a reason. A suggester that fails gives nothing and a note;
it never stops a report.
"""

from chengyun.governance.suggestions.facade import (
    Note,
    Suggestions,
    matters_for_report,
    suggest,
)
from chengyun.governance.suggestions.matters import MatterSuggestion, suggest_matters
from chengyun.governance.suggestions.subject import Subject

__all__ = [
    "MatterSuggestion",
    "Note",
    "Subject",
    "Suggestions",
    "matters_for_report",
    "suggest",
    "suggest_matters",
]
