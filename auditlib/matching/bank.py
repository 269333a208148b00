"""The bank account in the books against the bank's statement.

Per account, `movements.match_movements` pairs lines by amount and date, then within the window, then one line with two to
four of one day. Three things come before and after it: a red entry takes out the entry that it reverses; of lines that
could meet in several ways the nearest dates are taken, in order, and marked so; and an item counts as open only when it
is old enough at the year end and its counterpart cannot lie before the year began.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import narwhals as nw

from ..catalog.specs import CheckSpec
from ..checks.frames import Frames, rows_of
from ..checks.outcome import Outcome, applicable
from ..checks.parameters import number
from ..checks.shown import plain, yuan
from ..engine.beside import cores
from ..kernels.terms import nil, starts_with_any
from ..words.messages import say
from ..words.records import BankReconciliation, Case, Evidence, Match
from .bank_decisions import BankDecision, Decided, placed
from .bank_lines import Account, Paired, Row, Window, bank_name, book_name
from .bank_statement import book_openings, monthly, opening_of
from .exchangeable import exchangeable
from .movements import Ambiguous, Movement, match_movements
from .reconciliation import Reconciled, name_of
from .shares import cut, shared_out
from .why_not import WhyNot, why_not

if TYPE_CHECKING:
    import pyarrow as pa

CONFIRMED = "confirmed"  # how a pair met that a person told to be one
GONE = "decision without its lines (choice)"
NOTHING = Decided()
_NOTHING_OFF = yuan(0)
_LINES_AT_ONCE = 20_000  # of both sides, as rows in memory
WORTH_A_PROCESS = 100_000  # lines from which on a further process gains more than its start costs
_MOST_PROCESSES = 4
FEWEST_DIGITS = 4  # of an account number that a detail must end with to name it


def book_and_bank(frames: Frames, spec: CheckSpec) -> Reconciled:
    """Items of the books without the bank and of the bank without the books: one case for each account and side.

    Ledgers: journal, statement, and the filed accounts where there are any. Arguments: accounts (prefixes).
    """
    journal, statement = spec.ledgers[:2]
    needs = {journal: ["date", "account_code", "debit", "credit"], statement: ["account_no", "date", "paid_in", "paid_out"]}
    looked, reasons = applicable(frames, needs)
    books, banks = _book_lines(frames, journal, spec.arguments["accounts"]), _bank_lines(frames, statement)
    asked = _by_org(frames.inputs.bank_decisions)
    lines = _lines_of(books), _lines_of(banks)
    orgs = sorted(set(lines[1]) & set(looked))
    looked |= {org: lines[0].get(org, 0) + lines[1][org] for org in orgs}
    settings = _Settings(
        spec,
        Window(
            frames.settings.year_start,
            frames.settings.year_end,
            number("match_window_days", frames.catalog, frames.settings),
            number("bank_item_days", frames.catalog, frames.settings),
        ),
        frames.settings.fiscal_year,
        tuple(frames.catalog.words["matching"]["silent_texts"]),
    )
    filed = _filed(frames, spec.ledgers[2]) if len(spec.ledgers) > 2 else {}
    openings = book_openings(frames, spec.arguments.get("balances", ""), spec.arguments["accounts"])
    loads = [
        _Load(settings, tuple(some), *(_of(t, some) for t in (books, banks)), *(_of_these(m, some) for m in (filed, openings, asked)))
        for some in cut(orgs, [looked[org] for org in orgs], _LINES_AT_ONCE)
    ]  # fmt: skip
    done = [of for part in shared_out(paired_load, loads, _beside(sum(looked[org] for org in orgs))) for of in part]
    matches = [m for of in done for m in of.matches]
    matches += [m for org in asked.keys() - set(orgs) for m in _gone(spec, asked[org])]  # of organisations without a statement now
    reasons = _with_gone(frames, matches, reasons)
    outcome = Outcome(tuple(c for of in done for c in of.cases), looked, reasons)
    return Reconciled(outcome, tuple(matches), tuple(s for of in done for s in of.statements), {of.org_code: of.sides for of in done})


@dataclass(frozen=True, slots=True)
class _Settings:
    """What holds for all organisations."""

    spec: CheckSpec
    window: Window
    year: int
    silent: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Load:
    """Lines of some organisations, and all that is needed to pair them: values alone, so that any process can."""

    settings: _Settings
    orgs: tuple[str, ...]
    books: pa.Table
    banks: pa.Table
    filed: Mapping[str, tuple[str, ...]]
    openings: Mapping[str, Mapping[str, int]]
    asked: Mapping[str, Sequence[BankDecision]]


@dataclass(frozen=True, slots=True)
class _OfOrganisation:
    """What came out for one organisation; `sides` as in Reconciled."""

    org_code: str
    cases: list[Case]
    matches: list[Match]
    statements: list[BankReconciliation]
    sides: tuple[int, int]


def _beside(lines: int) -> int:
    """How many processes beside this one are worth their start."""
    return max(min(cores(), _MOST_PROCESSES, lines // WORTH_A_PROCESS) - 1, 0)


def paired_load(load: _Load) -> list[_OfOrganisation]:
    """Every organisation of a load by itself."""
    books, banks = _grouped(rows_of(load.books)), _grouped(rows_of(load.banks))
    return [_paired_of(load, org, books.get(org, []), banks[org]) for org in load.orgs]


def _paired_of(load: _Load, org: str, books: list[Row], banks: list[Row]) -> _OfOrganisation:
    spec, window = load.settings.spec, load.settings.window
    filed = load.filed.get(org, ())
    settled = placed(assign(org, books, banks, filed), books, load.asked.get(org, ()))
    accounts = settled.accounts
    sides = sum(len(a.book) for a in accounts), sum(len(a.bank) for a in accounts)
    found = _OfOrganisation(org, [], _gone(spec, settled.gone), [], sides)
    only = len(accounts) == 1 and len({*(a.account_no for a in accounts), *filed}) == 1
    for account in accounts:
        paired = pair(account, window, load.settings.silent, settled.decided.get(account.account_no, NOTHING))
        found.matches.extend(_matches(spec, account, paired, window))
        found.cases.extend(_cases(spec, account, paired, window, load.settings.year))
        opening = opening_of(account, books, load.openings.get(org), only=only)
        found.statements.extend(monthly(account, paired, opening, window.start, window.end))
    return found


def _lines_of(table: pa.Table) -> dict[str, int]:
    """Organisation -> its lines."""
    import pyarrow.compute as pc

    return {r["values"]: r["counts"] for r in pc.value_counts(table["org_code"]).to_pylist()}


def _of(table: pa.Table, orgs: Sequence[str]) -> pa.Table:
    import pyarrow as pa
    import pyarrow.compute as pc

    return table.filter(pc.is_in(table["org_code"], value_set=pa.array(orgs, pa.string())))


def _of_these(found: Mapping[str, Any], orgs: Iterable[str]) -> dict[str, Any]:
    return {org: found[org] for org in orgs if org in found}


def _by_org(decisions: Iterable[BankDecision]) -> dict[str, list[BankDecision]]:
    found: dict[str, list[BankDecision]] = defaultdict(list)
    for decision in decisions:
        found[decision.org_code].append(decision)
    return dict(found)


def _gone(spec: CheckSpec, decisions: Iterable[BankDecision]) -> list[Match]:
    """Decisions whose lines are not there any more: shown, for a person to look at."""
    return [Match(name_of(spec), d.org_code, "; ".join(d.book), "; ".join(d.bank), GONE, None, 0, 0) for d in decisions]


def _with_gone(frames: Frames, matches: Iterable[Match], reasons: Mapping[str, str]) -> dict[str, str]:
    """The reasons, and for each organisation how many decisions have lost their lines."""
    told = dict(reasons)
    for org, count in sorted(Counter(m.org_code for m in matches if m.how == GONE).items()):
        line = say("reconciled.decisions_gone", frames.settings.language, n=count)
        told[org] = f"{told[org]}; {line}" if told.get(org) else line
    return told


def _grouped(rows: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["org_code"] or ""].append(row)
    return found


def _book_lines(frames: Frames, journal: str, accounts: Sequence[str]) -> pa.Table:
    rows = frames.rows(journal).filter(starts_with_any("account_code", accounts) & ~nw.col("date").is_null())
    rows = rows.with_columns((nil(nw.col("debit")) - nil(nw.col("credit"))).alias("flow"))
    rows = rows.with_columns(
        nw.when((nw.col("debit") < 0) | (nw.col("credit") < 0)).then(nw.lit(1)).otherwise(nw.lit(0)).alias("is_red")
    )
    columns = [
        "row_id",
        "org_code",
        "date",
        "voucher_no",
        "account_code",
        "account_name",
        "detail",
        "counterparty",
        "summary",
        "flow",
        "is_red",
    ]
    return frames.table(_with_org(rows.filter(nw.col("flow") != 0).select(*columns)))


def _bank_lines(frames: Frames, statement: str) -> pa.Table:
    rows = frames.rows(statement).filter(~nw.col("date").is_null() & ~nw.col("account_no").is_null())
    rows = rows.with_columns((nil(nw.col("paid_in")) - nil(nw.col("paid_out"))).alias("flow")).filter(nw.col("flow") != 0)
    columns = ("row_id", "sheet_row", "org_code", "date", "account_no", "counterparty", "memo", "flow", "balance")
    return frames.table(_with_org(rows.select(*columns)))


def _with_org(rows: nw.LazyFrame) -> nw.LazyFrame:
    return rows.with_columns(nw.coalesce(nw.col("org_code"), nw.lit("")).alias("org_code"))


def _filed(frames: Frames, ledger: str) -> dict[str, tuple[str, ...]]:
    if not frames.has(ledger):
        return {}
    rows = frames.records(
        frames.plain(ledger).filter(~nw.col("account_no").is_null()).select("org_code", "account_no"), ["org_code", "account_no"]
    )
    return {org: tuple(r["account_no"] for r in mine) for org, mine in _grouped(rows).items()}


# --- which book line belongs to which account -------------------------------------------------------------------------


def assign(org: str, books: Sequence[Row], banks: Sequence[Row], filed: Iterable[str]) -> list[Account]:
    """The organisation's accounts that have a statement, each with its book lines.

    A book line names its account in its detail; else its account code does, where all lines of that code that name one
    name the same; else the account whose lines its code meets most often; else the only account there is. Lines of an
    account without a statement belong to none.
    """
    stated = sorted({r["account_no"] for r in banks})
    every = sorted({*stated, *(f for f in filed if not any(_masks(s, f) for s in stated))})
    told: dict[tuple[Any, Any], str] = {}  # what lines say of their account they say again and again
    for row in books:
        said = row["detail"], row["account_name"]
        if said not in told:
            told[said] = _named(said, every)
    named = {r["row_id"]: told[r["detail"], r["account_name"]] for r in books}
    of_code = _codes(books, named, banks, every)
    mine: dict[str, dict[int, Row]] = {a: {} for a in every}
    for row in books:
        account = named[row["row_id"]] or of_code.get(row["account_code"], "")
        if account:
            mine[account][row["row_id"]] = row
    of_bank: dict[str, dict[int, Row]] = {a: {} for a in stated}
    for row in banks:
        of_bank[row["account_no"]][row["row_id"]] = row
    return [Account(org, a, mine[a], of_bank[a]) for a in stated]


def _masks(shown: str, whole: str) -> bool:
    """True when `shown` is `whole` with its middle hidden (6228****1234)."""
    return "*" in shown and re.fullmatch(r"\d+".join(re.escape(p) for p in re.split(r"\*+", shown)), whole) is not None


def _named(texts: Iterable[Any], accounts: Sequence[str]) -> str:
    """The account that one of the texts (the line's detail, its account name) ends with or holds; '' for none or several."""
    for text in texts:
        for digits in re.findall(rf"\d{{{FEWEST_DIGITS},}}", text or ""):
            found = [a for a in accounts if a == digits] or [
                a
                for a in accounts
                if a.endswith(digits) or a in digits or _masks(a, digits) or ("*" in a and a.split("*")[-1] == digits)
            ]
            if len(found) == 1:
                return found[0]
    return ""


def _codes(books: Sequence[Row], named: Mapping[int, str], banks: Sequence[Row], every: Sequence[str]) -> dict[str, str]:
    """Account code -> bank account, for lines that name none themselves."""
    said: dict[str, Counter[str]] = defaultdict(Counter)
    for row in books:
        if named[row["row_id"]]:
            said[row["account_code"]][named[row["row_id"]]] += 1
    silent = {code for code in {r["account_code"] for r in books} if len(said[code]) != 1}
    met = _met(books, silent, banks) if len(every) > 1 else {code: Counter(every) for code in silent}
    found = {code: next(iter(said[code])) for code in said.keys() - silent}
    return found | {code: max(sorted(accounts), key=lambda a: accounts[a]) for code, accounts in met.items() if accounts}


def _met(books: Sequence[Row], codes: Collection[str], banks: Sequence[Row]) -> dict[str, Counter[str]]:
    """Account code -> how often its lines are met by a line of day and amount, by the bank account of that."""
    at: dict[tuple[Any, int], list[str]] = defaultdict(list)
    for row in banks if codes else ():
        at[row["date"], row["flow"]].append(row["account_no"])
    met: dict[str, Counter[str]] = defaultdict(Counter)
    for row in books if codes else ():
        if row["account_code"] in codes:
            met[row["account_code"]].update(at.get((row["date"], row["flow"]), ()))
    return met


# --- pairing ----------------------------------------------------------------------------------------------------------


def pair(account: Account, window: Window, silent_texts: Collection[str] = (), decided: Decided = NOTHING) -> Paired:
    """Pairs the lines of one account; `silent_texts` are texts of bank lines that tell no two lines apart.

    What a person `decided` comes first: lines told to be one are, and lines told not to be are never paired.
    """
    told = {i for lefts, _ in decided.same for i in lefts}, {j for _, rights in decided.same for j in rights}
    reversed_pairs, rest = reversals({i: r for i, r in account.book.items() if i not in told[0]})
    book = [Movement(i, r["flow"], r["date"], r["counterparty"] or r["summary"] or "") for i, r in rest.items()]
    bank = [Movement(i, r["flow"], r["date"], r["counterparty"] or r["memo"] or "") for i, r in account.bank.items() if i not in told[1]]
    matched = match_movements(book, bank, window_days=window.days, silent_texts=silent_texts)
    paired = Paired([(rows, (), "reversed") for rows in reversed_pairs], list(matched.left_only), list(matched.right_only))
    paired.pairs += [(p.left, p.right, p.how if p.certain else f"{p.how} (tie)") for p in matched.pairs]
    lines = ({m.row: m for m in book}, {m.row: m for m in bank})
    for group in matched.ambiguous:
        _settle(group, lines, window.days, paired, decided.different)
    _leave_what_the_bank_has(paired, account, window.days, decided.different)
    paired.reasons = {(w.side, w.row): w for w in why_not(matched, book, bank, window.days)}
    if decided.different:
        _apart(paired, lines, window.days, decided.different)
    paired.pairs += [(lefts, rights, CONFIRMED) for lefts, rights in decided.same]
    paired.notes = {key: d.told for key, d in decided.notes.items()}
    return paired


def _apart(
    paired: Paired, lines: tuple[Mapping[int, Movement], Mapping[int, Movement]], days: int, different: Collection[tuple[int, int]]
) -> None:
    """Takes apart the pairs that a person refused; each line freed may meet another of its amount, and of these the nearest."""
    refused = [p for p in paired.pairs if any((i, j) in different for i in p[0] for j in p[1])]
    paired.pairs = [p for p in paired.pairs if p not in refused]
    for lefts, rights, _ in refused:
        paired.book_only += lefts
        paired.bank_only += rights
        paired.reasons |= {("left", i): WhyNot("left", i, rights[0], "refused") for i in lefts}
        paired.reasons |= {("right", j): WhyNot("right", j, lefts[0], "refused") for j in rights}
    freed = {i for lefts, _, _ in refused for i in lefts}, {j for _, rights, _ in refused for j in rights}
    choices = sorted(
        (abs((lines[0][i].date - lines[1][j].date).days), i, j)
        for i, j in {*product(freed[0], paired.bank_only), *product(paired.book_only, freed[1])}
        if lines[0][i].amount == lines[1][j].amount and (i, j) not in different
    )
    for apart, i, j in choices:
        if apart <= days and i in paired.book_only and j in paired.bank_only:
            paired.pairs.append(((i,), (j,), "amount+date (tie)" if not apart else "amount+window (tie)"))
            paired.book_only.remove(i)
            paired.bank_only.remove(j)


def reversals(book: Mapping[int, Row]) -> tuple[list[tuple[int, int]], dict[int, Row]]:
    """Red entries with the entry they take back (same account code, opposite flow, the nearest before), and what is left."""
    left, found = dict(book), []
    reds = sorted(((i, r) for i, r in book.items() if r["is_red"]), key=lambda e: (e[1]["date"], e[0]))
    black: dict[tuple[int, str], list[tuple[int, Row]]] = defaultdict(list)
    for i, row in book.items() if reds else ():
        if not row["is_red"]:
            black[row["flow"], row["account_code"]].append((i, row))
    for row_id, red in reds:
        alike = black[-red["flow"], red["account_code"]]
        back = [(i, r) for i, r in alike if i in left and (r["date"], i) < (red["date"], row_id)]
        if back:
            nearest, _ = max(back, key=lambda e: (e[1]["counterparty"] == red["counterparty"], e[1]["date"], e[0]))
            found.append((nearest, row_id))
            del left[nearest], left[row_id]
    return found, left


def _leave_what_the_bank_has(paired: Paired, account: Account, days: int, different: Collection[tuple[int, int]]) -> None:
    """Booked, taken back in red and booked again: of the two black entries, which are one to the books, the red one takes out the one
    that the bank does not have."""
    free = [(j, account.bank[j]) for j in paired.bank_only]
    for place, (lefts, rights, how) in enumerate(list(paired.pairs)):
        if how != "reversed" or not free:
            continue
        first, red = lefts
        again = next((k for k in paired.book_only if _is_alike(account.book[k], account.book[first])), None)
        at_bank = next((j for j, r in free if _meets(account.book[first], r, days) and (first, j) not in different), None)
        if again is not None and at_bank is not None:
            paired.pairs[place] = ((again, red), rights, how)
            paired.pairs.append(((first,), (at_bank,), "amount+window"))
            paired.book_only.remove(again)
            paired.bank_only.remove(at_bank)
            free = [(j, r) for j, r in free if j != at_bank]


def _is_alike(one: Row, other: Row) -> bool:
    return bool(one["flow"] == other["flow"] and one["account_code"] == other["account_code"])


def _meets(entry: Row, line: Row, days: int) -> bool:
    return bool(entry["flow"] == line["flow"] and abs((entry["date"] - line["date"]).days) <= days)


def _settle(
    group: Ambiguous, lines: tuple[Mapping[int, Movement], Mapping[int, Movement]], days: int, paired: Paired,
    different: Collection[tuple[int, int]] = (),
) -> None:  # fmt: skip
    """Lines that could meet in several ways: equal amounts by the nearest date, then in order; marked as a tie."""
    book, bank = lines
    choices = sorted(
        (abs((book[i].date - bank[j].date).days), i, j)
        for i in group.left
        for j in group.right
        if book[i].amount == bank[j].amount and abs((book[i].date - bank[j].date).days) <= days and (i, j) not in different
    )
    free, free_bank = set(group.left), set(group.right)
    for apart, i, j in choices:
        if i in free and j in free_bank:
            paired.pairs.append(((i,), (j,), "amount+date (tie)" if not apart else "amount+window (tie)"))
            free.discard(i)
            free_bank.discard(j)
    settled = len(free) < len(group.left)
    if not settled and free and free_bank:  # several sums lead to one line: the money is there, only which lines is not sure
        paired.pairs.append((tuple(sorted(free)), tuple(sorted(free_bank)), "sum (tie)"))
        return
    paired.book_only += sorted(free)
    paired.bank_only += sorted(free_bank)


# --- what is told -----------------------------------------------------------------------------------------------------


def _matches(spec: CheckSpec, account: Account, paired: Paired, window: Window) -> list[Match]:
    name, org, book, bank = name_of(spec), account.org_code, account.book, account.bank
    groups = exchangeable(account, paired, window.days)
    found = []
    for left, right, how in paired.pairs:
        if len(left) == len(right) == 1:  # of one amount, whatever way they met
            sides, group = (book_name(book[left[0]]), bank_name(bank[right[0]])), groups.get(("book", left[0]), "")
            found.append(Match(name, org, *sides, how, _NOTHING_OFF, 1, 1, group))
            continue
        off = sum(book[i]["flow"] for i in left) - sum(bank[j]["flow"] for j in right)
        sides = (_joined(book, left, book_name), _joined(bank, right, bank_name))
        found.append(Match(name, org, *sides, how, yuan(off), len(left), len(right)))
    for side, lines, rows, named in (("book", book, paired.book_only, book_name), ("bank", bank, paired.bank_only, bank_name)):
        for i in rows:
            how = "unmatched" if window.is_open(lines[i]["date"]) else "in transit"
            sides = (named(lines[i]), "") if lines is book else ("", named(lines[i]))
            sign = 1 if lines is book else -1
            found.append(Match(name, org, *sides, how, yuan(sign * lines[i]["flow"]), group=groups.get((side, i), "")))
    return sorted(found, key=lambda m: (m.left, m.right, m.how))


def _joined(lines: Mapping[int, Row], rows: Iterable[int], name: Any) -> str:
    return "; ".join(name(lines[i]) for i in rows)


def _cases(spec: CheckSpec, account: Account, paired: Paired, window: Window, year: int) -> list[Case]:
    journal, statement = spec.ledgers[:2]
    sides = (
        ("bank_only", statement, account.bank, paired.bank_only, ("date", "counterparty", "account_no")),
        ("book_only", journal, account.book, paired.book_only, ("date", "voucher_no", "account_code")),
    )
    cases = []
    for variant, ledger, lines, rows, shown in sides:
        late = sorted((i for i in rows if window.is_open(lines[i]["date"])), key=lambda i: (-abs(lines[i]["flow"]), i))
        if not late:
            continue
        inward, outward = ("paid_in", "paid_out") if ledger == statement else ("debit", "credit")
        pieces = tuple(Evidence(ledger, i, (inward if lines[i]["flow"] > 0 else outward, *shown)) for i in late)
        listed = "; ".join(f"{lines[i]['date'].isoformat()} {plain(lines[i]['flow'], 2)}" for i in late)
        cases.append(
            Case(
                spec.rule,
                account.org_code,
                ledger,
                (account.account_no, variant),
                (account.account_no,),
                pieces,
                pieces[0].fields[0],
                yuan(abs(lines[late[0]]["flow"])),
                "",
                listed,
                str(year),
                variant,
            )
        )
    return cases
