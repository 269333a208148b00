"""Checks over groups of rows and over several ledgers. `expectations/checks/*.yaml` names them and gives them their columns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import narwhals as nw

from ..catalog.specs import CheckSpec
from ..kernels import accounts, groups, joins
from ..kernels.terms import UNREAD, count_if, holds, known_or_nil, nil, starts_with_any, total, ymd
from ..words.messages import say
from ..words.records import Case, Evidence
from .frames import ATTRIBUTIONS, Frames
from .intake_notes import attributions, control_totals
from .openings import with_openings, year_openings
from .outcome import Outcome, applicable, left_out, without
from .sequences import sequence_gaps
from .shown import day, plain, text, yuan

Check = Callable[[Frames, CheckSpec], Outcome]
Row = Mapping[str, Any]


def gathered(rows: Iterable[Row], by: Sequence[str]) -> dict[tuple[Any, ...], list[Row]]:
    """Rows of a small result by the columns `by`, in the order met."""
    found: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        found[tuple(row[c] for c in by)].append(row)
    return found


def evidence(ledger: str, rows: Iterable[Row], fields: Sequence[str]) -> tuple[Evidence, ...]:
    return tuple(Evidence(ledger, row["row_id"], tuple(fields)) for row in rows)


def _needs(spec: CheckSpec) -> dict[str, list[str]]:
    """ledger -> columns: `needs` of the arguments, every ledger of the check without any otherwise."""
    asked = spec.arguments.get("needs") or {}
    return {ledger: list(asked.get(ledger, ())) for ledger in spec.ledgers if ledger not in spec.arguments.get("optional", ())}


def _unread(fields: Sequence[str]) -> nw.Expr:
    """True where one of the fields could not be read."""
    condition = nw.lit(False)
    for field in fields:
        condition = condition | nw.col(f"{field}__status").is_in(list(UNREAD))
    return condition


def _with_day(rows: nw.LazyFrame, field: str, name: str = "day", month_as: int | None = None) -> nw.LazyFrame:
    return rows.with_columns(nw.coalesce(ymd(field, month_as), nw.lit(0)).alias(name))


def group_sums_equal(frames: Frames, spec: CheckSpec) -> Outcome:
    """Two columns add up alike in every group (a voucher balances). Groups with a cell that cannot be read are left out.

    Arguments: number (of the group), date, left, right.
    """
    a, ledger = spec.arguments, spec.ledgers[0]
    looked, reasons = applicable(frames, _needs(spec))
    keys = ["org_code", a["number"], "day"]
    rows = _with_day(frames.rows(ledger), a["date"]).filter(~nw.col(a["number"]).is_null())
    rows = rows.with_columns(known_or_nil(a["left"]).alias("left__"), known_or_nil(a["right"]).alias("right__"))
    sums = rows.group_by(*keys).agg(
        total(nw.col("left__")).alias("left_sum"),
        total(nw.col("right__")).alias("right_sum"),
        count_if(_unread([a["left"], a["right"]])).alias("unread"),
    )
    wrong = sums.filter((nw.col("left_sum") != nw.col("right_sum")) & (nw.col("unread") == 0))
    met = frames.records(groups.of_groups(rows, wrong, keys).select("row_id", *keys, "left_sum", "right_sum"))
    cases = []
    for (org, number, when), lines in gathered(met, keys).items():
        left, right = lines[0]["left_sum"], lines[0]["right_sum"]
        cases.append(
            Case(
                spec.rule,
                org or "",
                ledger,
                (number, day(when)),
                (number,),
                evidence(ledger, lines, (a["left"], a["right"])),
                a["left"],
                yuan(abs(left - right)),
                plain(right, 2),
                plain(left, 2),
                day(when) if when else "",
            )
        )
    return Outcome(tuple(cases), looked, reasons)


def first_level_sums_equal(frames: Frames, spec: CheckSpec) -> Outcome:
    """Debits equal credits over the first-level accounts. One case for a year, worded by the first pair that differs.

    Arguments: pairs {variant: [debit column, credit column]}.
    """
    a, ledger = spec.arguments, spec.ledgers[0]
    pairs: Mapping[str, Sequence[str]] = a["pairs"]
    columns = [c for pair in pairs.values() for c in pair]
    looked, reasons = applicable(frames, {ledger: columns})
    first = _judged(frames, spec).filter(nw.col("account_parent").is_null() & ~nw.col("account_code").is_null())
    sums = accounts.column_totals(known(first, columns), ["org_code", "book_year"], columns)
    wrong = nw.lit(False)
    for debit, credit in pairs.values():
        wrong = wrong | (nw.col(debit) != nw.col(credit))
    failing = frames.records(sums.filter(wrong & (nw.col("unknown") == 0)), ["org_code", "book_year"])
    lines = _lines_of_years(frames, first, failing)
    cases = []
    for row in failing:
        variant, (debit, credit) = next((v, p) for v, p in pairs.items() if row[p[0]] != row[p[1]])
        mine = lines.get((row["org_code"], row["book_year"]), [])
        year = str(row["book_year"])
        cases.append(
            Case(
                spec.rule,
                row["org_code"] or "",
                ledger,
                (year,),
                (year,),
                evidence(ledger, mine, (debit, credit)),
                debit,
                yuan(abs(row[debit] - row[credit])),
                plain(row[credit], 2),
                plain(row[debit], 2),
                year,
                variant,
            )
        )
    return _but_left_out(frames, spec, Outcome(tuple(cases), looked, reasons))


def _judged(frames: Frames, spec: CheckSpec) -> nw.LazyFrame:
    """The rows of the first ledger without those on which the derived column `left_out` (an argument) holds."""
    rows, column = frames.rows(spec.ledgers[0]), spec.arguments.get("left_out")
    return rows.filter(~holds(nw.col(column))) if column else rows


def _but_left_out(frames: Frames, spec: CheckSpec, outcome: Outcome) -> Outcome:
    """The outcome without organisations of which every row is left out. Arguments: left_out, because (a message)."""
    column = spec.arguments.get("left_out")
    return without(outcome, left_out(frames, spec.ledgers[0], column, spec.arguments["because"])) if column else outcome


def _lines_of_years(frames: Frames, rows: nw.LazyFrame, failing: Sequence[Row]) -> dict[tuple[Any, ...], list[Row]]:
    if not failing:
        return {}
    orgs = sorted({r["org_code"] for r in failing if r["org_code"]})
    met = frames.records(rows.filter(nw.col("org_code").is_in(orgs)).select("row_id", "org_code", "book_year"))
    return gathered(met, ["org_code", "book_year"])


def known(rows: nw.LazyFrame, columns: Sequence[str]) -> nw.LazyFrame:
    """Money columns with blanks as 0; cells that could not be read stay missing."""
    return rows.with_columns(*[known_or_nil(c).alias(c) for c in columns])


def parents_equal_children(frames: Frames, spec: CheckSpec) -> Outcome:
    """A first-level account equals the sum of its direct children in every column.

    Balances may be shown netted at the parent, save those of the accounts `by_side`.
    Arguments: columns, balances [[debit, credit], …], by_side.
    """
    a, ledger = spec.arguments, spec.ledgers[0]
    columns = list(a["columns"])
    looked, reasons = applicable(frames, {ledger: columns})
    rows = known(_judged(frames, spec).filter(~nw.col("account_code").is_null()), columns)
    sums = accounts.children_totals(rows, ["org_code", "book_year"], columns, "account_parent").rename(
        {"account_parent": "of_parent"}
    )
    first = rows.filter(nw.col("account_parent").is_null())
    joined = first.join(
        sums, left_on=["org_code", "book_year", "account_code"], right_on=["org_code", "book_year", "of_parent"], how="inner"
    )
    differs = nw.lit(False)
    for column in columns:
        differs = differs | holds(nw.col(column) != nw.col(f"{column}__children"))
    carried = ["row_id", "org_code", "book_year", "account_code", *columns, *[f"{c}__children" for c in columns]]
    met = frames.records(joined.filter(differs & (nw.col("unknown") == 0)).select(*carried))
    cases = [c for row in met if (c := _parent_case(spec, ledger, row)) is not None]
    return _but_left_out(frames, spec, Outcome(tuple(cases), looked, reasons))


def _parent_case(spec: CheckSpec, ledger: str, row: Row) -> Case | None:
    a = spec.arguments
    off = {c: abs(row[c] - row[f"{c}__children"]) for c in a["columns"] if row[c] is not None}
    if row["account_code"][:3] not in a["by_side"]:
        for debit, credit in a["balances"]:
            if row[debit] - row[credit] == row[f"{debit}__children"] - row[f"{credit}__children"]:
                off[debit] = off[credit] = 0
    worst = max(off, key=lambda c: off[c])  # of equals the first column
    if not off[worst]:
        return None
    return Case(
        spec.rule,
        row["org_code"] or "",
        ledger,
        (str(row["book_year"]), row["account_code"]),
        (row["account_code"],),
        evidence(ledger, [row], (worst, "account_code")),
        worst,
        yuan(off[worst]),
        plain(row[f"{worst}__children"], 2),
        plain(row[worst], 2),
        str(row["book_year"]),
    )


def running_balance(frames: Frames, spec: CheckSpec) -> Outcome:
    """The balance of some accounts at the end of a day over a limit, or below 0: one case, on the first such day.

    Ledgers: the postings, the balances with the opening; an opening row of the postings will do where there are none.
    Arguments: accounts, over (a limit) or below (a limit).
    """
    a = spec.arguments
    postings, books = spec.ledgers
    looked, reasons = with_openings(frames, a["needs"], books, a["accounts"])
    openings = year_openings(frames, books, postings, a["accounts"])
    if openings is None:
        return Outcome((), looked, reasons)
    year, by = frames.settings.fiscal_year, ["org_code"]
    moves = _with_day(frames.rows(postings), "date").filter(starts_with_any("account_code", a["accounts"]))
    moves = moves.filter((nw.col("day") >= year * 10_000) & (nw.col("day") < (year + 1) * 10_000))
    moves = moves.with_columns((nil(nw.col("debit")) - nil(nw.col("credit"))).alias("change"))
    balances = groups.end_of_day(moves, openings, by, "day", "change")
    wrong = nw.col("balance") > a["over"] if "over" in a else nw.col("balance") < a["below"]
    breach = groups.first_of(balances.filter(wrong), by, "day")
    met = frames.records(groups.of_groups(moves, breach, ["org_code", "day"]).select("row_id", "org_code", "day", "balance"))
    cases = []
    for (org, when), lines in gathered(met, ["org_code", "day"]).items():
        if (org or "") not in looked:
            continue
        balance, limit = lines[0]["balance"], a.get("over", a.get("below"))
        cases.append(
            Case(
                spec.rule,
                org or "",
                postings,
                (day(when),),
                (day(when),),
                evidence(postings, lines, ("date", "debit", "credit")),
                "date",
                yuan(abs(balance)),
                plain(limit, 2),
                plain(balance, 2),
                day(when),
            )
        )
    return Outcome(tuple(cases), looked, reasons)


def shortfall(frames: Frames, spec: CheckSpec) -> Outcome:
    """What was due by a date and not received, added up for each record.

    An instalment may be paid in parts, on lines that each repeat what is due; and what came in too much on one instalment of a
    record makes up for what another lacks. Arguments: record, date, due, received, until, tolerance.
    """
    a = spec.arguments
    ledger = spec.ledgers[0]
    looked, reasons = applicable(frames, _needs(spec))
    keys = ["org_code", a["record"], "day"]
    rows = _with_day(frames.rows(ledger), a["date"], month_as=31).filter(~nw.col(a["record"]).is_null() & (nw.col("day") > 0))
    sums = _instalments(rows.filter(nw.col("day") <= a["until"]), a, keys)
    off = nw.col("due") - nw.col("received")
    short = sums.filter((off > a["tolerance"]) & (nw.col("unread") == 0))
    over = sums.filter((off < 0) & (nw.col("unread") == 0)).group_by(*keys[:2]).agg(total(nw.lit(0) - off).alias("beyond"))
    short = short.join(over, on=keys[:2], how="left").with_columns(nil(nw.col("beyond")).alias("beyond"))
    met = frames.records(groups.of_groups(rows, short, keys).select("row_id", *keys, "due", "received", "beyond"))
    cases = []
    for (org, record), lines in gathered(met, keys[:2]).items():
        dues = {r["day"]: (r["due"], r["received"]) for r in lines}
        due = sum(d for d, _ in dues.values())
        received = sum(r for _, r in dues.values()) + lines[0]["beyond"]
        if due - received <= a["tolerance"]:
            continue
        cases.append(
            Case(
                spec.rule,
                org or "",
                ledger,
                (record,),
                (record,),
                evidence(ledger, lines, (a["received"], a["due"], a["date"])),
                a["received"],
                yuan(due - received),
                plain(due, 2),
                plain(received, 2),
                day(max(dues)),
            )
        )
    return Outcome(tuple(cases), looked, reasons)


def _instalments(rows: nw.LazyFrame, a: Mapping[str, Any], keys: Sequence[str]) -> nw.LazyFrame:
    """Due and received of every instalment (a record and a day); lines that each repeat one sum due, all paid, are parts of it."""
    due, received = nil(nw.col(a["due"])), nil(nw.col(a["received"]))
    sums = rows.with_columns(due.alias("due__"), received.alias("received__")).group_by(*keys).agg(
        total(nw.col("due__")).alias("asked"),
        nw.col("due__").max().alias("most"),
        nw.col("due__").min().alias("least"),
        nw.col("received__").min().alias("least_received"),
        total(nw.col("received__")).alias("received"),
        count_if(_unread([a["due"], a["received"]])).alias("unread"),
    )
    parts = (nw.col("most") == nw.col("least")) & (nw.col("least_received") > 0) & (nw.col("received") == nw.col("most"))
    return sums.with_columns(nw.when(parts).then(nw.col("most")).otherwise(nw.col("asked")).alias("due"))


def one_value_two_keys(frames: Frames, spec: CheckSpec) -> Outcome:
    """One value (an identity number) under two keys (members) of an organisation. Arguments: value, key, variant."""
    a, ledger = spec.arguments, spec.ledgers[0]
    looked, reasons = applicable(frames, {ledger: [a["value"], a["key"]]})
    twice = groups.one_value_two_keys(frames.rows(ledger), ["org_code"], a["value"], a["key"])
    met = frames.records(twice.select("row_id", "org_code", a["value"], a["key"]))
    cases = []
    for (org, _), lines in gathered(met, ["org_code", a["value"]]).items():
        records = tuple(sorted({r[a["key"]] for r in lines if r[a["key"]]}))
        later = sorted(lines, key=lambda r: -r["row_id"])  # the later entry is the one to look at first
        cases.append(
            Case(
                spec.rule,
                org or "",
                ledger,
                (a["variant"], *records),
                records,
                evidence(ledger, later, (a["value"], a["key"])),
                a["value"],
                variant=a["variant"],
            )
        )
    return Outcome(tuple(cases), looked, reasons)


def beside_register(frames: Frames, spec: CheckSpec) -> Outcome:
    """Rows of a list beside their line in a register: where the register says one of `refused`, or a number differs.

    Ledgers: the list, the register. Arguments: key, amount, year, variant, field, register_field, and refused (values)
    or nothing (the two numbers must be equal).
    """
    a, (listed, register) = spec.arguments, spec.ledgers
    field, other = a["field"], a["register_field"]
    needs = {listed: [a["key"], a["amount"] if "refused" in a else field], register: [a["key"], other]}
    looked, reasons = applicable(frames, needs)
    once = (
        frames.rows(register)
        .filter(~nw.col(other).is_null())
        .group_by("org_code", a["key"])
        .agg(
            nw.col("row_id").min().alias("register_row"),
            nw.col(other).min().alias("said"),
            nw.col(other).max().alias("said_last"),
        )
        .filter(nw.col("said") == nw.col("said_last"))
    )
    rows = frames.rows(listed).filter(
        holds(nw.coalesce(nw.col(a["year"]), nw.lit(frames.settings.fiscal_year)) == frames.settings.fiscal_year)
    )
    rows = joins.beside(
        rows,
        once.with_columns(nw.col("org_code").alias("org")),
        {"org_code": "org", a["key"]: a["key"]},
        {"said": "said", "register_row": "register_row"},
    )
    if "refused" in a:
        rows = rows.filter(nw.col("said").is_in(list(a["refused"])) & (nw.col(a["amount"]) > 0))
    else:
        rows = rows.filter(nw.col("said") != nw.col(field))
    chosen = list(dict.fromkeys(["row_id", "register_row", "org_code", a["key"], "said", field, a["amount"], a["year"]]))
    return Outcome(tuple(_beside_case(frames, spec, r) for r in frames.records(rows.select(*chosen))), looked, reasons)


def _beside_case(frames: Frames, spec: CheckSpec, row: Row) -> Case:
    a, (listed, register) = spec.arguments, spec.ledgers
    scale = frames.catalog.ledgers[listed].fields[a["field"]].scale
    year = str(row[a["year"]] or frames.settings.fiscal_year)
    shown = (
        Evidence(listed, row["row_id"], (a["field"], a["key"])),
        Evidence(register, row["register_row"], (a["register_field"], a["key"])),
    )
    return Case(
        spec.rule,
        row["org_code"] or "",
        listed,
        (a["variant"], year, row[a["key"]]),
        (row[a["key"]],),
        shown,
        a["field"],
        yuan(row[a["amount"]]),
        text(row["said"], scale),
        text(row[a["field"]], scale),
        year,
        a["variant"],
    )


def dangling(frames: Frames, spec: CheckSpec) -> Outcome:
    """A reference to a record that stands in none of the ledgers named, neither here nor elsewhere in the same village.

    A number with its middle hidden names nothing that could be looked up, nor do words that say there is none (未决策). Where head and
    folder name different villages (D06) the record may stand in either.

    Arguments: field, records, targets {ledger: field}.
    """
    a, ledger = spec.arguments, spec.ledgers[0]
    targets = {t: f for t, f in a["targets"].items() if frames.has(t)}
    looked, reasons = applicable(frames, {ledger: [a["field"]]})
    covered = set().union(*[set(frames.presence(t)) for t in targets]) if targets else set()
    for org in sorted(set(looked) - covered):
        del looked[org]
        reasons[org] = say("checks.no_counterpart", frames.settings.language)
    if not looked:
        return Outcome((), looked, reasons)
    standing = nw.concat(
        [frames.plain(t).select(nw.col("org_code").alias("org"), nw.col(f).alias("stands")) for t, f in targets.items()],
        how="vertical",
    )
    rows = joins.without_counterpart(frames.rows(ledger), standing, {"org_code": "org", a["field"]: "stands"})
    chosen = list(dict.fromkeys(["row_id", "org_code", "source_id", "sheet_row", a["field"], *a["records"]]))
    met = [r for r in frames.records(rows.select(*chosen)) if (r["org_code"] or "") in looked]
    near = in_the_village(frames, standing, {r[a["field"]] for r in met})
    village, (none, but) = villages(frames), no_reference(frames)
    other = other_owners(frames) if met else {}
    cases = [
        _dangling_case(frames, spec, r)
        for r in met
        if not any((village.get(o), r[a["field"]]) in near for o in (r["org_code"], other.get(r["source_id"])))
        and "*" not in r[a["field"]]
        and (not r[a["field"]].startswith(none) or r[a["field"]].startswith(but))
    ]
    return Outcome(tuple(cases), looked, reasons)


def no_reference(frames: Frames) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What a cell begins with that says in words that there is no record (未决策), and what looks so and is a name (未央区)."""
    words = frames.catalog.words["rules"]["no_reference"]
    return tuple(words["any"]), tuple(words["but"])


def villages(frames: Frames) -> dict[str, str]:
    """Organisation -> its village: a group belongs to its parent, everyone else to itself."""
    return {o.org_code: o.parent_code if o.level == "group" and o.parent_code else o.org_code for o in frames.organisations}


def other_owners(frames: Frames) -> dict[int, str]:
    """Source -> the organisation of its file or folder, where its head names another one (D06)."""
    frame = frames.plain(ATTRIBUTIONS)
    if frame is None:
        return {}
    codes = {o.name: o.org_code for o in frames.organisations}
    return {r["source_id"]: codes[r["expected"]] for r in frames.records(frame) if r["kind"] == "disagree" and r["expected"] in codes}


def in_the_village(frames: Frames, standing: nw.LazyFrame, values: set[str]) -> set[tuple[str | None, str]]:
    """(village, value) of the values that stand somewhere: a group may refer to what its village holds."""
    if not values:
        return set()
    village = villages(frames)
    rows = frames.records(
        standing.filter(nw.col("stands").is_in(sorted(values))).select("org", "stands").unique(), ["org", "stands"]
    )
    return {(village.get(r["org"]), r["stands"]) for r in rows if r["org"] in village}


def _dangling_case(frames: Frames, spec: CheckSpec, row: Row) -> Case:
    a, ledger = spec.arguments, spec.ledgers[0]
    key = tuple(text(row[c]) for c in a["records"])
    if not any(key):
        key = (say("checks.no_row_key", "zh", row=row["sheet_row"]),)
    return Case(
        spec.rule,
        row["org_code"] or "",
        ledger,
        (*key, a["field"], text(row[a["field"]])),
        (key[0],),
        evidence(ledger, [row], (a["field"], *a["records"])),
        a["field"],
        actual=text(row[a["field"]]),
    )


CHECKS: dict[str, Check] = {
    "control_totals": control_totals,
    "attributions": attributions,
    "group_sums_equal": group_sums_equal,
    "first_level_sums_equal": first_level_sums_equal,
    "parents_equal_children": parents_equal_children,
    "running_balance": running_balance,
    "shortfall": shortfall,
    "one_value_two_keys": one_value_two_keys,
    "beside_register": beside_register,
    "dangling": dangling,
    "sequence_gaps": sequence_gaps,
}
