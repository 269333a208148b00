"""`auditlib report`: one module a kind of output; each puts its commands on `report_app` when it is imported."""

from __future__ import annotations

from .call import report_app

__all__ = ["report_app"]
