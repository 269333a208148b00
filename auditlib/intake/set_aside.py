"""Rows of a ledger that cannot be used: they are kept with the reason, shown, and named in every total that they could change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..catalog.specs import LedgerSpec
from ..words.records import RowSetAside
from .blocks import Block
from .cell_kinds import is_blank
from .sheets import RawSheet
from .values import BLANK, raw_text

if TYPE_CHECKING:
    from .values import Typed

NO_ORGANISATION, NOTHING, VOIDED = "set_aside.no_organisation", "set_aside.nothing", "set_aside.voided"  # keys of the message catalogue
_ROW, _CELL = 300, 60  # characters of a row and of a cell that are kept


def rows_without_use(
    spec: LedgerSpec, block: Block, typed: Mapping[str, Typed], org_codes: Sequence[str], raw: Mapping[str, Sequence[Any]]
) -> dict[int, str]:
    """Position in the data -> why the row cannot be used, in the order of the sheet.

    Either nobody owns it (neither column, head, file nor folder names an organisation of the register), or all cells of the
    ledger's own columns are blank, so that there is nothing to test: what it says stands in columns that are not read; or the
    software marks the voucher as void (作废), so that it was never posted.
    """
    found = dict.fromkeys(_empty(spec, typed, raw), NOTHING)
    if "voided" in raw and "voided" in typed:
        found |= {i: VOIDED for i, void in enumerate(typed["voided"].values.to_pylist()) if void}
    found |= {i: NO_ORGANISATION for i, code in enumerate(org_codes) if not code}
    return dict(sorted(found.items()))


def _empty(spec: LedgerSpec, typed: Mapping[str, Typed], raw: Mapping[str, Sequence[Any]]) -> list[int]:
    import numpy as np

    own = [n for n in raw if n in spec.fields and n != "org_code"]
    told = [n for n in own if not spec.fields[n].blank_is_nil]  # a blank amount of a journal reads as nought
    if not told:
        return []
    blank = np.logical_and.reduce([typed[n].status.to_numpy(zero_copy_only=False) == BLANK for n in told])
    return [int(i) for i in np.flatnonzero(blank) if all(is_blank(raw[n][i]) for n in own)]


def row_set_aside(sheet: RawSheet, row: int, reason: str) -> RowSetAside:
    """The record of one row, with its filled cells as they stand."""
    cells = [" ".join(raw_text(c).split())[:_CELL] for c in sheet.rows[row] if not is_blank(c)]
    return RowSetAside(row + 1, reason, " | ".join(cells)[:_ROW])
