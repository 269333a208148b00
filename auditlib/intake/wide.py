"""Publications that spread one record over a row: months in rows and figures in columns, figures in rows and months in columns,
or two boards side by side (收入项目 | 金额 | 支出项目 | 金额).

月份 | 收入 | 支出 | 结余 says in one line what the register of publications says in three. Which words make a table a publication is
data (expectations/words/publications.yaml); nothing is spread out where no such word and no day of publication stands.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..catalog.specs import Catalog
from ..words.records import ColumnUse
from .layout import PATH, Block, header_key, is_blank, is_number
from .sheets import RawSheet
from .units import unit_in
from .values import parse_date, parse_period, raw_text, squeeze

LEAST_PERIODS = 3  # headers that name periods, for a table with its periods in columns
_UNIT = re.compile(r"[(（][^()（）]*[)）]$")


@dataclass(frozen=True, slots=True)
class Spread:
    """Where a spread-out publication has its parts; one of `period` and `item` is a column, the other stands in the heads."""

    ledger: str
    period: int | None
    item: int | None
    published: int | None
    amounts: tuple[int, ...]  # columns of figures
    unit: str  # of the figures, '' where the heads do not say
    sides: tuple[tuple[int, str], ...] = ()  # of boards side by side the column of items beside each of `amounts`, and what it lists (收入)

    def uses(self, headers: Sequence[str], ignored: frozenset[str]) -> tuple[ColumnUse, ...]:
        """What each column was taken for; the figures have no column of their own in the ledger."""
        named = {self.period: "period", self.item: "item", self.published: "published_on"}
        known = {*self.amounts, *(i for i, _ in self.sides), *(i for i, h in enumerate(headers) if header_key(h) in ignored)}
        return tuple(
            ColumnUse(i, h, named.get(i, "" if i in known else None), 0.9 if i in named or i in known else 0.0)
            for i, h in enumerate(headers)
        )


@dataclass(frozen=True, slots=True)
class Long:
    """The records of a spread-out publication: for each its sheet row and its cells by field."""

    rows: tuple[int, ...]
    cells: Mapping[str, list[Any]]


def find_spread(
    catalog: Catalog, headers: Sequence[str], samples: Sequence[Sequence[Any]], titles: Sequence[str], ignored: frozenset[str]
) -> Spread | None:
    """How a table is spread out, None where it is no publication or has a column of amounts as the register has."""
    words = catalog.words["publications"]
    spec = catalog.ledgers[words["ledger"]]
    keys = [header_key(h.split(PATH)[-1]) for h in headers]
    known = {n: {header_key(h) for h in f.headers} for n, f in spec.fields.items()}
    published = next((i for i, k in enumerate(keys) if k in known["published_on"]), None)
    said = published is not None or any(w in squeeze(t) for t in titles for w in words["marks"])
    if said and (boards := _side_by_side(spec.name, headers, keys, samples, known["amount"], words["figures"])):
        return boards
    if not said or any(k in known["amount"] for k in keys):
        return None
    numeric = [i for i, s in enumerate(samples) if headers[i] and keys[i] not in ignored and i != published and _is_figures(s)]
    periods = [i for i in range(len(headers)) if headers[i] and _is_period(headers[i])]
    if len(periods) >= LEAST_PERIODS:
        item = next((i for i, s in enumerate(samples) if i not in periods and keys[i] not in ignored and _is_texts(s)), None)
        if item is not None:
            return Spread(spec.name, None, item, None, tuple(i for i in periods), _unit_of(headers, periods))
        return None
    period = next((i for i, k in enumerate(keys) if k in known["period"] and _is_texts(samples[i], True)), None)
    figures = [i for i in numeric if i != period]
    if period is None or not figures or not any(w in headers[i] for i in figures for w in words["figures"]):
        return None
    return Spread(spec.name, period, None, published, tuple(figures), _unit_of(headers, figures))


def _side_by_side(
    ledger: str, headers: Sequence[str], keys: Sequence[str], samples: Sequence[Sequence[Any]], amounts: set[str], figures: Sequence[str]
) -> Spread | None:
    """Two or more columns of texts that say whose items they list, each with a column of amounts right of it."""
    found = []
    for i in range(len(headers) - 1):
        word = next((w for w in figures if w in headers[i]), "")
        if word and keys[i + 1] in amounts and not _is_figures(samples[i]) and _is_figures(samples[i + 1]):
            found.append((i, word))
    if len(found) < 2:
        return None
    columns = tuple(i + 1 for i, _ in found)
    return Spread(ledger, None, None, None, columns, _unit_of(headers, columns), tuple(found))


def _is_figures(cells: Sequence[Any]) -> bool:
    filled = [c for c in cells if not is_blank(c)]
    return bool(filled) and sum(map(is_number, filled)) >= 0.8 * len(filled)


def _is_texts(cells: Sequence[Any], months_may_be_numbers: bool = False) -> bool:
    filled = [c for c in cells if not is_blank(c)]
    if months_may_be_numbers and filled and all(_is_period(raw_text(c)) or _is_month(c) for c in filled):
        return True
    return bool(filled) and sum(isinstance(c, str) and not is_number(c) for c in filled) >= 0.8 * len(filled)


def _is_period(text: str) -> bool:
    return any(_period(part) for part in (text.replace(PATH, ""), *text.split(PATH)))


def _period(text: str) -> bool:
    bare = squeeze(_UNIT.sub("", text))
    return not re.fullmatch(r"(19|20)\d{2}", bare) and parse_period(bare, 2000)[0] is not None


def _is_month(cell: Any) -> bool:
    return isinstance(cell, (int, float)) and not isinstance(cell, bool) and cell in range(1, 13)


def _unit_of(headers: Sequence[str], columns: Sequence[int]) -> str:
    units = {unit_in(headers[i]) for i in columns}
    return units.pop() if len(units) == 1 else ""


# ---- the records ---------------------------------------------------------------------------------------------


def spread_out(spread: Spread, sheet: RawSheet, block: Block, published_names: Sequence[str]) -> Long:
    """One record for every figure that is there; blank cells, months to come, are no records."""
    if spread.sides:
        return _from_boards(spread, sheet, block)
    cells: dict[str, list[Any]] = {"period": [], "item": [], "amount": [], "published_on": []}
    rows: list[int] = []
    dates = _dates_row(spread, sheet, block, published_names)
    for row in block.data:
        for column in spread.amounts:
            amount, header = _cell(sheet, row, column), block.headers[column]
            if is_blank(amount) or (spread.item is not None and row == dates[0]):
                continue
            rows.append(row)
            cells["amount"].append(amount)
            if spread.period is not None:
                cells["period"].append(_as_month(_cell(sheet, row, spread.period)))
                cells["item"].append(_UNIT.sub("", squeeze(header.replace(PATH, ""))))
                cells["published_on"].append(_cell(sheet, row, spread.published) if spread.published is not None else "")
            else:
                cells["period"].append(_period_text(header))
                cells["item"].append(_cell(sheet, row, spread.item or 0))
                cells["published_on"].append(dates[1].get(column, ""))
    if spread.published is None and not any(cells["published_on"]):
        del cells["published_on"]
    return Long(tuple(rows), cells)


def _from_boards(spread: Spread, sheet: RawSheet, block: Block) -> Long:
    """The items of each board, and its 合计 as 收入合计; row by row, the left board first."""
    labels, rows = dict(block.totals), []
    cells: dict[str, list[Any]] = {"item": [], "amount": []}
    for row in sorted((*block.data, *labels)):
        for (column, word), amount in zip(spread.sides, spread.amounts, strict=True):
            item, figure = _cell(sheet, row, column), _cell(sheet, row, amount)
            if is_blank(figure) and (is_blank(item) or row in labels):
                continue
            rows.append(row)
            cells["item"].append(f"{word}{squeeze(raw_text(item) or labels[row]).removeprefix(word)}" if row in labels else item)
            cells["amount"].append(figure)
    return Long(tuple(rows), cells)


def with_figures(block: Block, rows: Sequence[Sequence[Any]], item: int, sums: Sequence[str]) -> Block:
    """A publication with 收入合计 and 支出合计 in its column of items (`item`) among its data: they are figures of their own, and only
    what begins as one of `sums` adds up what stands above it."""
    named = {r: squeeze(raw_text(rows[r][item])) if item < len(rows[r]) else "" for r, _ in block.totals}
    own = {r for r, label in block.totals if not label.startswith(tuple(sums)) and named[r] == label}
    if not own:
        return block
    return replace(block, data=tuple(sorted({*block.data, *own})), totals=tuple(t for t in block.totals if t[0] not in own))


def _dates_row(spread: Spread, sheet: RawSheet, block: Block, names: Sequence[str]) -> tuple[int, dict[int, Any]]:
    """A row 公开日期 under the figures gives every period its own day."""
    keys = {header_key(n) for n in names}
    for row in block.data if spread.item is not None else ():
        if header_key(raw_text(_cell(sheet, row, spread.item or 0))) in keys:
            return row, {c: _cell(sheet, row, c) for c in spread.amounts}
    return -1, {}


def _cell(sheet: RawSheet, row: int, column: int) -> Any:
    cells = sheet.rows[row]
    return cells[column] if column < len(cells) else ""


def _as_month(cell: Any) -> Any:
    return (
        f"{int(cell)}月"
        if _is_month(cell)
        else f"{cell}月"
        if isinstance(cell, str) and re.fullmatch(r"\s*(1[0-2]|0?[1-9])\s*", cell)
        else cell
    )


def _period_text(header: str) -> str:
    whole = squeeze(_UNIT.sub("", header.replace(PATH, "")))
    return whole if _period(whole) else next((p for p in header.split(PATH) if _period(p)), whole)


def day_of_publication(texts: Sequence[str], names: Sequence[str], year: int, words: Mapping[str, Any]) -> dt.date | None:
    """公开日期：2025年4月10日 in a title or a footer."""
    for text in texts:
        bare = squeeze(text)
        for name in names:
            found = re.search(rf"{re.escape(squeeze(name))}[:：]?(\d{{4}}[-./年]\d{{1,2}}[-./月]\d{{1,2}}日?|\d{{1,2}}月\d{{1,2}}日)", bare)
            if found and (day := parse_date(found[1], year, words)[0]):
                return day  # type: ignore[no-any-return]
    return None
