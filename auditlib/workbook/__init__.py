"""The notebooks' verbs: choose a county, audit it with a bar, and see what came of it, in tables that are safe to show.

A notebook calls these and shows what comes back; nothing is computed in a notebook.
"""

from .cards import finding_cards, reconciled
from .frames import check_counts, checks, findings, matches, organisations, problems, sources
from .intake import IntakeView, unsettled
from .places import default_out, default_workspace, find_counties
from .progress import AuditCancelled, Meter, run_with_bar
from .second_opinion import second_opinion
from .sheet_grid import excerpt
from .shown import Shown, show
from .start import StartView
from .summary import report_link, summary_html, summary_table
from .village import village

__all__ = [
    "AuditCancelled", "IntakeView", "Meter", "Shown", "StartView", "check_counts", "checks", "default_out", "default_workspace",
    "excerpt", "find_counties", "finding_cards", "findings", "matches", "organisations", "problems", "reconciled", "report_link",
    "run_with_bar", "second_opinion", "show", "sources", "summary_html", "summary_table", "unsettled", "village",
]  # fmt: skip
