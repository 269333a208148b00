"""All that the books of a county show of its ledgers, beside the run: computed once, then only read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..catalog.specs import Catalog
from ..checks.charts import of_other_chart
from ..checks.frames import Frames
from ..checks.roles import NoAccounts, chart_of
from ..words.errors import WorkspaceError
from ..words.records import AuditRun
from .balance_overview import AccountLine, trial_balances
from .handover_status import HandoverItem, handover_items
from .ledger_figures import LedgerFigures, ledger_figures


@dataclass(frozen=True, slots=True)
class CountyFigures:
    """By organisation, but for `periods` (by source)."""

    ledgers: Mapping[str, tuple[LedgerFigures, ...]]
    periods: Mapping[int, tuple[str, str]]  # first and last day, or year
    balances: Mapping[str, tuple[AccountLine, ...]]  # trial balance of the audited year
    chart: str  # version of the chart of collectives in force that year, '' before the first
    other_charts: Mapping[str, str]  # name of the other system that the books follow
    handover: Mapping[str, tuple[HandoverItem, ...]]


def county_figures(frames: Frames) -> CountyFigures:
    """The figures of all ledgers that `frames` holds. Raises CatalogError for a description of figures that is wrong."""
    ledgers, periods = ledger_figures(frames)
    return CountyFigures(
        ledgers, periods, trial_balances(frames), _chart(frames), of_other_chart(frames), handover_items(frames)
    )  # fmt: skip


def _chart(frames: Frames) -> str:
    try:
        return str(chart_of(frames.catalog, frames.settings.fiscal_year)["version"])
    except NoAccounts:
        return ""


def kept_figures(run: AuditRun, catalog: Catalog, out: Path) -> CountyFigures | None:
    """The figures of the ledgers that the last audit left in `out`; None where it left none."""
    from .kept_ledgers import open_kept_ledgers

    try:
        with open_kept_ledgers(run, catalog, out) as frames:
            return county_figures(frames)
    except WorkspaceError:
        return None
