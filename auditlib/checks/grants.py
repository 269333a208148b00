"""Money given for one purpose: put to another use, or left lying."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import narwhals as nw

from ..catalog.specs import CheckSpec
from ..kernels.terms import holds, nil, starts_with_any, total
from ..words.records import Case
from .across import Row, evidence
from .frames import Frames
from .outcome import Outcome, applicable
from .payments import by_org, lines, lines_of, mentions, needs_of, taken_back, voucher_case, vouchers
from .shown import yuan


def grants_misused(frames: Frames, spec: CheckSpec) -> Outcome:
    """Running cost paid against the account of grants, known by its words; refunds, works and money passed on are none.

    Arguments: accounts (prefixes), words, variant.
    """
    a, journal = spec.arguments, spec.ledgers[0]
    looked, reasons = applicable(frames, needs_of(spec))
    words, rows = frames.catalog.words["payments"][a["words"]], lines(frames, journal)
    said = mentions(["summary"], words["any"]) & ~mentions(["summary", "counterparty"], words["but"])
    charged = nw.when(said & starts_with_any("account_code", a["accounts"])).then(nw.col("spent")).otherwise(nw.lit(0))
    sums = vouchers(rows, total(charged).alias("charged"))
    failing = sums.filter((nw.col("charged") > 0) & (nw.col("paid") > 0) & (nw.col("red") == 0))
    met = lines_of(frames, rows, failing, ["charged"], gone=taken_back(frames, journal))
    cases = [
        voucher_case(spec, found, ("summary", "account_code", "debit"), amount=found[0]["charged"], variant=a["variant"])
        for found in met.values()
    ]
    return Outcome(tuple(cases), looked, reasons)


def grants_idle(frames: Frames, spec: CheckSpec) -> Outcome:
    """A grant that lay in its account when the year began, has not moved, and whose works have not begun.

    Ledgers: projects, trial balance, journal. Arguments: accounts (prefixes), years (that it must have lain), variant.
    """
    a, (projects, balances, journal) = spec.arguments, spec.ledgers
    looked, reasons = applicable(frames, needs_of(spec))
    waiting = _not_begun(frames, projects)
    if not waiting:
        return Outcome((), looked, reasons)
    held = _grants_held(frames, balances, a["accounts"], max(a["years"], 1))
    moved = _grant_lines(frames, journal, a["accounts"], sorted(set(waiting) & set(held)))
    cases = [
        _idle_case(spec, org, row, min(row["grant"], held[org]["opening"]), a["accounts"][0])
        for org, rows in sorted(waiting.items())
        if org in looked and org in held
        for row in _untouched(rows, held[org], moved.get(org, []))
    ]
    return Outcome(tuple(cases), looked, reasons)


def _not_begun(frames: Frames, projects: str) -> dict[str, list[Row]]:
    """Projects with a grant that were neither begun nor paid for."""
    blank = [nw.col(f).is_null() for f in ("started_on", "completed_on", "accepted_on", "capitalised_on")]
    rows = frames.rows(projects).filter(holds(nw.col("grant") > 0) & (nil(nw.col("paid")) == 0))
    for condition in blank:
        rows = rows.filter(condition)
    rows = rows.filter(nw.col("started_on__status") == "blank")
    return dict(by_org(frames.records(rows.select("row_id", "org_code", "project_no", "name", "grant"))))


def _grants_held(frames: Frames, balances: str, accounts: Sequence[str], years: int) -> dict[str, dict[str, int]]:
    """Organisation -> what lay in the account at the start of the first of the years, at the end of the last, what moved."""
    last = frames.settings.fiscal_year
    rows = frames.rows(balances).filter(starts_with_any("account_code", accounts) & nw.col("account_parent").is_null())
    rows = rows.filter((nw.col("book_year") > last - years) & (nw.col("book_year") <= last))
    sums = rows.group_by("org_code", "book_year").agg(
        total(nil(nw.col("opening_credit")) - nil(nw.col("opening_debit"))).alias("opening"),
        total(nil(nw.col("debit"))).alias("debit"),
        total(nil(nw.col("credit"))).alias("credit"),
        total(nil(nw.col("closing_credit")) - nil(nw.col("closing_debit"))).alias("closing"),
    )
    found = {}
    for org, mine in by_org(frames.records(sums, ["org_code", "book_year"])).items():
        if len(mine) == years and mine[0]["opening"] > 0 and mine[-1]["closing"] > 0:
            found[org] = {
                "opening": mine[0]["opening"],
                "closing": mine[-1]["closing"],
                "moved": sum(abs(r["debit"]) + abs(r["credit"]) for r in mine),
            }
    return found


def _grant_lines(frames: Frames, journal: str, accounts: Sequence[str], orgs: Sequence[str]) -> dict[str, list[Row]]:
    if not orgs or not frames.has(journal):
        return {}
    rows = lines(frames, journal).filter(starts_with_any("account_code", accounts) & nw.col("org_code").is_in(list(orgs)))
    return dict(by_org(frames.records(rows.select("row_id", "org_code", "summary", "detail", "debit", "credit"))))


def _untouched(projects: Sequence[Row], held: Mapping[str, int], moved: Sequence[Row]) -> list[Row]:
    """Projects whose grant lay there all the time: nothing moved, or nothing that is the project's."""
    if not held["moved"]:
        return list(projects) if len(projects) == 1 else [p for p in projects if p["grant"] <= held["opening"]]
    quiet = [p for p in projects if p["grant"] <= min(held["opening"], held["closing"]) and not any(_is_of(p, m) for m in moved)]
    return quiet if moved and sum(p["grant"] for p in quiet) <= held["opening"] else []


def _is_of(project: Row, line: Row) -> bool:
    said = f"{line['summary'] or ''} {line['detail'] or ''}"
    named = [n for n in (project["name"], project["project_no"]) if n]
    return any(n in said for n in named) or project["grant"] in (line["debit"], line["credit"])


def _idle_case(spec: CheckSpec, org: str, row: Row, amount: int, account: str) -> Case:
    projects = spec.ledgers[0]
    number = row["project_no"] or row["name"]
    return Case(
        spec.rule, org, projects, (number,), (number, account), evidence(projects, [row], ("started_on", "grant")), "started_on",
        yuan(amount), "", "", variant=spec.arguments["variant"],
    )  # fmt: skip
