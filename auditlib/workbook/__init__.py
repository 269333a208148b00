"""The notebooks' verbs: choose a county, audit it with a bar, and see what came of it, in tables that are safe to show.

A notebook calls these and shows what comes back; nothing is computed in a notebook. Each name is loaded when it is first used:
a page opens sooner that way.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .acting import ActingBar, acting_person
    from .cards import finding_cards, reconciled
    from .finding_charts import FindingCharts
    from .follow_up import FollowUpView
    from .frames import check_counts, checks, findings, matches, missing_ledgers, organisations, problems, sources
    from .intake import IntakeView, unsettled
    from .issue_board import IssueBoard
    from .last_audit import NotAudited, at_hand, last_audit
    from .places import default_out, default_workspace, find_counties, page_language
    from .progress import AuditCancelled, Meter, run_with_bar
    from .reconcile import ReconcileView
    from .report_view import ReportView
    from .second_look import SecondOpinion, second_opinion
    from .sheet_grid import excerpt
    from .shown import Shown, show
    from .start import Section, StartView
    from .state import read_state, remember
    from .summary import report_link, summary_html, summary_table
    from .triage import TriageView
    from .village_cut import village

_WHERE = {
    "acting": ("ActingBar", "acting_person"),
    "cards": ("finding_cards", "reconciled"),
    "finding_charts": ("FindingCharts",),
    "follow_up": ("FollowUpView",),
    "frames": ("check_counts", "checks", "findings", "matches", "missing_ledgers", "organisations", "problems", "sources"),
    "intake": ("IntakeView", "unsettled"),
    "issue_board": ("IssueBoard",),
    "last_audit": ("NotAudited", "at_hand", "last_audit"),
    "places": ("default_out", "default_workspace", "find_counties", "page_language"),
    "progress": ("AuditCancelled", "Meter", "run_with_bar"),
    "reconcile": ("ReconcileView",),
    "report_view": ("ReportView",),
    "second_look": ("SecondOpinion", "second_opinion"),
    "sheet_grid": ("excerpt",),
    "shown": ("Shown", "show"),
    "start": ("Section", "StartView"),
    "state": ("read_state", "remember"),
    "summary": ("report_link", "summary_html", "summary_table"),
    "triage": ("TriageView",),
    "village_cut": ("village",),
}
_MODULES = {name: module for module, names in _WHERE.items() for name in names}

__all__ = [
    "ActingBar", "AuditCancelled", "FindingCharts", "FollowUpView", "IntakeView", "IssueBoard", "Meter", "NotAudited", "ReconcileView",
    "ReportView", "SecondOpinion", "Section", "Shown", "StartView", "TriageView", "acting_person", "at_hand", "check_counts", "checks",
    "default_out", "default_workspace", "excerpt", "find_counties", "finding_cards", "findings", "last_audit", "matches",
    "missing_ledgers", "organisations", "page_language", "problems", "read_state", "reconciled", "remember", "report_link",
    "run_with_bar", "second_opinion", "show", "sources", "summary_html", "summary_table", "unsettled", "village",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """A verb by its name, from its module; no module is called as a verb, for it would stand in its place."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f".{_MODULES[name]}", __name__), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
