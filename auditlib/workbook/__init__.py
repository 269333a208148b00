"""The notebooks' verbs: choose a county, audit it with a bar, and see what came of it, in tables that are safe to show.

A notebook calls these and shows what comes back; nothing is computed in a notebook.
"""

from .acting import ActingBar, acting_person
from .cards import finding_cards, reconciled
from .frames import check_counts, checks, findings, matches, missing_ledgers, organisations, problems, sources
from .intake import IntakeView, unsettled
from .last_audit import NotAudited, at_hand, last_audit
from .places import default_out, default_workspace, find_counties
from .progress import AuditCancelled, Meter, run_with_bar
from .reconcile import ReconcileView
from .second_opinion import second_opinion
from .sheet_grid import excerpt
from .shown import Shown, show
from .start import Section, StartView
from .state import read_state, remember
from .summary import report_link, summary_html, summary_table
from .triage import TriageView
from .village import village

__all__ = [
    "ActingBar", "AuditCancelled", "IntakeView", "Meter", "NotAudited", "ReconcileView", "Section", "Shown", "StartView",
    "TriageView", "acting_person", "at_hand", "check_counts", "checks", "default_out", "default_workspace", "excerpt",
    "find_counties", "finding_cards", "findings", "last_audit", "matches", "missing_ledgers", "organisations", "problems",
    "read_state", "reconciled", "remember", "report_link", "run_with_bar", "second_opinion", "show", "sources", "summary_html",
    "summary_table", "unsettled", "village",
]  # fmt: skip
