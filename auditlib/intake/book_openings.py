"""What the day books of cash and bank opened the year with. Their pages are kept beside the vouchers and feed no ledger, yet an
office that sends no trial balance says only there what it began with (上年结转).

Authority: 会计基础工作规范 (财政部), article 56: at the beginning of a year the balance is carried over into the new book.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..words.records import ColumnUse
from .conform import Conformer, Surroundings
from .opening_notes import yuan
from .openings import CREDIT, OpeningBalance
from .recognise import Recognition
from .sheet_notes import Note
from .tables import FoundTable, TableFinder
from .values import raw_text, squeeze


@dataclass(frozen=True, slots=True)
class BookOpening:
    """The opening row of one page."""

    source_id: int
    opening: OpeningBalance

    @property
    def held(self) -> int:
        """Fen, debit less credit."""
        return -self.opening.amount if self.opening.side == CREDIT else self.opening.amount


def openings_of_page(
    found: FoundTable, source_id: int, conformer: Conformer, around: Surroundings, finder: TableFinder
) -> tuple[BookOpening, ...]:
    """The balances with which a page of a day book opens a year; none for any other form, or where account or owner is not told."""
    words = finder.catalog.words
    spec = words["openings"]["day_books"]
    if found.recognition.form not in spec["forms"]:
        return ()
    at = finder.forms.columns_of(found.recognition.form, found.block.headers)
    fields = {at[column]: field for field, column in spec["fields"].items() if column in at}
    labels = re.compile(words["layout"]["opening"])
    labelled = {r: text for r in found.block.data if (text := _label(found.sheet.rows[r], at.get(spec["label"]), labels))}
    if not labelled and not found.openings:
        return ()
    data = tuple(r for r in found.block.data if r not in labelled)
    block = replace(found.block, data=data, totals=tuple(sorted({**dict(found.block.totals), **labelled}.items())))
    uses = tuple(ColumnUse(i, header, fields.get(i)) for i, header in enumerate(block.headers))
    table = conformer.conform(found.sheet, block, Recognition(spec["ledger"], 1.0, uses, ()), around)
    told = (o for o in table.openings if o.account and o.org_code and o.year is not None)
    return tuple(BookOpening(source_id, o) for o in told)


def _label(row: Sequence[Any], at: int | None, labels: re.Pattern[str]) -> str:
    text = squeeze(raw_text(row[at])) if at is not None and at < len(row) else ""
    return text if labels.match(text) else ""


def agreed(openings: Sequence[BookOpening]) -> tuple[tuple[BookOpening, ...], dict[int, list[Note]]]:
    """One opening for each organisation, account and year, and a note by source_id for those that cannot be used: two books of
    one account that open with different amounts may be two banks or two versions, and nothing here tells which."""
    by_account: dict[tuple[str, str, int | None], list[BookOpening]] = defaultdict(list)
    for one in openings:
        by_account[one.opening.org_code, one.opening.account, one.opening.year].append(one)
    used, notes = [], defaultdict(list)
    for (_, account, _), told in by_account.items():
        if len({one.held for one in told}) == 1:
            used.append(told[0])
            continue
        for one in told:
            values = {"row": one.opening.row + 1, "label": one.opening.label, "account": account, "stated": yuan(one.held), "n": len(told)}
            notes[one.source_id].append(("note.book_openings_differ", values))
    return tuple(used), dict(notes)
