"""Sub-ledgers against the general ledger: sums of a ledger's lines against the closing balances of their accounts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import narwhals as nw

from ..catalog.specs import CheckSpec
from ..checks.across import known
from ..checks.frames import Frames
from ..checks.outcome import Outcome, applicable
from ..checks.parameters import number
from ..checks.shown import yuan
from ..kernels.terms import UNREAD
from ..words.messages import say
from ..words.records import Match
from .reconciliation import SUM, Reconciled, name_of

Row = Mapping[str, Any]


def ledger_and_books(frames: Frames, spec: CheckSpec) -> Reconciled:
    """For every organisation and pair the sum of a ledger's column against the closing balance of an account.

    Arguments: pairs [{field, account, side (1 debit, -1 credit), of (sum this side of the account's details), where {field: [values]},
    blank [fields that must be blank], by (field that names the account; lines of the account and below)}]. A pair without
    a line of the ledger and without a balance is left out. Organisations with a figure that could not be read are told.
    """
    (ledger, books), pairs = spec.ledgers[:2], spec.arguments["pairs"]
    fields = list(dict.fromkeys(p["field"] for p in pairs))
    looked, reasons = applicable(frames, {ledger: fields, books: ["account_code", "closing_debit", "closing_credit"]})
    lines, closings = _lines(frames, ledger, pairs), _closings(frames, books)
    tolerance = number("value_tolerance", frames.catalog, frames.settings)
    matches: list[Match] = []
    for org in sorted(looked):
        unread = sum(any(r[f"{f}__status"] in UNREAD for f in fields) for r in lines.get(org, ()))
        if unread or org not in closings:
            del looked[org]
            reasons[org] = _why_not(frames, ledger, unread)
            continue
        for pair in pairs:
            match = _pair(name_of(spec), org, pair, lines.get(org, ()), closings[org], tolerance)
            matches += [match] if match else []
    return Reconciled(Outcome((), looked, reasons), tuple(matches))


def _why_not(frames: Frames, ledger: str, unread: int) -> str:
    language = frames.settings.language
    if unread:
        return say("checks.not_read", language, ledger=frames.catalog.ledgers[ledger].label(language), count=unread)
    return say("checks.no_counterpart", language)


def _lines(frames: Frames, ledger: str, pairs: Sequence[Mapping[str, Any]]) -> dict[str, list[Row]]:
    wanted: dict[str, None] = {}
    for pair in pairs:
        wanted |= dict.fromkeys((pair["field"], f"{pair['field']}__status", *pair.get("where", ()), *pair.get("blank", ())))
        wanted |= dict.fromkeys([pair["by"]] if "by" in pair else [])
    found: dict[str, list[Row]] = defaultdict(list)
    for row in frames.records(frames.rows(ledger).select("row_id", "org_code", *wanted)):
        found[row["org_code"] or ""].append(row)
    return found


def _closings(frames: Frames, books: str) -> dict[str, list[Row]]:
    """The lines of the year's balances, those that no other line stands above marked as first."""
    columns = ["closing_debit", "closing_credit"]
    rows = known(frames.rows(books), columns).filter(nw.col("book_year") == frames.settings.fiscal_year)
    found: dict[str, list[Row]] = defaultdict(list)
    for row in frames.records(rows.select("row_id", "org_code", "account_code", "account_parent", *columns)):
        if row["account_code"]:
            found[row["org_code"] or ""].append(row)
    return found


def _pair(name: str, org: str, pair: Mapping[str, Any], lines: Sequence[Row], closings: Sequence[Row], tolerance: int) -> Match | None:
    mine = [r for r in lines if _takes_part(pair, r)]
    booked = _booked(pair, closings)
    if not mine and not booked:
        return None
    off = sum(r[pair["field"]] or 0 for r in mine) - (booked or 0)
    label = pair.get("label", pair["field"])
    return Match(name, org, f"{label} {pair['account']}", pair["account"], SUM, yuan(off) if abs(off) > tolerance else None)


def _takes_part(pair: Mapping[str, Any], row: Row) -> bool:
    by = pair.get("by")
    named = by is None or (row[by] or "").startswith(pair["account"])
    return (
        named
        and all(row[f] in values for f, values in pair.get("where", {}).items())
        and all(row[f] is None for f in pair.get("blank", ()))
    )


def _booked(pair: Mapping[str, Any], closings: Sequence[Row]) -> int | None:
    """The closing balance on the side of the pair, None where no line of the account stands.

    `of: details` adds the details of that side only: 113 stands on both sides and is never netted.
    """
    mine = [r for r in closings if r["account_code"].startswith(pair["account"])]
    if not mine:
        return None
    if pair.get("of") != "details":
        first = [r for r in mine if r["account_parent"] is None]
        return pair["side"] * sum((r["closing_debit"] or 0) - (r["closing_credit"] or 0) for r in first)
    above = {r["account_parent"] for r in mine}
    nets = [(r["closing_debit"] or 0) - (r["closing_credit"] or 0) for r in mine if r["account_code"] not in above]
    return sum(max(pair["side"] * net, 0) for net in nets)
