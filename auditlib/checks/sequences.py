"""Numbers that run on: what is left out inside a sequence."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw

from ..catalog.specs import CheckSpec
from ..kernels.terms import nil, ymd
from ..words.records import Case, Evidence
from .frames import Frames
from .outcome import Outcome, applicable

LARGEST_GAP = 100  # more numbers than this at once is another numbering, not a gap
_COUNTABLE = 15  # digits of a number that every engine counts with
_NUMBERED = re.compile(r"(.*?)(\d+)(\D*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Numbered:
    """A voucher number taken apart: 记-0012 is prefix 记-, number 12, width 4."""

    prefix: str
    number: int
    width: int
    suffix: str
    month: int  # 1 to 12, 0 when the date is not known or not of the year
    row_id: int

    def named(self, number: int) -> str:
        """The text of another number of the same sequence."""
        return f"{self.prefix}{number:0{self.width}d}{self.suffix}"


@dataclass(frozen=True, slots=True)
class Gap:
    """Numbers left out in a row, the number before them and the one after."""

    missing: tuple[int, ...]
    after: Numbered
    period: str


def sequence_gaps(frames: Frames, spec: CheckSpec) -> Outcome:
    """Numbers left out inside the sequence of a year, or of a month where the numbers restart.

    Arguments: number, date. Lines without a date, or with one outside the year, may stand in any month.
    """
    a, ledger, year = spec.arguments, spec.ledgers[0], frames.settings.fiscal_year
    looked, reasons = applicable(frames, {ledger: [a["number"], a["date"]]})
    rows = frames.rows(ledger).filter(~nw.col(a["number"]).is_null() & nw.col("of_this_year"))
    rows = rows.with_columns(nil(ymd(a["date"])).alias("day"))
    rows = rows.join(_broken(rows, a["number"]), on="org_code", how="inner")
    numbers = rows.group_by("org_code", a["number"], "day").agg(nw.col("row_id").min())
    met: dict[str, list[Numbered]] = defaultdict(list)
    for row in frames.records(numbers.select("row_id", "org_code", nw.col(a["number"]).alias("number"), "day")):
        if (one := taken_apart(row, year)) is not None:
            met[row["org_code"] or ""].append(one)
    cases = [_case(spec, org, gap, year) for org, mine in sorted(met.items()) for gap in gaps(mine)]
    return Outcome(tuple(cases), looked, reasons)


def _broken(rows: nw.LazyFrame, number: str) -> nw.LazyFrame:
    """Organisations whose numbers do not all run on, whatever they begin with: in the year, or in a month of it.

    A sieve that lets no gap through: numbers too long to count, and text without any, make an organisation worth a look.
    """
    digits = nw.col(number).str.replace_all("[^0-9]", "")
    length = digits.str.len_chars()
    counted = (length >= 1) & (length <= _COUNTABLE)
    rows = rows.with_columns(
        nw.when(counted).then(digits).otherwise(nw.lit("0")).cast(nw.Int64).alias("n__"),
        nw.when(counted).then(nw.lit(0)).otherwise(nw.lit(1)).alias("odd__"),
        nw.col(number).str.replace_all("[0-9]", "").alias("stem__"),
        (nw.col("day") // 100).alias("month__"),
    )
    once = rows.group_by("org_code", "stem__", "month__", "n__").agg(nw.col("odd__").max())
    of_month = _runs(once, ["org_code", "stem__", "month__"])
    of_year = _runs(once.group_by("org_code", "stem__", "n__").agg(nw.col("odd__").max()), ["org_code", "stem__"])
    return nw.concat([of_month, of_year], how="vertical").unique()


def _runs(once: nw.LazyFrame, by: Sequence[str]) -> nw.LazyFrame:
    """Organisations with a group whose numbers, each there once, are fewer than from its first to its last."""
    spans = once.group_by(*by).agg(
        nw.len().cast(nw.Int64).alias("count__"),
        (nw.col("n__").max() - nw.col("n__").min() + 1).alias("span__"),
        nw.col("odd__").max(),
    )
    return spans.filter((nw.col("count__") != nw.col("span__")) | (nw.col("odd__") > 0)).select("org_code").unique()


def taken_apart(row: Mapping[str, Any], year: int) -> Numbered | None:
    """A voucher number; the year and month that some systems write in front belong to the prefix. None without digits."""
    found = _NUMBERED.fullmatch(row["number"])
    if found is None:
        return None
    prefix, digits, suffix = found.groups()
    month = row["day"] // 100 % 100 if row["day"] // 10_000 == year else 0
    for stem in (f"{year}{month:02d}", str(year), f"{year % 100:02d}{month:02d}"):
        if month and digits.startswith(stem) and len(digits) - len(stem) >= 3:
            prefix, digits = prefix + stem, digits[len(stem) :]
            break
    return Numbered(prefix, int(digits), len(digits), suffix, month, row["row_id"])


def gaps(numbers: Iterable[Numbered]) -> list[Gap]:
    """All gaps of an organisation, sequence by sequence (prefix, and month where the numbers restart).

    收, 付 and 转 may share one run of numbers: where no number stands under two prefixes of a period and fewer are
    missing when they are taken together, they are.
    """
    whole = list(numbers)
    by_prefix: dict[tuple[str, str], list[Numbered]] = defaultdict(list)
    for one in whole:
        by_prefix[one.prefix, one.suffix].append(one)
    apart = [gap for _, mine in sorted(by_prefix.items()) for gap in _gaps_of(mine)]
    if len(by_prefix) < 2 or not apart or _overlap(whole):
        return apart
    together = _gaps_of(whole)
    return together if sum(len(g.missing) for g in together) < sum(len(g.missing) for g in apart) else apart


def _gaps_of(numbers: Sequence[Numbered]) -> list[Gap]:
    anywhere = {n.number for n in numbers if not n.month}
    return [gap for period, part in _periods(numbers) for gap in _inside(part, anywhere, period)]


def _overlap(numbers: Sequence[Numbered]) -> bool:
    for _, part in _periods(numbers):
        held: dict[int, str] = {}
        for one in part:
            if held.setdefault(one.number, one.prefix) != one.prefix:
                return True
    return False


def _periods(numbers: Sequence[Numbered]) -> list[tuple[str, list[Numbered]]]:
    months = sorted({n.month for n in numbers if n.month})
    begins = [m for m in months if any(n.month == m and n.number == 1 for n in numbers)]
    if len(begins) < 2 or 2 * len(begins) < len(months):
        return [("", list(numbers))]
    return [(f"{m:02d}", [n for n in numbers if n.month == m]) for m in months]


def _inside(numbers: Sequence[Numbered], anywhere: set[int], period: str) -> list[Gap]:
    ordered = sorted(numbers, key=lambda n: (n.number, n.row_id))
    found = []
    for before, after in zip(ordered, ordered[1:], strict=False):
        between = range(before.number + 1, after.number)
        missing = tuple(n for n in between if n not in anywhere) if len(between) <= LARGEST_GAP else ()
        if missing:
            found.append(Gap(missing, after, period))
    return found


def _case(spec: CheckSpec, org: str, gap: Gap, year: int) -> Case:
    ledger, number = spec.ledgers[0], spec.arguments["number"]
    period = f"{year}-{gap.period}" if gap.period else str(year)
    records = tuple(gap.after.named(n) for n in gap.missing)
    return Case(
        spec.rule,
        org,
        ledger,
        (period, *records),
        records,
        (Evidence(ledger, gap.after.row_id, (number, spec.arguments["date"])),),
        number,
        None,
        "",
        gap.after.named(gap.after.number),
        period,
    )
