"""`auditlib issues`: one module a kind of command; each puts its commands on `issues_app` when it is imported."""

from __future__ import annotations

from . import excel, intake, keeping, letters, listing, people, scoring, steps
from .call import aligned, issues_app, shown, width

__all__ = ["aligned", "excel", "intake", "issues_app", "keeping", "letters", "listing", "people", "scoring", "shown", "steps", "width"]
