"""Balances that accounting software exports period by period, folded to one line for each account and year.

GB/T 24589.1 gives 科目余额及发生额 for every 会计期间号; spreadsheets of monthly balances do the same. The year opens as its
first period does, moves by the sum of them, and closes as the last one does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .values import AMBIGUOUS, CONVERTED, FAILED, OK, Typed, find_year, raw_text, squeeze

Key = tuple[str, int | None, str]  # organisation, year, account
_NUMBER = re.compile(r"(?:第|\d{4}[-./年]?(?:度|第)?)?(\d{1,2})(?:月份?|期)?$")
_OPENING, _MOVED, _CLOSING = ("opening_debit", "opening_credit"), ("debit", "credit"), ("closing_debit", "closing_credit")


@dataclass(frozen=True, slots=True)
class Folded:
    """The rows that stand for their years, by position, and the columns with the year's amounts."""

    kept: tuple[int, ...]
    typed: Mapping[str, Typed]


def period_number(text: str) -> int | None:
    """12 for 12, 12月, 2025-12, 202512, 2025年第12期; 0 for the opening period 00; None for anything else."""
    found = _NUMBER.match(squeeze(text).removesuffix(".0"))
    return int(found[1]) if found and int(found[1]) <= 16 else None  # some charts of the year close in periods 13 to 16


def fold_periods(
    typed: Mapping[str, Typed], raw: Mapping[str, Sequence[Any]], org_codes: Sequence[str], name: str, running: bool, notes: list[Any]
) -> Folded | None:
    """None where the column `name` of periods is not there or holds a single one for every account.

    `running`: the columns of movements say the year up to now (本年累计), so that the last one is the year's. Periods that
    are missing between the first and the last, or that do not open as the one before closed, are counted in notes.
    """
    if name not in raw or "account_code" not in typed:
        return None
    numbers = [period_number(raw_text(c)) for c in raw[name]]
    years = _years(typed, raw[name])
    groups: dict[Key, list[int]] = {}
    for i, key in enumerate(zip(org_codes, years, typed["account_code"].values.to_pylist(), strict=True)):
        groups.setdefault((key[0], key[1], key[2] or f"row {i}"), []).append(i)
    if not any(len({numbers[i] for i in rows if numbers[i] is not None}) > 1 for rows in groups.values()):
        return None
    amounts = {n: [v or 0 for v in typed[n].values.to_pylist()] for n in (*_OPENING, *_MOVED, *_CLOSING) if n in typed}
    unread = [any(typed[n].status[i].as_py() in (FAILED, AMBIGUOUS) for n in amounts) for i in range(len(numbers))]
    doubtful: set[int] = set()
    kept: list[int] = []
    gaps = breaks = 0
    for rows in groups.values():
        told = sorted((i for i in rows if numbers[i] is not None), key=lambda i: (numbers[i], i))
        if len({numbers[i] for i in told}) < 2:
            kept.extend(rows)
            continue
        kept.extend(i for i in rows if numbers[i] is None)
        chain = _without_year_line(told, numbers, amounts)
        gaps += len({numbers[i] for i in chain}) < (numbers[chain[-1]] or 0) - (numbers[chain[0]] or 0) + 1
        breaks += _breaks(chain, numbers, amounts)
        kept.append(_fold(chain, numbers, amounts, running))
        if any(unread[i] for i in told):
            doubtful.add(kept[-1])
    order = sorted(kept)
    notes.append(("note.periods_folded", {"n": len(numbers) - len(order), "accounts": len(order)}))
    notes.extend((key, {"n": n}) for key, n in (("note.periods_missing", gaps), ("note.periods_broken", breaks)) if n)
    return Folded(tuple(order), _taken(typed, amounts, years, order, doubtful))


def _years(typed: Mapping[str, Typed], cells: Sequence[Any]) -> list[int | None]:
    """The year of each row: of its period where that names one (2024-12), else of its own column or the head."""
    own = typed["fiscal_year"].values.to_pylist() if "fiscal_year" in typed else [None] * len(cells)
    texts = [squeeze(raw_text(c)) for c in cells]
    named = {
        t: int(t[:4]) if re.fullmatch(r"(19|20)\d{4}", t) else find_year(re.sub(r"^(\d{4})[-./]\d{1,2}$", r"\1年", t)) for t in set(texts)
    }
    return [named[t] or y for t, y in zip(texts, own, strict=True)]


def _without_year_line(told: list[int], numbers: Sequence[int | None], amounts: Mapping[str, list[int]]) -> list[int]:
    """Period 00 may be the opening or the whole year once more; the year's line goes where it repeats what the others add up to."""
    rest = [i for i in told if numbers[i]]
    if len(rest) == len(told) or not rest:
        return told
    first = told[0]
    moved = any(amounts[n][first] for n in _MOVED if n in amounts)
    repeats = all(amounts[n][first] == sum(amounts[n][i] for i in rest) for n in _MOVED if n in amounts)
    return rest if moved and repeats else told


def _breaks(chain: Sequence[int], numbers: Sequence[int | None], amounts: Mapping[str, list[int]]) -> bool:
    """Whether a period opens otherwise than the one before it closed; detail lines of one period are taken together."""
    net = [
        (_net(chain, numbers, amounts, p, _OPENING), _net(chain, numbers, amounts, p, _CLOSING))
        for p in dict.fromkeys(numbers[i] for i in chain)
    ]
    return any(closing != opening for (_, closing), (opening, _) in zip(net, net[1:], strict=False))


def _net(
    chain: Sequence[int], numbers: Sequence[int | None], amounts: Mapping[str, list[int]], period: int | None, pair: tuple[str, str]
) -> int:
    debit, credit = (amounts.get(n) for n in pair)
    rows = [i for i in chain if numbers[i] == period]
    return sum((debit[i] if debit else 0) - (credit[i] if credit else 0) for i in rows)


def _fold(chain: Sequence[int], numbers: Sequence[int | None], amounts: Mapping[str, list[int]], running: bool) -> int:
    """Writes the year into the row of the last period and gives its position; lines of one period (by auxiliary item) add up."""
    first, last = numbers[chain[0]], numbers[chain[-1]]
    opens, closes = [i for i in chain if numbers[i] == first], [i for i in chain if numbers[i] == last]
    year = {n: sum(amounts[n][i] for i in opens) for n in _OPENING if n in amounts}
    year |= {n: sum(amounts[n][i] for i in (closes if running else chain)) for n in _MOVED if n in amounts}
    year |= {n: sum(amounts[n][i] for i in closes) for n in _CLOSING if n in amounts}
    for n, amount in year.items():
        amounts[n][chain[-1]] = amount
    return chain[-1]


def _taken(
    typed: Mapping[str, Typed], amounts: Mapping[str, list[int]], years: Sequence[int | None], order: Sequence[int], doubtful: set[int]
) -> dict[str, Typed]:
    """The rows of `order` with the year's amounts; an amount that a period leaves in doubt is in doubt for the year."""
    import pyarrow as pa

    keep = pa.array(order, pa.int64())
    found = {n: Typed(t.values.take(keep), t.status.take(keep)) for n, t in typed.items()}
    for n, column in amounts.items():
        status = [
            AMBIGUOUS if i in doubtful else CONVERTED if s == OK else s for i, s in zip(order, found[n].status.to_pylist(), strict=True)
        ]
        found[n] = Typed(pa.array([column[i] for i in order], pa.int64()), pa.array(status, pa.int8()))
    if "fiscal_year" in found:
        found["fiscal_year"] = Typed(pa.array([years[i] for i in order], pa.int64()), found["fiscal_year"].status)
    return found
