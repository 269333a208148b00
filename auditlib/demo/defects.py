"""Which defects are planted where: one small function a defect, spread over the organisations in turn.

A planting function changes the model and gives the Case, or gives None where the organisation does not
lend itself to it. Those of `defects_books` run before the books are closed, so that all that follows from
the vouchers follows from them too; those of `defects_rows` change what stands on a sheet.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from . import defects_books, defects_rows
from .model import Body, Case, County

Plant = Callable[[County, Body], Case | None]
_BOOKS: tuple[tuple[str, Plant], ...] = tuple(defects_books.PLANTS)
_ROWS: tuple[tuple[str, Plant], ...] = tuple(defects_rows.PLANTS)
RULES = tuple(sorted({rule for rule, _ in (*_BOOKS, *_ROWS)}))
_APART = (frozenset({"D12", "D13"}), frozenset({"F07", "F09"}))  # never in one organisation: one would change the other's amount

_STRIDE = 5  # so that rules that stand beside each other fall to different townships


def plant_books(county: County, wanted: Collection[str] | None) -> list[Case]:
    """Plants what goes into the vouchers; to be called before `county.close`."""
    return _plant(county, _BOOKS, wanted, 0)


def plant_rows(county: County, wanted: Collection[str] | None) -> list[Case]:
    """Plants what goes onto the sheets; to be called after `county.close`."""
    return _plant(county, _ROWS, wanted, len(_BOOKS) * _STRIDE)


def _plant(county: County, plants: Iterable[tuple[str, Plant]], wanted: Collection[str] | None, turn: int) -> list[Case]:
    cases: list[Case] = []
    for rule, plant in plants:
        if wanted is not None and rule not in wanted:
            continue
        cases.append(_first_fit(county, rule, plant, turn, cases))
        turn += _STRIDE
    return cases


def _first_fit(county: County, rule: str, plant: Plant, turn: int, cases: list[Case]) -> Case:
    """Plants at the first organisation from `turn` on that lends itself and does not have the rule yet."""
    n = len(county.bodies)
    for i in range(n):
        body = county.bodies[(turn + i) % n]
        there = {c.rule for c in cases if c.body is body}
        if rule in there or any(rule in pair and there & pair for pair in _APART):
            continue
        case = plant(county, body)
        if case:
            return case
    raise ValueError(f"{rule}: no organisation of the demo county lends itself to it")
