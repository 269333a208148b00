"""Charts of accounts: accounts that only vouchers use, and books that follow another system altogether."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import narwhals as nw

from ..catalog.specs import CheckSpec
from ..kernels.terms import holds, nil, total
from ..words.messages import say
from ..words.records import Case, Evidence
from .frames import Frames
from .outcome import Outcome, applicable, without
from .roles import NoAccounts, chart_of
from .shown import yuan

_BOOKS = ("trial_balance", "agency_trial_balance", "journal")
_FIRST_LEVEL = 3  # digits of an account of the first level, in every chart of collectives
_MOSTLY = 0.8  # of the accounts stand in the other chart
_SHOWN = 20  # lines of one account
_FOREIGN: WeakKeyDictionary[Frames, dict[str, str]] = WeakKeyDictionary()  # asked by every rule that goes by account numbers


def of_other_chart(frames: Frames) -> Mapping[str, str]:
    """Organisation -> the name of the other system (expectations/words/other_charts.yaml) that its books follow."""
    if frames not in _FOREIGN:
        language, found = frames.settings.language, {}
        for org, codes in _codes(frames).items():
            names = [e[language] for e in frames.catalog.words["other_charts"].values() if follows(codes, e)]
            found.update({org: names[0]} if names else {})
        _FOREIGN[frames] = found
    return _FOREIGN[frames]


def follows(codes: set[str], chart: Mapping[str, Any]) -> bool:
    """True where no code has the three digits of collectives and most begin with a number of the other chart, cash or bank among them."""
    if any(len(code) == _FIRST_LEVEL for code in codes):
        return False
    known = set(chart["codes"])
    heads = [code[: chart["length"]] for code in codes]
    return bool(set(heads) & set(chart["money"])) and sum(h in known for h in heads) >= _MOSTLY * len(heads)


def _codes(frames: Frames) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for ledger in _BOOKS:
        if frames.has(ledger):
            rows = frames.plain(ledger).filter(~nw.col("account_code").is_null()).select("org_code", "account_code").unique()
            for row in frames.records(rows, ["org_code", "account_code"]):
                found[row["org_code"] or ""].add(row["account_code"])
    return found


def goes_by_numbers(spec: CheckSpec) -> bool:
    """True for a check that knows accounts by their number in the chart of collectives."""
    a = spec.arguments
    asked = [field for fields in (a.get("needs") or {}).values() for field in fields]
    return "account_code" in asked or bool(a.get("by_numbers"))


def without_other_charts(frames: Frames, spec: CheckSpec, outcome: Outcome) -> Outcome:
    """The outcome of a check that goes by account numbers, without the organisations whose numbers mean something else."""
    if not goes_by_numbers(spec) or not of_other_chart(frames):
        return outcome
    return without(outcome, other_chart_reasons(frames))


def without_accounts(frames: Frames, lacking: NoAccounts) -> Outcome:
    """What a check comes to whose accounts the chart of the audited year does not have: it applies to nobody."""
    told = say("checks.no_accounts", frames.settings.language, year=lacking.year)
    return Outcome((), {}, {o.org_code: told for o in frames.organisations})


def other_chart_reasons(frames: Frames) -> dict[str, str]:
    language = frames.settings.language
    return {org: say("checks.other_chart", language, chart=name) for org, name in of_other_chart(frames).items()}


def accounts_only_posted(frames: Frames, spec: CheckSpec) -> Outcome:
    """Accounts of the year's vouchers that neither the chart of the year nor the organisation's own balances have.

    One case for each first-level account. Ledgers: journal, trial balance (where there is one).
    """
    journal, balances = spec.ledgers
    looked, reasons = applicable(frames, {journal: ["account_code", "debit", "credit"]})
    year = frames.settings.fiscal_year
    known = sorted(chart_of(frames.catalog, year)["accounts"])
    rows = frames.rows(journal).filter(holds(nw.col("of_this_year")) & holds(nw.col("account_code").str.contains("^[0-9]{3}")))
    rows = rows.with_columns(nw.col("account_code").str.slice(0, _FIRST_LEVEL).alias("head"))
    strange = rows.filter(~nw.col("head").is_in(known))
    sums = strange.group_by("org_code", "head").agg(
        total(nil(nw.col("debit"))).alias("debit_sum"), total(nil(nw.col("credit"))).alias("credit_sum")
    )
    moved = {(r["org_code"], r["head"]): r for r in frames.records(sums, ["org_code", "head"])}
    shown = _balanced(frames, balances, year) if moved else set()
    lines: dict[tuple[Any, Any], list[Mapping[str, Any]]] = defaultdict(list)
    for row in frames.records(strange.select("row_id", "org_code", "head", "account_code")) if set(moved) - shown else ():
        lines[row["org_code"], row["head"]].append(row)
    cases = [_posted_case(spec, year, moved[key], mine) for key, mine in sorted(lines.items()) if key not in shown]
    return Outcome(tuple(cases), looked, reasons)


def _balanced(frames: Frames, balances: str, year: int) -> set[tuple[Any, Any]]:
    """(organisation, first-level account) that stand in the balances of the year: there the rule sees them."""
    if not frames.has(balances):
        return set()
    rows = frames.rows(balances).filter((nw.col("book_year") == year) & ~nw.col("account_class").is_null())
    there = frames.records(rows.select("org_code", "account_class").unique(), ["org_code", "account_class"])
    return {(r["org_code"], r["account_class"]) for r in there}


def _posted_case(spec: CheckSpec, year: int, sums: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> Case:
    journal, head = spec.ledgers[0], sums["head"]
    codes = tuple(dict.fromkeys((head, *sorted({r["account_code"] for r in lines}))))
    shown = tuple(Evidence(journal, r["row_id"], ("account_code", "debit", "credit")) for r in lines[:_SHOWN])
    amount = yuan(max(abs(sums["debit_sum"]), abs(sums["credit_sum"])))
    return Case(
        spec.rule, sums["org_code"] or "", journal, (str(year), head), codes, shown, "account_code", amount, "", head, str(year)
    )


CHECKS = {"accounts_only_posted": accounts_only_posted}
