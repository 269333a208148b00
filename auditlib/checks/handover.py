"""The hand-over list: what was handed over against what was received, in time, and watched."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import narwhals as nw

from ..catalog.specs import CheckSpec
from ..kernels.terms import holds, ymd
from ..words.messages import say
from ..words.records import Case, Evidence
from .across import Check
from .frames import Frames
from .outcome import Outcome, applicable
from .shown import day, plain, yuan

Row = Mapping[str, Any]


def received_as_handed(frames: Frames, spec: CheckSpec) -> Outcome:
    """Items of which another quantity or amount was received than handed over, or of which nothing was received.

    A blank on one side alone says nothing: seals have no amount and cash no quantity. An item with no figure received
    at all was not received, where the list has received figures elsewhere. Arguments: record, pairs [[out, in], …].
    """
    a, ledger = spec.arguments, spec.ledgers[0]
    pairs: Sequence[Sequence[str]] = a["pairs"]
    looked, reasons = _either(frames, ledger, pairs)
    rows = frames.rows(ledger).with_columns(_any_filled([i for _, i in pairs]).alias("received"))
    rows = rows.with_columns(
        nw.when(nw.col("received")).then(nw.lit(1)).otherwise(nw.lit(0)).max().over("org_code").alias("used")
    )
    wrong = nw.lit(False)
    for out, received in pairs:
        wrong = wrong | holds(nw.col(out) != nw.col(received))
    nothing = ~nw.col("received") & (nw.col("used") == 1)
    for _, received in pairs:
        nothing = nothing & nw.col(f"{received}__status").is_in(["blank", "absent"])
    missing = nothing & _any_filled([o for o, _ in pairs])
    columns = ["row_id", "sheet_row", "org_code", a["record"], *[c for pair in pairs for c in pair]]
    met = frames.records(rows.filter(wrong | missing).select(*columns))
    cases = tuple(case for row in met if (case := _figures(frames, spec, row)) is not None)
    return Outcome(cases, looked, reasons)


def _either(frames: Frames, ledger: str, pairs: Sequence[Sequence[str]]) -> tuple[dict[str, int], dict[str, str]]:
    """Who has at least one of the pairs whole; for all others the reason of the first."""
    looked: dict[str, int] = {}
    reasons: dict[str, str] = {}
    for pair in pairs:
        there, lacking = applicable(frames, {ledger: pair})
        looked |= there
        reasons = {**lacking, **reasons}
    return looked, {org: reason for org, reason in reasons.items() if org not in looked}


def _any_filled(fields: Sequence[str]) -> nw.Expr:
    found = nw.lit(False)
    for field in fields:
        found = found | holds(nw.col(field) != 0)
    return found


def _figures(frames: Frames, spec: CheckSpec, row: Row) -> Case | None:
    """The case of an item, on the pair that differs; money before quantities."""
    ledger, pairs = spec.ledgers[0], spec.arguments["pairs"]
    fields = frames.catalog.ledgers[ledger].fields
    nothing = all(row[received] is None for _, received in pairs)
    for out, received in sorted(pairs, key=lambda pair: fields[pair[0]].type != "money"):
        handed, got = row[out], 0 if nothing else row[received]
        if handed is None or got is None or handed == got:
            continue
        number, scale = _number(spec, row), fields[out].scale
        amount = yuan(abs(handed - got)) if fields[out].type == "money" else None
        shown = (Evidence(ledger, row["row_id"], (received, out, spec.arguments["record"])),)
        told = (plain(handed, scale), plain(got, scale), "", "figures")
        return Case(spec.rule, row["org_code"] or "", ledger, (number, received), (number,), shown, received, amount, *told)
    return None


def _number(spec: CheckSpec, row: Row) -> str:
    return row[spec.arguments["record"]] or say("checks.no_row_key", "zh", row=row["sheet_row"])


def handed_in_time(frames: Frames, spec: CheckSpec) -> Outcome:
    """Items handed over more than some days after the election: one case for all of one day.

    Dates known to the month are taken as is best for the village. Arguments: record, elected, handed, days.
    """
    a, ledger = spec.arguments, spec.ledgers[0]
    elected, handed = a["elected"], a["handed"]
    looked, reasons = applicable(frames, {ledger: [elected, handed]})
    rows = frames.rows(ledger).with_columns(ymd(elected, 31).alias("from"), ymd(handed, 1).alias("to"))
    rows = rows.filter(nw.col("to") > nw.col("from"))
    late: dict[tuple[str, int, int], list[Row]] = defaultdict(list)
    for row in frames.records(rows.select("row_id", "sheet_row", "org_code", a["record"], "from", "to")):
        if _days(row["from"], row["to"]) > a["days"]:
            late[row["org_code"] or "", row["from"], row["to"]].append(row)
    cases = []
    for (org, begin, end), lines in sorted(late.items()):
        records = tuple(dict.fromkeys(_number(spec, r) for r in lines))
        shown = tuple(Evidence(ledger, r["row_id"], (handed, elected, a["record"])) for r in lines)
        key, told = ("late", day(begin), day(end)), (str(a["days"]), str(_days(begin, end)))
        cases.append(Case(spec.rule, org, ledger, key, records, shown, handed, None, *told, day(end), "late"))
    return Outcome(tuple(cases), looked, reasons)


def _days(begin: int, end: int) -> int:
    return (_date(end) - _date(begin)).days


def _date(ymd: int) -> dt.date:
    """A day of a month; the 31st of a short one is its last."""
    year, month, number = ymd // 10_000, ymd // 100 % 100, ymd % 100
    following = dt.date(year + month // 12, month % 12 + 1, 1)
    return min(dt.date(year, month, 1) + dt.timedelta(days=number - 1), following - dt.timedelta(days=1))


def watched(frames: Frames, spec: CheckSpec) -> Outcome:
    """Items that nobody watched being handed over: one case for an organisation. Arguments: record, field."""
    a, ledger = spec.arguments, spec.ledgers[0]
    looked, reasons = applicable(frames, {ledger: [a["field"]]})
    rows = frames.rows(ledger).filter(nw.col(f"{a['field']}__status") == "blank")
    met: dict[str, list[Row]] = defaultdict(list)
    for row in frames.records(rows.select("row_id", "sheet_row", "org_code", a["record"])):
        met[row["org_code"] or ""].append(row)
    cases = []
    for org, lines in sorted(met.items()):
        records = tuple(dict.fromkeys(_number(spec, r) for r in lines))
        shown = tuple(Evidence(ledger, r["row_id"], (a["field"], a["record"])) for r in lines)
        cases.append(Case(spec.rule, org, ledger, ("unwatched",), records, shown, a["field"], variant="unwatched"))
    return Outcome(tuple(cases), looked, reasons)


CHECKS: dict[str, Check] = {
    "received_as_handed": received_as_handed,
    "handed_in_time": handed_in_time,
    "watched": watched,
}
