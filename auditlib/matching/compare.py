"""Two versions of one register: what came, what went, what was changed.

Rows meet by their key. A key is compared as text after NFKC and trimming, so full-width digits equal plain
ones and leading zeros count: '0000000001' is not '1'. The one exception is a spreadsheet whose key column
holds numbers (`Table.number_columns`): numbers cannot keep leading zeros, so such keys meet the other side's
digits as numbers, each only where exactly one text key is meant, and a note says so.

Values are compared as exact text after trimming: '138.2916990' and '138.291699' differ. They are compared as
numbers only for a column with a tolerance, and against a spreadsheet column of numbers.

A key that stands twice is reported; its rows are compared pairwise in order, what is left over counts as added
or removed. So `matched + len(removed) == rows_old` and `matched + len(added) == rows_new` always hold.

A column counts as renamed when the two headers differ only in character width, or when a column that went and
one that came agree in at least 95 % of the matched rows where either is filled, of which there must be at least
5, and neither agrees so with another column. Its cells that do differ are listed under the new name.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from operator import itemgetter
from types import MappingProxyType

from ..words.errors import AuditlibError

Key = tuple[str, ...]

RENAMED_SHARE_PERCENT = 95
RENAMED_ROWS = 5
_CHUNK = 4096
_NUMBER = re.compile(r"[+-]?(\d{1,300}(\.\d{0,300})?|\.\d{1,300})([eE][+-]?\d{1,2})?", re.ASCII)
_EXACT = Context(prec=1000)
_NO_TOLERANCES: Mapping[str, Decimal] = MappingProxyType({})


class UnknownColumn(AuditlibError):
    """A column that was asked for and does not exist; `side` is 'old', 'new' or '' for both."""

    def __init__(self, column: str, side: str, candidates: Sequence[str]) -> None:
        super().__init__(f"no column '{column}' in the {side or 'old and new'} table; candidates: {', '.join(candidates)}")
        self.column, self.side, self.candidates = column, side, tuple(candidates)


@dataclass(frozen=True, slots=True)
class Table:
    """One version of a register, all cells as raw text; rows may be shorter or longer than the headers."""

    headers: tuple[str, ...]
    rows: Sequence[Sequence[str]]
    row_numbers: Sequence[int]  # 1-based, as the file shows them; one for each row
    number_columns: frozenset[str] = frozenset()  # headers of spreadsheet columns whose cells are numbers


@dataclass(frozen=True, slots=True)
class Change:
    """One cell that differs between two rows of the same key."""

    key: Key
    column: str  # header in the new version
    old: str
    new: str
    old_row: int
    new_row: int


@dataclass(frozen=True, slots=True)
class DuplicateKey:
    """A key that stands on several rows of one side."""

    side: str  # 'old' | 'new'
    key: Key
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """Something the reader must know about how the result came about: a message and its values."""

    code: str
    values: tuple[tuple[str, str | int], ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that differs between two versions, in the order of their rows and columns."""

    key: tuple[str, ...]  # the key columns
    rows_old: int
    rows_new: int
    matched: int  # pairs of rows
    added: tuple[Key, ...]
    removed: tuple[Key, ...]
    changed: tuple[Change, ...]
    renamed_columns: tuple[tuple[str, str], ...]  # old, new
    columns_added: tuple[str, ...]
    columns_removed: tuple[str, ...]
    duplicate_keys: tuple[DuplicateKey, ...]
    notes: tuple[Note, ...] = ()

    @property
    def has_differences(self) -> bool:
        """Whether anything differs; keys that stand twice on both sides alike are no difference."""
        return any((self.added, self.removed, self.changed, self.renamed_columns, self.columns_added, self.columns_removed))


@dataclass(frozen=True, slots=True)
class _Side:
    """A table made rectangular, with a label of its own for every column."""

    name: str
    labels: tuple[str, ...]
    rows: list[tuple[str, ...]]
    row_numbers: Sequence[int]
    key_columns: tuple[int, ...]
    number_columns: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of the old side and the same column of the new side."""

    old: int
    new: int
    label: str
    tolerance: Decimal | None
    is_typed: bool  # numbers of a spreadsheet against text


def compare_tables(old: Table, new: Table, key: Sequence[str], tolerances: Mapping[str, Decimal] = _NO_TOLERANCES) -> Comparison:
    """What differs between two versions of a register.

    `key` names one or more columns present on both sides; `tolerances` gives for a column the largest difference
    that counts as none, in the unit of the column. Time and memory grow with the number of rows, not its square.
    Raises UnknownColumn for a key or tolerance column that does not exist, ValueError for an empty key.
    """
    if not key:
        raise ValueError("compare_tables needs at least one key column")
    before, after = _side("old", old, key), _side("new", new, key)
    _know_columns(tolerances, before, after)
    old_keys, new_keys, notes = _join_keys(before, after)
    partner, added = _pair_rows(old_keys, new_keys)
    renamed, columns, doubts = _columns(before, after, partner, tolerances)
    changed, typed_cells = _changes(before, after, partner, columns, old_keys)
    removed = tuple(old_keys[i] for i, j in enumerate(partner) if j < 0)
    came = tuple(new_keys[j] for j in added)
    notes += [*_twice_notes(before), *_twice_notes(after), *doubts, *_typed_notes(typed_cells), *_zero_notes(removed, came)]
    paired_old, paired_new = {c.old for c in columns}, {c.new for c in columns}
    return Comparison(
        key=tuple(before.labels[i] for i in before.key_columns), rows_old=len(before.rows), rows_new=len(after.rows),
        matched=len(partner) - len(removed), added=came, removed=removed, changed=changed, renamed_columns=renamed,
        columns_added=tuple(label for i, label in enumerate(after.labels) if i not in paired_new),
        columns_removed=tuple(label for i, label in enumerate(before.labels) if i not in paired_old),
        duplicate_keys=(*_duplicates(before, old_keys), *_duplicates(after, new_keys)), notes=tuple(notes),
    )  # fmt: skip


def column_labels(headers: Sequence[str]) -> tuple[str, ...]:
    """A label of its own for every column: the trimmed header, 'x (2)' for a second x, '#3' for a blank third."""
    labels: list[str] = []
    taken: set[str] = set()
    for position, header in enumerate(headers, 1):
        base = label = header.strip() or f"#{position}"
        count = 1
        while label in taken:
            count += 1
            label = f"{base} ({count})"
        taken.add(label)
        labels.append(label)
    return tuple(labels)


def find_column(labels: Sequence[str], name: str) -> int | None:
    """0-based position of the column called `name`: as written, else regardless of character width; None if not one."""
    wanted = name.strip()
    if wanted in labels:
        return list(labels).index(wanted)
    loose = [i for i, label in enumerate(labels) if _folded(label) == _folded(wanted)]
    return loose[0] if len(loose) == 1 else None


def number_of(text: str) -> Decimal | None:
    """The number that a cell shows, thousands separators allowed, or None; exact, never rounded."""
    plain = unicodedata.normalize("NFKC", text).strip().replace(",", "")
    return Decimal(plain) if _NUMBER.fullmatch(plain) else None


def _folded(text: str) -> str:
    return text.strip() if text.isascii() else unicodedata.normalize("NFKC", text).strip()


def _side(name: str, table: Table, key: Sequence[str]) -> _Side:
    width = max(len(table.headers), max(map(len, table.rows), default=0))
    labels = column_labels((*table.headers, *[""] * (width - len(table.headers))))
    positions = []
    for column in key:
        position = find_column(labels, column)
        if position is None:
            raise UnknownColumn(column, name, labels)
        positions.append(position)
    rows = [row if type(row) is tuple and len(row) == width else (*row, *[""] * (width - len(row))) for row in table.rows]
    numbers = frozenset(i for i, header in enumerate(table.headers) if header in table.number_columns)
    return _Side(name, labels, rows, table.row_numbers, tuple(dict.fromkeys(positions)), numbers)


def _know_columns(tolerances: Mapping[str, Decimal], before: _Side, after: _Side) -> None:
    for column in tolerances:
        if find_column(before.labels, column) is None and find_column(after.labels, column) is None:
            raise UnknownColumn(column, "", tuple(dict.fromkeys((*before.labels, *after.labels))))


def _join_keys(before: _Side, after: _Side) -> tuple[list[Key], list[Key], list[Note]]:
    """The keys of both sides in one spelling, row by row."""
    old_parts, new_parts, notes = [], [], []
    for i, j in zip(before.key_columns, after.key_columns, strict=True):
        old_part = [_folded(row[i]) for row in before.rows]
        new_part = [_folded(row[j]) for row in after.rows]
        old_typed, new_typed = i in before.number_columns, j in after.number_columns
        if old_typed and not new_typed:
            old_part, found = _spell_as(old_part, new_part, before.labels[i])
            notes += found
        elif new_typed and not old_typed:
            new_part, found = _spell_as(new_part, old_part, before.labels[i])
            notes += found
        old_parts.append(old_part)
        new_parts.append(new_part)
    return list(zip(*old_parts, strict=True)), list(zip(*new_parts, strict=True)), notes


def _as_number(text: str) -> str | None:
    """Digits without leading zeros; also of '1.0', as some programs write a whole number. None for other text."""
    if text.isascii() and text.isdigit():
        return text.lstrip("0") or "0"
    whole, point, rest = text.partition(".")
    if point and whole.isascii() and whole.isdigit() and not rest.strip("0"):
        return whole.lstrip("0") or "0"
    return None


def _spell_as(numbers: list[str], texts: list[str], column: str) -> tuple[list[str], list[Note]]:
    """Keys that a spreadsheet holds as numbers, in the spelling of the text side where only one is meant."""
    known = set(texts)
    meant: dict[str, set[str]] = defaultdict(set)
    for text in known:
        number = _as_number(text)
        if number is not None:
            meant[number].add(text)
    spelling: dict[str, str] = {}
    unclear = 0
    for number in dict.fromkeys(numbers):
        candidates = meant.get(_as_number(number) or "", set())
        if number in known or not candidates:
            unclear += len(candidates) > 1
        elif len(candidates) == 1:
            spelling[number] = next(iter(candidates))
        else:
            unclear += 1
    notes = [Note("compare.note.typed_keys", (("column", column), ("count", len(spelling))))] if spelling else []
    if unclear:
        notes.append(Note("compare.note.typed_keys_unclear", (("column", column), ("count", unclear))))
    return [spelling.get(number, number) for number in numbers], notes


def _pair_rows(old_keys: list[Key], new_keys: list[Key]) -> tuple[list[int], list[int]]:
    """For each old row its new row or -1, rows of one key in order; and the new rows that were not taken."""
    first: dict[Key, int] = {}
    later: dict[Key, list[int]] = {}
    for position, key in enumerate(new_keys):
        if first.setdefault(key, position) != position:
            later.setdefault(key, []).append(position)
    waiting: dict[Key, Iterator[int]] = {key: iter(rows) for key, rows in later.items()}
    partner: list[int] = []
    for key in old_keys:
        position = first.pop(key, -1)
        partner.append(next(waiting[key], -1) if position < 0 and key in waiting else position)
    taken = bytearray(len(new_keys))
    for position in partner:
        if position >= 0:
            taken[position] = 1
    return partner, [position for position, was_taken in enumerate(taken) if not was_taken]


def _duplicates(side: _Side, keys: list[Key]) -> tuple[DuplicateKey, ...]:
    if len(set(keys)) == len(keys):
        return ()
    rows: dict[Key, list[int]] = {}
    for key, row in zip(keys, side.row_numbers, strict=True):
        rows.setdefault(key, []).append(row)
    return tuple(DuplicateKey(side.name, key, tuple(found)) for key, found in rows.items() if len(found) > 1)


def _columns(
    before: _Side, after: _Side, partner: list[int], tolerances: Mapping[str, Decimal]
) -> tuple[tuple[tuple[str, str], ...], list[_Column], list[Note]]:
    """Renamed columns, all pairs of columns (the key first), and doubts about renaming."""
    pairs = dict(zip(before.key_columns, after.key_columns, strict=True))
    position = {label: j for j, label in enumerate(after.labels) if j not in pairs.values()}
    pairs |= {i: position[label] for i, label in enumerate(before.labels) if i not in pairs and label in position}
    pairs |= _same_but_for_width(before, after, pairs)
    found, notes = _renamed_by_values(before, after, pairs, partner)
    pairs |= found
    renamed = tuple((before.labels[i], after.labels[j]) for i, j in sorted(pairs.items()) if before.labels[i] != after.labels[j])
    columns = [_column(before, after, i, j, tolerances) for i, j in sorted(pairs.items())]
    return renamed, columns, notes


def _column(before: _Side, after: _Side, i: int, j: int, tolerances: Mapping[str, Decimal]) -> _Column:
    wanted = {find_column(before.labels, c): t for c, t in tolerances.items()}
    wanted_new = {find_column(after.labels, c): t for c, t in tolerances.items()}
    tolerance = wanted_new.get(j, wanted.get(i))
    typed = (i in before.number_columns) != (j in after.number_columns)
    return _Column(i, j, after.labels[j], Decimal(0) if typed and tolerance is None else tolerance, typed and tolerance is None)


def _same_but_for_width(before: _Side, after: _Side, pairs: Mapping[int, int]) -> dict[int, int]:
    old: dict[str, list[int]] = defaultdict(list)
    new: dict[str, list[int]] = defaultdict(list)
    for i, label in enumerate(before.labels):
        if i not in pairs:
            old[_folded(label)].append(i)
    for j, label in enumerate(after.labels):
        if j not in pairs.values():
            new[_folded(label)].append(j)
    return {rows[0]: new[label][0] for label, rows in old.items() if len(rows) == 1 and len(new.get(label, ())) == 1}


def _renamed_by_values(
    before: _Side, after: _Side, pairs: Mapping[int, int], partner: list[int]
) -> tuple[dict[int, int], list[Note]]:
    gone = [i for i in range(len(before.labels)) if i not in pairs]
    came = [j for j in range(len(after.labels)) if j not in pairs.values()]
    fits = [(i, j) for i in gone for j in came if _agree(before, after, partner, i, j)]
    by_old, by_new = Counter(i for i, _ in fits), Counter(j for _, j in fits)
    sure = {i: j for i, j in fits if by_old[i] == 1 and by_new[j] == 1}
    notes = [
        Note("compare.note.renamed_unclear", (("old", before.labels[i]), ("new", after.labels[j])))
        for i, j in fits if sure.get(i) != j
    ]  # fmt: skip
    return sure, notes


def _agree(before: _Side, after: _Side, partner: list[int], i: int, j: int) -> bool:
    """Whether two columns agree in enough matched rows; stops as soon as they no longer can."""
    filled = equal = 0
    for start in range(0, len(partner), _CHUNK):
        for row, other in zip(before.rows[start : start + _CHUNK], partner[start : start + _CHUNK]):
            if other >= 0:
                a, b = row[i].strip(), after.rows[other][j].strip()
                filled += bool(a or b)
                equal += bool(a) and a == b
        best = equal + len(partner) - start - _CHUNK
        if best > equal and 100 * best < RENAMED_SHARE_PERCENT * (filled + best - equal):
            return False
    return filled >= RENAMED_ROWS and 100 * equal >= RENAMED_SHARE_PERCENT * filled


def _changes(
    before: _Side, after: _Side, partner: list[int], columns: list[_Column], keys: list[Key]
) -> tuple[tuple[Change, ...], Counter[str]]:
    """The cells that differ, and for each typed column how many differ in writing only."""
    values = [c for c in columns if c.old not in before.key_columns]
    changed: list[Change] = []
    typed: Counter[str] = Counter()
    if not values:
        return (), typed
    left, right = itemgetter(*(c.old for c in values)), itemgetter(*(c.new for c in values))
    same_layout = all(c.old == c.new for c in columns) and len(columns) == len(before.labels) == len(after.labels)
    for i, j in enumerate(partner):
        if j < 0:
            continue
        row, other = before.rows[i], after.rows[j]
        if row == other if same_layout else left(row) == right(other):
            continue
        for c in values:
            old, new = row[c.old].strip(), other[c.new].strip()
            if old == new:
                continue
            if c.tolerance is not None and _within(old, new, c.tolerance):
                typed[c.label] += c.is_typed
            else:
                changed.append(Change(keys[i], c.label, old, new, before.row_numbers[i], after.row_numbers[j]))
    return tuple(changed), typed


def _within(old: str, new: str, tolerance: Decimal) -> bool:
    """Whether both are numbers and no further apart than the tolerance; a blank is not a zero."""
    a, b = number_of(old), number_of(new)
    return a is not None and b is not None and _EXACT.abs(_EXACT.subtract(a, b)) <= tolerance


def _twice_notes(side: _Side) -> list[Note]:
    names = [side.labels[i] for i in side.key_columns]
    return [Note("compare.note.header_twice", (("column", name),)) for name in names if f"{name} (2)" in side.labels]


def _typed_notes(cells: Counter[str]) -> list[Note]:
    return [Note("compare.note.typed_values", (("column", c), ("count", n))) for c, n in cells.items() if n]


def _zero_notes(removed: Sequence[Key], added: Sequence[Key]) -> list[Note]:
    """A hint when keys that went and keys that came differ by leading zeros only; they are not joined."""
    gone, came = (Counter(tuple(_as_number(part) or part for part in key) for key in keys) for keys in (removed, added))
    count = sum(n == 1 and came[bare] == 1 for bare, n in gone.items())
    return [Note("compare.note.leading_zeros", (("count", count),))] if count else []
