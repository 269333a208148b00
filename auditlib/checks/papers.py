"""What ledgers show of papers that are not ledgers: slips, receipt forms, valuations, minutes. And what they cannot show."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import narwhals as nw

from ..catalog.specs import CheckSpec
from ..kernels.terms import holds, nil, starts_with_any, total, ymd
from ..words.messages import say
from ..words.records import Case, Evidence
from .across import Check, Row, evidence
from .frames import Frames
from .outcome import Outcome, applicable
from .payments import KEYS, by_org, lines, lines_of, mentions, needs_of, reference, taken_back, voucher_case, vouchers, with_column
from .sequences import Numbered, taken_apart
from .shown import day as day_text
from .shown import plain


def not_in_ledgers(frames: Frames, spec: CheckSpec) -> Outcome:
    """A rule that no ledger can decide: it applies to nobody, for the reason given. Arguments: needs_paper (a message)."""
    told = say(spec.arguments["needs_paper"], frames.settings.language)
    return Outcome((), {}, {o.org_code: told for o in frames.organisations})


# --- F06: slips -------------------------------------------------------------------------------------------------------


def slips_as_cash(frames: Frames, spec: CheckSpec) -> Outcome:
    """Vouchers whose summary says that slips stand for cash. Without a cash count nothing else can be said. Arguments: words, accounts."""
    a, journal = spec.arguments, spec.ledgers[0]
    words, rows = frames.catalog.words["rules"][a["words"]], lines(frames, journal)
    said = mentions(["summary", "detail"], words["any"]) & ~mentions(["summary", "detail"], words["but"])
    moved = nil(nw.col("debit")) + nil(nw.col("credit"))
    slip = nw.when(said & starts_with_any("account_code", a["accounts"])).then(moved).otherwise(nw.lit(0)).max().alias("slip")
    failing = vouchers(rows, slip).filter((nw.col("slip") > 0) & (nw.col("red") == 0))
    met = lines_of(frames, rows, failing, ["slip"], gone=taken_back(frames, journal))
    cases = tuple(voucher_case(spec, found, ("summary", "credit", "counterparty"), amount=found[0]["slip"]) for found in met.values())
    _, reasons = applicable(frames, needs_of(spec))
    told = say("checks.needs.cash_count", frames.settings.language)
    return Outcome(cases, {}, {o.org_code: reasons.get(o.org_code, told) for o in frames.organisations})


# --- F11: receipt forms -----------------------------------------------------------------------------------------------

def receipt_forms(frames: Frames, spec: CheckSpec) -> Outcome:
    """Receipts given for income: one number for two payers, or numbers left out inside a book of forms.

    Arguments: income (account prefixes), and what is a book of forms: fewest (before a gap in it means anything), one_in (at most
    one form in so many is missing), longest_gap. Numbers that do not run on (invoices of the tax office) are no book.
    """
    journal = spec.ledgers[0]
    _, reasons = applicable(frames, needs_of(spec))
    rows = lines(frames, journal)
    earned = nw.when(starts_with_any("account_code", spec.arguments["income"])).then(nil(nw.col("credit"))).otherwise(nw.lit(0))
    sums = vouchers(rows, total(earned).alias("earned"), nw.col("invoice_no").max(), nw.col("row_id").min())
    given = sums.filter(
        (nw.col("paid") < 0) & (nw.col("earned") > 0) & (nw.col("red") == 0) & holds(nw.col("invoice_no").str.contains("[0-9]{4}"))
    )
    gone = taken_back(frames, journal)
    chosen = ("row_id", *KEYS, "invoice_no", "payee", "earned")
    found = [r for r in frames.records(given.select(*chosen)) if tuple(r[k] for k in KEYS) not in gone]
    entered = by_org(
        frames.records(rows.filter(~nw.col("invoice_no").is_null()).select("org_code", "invoice_no").unique(), ["org_code", "invoice_no"])
    )
    looked, cases = {}, list[Case]()
    for org, mine in sorted(by_org(found).items()):
        looked[org] = len(mine)
        standing = frozenset(r["invoice_no"] for r in entered.get(org, ()))
        cases += [*_two_payers(spec, org, mine), *_forms_missing(spec, org, mine, standing, frames.settings.fiscal_year)]
    told = say("checks.needs.receipt_forms", frames.settings.language)
    rest = {o.org_code: reasons.get(o.org_code, told) for o in frames.organisations if o.org_code not in looked}
    return Outcome(tuple(cases), looked, rest)


def _two_payers(spec: CheckSpec, org: str, given: Sequence[Row]) -> Iterator[Case]:
    of: dict[str, list[Row]] = defaultdict(list)
    for row in given:
        of[row["invoice_no"]].append(row)
    for number, rows in sorted(of.items()):
        if len({r["payee"] for r in rows if r["payee"]}) > 1:
            records = (number, *dict.fromkeys(r["voucher_no"] for r in rows))
            shown = evidence(spec.ledgers[0], rows, ("invoice_no", "counterparty", "date"))
            yield Case(spec.rule, org, spec.ledgers[0], ("twice", number), records, shown, "invoice_no", actual=number, variant="twice")


def _forms_missing(spec: CheckSpec, org: str, given: Sequence[Row], standing: Collection[str], year: int) -> Iterator[Case]:
    """`given` tell what is a book of forms; no number that stands on any line (`standing`: other money, taken back) is missing."""
    limits = spec.arguments
    books: dict[tuple[str, str, int], dict[int, Numbered]] = defaultdict(dict)
    for row in given:
        one = taken_apart({"number": row["invoice_no"], "day": 0, "row_id": row["row_id"]}, year)
        if one is not None:
            books[one.prefix, one.suffix, one.width].setdefault(one.number, one)
    for (prefix, suffix, _), forms in sorted(books.items()):
        ordered = sorted(forms)
        first = forms[ordered[0]]
        left_out = {
            b: [n for n in range(a + 1, b) if first.named(n) not in standing]
            for a, b in zip(ordered, ordered[1:], strict=False)
            if 1 < b - a <= limits["longest_gap"] + 1
        }
        gaps = [(a, b) for a, b in zip(ordered, ordered[1:], strict=False) if b - a > 1]
        missing = [n for numbers in left_out.values() for n in numbers]
        if len(ordered) < limits["fewest"] or not missing or max(b - a - 1 for a, b in gaps) > limits["longest_gap"]:
            continue
        if len(missing) * limits["one_in"] > len(ordered):
            continue
        names = tuple(first.named(n) for n in missing)
        shown = tuple(Evidence(spec.ledgers[0], forms[b].row_id, ("invoice_no", "date")) for b, numbers in left_out.items() if numbers)
        yield Case(spec.rule, org, spec.ledgers[0], ("missing", prefix, suffix, *names), names, shown, "invoice_no", variant="missing")


# --- F26: disposals ---------------------------------------------------------------------------------------------------


def disposed_undecided(frames: Frames, spec: CheckSpec) -> Outcome:
    """A fixed asset taken off the books with no decision on the voucher, and none before that day that speaks of a disposal.

    Ledgers: journal, decisions. Arguments: assets, depreciation (account prefixes), words.
    """
    a, (journal, decisions) = spec.arguments, spec.ledgers
    looked, reasons = applicable(frames, needs_of(spec))
    rows = lines(frames, journal)

    def net(accounts: Sequence[str]) -> nw.Expr:
        moved = nil(nw.col("credit")) - nil(nw.col("debit"))
        return total(nw.when(starts_with_any("account_code", accounts)).then(moved).otherwise(nw.lit(0)))

    sums = vouchers(
        rows, net(a["assets"]).alias("taken_off"), net(a["depreciation"]).alias("worn_off"),
        reference(frames, "decision_no").max().alias("decision_no"),
        with_column("decision_no").alias("asked"),
    )  # fmt: skip
    failing = sums.filter(
        (nw.col("taken_off") > 0) & (nw.col("red") == 0) & (nw.col("closing") == 0)
        & (nw.col("asked") > 0) & nw.col("decision_no").is_null()
    )  # fmt: skip
    met = lines_of(frames, rows, failing, ["taken_off", "worn_off"], gone=taken_back(frames, journal))
    decided = _decided(frames, decisions, a["words"]) if met else {}
    cases = [
        voucher_case(
            spec, found, ("credit", "decision_no", "summary"), amount=found[0]["taken_off"] + found[0]["worn_off"],
            expected="", actual=plain(found[0]["taken_off"], 2),
        )
        for (org, _, day), found in met.items()
        if not any(not day or not held or held <= day for held in decided.get(org, ()))
    ]  # fmt: skip
    return Outcome(tuple(cases), looked, reasons)


def _decided(frames: Frames, decisions: str, words: str) -> dict[Any, list[int]]:
    """Organisation -> the days (0 where not known) of its decisions on disposals."""
    found: dict[Any, list[int]] = defaultdict(list)
    if frames.has(decisions):
        rows = frames.rows(decisions).with_columns(nil(ymd("held_on")).alias("held"))
        rows = rows.filter(mentions(["subject"], frames.catalog.words["rules"][words]["any"]))
        for row in frames.records(rows.select("row_id", "org_code", "held")):
            found[row["org_code"]].append(row["held"])
    return found


# --- F44: land compensation -------------------------------------------------------------------------------------------


def compensation_decided(frames: Frames, spec: CheckSpec) -> Outcome:
    """Decisions that share out land compensation without the majority, or the meeting, that the law of the day asked for.

    Ledgers: decisions. Arguments: words; majorities, the newest first: from (a day), of (entitled or present), over [part, whole],
    at_least (the part itself is enough), not_body (words of meetings that cannot decide).
    """
    a, decisions = spec.arguments, spec.ledgers[0]
    looked, reasons = applicable(frames, needs_of(spec))
    words = frames.catalog.words["rules"][a["words"]]
    rows = frames.rows(decisions).filter(
        mentions(["subject"], words["any"]) & mentions(["subject"], words["with"]) & ~mentions(["subject"], words["but"])
    )
    chosen = ("row_id", "org_code", "decision_no", "held_on", "body", "entitled", "present", "in_favour", "subject")
    met = frames.records(rows.select(*chosen))
    mine = {r["org_code"] or "" for r in met}
    told = say("checks.needs.land_compensation", frames.settings.language)
    reasons |= dict.fromkeys(set(looked) - mine, told)
    looked = {org: sum((r["org_code"] or "") == org for r in met) for org in looked if org in mine}
    cases = [c for r in met if (r["org_code"] or "") in looked and (c := _compensation(spec, r, a["majorities"])) is not None]
    return Outcome(tuple(cases), looked, reasons)


def _compensation(spec: CheckSpec, row: Row, majorities: Sequence[Mapping[str, Any]]) -> Case | None:
    held = row["held_on"]
    rule = next((m for m in majorities if held is not None and m["from"].isoformat() <= held.isoformat()[:10]), None)
    if rule is None:
        return None
    body = row["body"] or ""
    wrong_body = any(word in body for word in rule.get("not_body", ()))
    votes, of = row["in_favour"], row[rule["of"]]
    part, whole = rule["over"]
    reached = votes is None or of is None or votes * whole >= of * part + (0 if rule["at_least"] else 1)
    if reached and not wrong_body:
        return None
    number, decisions = row["decision_no"] or day_text(int(held.strftime("%Y%m%d"))), spec.ledgers[0]
    field, told = ("body", body) if wrong_body else ("in_favour", f"{votes}/{of}")
    shown = (Evidence(decisions, row["row_id"], (field, "entitled", "in_favour", "subject")),)
    return Case(
        spec.rule, row["org_code"] or "", decisions, (number,), (number,), shown, field, None, f"{part}/{whole}", told,
        held.isoformat()[:10], variant="body" if wrong_body else "",
    )  # fmt: skip


CHECKS: dict[str, Check] = {
    "not_in_ledgers": not_in_ledgers,
    "slips_as_cash": slips_as_cash,
    "receipt_forms": receipt_forms,
    "disposed_undecided": disposed_undecided,
    "compensation_decided": compensation_decided,
}
