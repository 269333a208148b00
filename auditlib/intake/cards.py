"""Cards: one record on several lines of labels with their values beside them (固定资产卡片), one card under another or alone.

Each card becomes a row under the labels of all; the sheet that was read stays as it is. Which ledgers are kept on cards is data,
expectations/words/printed_records.yaml.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .layout import Block, header_key, is_blank
from .sheets import RawSheet
from .values import fold, squeeze

Knows = Callable[[str, str], bool]  # text, ledger
LEAST_LINES = 2  # lines of a card; the labels of a table stand in one
LOOKED_AT = 40  # rows in which the first card must be complete
LONGEST_LABEL = 20  # signs
MOST_BESIDE = 3  # texts of a line between cards that has no label: titles and signatures


@dataclass(slots=True)
class _Card:
    first: int
    last: int
    values: dict[str, Any]
    places: dict[str, tuple[int, int]]  # label -> where its value stands


def find_cards(sheet: RawSheet, words: Mapping[str, Any], fields: Container[str], knows: Knows) -> tuple[RawSheet, Block] | None:
    """The sheet with a row for each card and the table that they are; None for a sheet that holds anything else.

    `words`: those of the catalog; `fields`: header keys of any ledger; `knows`: whether a text is a header of one or means the same.
    """
    spec = words["printed_records"]["cards"]
    if not _may_be_cards(sheet.rows[:LOOKED_AT], fields):
        return None
    for ledger in spec["ledgers"]:
        if len(_labels_in(sheet.rows[:LOOKED_AT], ledger, knows)) >= spec["fields"]:
            cards = _cards(sheet, ledger, knows)
            if cards and all(c.last - c.first >= LEAST_LINES - 1 and len(c.values) >= spec["fields"] for c in cards):
                return _as_table(sheet, cards)
    return None


def _may_be_cards(rows: Sequence[Sequence[Any]], fields: Container[str]) -> bool:
    """Whether labels stand on several lines and never beside each other, as the head of a table does: told of most sheets at its head."""
    lines = 0
    for row in rows:
        known = [j for j, c in enumerate(row) if (key := _label(c)) and key in fields]
        if any(b == a + 1 for a, b in zip(known, known[1:], strict=False)):
            return False
        lines += bool(known)
    return lines >= LEAST_LINES


def _labels_in(rows: Sequence[Sequence[Any]], ledger: str, knows: Knows) -> set[str]:
    return {key for row in rows for c in row if (key := _label(c)) and knows(key, ledger)}


def _label(cell: Any) -> str:
    return header_key(fold(cell)) if isinstance(cell, str) and 1 < len(cell) <= LONGEST_LABEL else ""


def _cards(sheet: RawSheet, ledger: str, knows: Knows) -> list[_Card]:
    """The cards of a sheet that holds nothing else below its first one, or []."""
    ends = {first: last[1] for first, last in sheet.merges if first[0] == last[0] or first[1] < last[1]}
    cards: list[_Card] = []
    seen: set[str] = set()
    for r, row in enumerate(sheet.rows):
        known = [(j, key) for j, c in enumerate(row) if (key := _label(c)) and knows(key, ledger)]
        if not known:
            if cards and sum(not is_blank(c) for c in row) > MOST_BESIDE:
                return []
            continue
        pairs = [(j, ends.get((r, j), j) + 1) for j, _ in known]
        labelled = {j for j, _ in known}
        if any(at in labelled for _, at in pairs) and len(known) > 1:
            return []
        if not cards or any(key in seen for _, key in known):
            cards.append(_Card(r, r, {}, {}))
            seen = set()
        for (j, at), (_, key) in zip(pairs, known, strict=True):
            cards[-1].values[squeeze(row[j])] = row[at] if at < len(row) else ""
            cards[-1].places[squeeze(row[j])] = (r, at)
            seen.add(key)
        cards[-1].last = r
    return cards


def _as_table(sheet: RawSheet, cards: Sequence[_Card]) -> tuple[RawSheet, Block]:
    headers = tuple(dict.fromkeys(label for c in cards for label in c.values))
    rows = list(sheet.rows)
    for card in cards:
        rows[card.last] = [card.values.get(h, "") for h in headers]
    first = cards[0].first
    data = tuple(c.last for c in cards)
    rest = tuple(r for r in range(first + 1, len(rows)) if r not in set(data))
    origins = {(card.last, j): card.places.get(h) for card in cards for j, h in enumerate(headers)}
    return replace(sheet, rows=rows, origins=origins), Block((first,), headers, tuple(range(first)), data, (), (), (), rest)
