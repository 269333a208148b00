"""Books against books: this year's opening and last year's closing, village and agency, journal and trial balance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw

from ..catalog.specs import CheckSpec
from ..checks.across import known
from ..checks.frames import Frames
from ..checks.outcome import Outcome, applicable
from ..checks.roles import chart_of
from ..checks.shown import plain, yuan
from ..kernels.accounts import column_totals, prefixes, rolled_up
from ..kernels.joins import without_counterpart
from ..kernels.terms import UNREAD, count_if, holds, nil, total
from ..words.messages import say
from ..words.records import Case, Evidence, Match
from .reconciliation import Reconciled, name_of

Row = Mapping[str, Any]
_BY = ["org_code", "account_code"]


def _books(frames: Frames, ledger: str, year: int, columns: Mapping[str, str]) -> nw.LazyFrame:
    """The accounts of a year: columns (new name -> field) with blanks as 0; unread cells stay missing."""
    rows = frames.rows(ledger).filter((nw.col("book_year") == year) & ~nw.col("account_code").is_null())
    rows = known(rows, list(columns.values()))
    return rows.select("row_id", *_BY, "account_class", "account_parent", *[nw.col(f).alias(n) for n, f in columns.items()])


def _by_code(rows: nw.LazyFrame, columns: Sequence[str]) -> nw.LazyFrame:
    """Each account once; accounts with a cell that could not be read are left out."""
    sums = rows.group_by(*_BY).agg(
        nw.col("row_id").min(),
        *[total(nw.col(c)).alias(c) for c in columns],
        count_if(_missing(columns)).alias("unknown"),
    )
    return sums.filter(nw.col("unknown") == 0).select("row_id", *_BY, *columns)


def _missing(columns: Sequence[str]) -> nw.Expr:
    condition = nw.lit(False)
    for column in columns:
        condition = condition | nw.col(column).is_null()
    return condition


def _by_class(rows: nw.LazyFrame, columns: Sequence[str]) -> nw.LazyFrame:
    """First-level totals by the three digits that every chart shares, so that leaf-only books meet others."""
    first = rows.filter(nw.col("account_parent").is_null())
    sums = column_totals(first, ["org_code", "account_class"], columns).filter(nw.col("unknown") == 0)
    lines = first.group_by("org_code", "account_class").agg(nw.col("row_id").min())
    return (
        sums.join(lines, on=["org_code", "account_class"], how="inner")
        .rename({"account_class": "account_code"})
        .select("row_id", *_BY, *columns)
    )


def _paired(left: nw.LazyFrame, right: nw.LazyFrame, columns: Sequence[str], how: str) -> nw.LazyFrame:
    renamed = right.rename(
        {"row_id": "row_id__r", "org_code": "org_code__r", "account_code": "account_code__r", **{c: f"{c}__r" for c in columns}}
    )
    joined = left.join(renamed, left_on=_BY, right_on=["org_code__r", "account_code__r"], how=how)
    if how == "full":
        joined = joined.with_columns(
            nw.coalesce(nw.col("org_code"), nw.col("org_code__r")).alias("org_code"),
            nw.coalesce(nw.col("account_code"), nw.col("account_code__r")).alias("account_code"),
        )
    return joined.select("row_id", "row_id__r", *_BY, *columns, *[f"{c}__r" for c in columns])


def _difference(row: Row, columns: Sequence[str], balances: Sequence[Sequence[str]]) -> tuple[int, str]:
    """The largest absolute difference in fen and its column; a balance shown on both sides equals it netted."""
    off = {c: abs((row[c] or 0) - (row[f"{c}__r"] or 0)) for c in columns}
    for debit, credit in balances:
        if (row[debit] or 0) - (row[credit] or 0) == (row[f"{debit}__r"] or 0) - (row[f"{credit}__r"] or 0):
            off[debit] = off[credit] = 0
    worst = max(off, key=lambda c: off[c])
    return off[worst], worst


def _compare(
    frames: Frames,
    spec: CheckSpec,
    left: nw.LazyFrame,
    right: nw.LazyFrame,
    columns: Sequence[str],
    balances: Sequence[Sequence[str]],
    orgs: Mapping[str, int],
) -> tuple[list[tuple[Row, int, str]], list[Match]]:
    """Accounts that stand in both books, and first-level totals; out: differing rows and every pair."""
    left, right = frames.engine.keep(left), frames.engine.keep(right)
    exact = frames.records(_paired(_by_code(left, columns), _by_code(right, columns), columns, "inner"), _BY)
    classes = frames.records(_paired(_by_class(left, columns), _by_class(right, columns), columns, "full"), _BY)
    seen, found, matches = set(), [], []
    for row, is_class in [*((r, False) for r in exact), *((r, True) for r in classes)]:
        identity = (row["org_code"], row["account_code"])
        if identity in seen or (row["org_code"] or "") not in orgs:
            continue
        seen.add(identity)
        difference, column = _difference(row, columns, balances)
        if difference:
            found.append((row, difference, column))
        if not is_class or difference:
            how = "key" if row["row_id"] is not None and row["row_id__r"] is not None else "unmatched"
            matches.append(_match(spec, row, how, difference))
    return found, matches


def _match(spec: CheckSpec, row: Row, how: str, difference: int) -> Match:
    code = row["account_code"]
    left, right = (code if row[c] is not None else "" for c in ("row_id", "row_id__r"))
    return Match(name_of(spec), row["org_code"] or "", left, right, how, yuan(difference))


def _one_case_an_organisation(
    spec: CheckSpec,
    found: Sequence[tuple[Row, int, str]],
    year: int,
    ledgers: tuple[str, str],
    fields: Mapping[str, tuple[str, str]],
    place_right: bool,
) -> list[Case]:
    by_org: dict[str, list[tuple[Row, int, str]]] = {}
    for entry in found:
        by_org.setdefault(entry[0]["org_code"] or "", []).append(entry)
    cases = []
    for org, mine in sorted(by_org.items()):
        row, difference, column = max(mine, key=lambda e: e[1])  # of equals the first account
        ordered = [row, *(r for r, _, _ in mine if r is not row)]
        sides = [(ledgers[0], "row_id", 0), (ledgers[1], "row_id__r", 1)]
        pieces = tuple(
            Evidence(ledger, r[key], (fields[c][side], "account_code"))
            for r, _, c in [(row, difference, column), *(e for e in mine if e[0] in ordered[1:])]
            for ledger, key, side in (reversed(sides) if place_right else sides)
            if r[key] is not None
        )
        records = tuple(r["account_code"] for r, _, _ in sorted(mine, key=lambda e: -e[1]))
        cases.append(
            Case(
                spec.rule,
                org,
                ledgers[1] if place_right else ledgers[0],
                (str(year),),
                records,
                pieces,
                fields[column][1 if place_right else 0],
                yuan(difference),
                plain(row[f"{column}__r"] or 0, 2),
                plain(row[column] or 0, 2),
                str(year),
            )
        )
    return cases


def opening_and_prior_closing(frames: Frames, spec: CheckSpec) -> Reconciled:
    """The opening balances of the audited year are the closing balances of the year before, account by account.

    Across a change of the chart codes change their meaning: there the lines of both charts are compared, as the older one says
    what became of them (`lines` of expectations/charts); without such a list the check does not apply.
    """
    ledger, year = spec.ledgers[0], frames.settings.fiscal_year
    looked, reasons = applicable(frames, {ledger: ["account_code", "opening_debit", "closing_debit"]})
    language = frames.settings.language
    older, newer = (str(chart_of(frames.catalog, y)["version"]) for y in (year - 1, year))
    lines = chart_lines(frames.catalog.charts, older, newer) if older != newer else None
    if older != newer and lines is None:
        told = say("checks.chart_changed", language, prior=year - 1, year=year)
        return Reconciled(Outcome((), {}, dict.fromkeys([*looked, *reasons], told)))
    columns = {"debit": ("opening_debit", "closing_debit"), "credit": ("opening_credit", "closing_credit")}
    left = _books(frames, ledger, year, {n: f[0] for n, f in columns.items()})
    right = _books(frames, ledger, year - 1, {n: f[1] for n, f in columns.items()})
    both = _orgs(frames, left) & _orgs(frames, right)
    for org in sorted(set(looked) - both):
        del looked[org]
        reasons[org] = say("checks.no_prior_year", language, year=year - 1, ledger=frames.catalog.ledgers[ledger].label(language))
    if lines is not None:
        left, right = _on_lines(left, lines.of_newer), _on_lines(right, lines.of_older)
    else:
        left, right = _met_on_lines(frames, left, right, newer)
    found, matches = _compare(frames, spec, left, right, list(columns), [("debit", "credit")], looked)
    cases = _one_case_an_organisation(spec, found, year, (ledger, ledger), columns, place_right=False)
    return Reconciled(Outcome(tuple(cases), looked, reasons), tuple(matches))


@dataclass(frozen=True, slots=True)
class ChartLines:
    """First-level accounts of two charts on the lines that can be compared; a line is called by its first code in the newer chart."""

    of_older: Mapping[str, str]
    of_newer: Mapping[str, str]


def chart_lines(charts: Mapping[str, Mapping[str, Any]], older: str, newer: str) -> ChartLines | None:
    """The lines on which the balances of two charts meet, None where the older one does not say what became of its own."""
    chart = charts.get(older, {})
    if chart.get("successor") != newer or not chart.get("lines"):
        return None
    of_older, of_newer = {}, {}
    for line in chart["lines"]:
        name = str(line["to"][0])
        of_older |= {str(code): name for code in line["from"]}
        of_newer |= {str(code): name for code in line["to"]}
    return ChartLines(of_older, of_newer)


def _on_lines(rows: nw.LazyFrame, line_of: Mapping[str, str]) -> nw.LazyFrame:
    """First-level accounts only, under the code of their line; a code that stands on no line keeps its own."""
    code = nw.col("account_class")
    for old, new in line_of.items():
        code = nw.when(nw.col("account_class") == old).then(nw.lit(new)).otherwise(code)
    first = rows.filter(nw.col("account_parent").is_null()).with_columns(code.alias("line"))
    return first.with_columns(nw.col("line").alias("account_code"), nw.col("line").alias("account_class"))


def _met_on_lines(frames: Frames, left: nw.LazyFrame, right: nw.LazyFrame, newer: str) -> tuple[nw.LazyFrame, nw.LazyFrame]:
    """Both years as they are, but for accounts that only the chart before has (202 应付款), where one year alone still has a balance
    there: that organisation changed over a year late, and what stood on 202 stands on 211 now. These lines are compared as lines."""
    older = next((v for v, c in frames.catalog.charts.items() if c.get("successor") == newer), "")
    lines = chart_lines(frames.catalog.charts, older, newer)
    if lines is None:
        return left, right
    gone = sorted(set(lines.of_older) - set(frames.catalog.charts[newer]["accounts"]))
    late = _balances_on(frames, left, gone) ^ _balances_on(frames, right, gone)
    if not late:
        return left, right
    moved = {lines.of_older[account] for _, account in late}
    line_of = {code: line for code, line in (*lines.of_newer.items(), *((g, lines.of_older[g]) for g in gone)) if line in moved}
    orgs = sorted({org for org, _ in late})
    return _some_on_lines(left, line_of, orgs), _some_on_lines(right, line_of, orgs)


def _some_on_lines(rows: nw.LazyFrame, line_of: Mapping[str, str], orgs: Sequence[str]) -> nw.LazyFrame:
    moved = holds(nw.col("org_code").is_in(list(orgs)) & nw.col("account_class").is_in(list(line_of)))
    return nw.concat([rows.filter(~moved), _on_lines(rows.filter(moved), line_of).drop("line")], how="vertical")


def _balances_on(frames: Frames, rows: nw.LazyFrame, accounts: Sequence[str]) -> set[tuple[str, str]]:
    """(organisation, first-level account) of the rows of `accounts` that have a balance."""
    has_balance = (nil(nw.col("debit")) != 0) | (nil(nw.col("credit")) != 0)
    some = rows.filter(nw.col("account_class").is_in(list(accounts)) & has_balance).select("org_code", "account_class").unique()
    return {(r["org_code"] or "", r["account_class"]) for r in frames.records(some, ["org_code", "account_class"])}


def _orgs(frames: Frames, rows: nw.LazyFrame) -> set[str]:
    return {r["org_code"] or "" for r in frames.records(rows.select("org_code").unique(), ["org_code"])}


SIX = ("debit", "credit", "opening_debit", "opening_credit", "closing_debit", "closing_credit")


def village_and_agency(frames: Frames, spec: CheckSpec) -> Reconciled:
    """The village's trial balance and the agency's agree in every column. Differences point at the agency's sheet."""
    (village, agency), year = spec.ledgers, frames.settings.fiscal_year
    columns = {c: c for c in SIX}
    looked, reasons = applicable(frames, {village: ["account_code", *SIX], agency: ["account_code", *SIX]})
    left, right = _books(frames, village, year, columns), _books(frames, agency, year, columns)
    both = _orgs(frames, left) & _orgs(frames, right)
    for org in sorted(set(looked) - both):
        del looked[org]
        reasons[org] = say("checks.no_counterpart", frames.settings.language)
    pairs = [("opening_debit", "opening_credit"), ("closing_debit", "closing_credit")]
    found, matches = _compare(frames, spec, left, right, list(SIX), pairs, looked)
    cases = _one_case_an_organisation(spec, found, year, (village, agency), {c: (c, c) for c in SIX}, place_right=True)
    return Reconciled(Outcome(tuple(cases), looked, reasons), tuple(matches))


# --- journal and trial balance ----------------------------------------------------------------------------------------


def journal_and_balances(frames: Frames, spec: CheckSpec) -> Reconciled:
    """The year's postings on an account and below it equal its movements in the trial balance, closing entries included.

    A sub-account is left aside where the journal posts to the account above it. Organisations with an amount that
    could not be read are left aside: their sums say nothing.
    """
    (journal, books), year = spec.ledgers, frames.settings.fiscal_year
    needs = {journal: ["account_code", "debit", "credit"], books: ["account_code", "debit", "credit"]}
    looked, reasons = applicable(frames, needs)
    postings = _postings(frames, journal)
    for org in _unread(frames, postings, journal, reasons):
        looked.pop(org, None)
    accounts = frames.engine.keep(
        _by_code(_books(frames, books, year, {"debit": "debit", "credit": "credit"}), ["debit", "credit"])
    )
    known_orgs = _orgs(frames, accounts)
    for org in sorted(set(looked) - known_orgs):
        del looked[org]
        reasons[org] = say("checks.no_counterpart", frames.settings.language)
    posted = postings.group_by(*_BY).agg(
        total(nil(nw.col("debit"))).alias("debit"), total(nil(nw.col("credit"))).alias("credit"), nw.col("row_id").min()
    )
    covered, uncovered = _joined(accounts, frames.engine.keep(posted))
    cases, matches = [], []
    for row in frames.records(covered, _BY):
        if (row["org_code"] or "") in looked:
            difference, column = _difference(row, ["debit", "credit"], [])
            matches.append(_match(spec, row, "key", difference))
            if difference:
                cases.append(_movement_case(spec, row, difference, column, (journal, books), year))
    for row in frames.records(uncovered, _BY):
        if (row["org_code"] or "") in looked:
            difference, column = _difference(row, ["debit", "credit"], [])
            matches.append(_match(spec, row, "unmatched", difference))
            if difference:
                cases.append(_movement_case(spec, row, difference, column, (journal, books), year))
    return Reconciled(Outcome(tuple(cases), looked, reasons), tuple(matches))


def _postings(frames: Frames, journal: str) -> nw.LazyFrame:
    """The journal of the audited year: whole sheets that lie mostly in it (a wrong date takes no line out), else by date."""
    year = frames.settings.fiscal_year
    rows = frames.rows(journal).filter(~nw.col("account_code").is_null())
    in_year = (nw.col("posted_ymd") >= year * 10_000) & (nw.col("posted_ymd") < (year + 1) * 10_000)
    return rows.filter(nw.coalesce(nw.col("of_this_year"), nw.lit(False)) | nw.coalesce(in_year, nw.lit(False)))


def _unread(frames: Frames, postings: nw.LazyFrame, journal: str, reasons: dict[str, str]) -> list[str]:
    """Organisations whose journal holds an amount that could not be read; the reason is noted."""
    bad = nw.col("debit__status").is_in(list(UNREAD)) | nw.col("credit__status").is_in(list(UNREAD))
    counts = frames.records(postings.filter(bad).group_by("org_code").agg(nw.len().cast(nw.Int64).alias("count")), ["org_code"])
    label = frames.catalog.ledgers[journal].label(frames.settings.language)
    for row in counts:
        reasons[row["org_code"] or ""] = say("checks.not_read", frames.settings.language, ledger=label, count=row["count"])
    return [row["org_code"] or "" for row in counts]


def _joined(accounts: nw.LazyFrame, postings: nw.LazyFrame) -> tuple[nw.LazyFrame, nw.LazyFrame]:
    """Accounts beside what the journal posts on or below them; and posted accounts that no line of the balances covers."""
    sums = rolled_up(postings, ["org_code"], "account_code", ["debit", "credit"])
    renamed = sums.rename({"org_code": "org", "account_code": "code", "debit": "debit__r", "credit": "credit__r"})
    beside = accounts.join(renamed, left_on=_BY, right_on=["org", "code"], how="left")
    posted = postings.rename({"debit": "debit__r", "credit": "credit__r", "row_id": "row_id__r"})
    above = prefixes(accounts.select(*_BY), "account_code", "above", proper=True)
    at_parent = (
        above.join(
            posted.select(nw.col("org_code").alias("org"), nw.col("account_code").alias("code")),
            left_on=["org_code", "above"],
            right_on=["org", "code"],
            how="inner",
        )
        .select(*_BY)
        .unique()
    )
    covered = beside.join(at_parent, on=_BY, how="anti").with_columns(nw.col("row_id").alias("row_id__r"))
    reached = prefixes(posted, "account_code", "above", proper=False).join(
        accounts.select(nw.col("org_code").alias("org"), nw.col("account_code").alias("code")),
        left_on=["org_code", "above"],
        right_on=["org", "code"],
        how="inner",
    )
    lonely = without_counterpart(
        posted,
        reached.select(nw.col("org_code").alias("org"), nw.col("account_code").alias("code")),
        {"org_code": "org", "account_code": "code"},
    )
    uncovered = lonely.with_columns(
        nw.lit(0).alias("debit"), nw.lit(0).alias("credit"), nw.lit(None, dtype=nw.Int64).alias("row_id")
    )
    return covered, uncovered


def _movement_case(spec: CheckSpec, row: Row, difference: int, column: str, ledgers: tuple[str, str], year: int) -> Case:
    journal, books = ledgers
    in_books = row["row_id"] is not None
    piece = (
        Evidence(books, row["row_id"], (column, "account_code"))
        if in_books
        else Evidence(journal, row["row_id__r"], ("account_code", column))
    )
    code = row["account_code"]
    return Case(
        spec.rule,
        row["org_code"] or "",
        books,
        (str(year), code),
        (code,),
        (piece,),
        column,
        yuan(difference),
        plain(row[f"{column}__r"] or 0, 2),
        plain(row[column] or 0, 2),
        str(year),
    )
