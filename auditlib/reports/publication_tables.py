"""The sheet for the notice board as sections and tables of values: the page and the workbook show the same ones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ..catalog.specs import SCALES
from ..issues.issue import Issue, State
from ..words.messages import say
from .publication import Board
from .publication_books import Entry, Movement, yuan_of
from .publication_ties import Tie, balance_at, totals
from .view import CountyView

_UNCONFIRMED = frozenset((State.RAISED, State.DECLINE_ASKED, State.DECLINED, State.JOINED))
_DONE = frozenset((State.CLOSED,))
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table: `kind` is item, group (a heading within the table) or total."""

    cells: tuple[object, ...]
    kind: str = "item"


@dataclass(frozen=True, slots=True)
class BoardTable:
    """`columns` are (title, kind): text, wide, nowrap, money, area, count; cells are texts, numbers or None."""

    caption: str
    columns: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class BoardSection:
    name: str
    title: str
    tables: tuple[BoardTable, ...]
    notes: tuple[str, ...] = ()  # below the tables; what is not published, and why, stands here


def sections_of(board: Board, view: CountyView) -> tuple[BoardSection, ...]:
    """The sections of a sheet in reading order; none is left out because nothing was delivered."""
    made = (_spent("income"), _spent("spending"), _money, _claims, _contracts, _property, _distribution, _matters, _checked)
    return tuple(make(board, view) for make in made)


def summary_of(board: Board) -> tuple[tuple[str, Decimal | None], ...]:
    """What stands on top: money at the start, income, spending, money at the end; None where the books do not tell."""
    sums, lines = totals(board.books, board.words), _balances(board)
    start, end = (_sum(line[n] for line in lines) for n in (1, 4))
    if not board.books.has_journal:
        return (("start", None), ("income", None), ("spending", None), ("end", None))
    return (("start", start), ("income", sums["income"]), ("spending", sums["spending"] + sums["tax"]), ("end", end))


def _sum(values: Iterable[Decimal | None]) -> Decimal | None:
    told = list(values)
    return sum((v for v in told if v is not None), Decimal(0)) if told and None not in told else None


def _t(view: CountyView, key: str, **values: object) -> str:
    return say(f"publication.{key}", view.language, **values)


def _columns(view: CountyView, *names: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((_t(view, f"column.{name}"), kind) for name, kind in names)


def _section(view: CountyView, name: str, tables: Sequence[BoardTable], notes: Iterable[str] = ()) -> BoardSection:
    return BoardSection(name, _t(view, f"section.{name}"), tuple(tables), tuple(notes))


# Income and spending, item by item


def _spent(group: str) -> Any:
    def section(board: Board, view: CountyView) -> BoardSection:
        if not board.books.has_journal:
            return _section(view, group, (), [_t(view, "gap.journal")])
        groups = (group, "tax") if group == "spending" else (group,)
        entries = [e for e in board.books.entries if board.words.group_of(e.account) in groups]
        if not entries:
            return _section(view, group, (), [_t(view, f"nothing.{group}")])
        columns = _columns(view, ("on", "nowrap"), ("voucher", "nowrap"), ("matter", "wide"), ("other_side", "text"), ("amount", "money"))
        lines = [line for account in sorted({e.account for e in entries}) for line in _account(board, view, account, entries)]
        lines.append(Line((_t(view, f"total.{group}"), "", "", "", sum((e.amount for e in entries), Decimal(0))), "total"))
        lines.append(Line((_t(view, "total.to_date"), "", "", "", _to_date(board, groups)), "total"))
        return _section(view, group, [BoardTable(_t(view, f"caption.{group}"), columns, tuple(lines))])

    return section


def _account(board: Board, view: CountyView, account: str, entries: Sequence[Entry]) -> list[Line]:
    """An account of the first level with its sum, then its lines by the account below."""
    mine = sorted((e for e in entries if e.account == account), key=lambda e: (e.detail, e.on))
    named = board.words.name(account, view.language, mine[0].detail)
    official = board.words.official.get(account, "")
    head = f"{named} — {official}" if official and not named.startswith(official) and view.language == "zh" else named
    lines = [Line((head, "", "", "", sum((e.amount for e in mine), Decimal(0))), "group")]
    return lines + [Line((_day(e.on), e.voucher_no, _matter(board, e), board.veil.party(e.counterparty), e.amount)) for e in mine]


def _matter(board: Board, entry: Entry) -> str:
    told = board.veil.text(entry.summary, board.people)
    return f"{entry.detail} · {told}" if entry.detail and entry.detail not in told else told


def _day(day: Any) -> str:
    return day.isoformat() if day else "—"


def _to_date(board: Board, groups: Sequence[str]) -> Decimal:
    told = ((board.words.group_of(account), moved.net) for account, moved in board.books.to_date.items())
    return sum((-net if group == "income" else net for group, net in told if group in groups), Decimal(0))


# Money


def _balances(board: Board) -> list[tuple[str, Decimal | None, Decimal, Decimal, Decimal | None]]:
    """Account, start, in, out, end, of every account of money that the books hold."""
    books, found = board.books, []
    for account in board.words.money:
        balance, moved = (books.balances or {}).get(account), books.period.get(account, Movement())
        shut = books.year.get(account, Movement())
        if balance is None and not (shut.debit or shut.credit):
            continue
        start = balance_at(balance, books.before.get(account))
        found.append((account, start, moved.debit, moved.credit, None if start is None else start + moved.net))
    return found


def _money(board: Board, view: CountyView) -> BoardSection:
    tables, notes = [], []
    if board.books.has_journal:
        lines = [Line((board.words.name(a, view.language), *told)) for a, *told in _balances(board)]
        sums = [_sum(line.cells[n] for line in lines) for n in range(1, 5)]  # type: ignore[misc]
        columns = _columns(view, ("money", "text"), ("start", "money"), ("came_in", "money"), ("went_out", "money"), ("end", "money"))
        tables.append(BoardTable(_t(view, "caption.money"), columns, (*lines, Line((_t(view, "total.money"), *sums), "total"))))
        if board.books.balances is None:
            notes.append(_t(view, "gap.trial_balance"))
    else:
        notes.append(_t(view, "gap.journal"))
    tables += _moves(board, view)
    return _section(view, "money", [*tables, *_accounts(board, view, notes)], notes)


def _moves(board: Board, view: CountyView) -> list[BoardTable]:
    if not board.books.moves:
        return []
    lines = []
    for account in sorted({e.account for e in board.books.moves}):
        mine = [e for e in board.books.moves if e.account == account]
        lines.append(Line((board.words.name(account, view.language), "", "", "", *_both_ways(mine)), "group"))
        lines += [
            Line((_day(e.on), e.voucher_no, _matter(board, e), board.veil.party(e.counterparty), *_both_ways([e]))) for e in mine
        ]  # fmt: skip
    names = (
        ("on", "nowrap"), ("voucher", "nowrap"), ("matter", "wide"), ("other_side", "text"), ("came_in", "money"), ("went_out", "money"),
    )  # fmt: skip
    return [BoardTable(_t(view, "caption.moves"), _columns(view, *names), tuple(lines))]


def _both_ways(entries: Iterable[Entry]) -> tuple[Decimal | None, Decimal | None]:
    amounts = [e.amount for e in entries]
    came, went = sum((a for a in amounts if a > 0), Decimal(0)), sum((-a for a in amounts if a < 0), Decimal(0))
    return came or None, went or None


def _accounts(board: Board, view: CountyView, notes: list[str]) -> list[BoardTable]:
    rows = board.registers["bank_accounts"]
    if rows is None:
        notes.append(_gap(view, "bank_accounts"))
        return []
    lines = [Line((r["bank"] or "—", r["purpose"] or "—", f"****{(r['account_no'] or '')[-4:]}", r["status"] or "—")) for r in rows]
    columns = _columns(view, ("bank", "text"), ("purpose", "text"), ("account_no", "nowrap"), ("state", "nowrap"))
    return [BoardTable(_t(view, "caption.accounts"), columns, tuple(lines))]


def _gap(view: CountyView, ledger: str) -> str:
    return _t(view, "gap.ledger", ledger=view.ledger(ledger))


# Claims and debts, contracts, property


def _claims(board: Board, view: CountyView) -> BoardSection:
    rows = board.registers["claims"]
    if rows is None:
        return _section(view, "claims", (), [_gap(view, "claims")])
    tables = []
    for kind, key in (("债权", "claims"), ("债务", "debts")):
        mine = sorted((r for r in rows if r["kind"] == kind), key=lambda r: -(r["amount"] or 0))
        lines = [Line((board.veil.party(r["counterparty"]), _day(r["arisen_on"]), _day(r["due_on"]), yuan_of(r["amount"]))) for r in mine]
        lines.append(Line((_t(view, "total.all"), "", "", yuan_of(sum(r["amount"] or 0 for r in mine))), "total"))
        columns = _columns(view, ("other_side", "text"), ("arisen", "nowrap"), ("due", "nowrap"), ("amount", "money"))
        tables.append(BoardTable(_t(view, f"caption.{key}", n=len(mine)), columns, tuple(lines)))
    lost = sum(r["kind"] not in ("债权", "债务") for r in rows)
    notes = [_t(view, "note.claims"), *([_t(view, "note.claims_lost", n=lost)] if lost else ())]
    return _section(view, "claims", tables, notes)


def _contracts(board: Board, view: CountyView) -> BoardSection:
    rows = board.registers["contracts"]
    if rows is None:
        return _section(view, "contracts", (), [_gap(view, "contracts")])
    first, last = board.period.first, board.period.last
    held = [r for r in rows if (r["ends_on"] is None or r["ends_on"] >= first) and (r["starts_on"] is None or r["starts_on"] <= last)]
    received = _received(board)
    lines = [_contract(board, r, received) for r in sorted(held, key=lambda r: (r["kind"] or "", r["contract_no"] or ""))]
    rent = yuan_of(sum(r["annual_rent"] or 0 for r in held))
    paid = yuan_of(sum(received.get(r["contract_no"], 0) for r in held)) if board.registers["receipts"] is not None else None
    lines.append(Line((_t(view, "total.all"), "", "", None, "", "", rent, paid), "total"))
    names = (
        ("contract", "wide"), ("kind", "nowrap"), ("party_b", "text"), ("area", "area"), ("starts", "nowrap"),
        ("ends", "nowrap"), ("rent", "money"), ("received", "money"),
    )  # fmt: skip
    notes = [_t(view, "note.contracts_left", n=len(rows) - len(held))] if len(held) < len(rows) else []
    if board.registers["receipts"] is None:
        notes.append(_gap(view, "receipts"))
    table = BoardTable(_t(view, "caption.contracts", n=len(held)), _columns(view, *names), tuple(lines))
    return _section(view, "contracts", [table], notes)


def _received(board: Board) -> dict[str, int]:
    """Contract -> fen that the register of receipts says came in during the period."""
    found: dict[str, int] = defaultdict(int)
    for row in board.registers["receipts"] or ():
        if row["received_on"] and board.period.first <= row["received_on"] <= board.period.last:
            found[row["contract_no"]] += row["amount_received"] or 0
    return found


def _contract(board: Board, row: Row, received: Mapping[str, int]) -> Line:
    term = (_day(row["starts_on"]), _day(row["ends_on"]))
    paid = None if board.registers["receipts"] is None else yuan_of(received.get(row["contract_no"], 0))
    rent = None if row["annual_rent"] is None else yuan_of(row["annual_rent"])
    name = board.veil.text(row["name"] or row["contract_no"], board.people)
    return Line((name, row["kind"] or "—", board.veil.party(row["party_b"]), _mu(row["area_mu"]), *term, rent, paid))


def _mu(area: int | None) -> Decimal | None:
    return None if area is None else Decimal(area).scaleb(-SCALES["area"]).quantize(Decimal("0.01"))


def _property(board: Board, view: CountyView) -> BoardSection:
    tables, notes = [], []
    resources, assets = board.registers["resources"], board.registers["fixed_assets"]
    if resources is None:
        notes.append(_gap(view, "resources"))
    else:
        columns = _columns(view, ("land_class", "text"), ("use", "text"), ("parcels", "count"), ("area", "area"))
        tables.append(_grouped(view, "resources", columns, resources, ("land_class", "use_status"), "area_mu", _mu))
    if assets is None:
        notes.append(_gap(view, "fixed_assets"))
    else:
        columns = _columns(view, ("nature", "text"), ("use", "text"), ("items", "count"), ("original", "money"))
        tables.append(_grouped(view, "assets", columns, assets, ("nature", "use_status"), "original_value", yuan_of))
    return _section(view, "property", tables, [*notes, _t(view, "note.property")] if tables else notes)


def _grouped(
    view: CountyView, name: str, columns: tuple[tuple[str, str], ...], rows: Sequence[Row], by: tuple[str, str], value: str, shown: Any
) -> BoardTable:
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for row in rows:
        group = sums[row[by[0]] or "—", row[by[1]] or "—"]
        group[0] += 1
        group[1] += row[value] or 0
    lines = [Line((*key, n, shown(total))) for key, (n, total) in sorted(sums.items())]
    lines.append(Line((_t(view, "total.all"), "", len(rows), shown(sum(row[value] or 0 for row in rows))), "total"))
    return BoardTable(_t(view, f"caption.{name}"), columns, tuple(lines))


def _distribution(board: Board, view: CountyView) -> BoardSection:
    rows = board.registers["distributions"]
    if rows is None:
        return _section(view, "distribution", (), [_gap(view, "distributions")])
    first, last = board.period.first, board.period.last
    paid = [r for r in rows if r["paid_on"] and first <= r["paid_on"] <= last]
    if not paid:
        return _section(view, "distribution", (), [_t(view, "nothing.distribution")])
    lines = [_paid(board, row) for row in paid]
    lines.append(Line((_t(view, "total.all"), "", None, "", yuan_of(sum(r["amount"] or 0 for r in paid))), "total"))
    names = (("member_no", "nowrap"), ("member", "nowrap"), ("shares", "area"), ("paid_on", "nowrap"), ("amount", "money"))
    return _section(view, "distribution", [BoardTable(_t(view, "caption.distribution", n=len(paid)), _columns(view, *names), tuple(lines))])


def _paid(board: Board, row: Row) -> Line:
    who = (row["member_no"] or "—", board.veil.person(row["name"]))
    return Line((*who, _share(row["shares"]), _day(row["paid_on"]), yuan_of(row["amount"])))


def _share(shares: int | None) -> Decimal | None:
    return None if shares is None else Decimal(shares).scaleb(-4).quantize(Decimal("0.01"))


# Audit, and the proof that the sheet is the books


def _matters(board: Board, view: CountyView) -> BoardSection:
    """Confirmed matters by kind: what is only suspected, and what was a false alarm, is counted and not told."""
    if board.matters is None:
        return _section(view, "matters", (), [_t(view, "gap.register")])
    confirmed = [i for i in board.matters if i.state not in _UNCONFIRMED]
    waiting = sum(i.state in (State.RAISED, State.DECLINE_ASKED) for i in board.matters)
    by_rule: dict[str, list[Issue]] = defaultdict(list)
    for issue in confirmed:
        by_rule[issue.rule].append(issue)
    lines = [_kind(view, rule, mine) for rule, mine in sorted(by_rule.items())]
    names = (
        ("problem", "text"), ("meaning", "wide"), ("matters", "count"), ("money_involved", "money"), ("put_right", "count"),
        ("in_hand", "count"),
    )  # fmt: skip
    tables = [BoardTable(_t(view, "caption.matters"), _columns(view, *names), tuple(lines))] if lines else []
    notes = [] if lines else [_t(view, "nothing.matters")]
    return _section(view, "matters", tables, [*notes, *([_t(view, "note.waiting", n=waiting)] if waiting else ())])


def _kind(view: CountyView, rule: str, issues: Sequence[Issue]) -> Line:
    card, done = view.card(rule), sum(i.state in _DONE for i in issues)
    amount = sum((i.amount for i in issues if i.amount is not None), Decimal(0))
    name = view.rule_name(rule) if card else _t(view, "other_matter")
    return Line((name, card.what[view.language] if card else "", len(issues), amount or None, done, len(issues) - done))


def _checked(board: Board, view: CountyView) -> BoardSection:
    names = (
        ("sum", "text"), ("published", "money"), ("booked", "money"), ("difference", "money"), ("verdict", "nowrap"), ("against", "text"),
    )  # fmt: skip
    columns = _columns(view, *names)
    tables = [BoardTable(_t(view, "caption.ties"), columns, tuple(_tie(view, tie) for tie in board.ties))] if board.ties else []
    if board.shown:
        lines = [Line((s.item, s.amount, s.booked, None if s.booked is None else s.amount - s.booked)) for s in board.shown]
        tables.append(BoardTable(_t(view, "caption.shown"), columns[:4], tuple(lines)))
    return _section(view, "checked", tables, [_t(view, "note.ties") if board.ties else _t(view, "nothing.ties")])


def _tie(view: CountyView, tie: Tie) -> Line:
    values = (tie.label, tie.published, tie.booked, tie.difference, _t(view, f"tie.{tie.state}"), _t(view, f"against.{tie.against}"))
    return Line(values, "group" if tie.state == "differs" else "item")
