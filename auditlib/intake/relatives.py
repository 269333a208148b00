"""Near relatives beside the cadre whose they are, on one line (本人 姓名 职务 | 近亲属 姓名 关系), as 报备表 are filled in.

Each such line is read as the cadre, once, and as the relative. Which fields these are is data, expectations/words/folds.yaml.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..words.records import ColumnUse
from .cell_kinds import is_blank
from .layout import Block
from .postings import Postings
from .values import raw_text, squeeze


def relatives_beside(
    block: Block, raw: Mapping[str, Sequence[Any]], uses: Sequence[ColumnUse], fold: Mapping[str, Any] | None, owners: Sequence[str]
) -> Postings | None:
    """The lines as persons; None where the table has no column of relatives. Further relatives of a cadre leave the cadre's cells blank
    or repeat them. `fold`: the ledger's entry under `relatives`; `owners`: the fields that say whose a line is."""
    if fold is None or fold["name"] not in raw or fold["relative"]["name"] not in raw:
        return None
    beside: Mapping[str, str] = fold["relative"]
    own = [fold["name"], *(n for n in beside if n in raw and n != fold["name"])]
    told = [tuple(squeeze(raw_text(raw[n][i])) for n in own) for i in range(len(block.data))]
    persons: list[tuple[int, int | None]] = []  # line of the cadre, line of the relative
    cadre = -1
    for i, cells_of_cadre in enumerate(told):
        if cells_of_cadre[0] and (cadre < 0 or cells_of_cadre != told[cadre]):
            cadre = i
            persons.append((i, None))
        if not is_blank(raw[beside["name"]][i]):
            persons.append((cadre, i))
    kept = [n for n in raw if n not in beside.values()]
    cells = {n: [_cell(raw, n, beside, owners, *p) for p in persons] for n in {*kept, *(b for b in beside if beside[b] in raw), fold["of"]}}
    cells[fold["of"]] = [
        (raw[fold["of"]][c] if fold["of"] in raw else "") if r is None else raw[fold["name"]][c] if c >= 0 else "" for c, r in persons
    ]
    columns = tuple(replace(u, field="") if u.field in beside.values() else u for u in uses)
    return Postings(replace(block, data=tuple(block.data[c if r is None else r] for c, r in persons)), cells, columns)


def _cell(
    raw: Mapping[str, Sequence[Any]], name: str, beside: Mapping[str, str], owners: Sequence[str], cadre: int, relative: int | None
) -> Any:
    if relative is None:
        return raw[name][cadre] if name in raw else ""
    if name in owners:
        return raw[name][relative] if cadre < 0 or not is_blank(raw[name][relative]) else raw[name][cadre]
    return raw[beside[name]][relative] if name in beside and beside[name] in raw else ""
