"""What the forms of one organisation say: its hand-over, its stocktake, its bank reconciliations, from the results of an audit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from ..checks.frames import Frames
from ..words.records import BankReconciliation
from .bank_statement import verdict_of
from .book_figures import books_word, judged_items, plain_quantity
from .figures import grouped, yuan
from .forms import Names, Values, names_of, organisation_texts, texts
from .handover_status import STATUSES, circumstances, class_statuses
from .view import CountyView

REGISTER, COUNT = "fixed_assets", "asset_count"
_RECONCILIATION = "fixed_assets__asset_count"
Row = Mapping[str, Any]


# ---- 移交核查表 ------------------------------------------------------------------------------------------------

HANDOVER = names_of(
    "handed_by", "received_by", "supervised_by", "elected_on", "handed_on", "days", "count", *STATUSES,
    tables={
        "classes": texts("no", "name", "items", "status", "remark", *STATUSES),
        "items": texts(
            "number", "class", "item", "quantity_out", "amount_out", "quantity_in", "amount_in", "handed_by", "received_by",
            "supervised_by", "books", "status", "row",
        ),
    },
)  # fmt: skip


def handover_values(view: CountyView, code: str) -> Values:
    """The hand-over of an organisation by class and item."""
    items = judged_items(view, code)
    told = circumstances([i.item for i in items])
    people = {name: view.t("list").join(told[name]) or view.t("handover.nobody") for name in ("handed_by", "received_by", "supervised_by")}
    days = {name: view.t("list").join(d.isoformat() for d in told[name]) or "—" for name in ("elected_on", "handed_on")}
    span = "—" if told["days"] is None else view.t("handover.days", n=told["days"])
    counts = {status: str(sum(i.status == status for i in items)) for status in STATUSES}
    classes = [
        {
            "no": str(n), "name": c.zh if view.language == "zh" else c.en, "items": _count(len(c.items)),
            **{s: _count(c.count(s)) for s in STATUSES}, "status": view.t(f"handover.status.{c.status}"),
            "remark": "" if c.is_listed else view.t(f"handover.unlisted.{c.status}"),
        } for n, c in enumerate(class_statuses(items), 1)
    ]  # fmt: skip
    lines = [
        {
            "number": i.item.number, "class": i.item.item_class, "item": i.item.item, "quantity_out": plain_quantity(i.item.quantity_out),
            "amount_out": yuan(i.item.amount_out), "quantity_in": plain_quantity(i.item.quantity_in), "amount_in": yuan(i.item.amount_in),
            "handed_by": i.item.handed_by, "received_by": i.item.received_by, "supervised_by": i.item.supervised_by,
            "books": books_word(view, i), "status": view.t(f"handover.status.{i.status}"), "row": str(i.item.row),
        } for i in items
    ]  # fmt: skip
    said = {**organisation_texts(view, code), **people, **days, "days": span, "count": str(len(items)), **counts}
    return Values(said, {"classes": classes, "items": lines})


def _count(number: int) -> str:
    return grouped(number) if number else ""


# ---- 银行存款余额调节表 ----------------------------------------------------------------------------------------

_BALANCES = (
    "bank_balance", "book_balance", "book_in", "bank_in", "book_out", "bank_out", "adjusted_bank", "adjusted_book", "brought_forward",
    "difference",
)  # fmt: skip
BANK = names_of(
    groups={
        "statements": Names(
            texts("first", "account_no", "bank", "holder", "month", "ends_on", "verdict", *_BALANCES),
            {"items": texts("side", "on", "name", "text", "amount", "days", "cleared_on")},
        )
    }
)


def bank_values(view: CountyView, code: str, frames: Frames) -> Values:
    """Every reconciliation of the organisation, account by account and month by month."""
    accounts = {row["account_no"]: row for row in _rows_of(frames, "bank_accounts", code, ("account_no", "bank", "holder"))}
    statements = [s for s in view.run.statements if s.org_code == code]
    groups = [_statement(view, s, accounts.get(s.account_no, {}), is_first=not n) for n, s in enumerate(statements)]
    return Values(organisation_texts(view, code), {}, {"statements": groups})


def _statement(view: CountyView, s: BankReconciliation, account: Row, *, is_first: bool) -> Values:
    amounts = {name: view.t("bank.not_known") if (v := getattr(s, name)) is None else yuan(v) for name in _BALANCES}
    items = [
        {
            "side": view.t(f"bank.side.{i.side}"), "on": i.on.isoformat(), "name": i.name, "text": i.text, "amount": yuan(i.amount),
            "days": grouped(i.days), "cleared_on": i.cleared_on.isoformat() if i.cleared_on else "",
        } for i in s.items
    ]  # fmt: skip
    said = {
        "first": "1" if is_first else "", "account_no": s.account_no, **{name: account.get(name) or "—" for name in ("bank", "holder")},
        "month": s.ends_on.isoformat()[:7], "ends_on": s.ends_on.isoformat(), "verdict": verdict_of(view, s), **amounts,
    }  # fmt: skip
    return Values(said, {"items": items})


# ---- 盘点表 ----------------------------------------------------------------------------------------------------

_LINE = texts(
    "no", "asset_no", "name", "category", "location", "unit", "quantity", "original_value", "net_value", "use_status", "counted",
    "difference", "counted_status", "condition", "result",
)  # fmt: skip
STOCKTAKE = names_of(
    "counted_on", "counted_by", "assets", "original_value", "found", "missing", "short", "over", "beyond", "counted",
    tables={
        "lines": _LINE, "by_place": _LINE,
        "beyond_lines": texts("asset_no", "name", "location", "counted", "counted_status", "condition"),
    },
)  # fmt: skip
_BOOK = ("asset_no", "name", "category", "location", "unit", "quantity", "original_value", "net_value", "use_status")
_COUNTED = ("asset_no", "name", "location", "quantity", "condition", "use_status", "counted_on", "counted_by")


def stocktake_values(view: CountyView, code: str, frames: Frames) -> Values:
    """The assets of the register with what was counted of each, and what was counted beyond it; paired as the reconciliation did."""
    books, counts = _rows_of(frames, REGISTER, code, _BOOK), _rows_of(frames, COUNT, code, _COUNTED)
    paired = {m.left for m in view.matches.get(code, ()) if m.reconciliation == _RECONCILIATION and m.left and m.right}
    by_number: dict[str, list[Row]] = defaultdict(list)
    for row in counts:
        by_number[row["asset_no"] or ""].append(row)
    lines = [_line(view, group, by_number[number] if number in paired else [], bool(counts)) for number, group in _by_number(books)]
    beyond = [_beyond(row) for row in counts if row["asset_no"] not in paired]
    results = [line["result_key"] for line in lines]
    original = [row["original_value"] for row in books if row["original_value"] is not None]
    said = {
        **organisation_texts(view, code), "counted_on": _said(counts, "counted_on"), "counted_by": _said(counts, "counted_by"),
        "assets": grouped(len(lines)), "original_value": yuan(sum(original, Decimal(0))), "counted": "1" if counts else "",
        "found": grouped(sum(r in ("agrees", "short", "over", "unknown") for r in results)), "beyond": grouped(len(beyond)),
        **{key: grouped(results.count(key)) for key in ("missing", "short", "over")},
    }  # fmt: skip
    return Values(said, {"lines": _numbered(lines), "by_place": _numbered(sorted(lines, key=_walk)), "beyond_lines": beyond})


def _by_number(books: Sequence[Row]) -> list[tuple[str, list[Row]]]:
    """Each number once, as the reconciliation takes it; rows without a number stay for themselves."""
    found: dict[tuple[str, int], list[Row]] = defaultdict(list)
    for n, row in enumerate(books):
        found[row["asset_no"] or "", 0 if row["asset_no"] else n].append(row)
    return [(number, rows) for (number, _), rows in found.items()]


def _total(rows: Sequence[Row], name: str) -> Decimal | None:
    """The sum of a column; None where there is no row, or one does not tell."""
    known = [row[name] for row in rows]
    return sum(known, Decimal(0)) if known and None not in known else None


def _line(view: CountyView, books: Sequence[Row], counted: Sequence[Row], is_counted: bool) -> dict[str, str]:
    booked, total = _total(books, "quantity"), _total(counted, "quantity")
    off = None if total is None or booked is None else total - booked
    result = _result(counted, off, is_counted)
    return {
        **{name: _joined(books, name) for name in ("asset_no", "name", "category", "location", "unit", "use_status")},
        "quantity": plain_quantity(booked), "original_value": yuan(_total(books, "original_value")),
        "net_value": yuan(_total(books, "net_value")),
        "counted": plain_quantity(total), "difference": _signed(off), "result": view.t(f"stocktake.{result}") if result else "",
        "counted_status": _joined(counted, "use_status"), "condition": _joined(counted, "condition"), "result_key": result,
    }  # fmt: skip


def _result(counted: Sequence[Row], off: Decimal | None, is_counted: bool) -> str:
    if not counted:
        return "missing" if is_counted else ""
    return "unknown" if off is None else "agrees" if not off else "over" if off > 0 else "short"


def _signed(off: Decimal | None) -> str:
    return "" if off is None else "0" if not off else f"{'+' if off > 0 else '-'}{plain_quantity(abs(off))}"


def _joined(rows: Sequence[Row], name: str) -> str:
    return "/".join(dict.fromkeys(str(row[name]) for row in rows if row[name]))


def _said(rows: Sequence[Row], name: str) -> str:
    """All that the rows say, in order; a dash for nothing."""
    return "/".join(sorted({str(row[name]) for row in rows if row[name]})) or "—"


def _beyond(row: Row) -> dict[str, str]:
    words = {name: str(row[name] or "") for name in ("asset_no", "name", "location", "condition")}
    return {**words, "counted": plain_quantity(row["quantity"]), "counted_status": str(row["use_status"] or "")}


def _walk(line: Mapping[str, str]) -> tuple[str, str, str]:
    return line["location"], line["name"], line["asset_no"]


def _numbered(lines: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    return [{**line, "no": str(n)} for n, line in enumerate(lines, 1)]


def _rows_of(frames: Frames, ledger: str, code: str, fields: Sequence[str]) -> list[Row]:
    """The rows of one organisation in the order of the file; amounts and quantities as decimals."""
    import narwhals as nw

    plain = frames.plain(ledger)
    if plain is None:
        return []
    specs = frames.catalog.ledgers[ledger].fields
    rows = frames.records(plain.filter(nw.col("org_code") == code).select("row_id", *fields))
    return [{name: _decimal(row[name], specs[name].scale) for name in fields} for row in rows]


def _decimal(value: Any, scale: int) -> Any:
    return value if value is None or not scale else Decimal(value).scaleb(-scale)


FILLED: Mapping[str, tuple[Names, Callable[[CountyView, str, Frames], Values]]] = {
    "handover-check": (HANDOVER, lambda view, code, frames: handover_values(view, code)),
    "stocktake": (STOCKTAKE, stocktake_values),
    "stocktake-blank": (STOCKTAKE, stocktake_values),
    "bank-reconciliation": (BANK, bank_values),
}

