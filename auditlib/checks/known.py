"""Every check that an entry in expectations/checks may name as its kernel."""

from __future__ import annotations

from . import across, assets, charts, contracts, funds, handover, labour, papers, upfront, vouchers
from .across import Check

CHECKS: dict[str, Check] = {
    **across.CHECKS, **assets.CHECKS, **contracts.CHECKS, **handover.CHECKS, **vouchers.CHECKS, **funds.CHECKS,
    **labour.CHECKS, **papers.CHECKS, **upfront.CHECKS, **charts.CHECKS,
}  # fmt: skip
