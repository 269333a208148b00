"""The hand-over of one organisation, item by item and by class: 完整, 缺失, 差异, 未核实.

The classes are data (expectations/books/handover_pack.yaml). An item is judged as the reconciliations of the hand-over judge it:
what was handed over against what was received, and against the books of that day. Amounts in 元.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ..checks.frames import Frames
from ..words.messages import say
from ..words.records import Match
from .book_data import handover_classes

STATUSES = ("missing", "differing", "not_verified", "complete")  # worst first
LEDGER, BOOKS = "handover", "handover__books"
OTHER = "other"  # items that belong to no class
_PEOPLE = ("handed_by", "received_by", "supervised_by")
_DAYS = ("elected_on", "handed_on")
_FIGURES = ("quantity_out", "amount_out", "quantity_in", "amount_in")


@dataclass(frozen=True, slots=True)
class HandoverItem:
    """One line of a hand-over list."""

    source_id: int
    row: int
    number: str
    item: str
    item_class: str  # as the list has it
    quantity_out: Decimal | None
    amount_out: Decimal | None
    quantity_in: Decimal | None
    amount_in: Decimal | None
    handed_by: str
    received_by: str
    supervised_by: str
    elected_on: dt.date | None
    handed_on: dt.date | None

    def label(self, language: str) -> str:
        """As the reconciliations name it."""
        return f"{self.number or say('checks.no_row_key', language, row=self.row)} {self.item}".strip()


@dataclass(frozen=True, slots=True)
class JudgedItem:
    item: HandoverItem
    status: str  # of STATUSES
    by_books: str  # 'agree' | 'differ' | 'not_known' | '' where the books cannot tell of such an item


@dataclass(frozen=True, slots=True)
class ClassStatus:
    """One class of the hand-over."""

    name: str  # OTHER for what belongs to none
    zh: str
    en: str
    status: str
    is_listed: bool
    items: tuple[JudgedItem, ...]

    def count(self, status: str) -> int:
        return sum(i.status == status for i in self.items)


def handover_items(frames: Frames) -> Mapping[str, tuple[HandoverItem, ...]]:
    """Organisation -> its hand-over list in the order of the file."""
    if not frames.has(LEDGER):
        return {}
    fields = frames.catalog.ledgers[LEDGER].fields
    columns = ("item_class", "item_no", "item", *_FIGURES, *_PEOPLE, *_DAYS)
    rows = frames.plain(LEDGER)
    assert rows is not None
    found: dict[str, list[HandoverItem]] = defaultdict(list)
    for row in frames.records(rows.select("row_id", "source_id", "sheet_row", "org_code", *columns)):
        amounts = (_scaled(row[name], fields[name].scale) for name in _FIGURES)
        found[row["org_code"] or ""].append(
            HandoverItem(
                row["source_id"], row["sheet_row"], row["item_no"] or "", row["item"] or "", row["item_class"] or "", *amounts,
                *(row[name] or "" for name in _PEOPLE), *(row[name] for name in _DAYS),
            )
        )  # fmt: skip
    return {org: tuple(items) for org, items in found.items()}


def _scaled(value: int | None, scale: int) -> Decimal | None:
    return None if value is None else Decimal(value).scaleb(-scale)


def judged(items: Sequence[HandoverItem], matches: Iterable[Match], language: str) -> tuple[JudgedItem, ...]:
    """Every item with its status; `matches` are those of the organisation, `language` the one of the run that made them."""
    books = {m.left: _told_by_books(m) for m in matches if m.reconciliation == BOOKS}
    return tuple(_judged(item, books.get(item.label(language), "")) for item in items)


def _told_by_books(match: Match) -> str:
    if not match.right:
        return "not_known"
    return "differ" if match.difference else "agree"


def _judged(item: HandoverItem, by_books: str) -> JudgedItem:
    pairs = ((item.amount_out, item.amount_in), (item.quantity_out, item.quantity_in))
    told = [(out, into) for out, into in pairs if out is not None and into is not None]
    if any(out != into for out, into in told) or by_books == "differ":
        status = "differing"
    elif told:
        status = "complete"
    elif item.amount_out is None and item.quantity_out is None:
        status = "not_verified"
    else:
        status = "missing"
    return JudgedItem(item, status, by_books)


def class_statuses(items: Sequence[JudgedItem]) -> tuple[ClassStatus, ...]:
    """Every class of a hand-over with its items; one that is not listed is missing where every collective has it, else not verified."""
    placed: dict[str, list[JudgedItem]] = defaultdict(list)
    for item in items:
        placed[_class_of(item.item)].append(item)
    found = [_class_status(c["class"], c["zh"], c["en"], placed.get(c["class"], ()), bool(c["always"])) for c in handover_classes()]
    if OTHER in placed:
        words = (say("reports.handover.other", language) for language in ("zh", "en"))
        found.append(_class_status(OTHER, *words, placed[OTHER], False))
    return tuple(found)


def _class_status(name: str, zh: str, en: str, items: Sequence[JudgedItem], always: bool) -> ClassStatus:
    if not items:
        return ClassStatus(name, zh, en, "missing" if always else "not_verified", False, ())
    return ClassStatus(name, zh, en, min((i.status for i in items), key=STATUSES.index), True, tuple(items))


def _class_of(item: HandoverItem) -> str:
    for text in (item.item, item.item_class):
        for entry in handover_classes():
            if any(word in text for word in entry["words"]):
                return str(entry["class"])
    return OTHER


def circumstances(items: Sequence[HandoverItem]) -> dict[str, Any]:
    """Who gave, took and watched, and the days, each as all that the items say; and the days from election to hand-over."""
    told: dict[str, Any] = {name: tuple(dict.fromkeys(v for i in items if (v := getattr(i, name)))) for name in (*_PEOPLE, *_DAYS)}
    spans = [(i.handed_on - i.elected_on).days for i in items if i.handed_on and i.elected_on]
    return {**told, "days": max(spans, default=None)}
