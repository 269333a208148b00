"""`auditlib report`: one module a kind of output; each puts its commands on `report_app` when it is imported."""

from __future__ import annotations

from . import (
    forms,  # noqa: F401 - puts its command on report_app
    leader,  # noqa: F401 - puts its command on report_app
    lists,  # noqa: F401 - puts its command on report_app
    papers,  # noqa: F401 - puts its command on report_app
    pdf,  # noqa: F401 - puts its command on report_app
    publication,  # noqa: F401 - puts its command on report_app
)
from .call import report_app

__all__ = ["report_app"]
