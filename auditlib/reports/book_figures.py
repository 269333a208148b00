"""Balance overview, ledgers in figures and hand-over status on the page of their organisation; every figure leads to its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import cast

from ..kernels.derive import base_fields
from .balance_overview import AccountLine, Identity, Line, Overview, overview, total
from .blocks import cut, empty, facts, heads
from .coverage import expected_ledgers
from .figures import grouped, yuan
from .handover_status import STATUSES, ClassStatus, JudgedItem, circumstances, class_statuses, judged
from .ledger_figures import LedgerFigures, Part
from .ledger_rows import rows_file
from .markup import Safe, escape, join, link, paragraph, table, tag
from .view import CountyView

_PARTS = 30  # values of one column that a book shows
_SIGNS = {"missing": "red", "differing": "orange", "not_verified": "none", "complete": "green"}
_MU = ("area_mu", "household_mu")


def rows_link(view: CountyView, code: str, ledger: str, text: object) -> Safe:
    """`text` as a link to all rows of a ledger of the organisation."""
    return link(f"../{rows_file(view.stems[code], ledger)}", text)


def not_kept(view: CountyView) -> Safe:
    return paragraph(view.t("book.not_kept"), "unrun")


# ---- balance overview ----------------------------------------------------------------------------------------


def balance_section(view: CountyView, code: str) -> Safe:
    """资产负债概览: what there is, what is owed, what remains, from the trial balance of the audited year."""
    figures = view.figures
    if figures is None:
        return not_kept(view)
    if other := figures.other_charts.get(code):
        return paragraph(view.t("balance.other_chart", chart=other), "unrun")
    lines = figures.balances.get(code, ())
    if not lines or not figures.chart:
        return paragraph(view.t("balance.none", year=view.run.fiscal_year), "unrun")
    found = overview(lines, figures.chart, _register_totals(figures.ledgers.get(code, ())))
    sheets = tag("div", _side(view, "assets", found.assets), _right_side(view, found), class_="beside")
    flows = tag("div", _flow(view, "income", found.income), _flow(view, "expense", found.expense), class_="beside")
    return join((paragraph(view.t("balance.source"), "note"), sheets, flows, _unplaced(view, found), _identities(view, found.identities),
                 _accounts(view, code, lines)))  # fmt: skip


def _register_totals(ledgers: Sequence[LedgerFigures]) -> Mapping[tuple[str, str], Decimal | None]:
    return {(f.ledger, name): amount for f in ledgers for name, amount in zip(f.summed, f.sums, strict=True)}


def _account_anchor(code: str) -> str:
    return "account-" + "".join(c if c.isascii() and c.isalnum() else "-" for c in code)


def _name(view: CountyView, line: Line) -> Safe:
    codes = join([link(f"#{_account_anchor(c)}", c) for c in line.accounts], " ")
    return join((line.zh if view.language == "zh" else line.en, tag("small", codes)))


def _told(line: Line) -> bool:
    return bool(line.accounts) or bool(line.opening) or bool(line.closing)


def _amount(view: CountyView, amount: Decimal | None) -> str:
    return view.t("balance.not_known") if amount is None else yuan(amount)


def _body(view: CountyView, lines: Sequence[Line], title: str) -> list[list[object]]:
    rows: list[list[object]] = [[_name(view, x), _amount(view, x.opening), _amount(view, x.closing)] for x in lines if _told(x)]
    sums = (_amount(view, total(lines, when)) for when in ("opening", "closing"))
    return [*rows, [tag("strong", view.t(f"balance.total.{title}")), *(tag("strong", s) for s in sums)]]


def _side(view: CountyView, title: str, lines: Sequence[Line]) -> Safe:
    columns = heads(view, ("line_item", "head"), ("opening", "num"), ("closing", "num"))
    return table(view.t(f"balance.caption.{title}"), columns, _body(view, lines, title), "totals")


def _right_side(view: CountyView, found: Overview) -> Safe:
    rows = [*_body(view, found.liabilities, "liabilities"), *_body(view, found.equity, "equity")]
    both = (*found.liabilities, *found.equity)
    rows.append([view.t("balance.total.both"), *(_amount(view, total(both, when)) for when in ("opening", "closing"))])
    columns = heads(view, ("line_item", "head"), ("opening", "num"), ("closing", "num"))
    return table(view.t("balance.caption.claims_on"), columns, rows, "totals")


def _flow(view: CountyView, title: str, lines: Sequence[Line]) -> Safe:
    rows: list[list[object]] = [[_name(view, x), _amount(view, x.closing)] for x in lines if _told(x)]
    rows.append([view.t(f"balance.total.{title}"), _amount(view, total(lines, "closing"))])
    columns = heads(view, ("line_item", "head"), ("of_the_year", "num"))
    return table(view.t(f"balance.caption.{title}"), columns, rows, "totals")


def _unplaced(view: CountyView, found: Overview) -> Safe:
    if not found.unplaced:
        return Safe("")
    named = view.t("list").join(f"{a.code} {a.name} {_amount(view, a.closing)}".replace("  ", " ") for a in found.unplaced)
    return paragraph(view.t("balance.unplaced", accounts=named), "unrun")


def _identities(view: CountyView, identities: Sequence[Identity]) -> Safe:
    rows = [
        [view.t(f"balance.identity.{i.name}"), *(_amount(view, x) for x in (i.left, i.right, i.difference)), _agrees(view, i)]
        for i in identities
    ]
    names = (("identity", "head"), ("left_side", "num"), ("right_side", "num"), ("difference", "num"), ("agrees", "nowrap"))
    return table(view.t("balance.caption.identities"), heads(view, *names), rows)


def _agrees(view: CountyView, identity: Identity) -> Safe:
    difference = identity.difference
    kind, sign, key = ("none", "?", "unknown") if difference is None else ("orange", "≠", "no") if difference else ("green", "=", "yes")
    return tag("span", tag("span", sign, aria_hidden="true"), view.t(f"balance.agrees.{key}"), class_=f"mark {kind}")


def _accounts(view: CountyView, code: str, lines: Sequence[AccountLine]) -> Safe:
    """Every account with the place where it stands: what the lines above are added up from."""
    sheets = {s.source_id: s.sheet or s.file for s in view.run.sources}
    rows = []
    for a, is_first in _first_of_each(lines):
        account = tag("span", a.code, id=_account_anchor(a.code)) if is_first else a.code
        amounts = (_amount(view, x) for x in (a.opening, a.debit, a.credit, a.closing))
        rows.append([account, a.name, *amounts, f"{sheets.get(a.source_id, '')} › {view.t('row', n=a.row)}"])
    kept, note = cut(view, rows, rows_file(view.stems[code], "trial_balance"))
    names = (
        ("account", "head"), ("account_name", ""), ("opening_net", "num"), ("debit", "num"), ("credit", "num"), ("closing_net", "num"),
        ("place", ""),
    )  # fmt: skip
    caption = view.t("balance.caption.accounts", n=grouped(len(rows)))
    all_rows = paragraph(rows_link(view, code, "trial_balance", view.t("figures.all_rows", ledger=view.ledger("trial_balance"))), "note")
    return join((table(caption, heads(view, *names), kept, "dense"), note, all_rows))


def _first_of_each(lines: Sequence[AccountLine]) -> list[tuple[AccountLine, bool]]:
    """Each line, and whether it is the first of its account: an anchor stands once."""
    seen: set[str] = set()
    return [(a, _account_anchor(a.code) not in seen and not seen.add(_account_anchor(a.code))) for a in lines]  # type: ignore[func-returns-value]


# ---- ledgers in figures --------------------------------------------------------------------------------------


def ledgers_section(view: CountyView, code: str) -> Safe:
    """各台账数字: of every ledger that was delivered its rows, days and sums, and what they are made up of."""
    figures = view.figures
    if figures is None:
        return not_kept(view)
    order = {name: n for n, name in enumerate(expected_ledgers(view))}
    found = sorted((f for f in figures.ledgers.get(code, ()) if f.ledger in order), key=lambda f: order[f.ledger])
    if not found:
        return empty(view, "figures.none")
    rows = [[rows_link(view, code, f.ledger, view.ledger(f.ledger)), grouped(f.rows), _span(view, f), _sums(view, f)] for f in found]
    names = (("ledger", "head"), ("rows", "num"), ("span", ""), ("sums", "wide"))
    summary = table(view.t("figures.caption"), heads(view, *names), rows)
    return join((paragraph(view.t("figures.note"), "note"), summary, *(_broken_down(view, code, f) for f in found)))


def _span(view: CountyView, f: LedgerFigures) -> str:
    return f.first if f.first == f.last else f"{f.first} – {f.last}"


def measured(view: CountyView, ledger: str, name: str, amount: Decimal | None) -> str:
    """An amount with the unit of its column: 元, 亩, or none."""
    if amount is None:
        return view.t("figures.no_value")
    spec = view.catalog.ledgers.get(ledger)
    kind = spec.fields[name].type if spec and name in spec.fields else ""
    if kind == "money":
        return f"{yuan(amount)}{view.t('yuan')}"
    shown = f"{amount.normalize():,f}" if amount else "0"
    return f"{shown}{view.t('figures.mu')}" if kind == "area" else shown


def _sums(view: CountyView, f: LedgerFigures) -> Safe:
    told = [f"{view.field(f.ledger, name)} {measured(view, f.ledger, name, a)}" for name, a in zip(f.summed, f.sums, strict=True)]
    told += [view.t("figures.different", what=view.field(f.ledger, name), n=grouped(n)) for name, n in f.counted]
    lost = [
        view.t("figures.unread", what=view.field(f.ledger, name), n=grouped(n)) for name, n in zip(f.summed, f.unread, strict=True) if n
    ]
    parts = [tag("div", view.t("list_long").join(told))] if told else []
    if f.due and any(a is not None for a in f.due_sums):
        parts.append(tag("div", _due(view, f)))
    return join((*parts, *(tag("small", text) for text in lost)))


def _due(view: CountyView, f: LedgerFigures) -> str:
    told = [f"{view.field(f.ledger, name)} {measured(view, f.ledger, name, a)}" for name, a in zip(f.due, f.due_sums, strict=True)]
    first, *rest = (amount or Decimal(0) for amount in f.due_sums)
    gap = [view.t("figures.gap", amount=measured(view, f.ledger, f.due[0], first - rest[0]))] if rest else []
    return view.t("figures.until", day=view.run.as_of.isoformat()) + view.t("list_long").join([*told, *gap])


def column_label(view: CountyView, ledger: str, column: str) -> str:
    """The name of a column; of a derived one that of the field that it is made of."""
    spec = view.catalog.ledgers.get(ledger)
    made_of = sorted(base_fields(spec, column)) if spec and column in spec.derived else []
    return view.field(ledger, made_of[0] if len(made_of) == 1 else column)


def _broken_down(view: CountyView, code: str, f: LedgerFigures) -> Safe:
    tables = [_parts_table(view, code, f, column_label(view, f.ledger, by), parts) for by, parts in f.parts.items() if len(parts) > 1]
    if f.terms:
        worded = [Part(view.t(f"figures.term.{p.value}"), p.rows, p.sums) for p in f.terms]
        tables.append(_parts_table(view, code, f, view.t("figures.by_term", day=view.run.as_of.isoformat()), worded))
    return tag("div", *tables, class_="beside") if tables else Safe("")


def _parts_table(view: CountyView, code: str, f: LedgerFigures, by: str, parts: Sequence[Part]) -> Safe:
    """Rows and sums by the values of a column; the last line is the whole, and the lines add up to it."""
    kept, note = cut(view, list(parts), rows_file(view.stems[code], f.ledger), _PARTS)
    rows: list[list[object]] = [[p.value or view.t("figures.blank"), grouped(p.rows), *_plain(view, f, p.sums)] for p in kept]
    rows.append([view.t("total"), grouped(f.rows), *_plain(view, f, f.sums)])
    columns = [(by, "head"), (view.t("column.rows"), "num"), *((view.field(f.ledger, name), "num") for name in f.summed)]
    caption = view.t("figures.caption_by", ledger=view.ledger(f.ledger), by=by)
    return tag("div", table(caption, columns, rows, "totals dense"), note)


def _plain(view: CountyView, f: LedgerFigures, sums: Sequence[Decimal | None]) -> list[str]:
    """Sums in a table: 元 goes without saying."""
    told = zip(f.summed, sums, strict=True)
    return ["" if amount is None else measured(view, f.ledger, name, amount).removesuffix(view.t("yuan")) for name, amount in told]


# ---- hand-over -----------------------------------------------------------------------------------------------


def judged_items(view: CountyView, code: str) -> tuple[JudgedItem, ...]:
    """The items of the organisation's hand-over list with their status; none where there is no list."""
    items = view.figures.handover.get(code, ()) if view.figures else ()
    return judged(items, view.matches.get(code, ()), view.run.language)


def handover_section(view: CountyView, code: str) -> Safe:
    """移交情况 by class: complete, missing, differing, not verified; then every item that is not complete."""
    if view.figures is None:
        return not_kept(view)
    items = judged_items(view, code)
    if not items:
        return paragraph(view.t("handover.none"), "unrun")
    classes = class_statuses(items)
    return join((_people(view, [i.item for i in items]), _class_table(view, classes), _open_items(view, code, items)))


def _people(view: CountyView, items: Sequence[object]) -> Safe:
    told = circumstances(items)  # type: ignore[arg-type]
    days = {name: view.t("list").join(d.isoformat() for d in cast("tuple", told[name])) for name in ("elected_on", "handed_on")}  # type: ignore[type-arg]
    who = {name: view.t("list").join(told[name]) or view.t("handover.nobody") for name in ("handed_by", "received_by", "supervised_by")}
    span = "" if told["days"] is None else view.t("handover.days", n=told["days"])
    return facts([*((view.field("handover", n), v) for n, v in (who | days).items()), (view.t("handover.span"), span)])


def status_mark(view: CountyView, status: str) -> Safe:
    """A status of the hand-over as word and colour."""
    return tag("span", view.t(f"handover.status.{status}"), class_=f"mark {_SIGNS[status]}")


def _class_table(view: CountyView, classes: Sequence[ClassStatus]) -> Safe:
    rows = []
    for c in classes:
        counts = [grouped(n) if n else "·" for n in (len(c.items), *map(c.count, STATUSES))]
        note = "" if c.is_listed else view.t(f"handover.unlisted.{c.status}")
        rows.append([c.zh if view.language == "zh" else c.en, *counts, status_mark(view, c.status), note])
    counted = (("items", "num"), *((f"handover_{s}", "num") for s in STATUSES))
    names = (("handover_class", "head"), *counted, ("handover_state", ""), ("remark", ""))
    return table(view.t("handover.caption"), heads(view, *names), rows)


def _open_items(view: CountyView, code: str, items: Sequence[JudgedItem]) -> Safe:
    opened = [i for i in items if i.status != "complete"]
    everything = rows_link(view, code, "handover", view.t("figures.all_rows", ledger=view.ledger("handover")))
    if not opened:
        return paragraph(join((view.t("handover.all_complete", n=grouped(len(items))), everything)))
    rows = [[_label(i), *_figures(i), status_mark(view, i.status), books_word(view, i), view.t("row", n=i.item.row)] for i in opened]
    kept, note = cut(view, rows, rows_file(view.stems[code], "handover"))
    fields = ("quantity_out", "amount_out", "quantity_in", "amount_in")
    columns = [(view.field("handover", "item"), "head"), *((view.field("handover", f), "num") for f in fields)]
    columns += heads(view, ("handover_state", ""), ("by_books", ""), ("row", ""))
    return join((table(view.t("handover.caption_open", n=grouped(len(opened))), columns, kept), note, paragraph(everything, "note")))


def _label(judged_item: JudgedItem) -> Safe:
    return escape(f"{judged_item.item.number} {judged_item.item.item}".strip())


def _figures(judged_item: JudgedItem) -> list[str]:
    item = judged_item.item
    return [plain_quantity(item.quantity_out), yuan(item.amount_out), plain_quantity(item.quantity_in), yuan(item.amount_in)]


def plain_quantity(number: Decimal | None) -> str:
    """A quantity without zeros that say nothing."""
    return "" if number is None else f"{number.normalize():,f}" if number else "0"


def books_word(view: CountyView, judged_item: JudgedItem) -> str:
    """What the books of that day say of an item."""
    return view.t(f"handover.books.{judged_item.by_books}") if judged_item.by_books else "—"
