"""`auditlib issues`: one module a kind of command; each puts its commands on `issues_app` when it is imported."""

from __future__ import annotations

from . import excel, intake, keeping, letters, listing, people, scoring, steps
from .call import issues_app

__all__ = ["excel", "intake", "issues_app", "keeping", "letters", "listing", "people", "scoring", "steps"]
