"""Two versions of one register: what came, what went, what was changed.

Rows meet by their key. A key is compared as text after NFKC and trimming, so full-width digits equal plain
ones and leading zeros count: '0000000001' is not '1'. The one exception is a spreadsheet whose key column
holds numbers (`Table.number_columns`): numbers cannot keep leading zeros, so such keys meet the other side's
digits as numbers, each only where exactly one text key is meant, and a note says so.

Values are compared as exact text after trimming: '138.2916990' and '138.291699' differ. They are compared as
numbers only for a column with a tolerance, and against a spreadsheet column of numbers.

A key that stands more than once on either side makes a group of its own with all its rows: which of them is which
cannot be told, so they are neither paired in order nor multiplied. `matched + len(removed)` and the old rows of the
groups add up to `rows_old`, `matched + len(added)` and the new rows of the groups to `rows_new`.

A column counts as renamed when the two headers differ only in character width, or when a column that went and
one that came agree in at least 95 % of the matched rows where either is filled, of which there must be at least
5, and neither agrees so with another column. Its cells that do differ are listed under the new name.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from operator import itemgetter
from types import MappingProxyType
from typing import TYPE_CHECKING

from ..words.errors import AuditlibError

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

Key = tuple[str, ...]

RENAMED_SHARE_PERCENT = 95
RENAMED_ROWS = 5
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
    """A key that stands on several rows of one side or of both, with all its rows."""

    key: Key
    old_rows: tuple[int, ...]
    new_rows: tuple[int, ...]
    differs: bool  # whether the two sides do not hold the same rows under it

    @property
    def side(self) -> str:
        """Where the key stands more than once: 'old', 'new' or 'both'."""
        twice = (len(self.old_rows) > 1, len(self.new_rows) > 1)
        return "both" if all(twice) else "old" if twice[0] else "new"


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
        columns = (self.renamed_columns, self.columns_added, self.columns_removed)
        return any((self.added, self.removed, self.changed, *columns)) or any(d.differs for d in self.duplicate_keys)


@dataclass(frozen=True, slots=True)
class _Side:
    """A table column by column, with a label of its own for every column."""

    name: str
    labels: tuple[str, ...]
    columns: tuple[pa.Array, ...]  # of text
    rows: int
    row_numbers: Sequence[int]
    key_columns: tuple[int, ...]
    number_columns: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Joined:
    """Which row is which; rows by position."""

    left: np.ndarray  # old rows that have a partner, ascending
    right: np.ndarray  # their new rows
    removed: np.ndarray
    added: np.ndarray
    groups: tuple[tuple[np.ndarray, np.ndarray], ...]  # old and new rows of each key that stands more than once


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
    return _compared(_side("old", old, key), _side("new", new, key), tolerances)


def compare_frames(old: pa.Table, new: pa.Table, key: Sequence[str], tolerances: Mapping[str, Decimal] = _NO_TOLERANCES) -> Comparison:
    """`compare_tables` for Arrow tables: columns that are no text are compared as written, missing values as blank.

    Rows are numbered from 1. Raises as `compare_tables` does.
    """
    if not key:
        raise ValueError("compare_frames needs at least one key column")
    return _compared(_frame_side("old", old, key), _frame_side("new", new, key), tolerances)


def _compared(before: _Side, after: _Side, tolerances: Mapping[str, Decimal]) -> Comparison:
    _know_columns(tolerances, before, after)
    old_keys, new_keys, notes = _keys(before, after)
    joined = _join(old_keys, new_keys)
    renamed, columns, doubts = _columns(before, after, joined, tolerances)
    changed, typed_cells = _changes(before, after, joined, columns, old_keys)
    removed, came = _keys_at(old_keys, joined.removed), _keys_at(new_keys, joined.added)
    notes += [*_twice_notes(before), *_twice_notes(after), *doubts, *_typed_notes(typed_cells), *_zero_notes(removed, came)]
    paired_old, paired_new = {c.old for c in columns}, {c.new for c in columns}
    return Comparison(
        key=tuple(before.labels[i] for i in before.key_columns), rows_old=before.rows, rows_new=after.rows,
        matched=len(joined.left), added=came, removed=removed, changed=changed, renamed_columns=renamed,
        columns_added=tuple(label for i, label in enumerate(after.labels) if i not in paired_new),
        columns_removed=tuple(label for i, label in enumerate(before.labels) if i not in paired_old),
        duplicate_keys=_duplicates(before, after, joined, columns, old_keys, new_keys), notes=tuple(notes),
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
    import pyarrow as pa

    width = max(len(table.headers), max(map(len, table.rows), default=0))
    labels = column_labels((*table.headers, *[""] * (width - len(table.headers))))
    rows = [row if len(row) == width else (*row, *[""] * (width - len(row))) for row in table.rows]
    cells = zip(*rows, strict=True) if rows else [()] * width
    columns = tuple(_as_text(pa.array(column, pa.large_string())) for column in cells)
    numbers = frozenset(i for i, header in enumerate(table.headers) if header in table.number_columns)
    return _Side(name, labels, columns, len(rows), table.row_numbers, _positions(name, labels, key), numbers)


def _frame_side(name: str, frame: pa.Table, key: Sequence[str]) -> _Side:
    labels = column_labels(frame.column_names)
    columns = tuple(_as_text(frame.column(i).combine_chunks()) for i in range(frame.num_columns))
    rows = range(1, frame.num_rows + 1)
    return _Side(name, labels, columns, frame.num_rows, rows, _positions(name, labels, key), frozenset())


def _as_text(column: pa.Array) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    chunk = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    text = chunk if pa.types.is_large_string(chunk.type) or pa.types.is_string(chunk.type) else chunk.cast(pa.large_string())
    return pc.fill_null(text, "") if text.null_count else text


def _positions(name: str, labels: Sequence[str], key: Sequence[str]) -> tuple[int, ...]:
    positions = []
    for column in key:
        position = find_column(labels, column)
        if position is None:
            raise UnknownColumn(column, name, labels)
        positions.append(position)
    return tuple(dict.fromkeys(positions))


def _know_columns(tolerances: Mapping[str, Decimal], before: _Side, after: _Side) -> None:
    for column in tolerances:
        if find_column(before.labels, column) is None and find_column(after.labels, column) is None:
            raise UnknownColumn(column, "", tuple(dict.fromkeys((*before.labels, *after.labels))))


def _keys(before: _Side, after: _Side) -> tuple[list[pa.Array], list[pa.Array], list[Note]]:
    """The key columns of both sides in one spelling."""
    import pyarrow as pa

    old_parts, new_parts, notes = [], [], []
    for i, j in zip(before.key_columns, after.key_columns, strict=True):
        old_part, new_part = _folded_column(before.columns[i]), _folded_column(after.columns[j])
        old_typed, new_typed = i in before.number_columns, j in after.number_columns
        if old_typed != new_typed:
            numbers, texts = (old_part, new_part) if old_typed else (new_part, old_part)
            spelt, found = _spell_as(numbers.to_pylist(), texts.to_pylist(), before.labels[i])
            notes += found
            numbers = pa.array(spelt, pa.large_string())
            old_part, new_part = (numbers, texts) if old_typed else (texts, numbers)
        old_parts.append(old_part)
        new_parts.append(new_part)
    return old_parts, new_parts, notes


def _folded_column(column: pa.Array) -> pa.Array:
    """`_folded` for a whole column."""
    import pyarrow.compute as pc

    plain = pc.all(pc.string_is_ascii(column)).as_py() is not False
    return pc.utf8_trim_whitespace(column if plain else pc.utf8_normalize(column, "NFKC"))


def _keys_at(keys: Sequence[pa.Array], rows: np.ndarray) -> tuple[Key, ...]:
    return tuple(zip(*(part.take(rows).to_pylist() for part in keys), strict=True))


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


def _join(old_keys: Sequence[pa.Array], new_keys: Sequence[pa.Array]) -> _Joined:
    """Rows of keys that stand once on each side; rows of one side; and every key that stands more than once."""
    import numpy as np

    old, new, size = _numbered(old_keys, new_keys)
    count_old, count_new = np.bincount(old, minlength=size), np.bincount(new, minlength=size)
    repeated = (count_old > 1) | (count_new > 1)
    place = np.full(size, -1, dtype=np.int64)
    place[new] = np.arange(len(new))
    partner = np.where(repeated[old], -1, place[old])
    left = np.flatnonzero(partner >= 0)
    removed = np.flatnonzero((partner < 0) & ~repeated[old])
    added = np.flatnonzero((count_old[new] == 0) & ~repeated[new])
    return _Joined(left, partner[left], removed, added, _groups(old, new, repeated) if repeated.any() else ())


def _numbered(old_keys: Sequence[pa.Array], new_keys: Sequence[pa.Array]) -> tuple[np.ndarray, np.ndarray, int]:
    """Every key as a number that both sides share, and how many numbers there are."""
    import numpy as np
    import pyarrow as pa

    length, size = len(old_keys[0]), 1
    codes = np.zeros(length + len(new_keys[0]), dtype=np.int64)
    for old, new in zip(old_keys, new_keys, strict=True):
        both = pa.concat_arrays([old.cast(pa.large_string()), new.cast(pa.large_string())]).dictionary_encode()
        codes = codes * max(len(both.dictionary), 1) + both.indices.to_numpy(zero_copy_only=False)
        if size > 1:  # several columns: number what occurs, or the product would grow with every column
            codes = pa.array(codes).dictionary_encode()
            size, codes = len(codes.dictionary), codes.indices.to_numpy(zero_copy_only=False).astype(np.int64)
        else:
            size = max(len(both.dictionary), 1)
    return codes[:length], codes[length:], size


def _groups(old: np.ndarray, new: np.ndarray, repeated: np.ndarray) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
    """The rows of each repeated key, in the order in which the keys first stand."""
    import numpy as np

    rows: dict[int, tuple[list[int], list[int]]] = {}
    for side, codes in enumerate((old, new)):
        for row in np.flatnonzero(repeated[codes]).tolist():
            rows.setdefault(int(codes[row]), ([], []))[side].append(row)
    return tuple((np.array(mine, dtype=np.int64), np.array(theirs, dtype=np.int64)) for mine, theirs in rows.values())


def _duplicates(
    before: _Side, after: _Side, joined: _Joined, columns: Sequence[_Column], old_keys: Sequence[pa.Array], new_keys: Sequence[pa.Array]
) -> tuple[DuplicateKey, ...]:  # fmt: skip
    found = []
    for mine, theirs in joined.groups:
        key = (_keys_at(old_keys, mine[:1]) or _keys_at(new_keys, theirs[:1]))[0]
        ours = Counter(zip(*(_cells(before.columns[c.old], mine) for c in columns), strict=True))
        other = Counter(zip(*(_cells(after.columns[c.new], theirs) for c in columns), strict=True))
        numbers = (tuple(side.row_numbers[i] for i in rows.tolist()) for side, rows in ((before, mine), (after, theirs)))
        found.append(DuplicateKey(key, *numbers, ours != other))
    return tuple(found)


def _cells(column: pa.Array, rows: np.ndarray) -> list[str]:
    return [_folded(text) for text in column.take(rows).to_pylist()]


def _columns(
    before: _Side, after: _Side, joined: _Joined, tolerances: Mapping[str, Decimal]
) -> tuple[tuple[tuple[str, str], ...], list[_Column], list[Note]]:
    """Renamed columns, all pairs of columns (the key first), and doubts about renaming."""
    pairs = dict(zip(before.key_columns, after.key_columns, strict=True))
    position = {label: j for j, label in enumerate(after.labels) if j not in pairs.values()}
    pairs |= {i: position[label] for i, label in enumerate(before.labels) if i not in pairs and label in position}
    pairs |= _same_but_for_width(before, after, pairs)
    found, notes = _renamed_by_values(before, after, pairs, joined)
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
    before: _Side, after: _Side, pairs: Mapping[int, int], joined: _Joined
) -> tuple[dict[int, int], list[Note]]:
    gone = [i for i in range(len(before.labels)) if i not in pairs]
    came = [j for j in range(len(after.labels)) if j not in pairs.values()]
    fits = [(i, j) for i in gone for j in came if _agree(before, after, joined, i, j)]
    by_old, by_new = Counter(i for i, _ in fits), Counter(j for _, j in fits)
    sure = {i: j for i, j in fits if by_old[i] == 1 and by_new[j] == 1}
    notes = [
        Note("compare.note.renamed_unclear", (("old", before.labels[i]), ("new", after.labels[j])))
        for i, j in fits if sure.get(i) != j
    ]  # fmt: skip
    return sure, notes


def _agree(before: _Side, after: _Side, joined: _Joined, i: int, j: int) -> bool:
    """Whether two columns agree in enough matched rows."""
    import pyarrow.compute as pc

    one, other = _beside(before, after, joined, i, j)
    one, other = pc.utf8_trim_whitespace(one), pc.utf8_trim_whitespace(other)
    filled = pc.sum(pc.or_(pc.not_equal(one, ""), pc.not_equal(other, ""))).as_py() or 0
    equal = pc.sum(pc.and_(pc.not_equal(one, ""), pc.equal(one, other))).as_py() or 0
    return filled >= RENAMED_ROWS and 100 * equal >= RENAMED_SHARE_PERCENT * filled


def _beside(before: _Side, after: _Side, joined: _Joined, i: int, j: int) -> tuple[pa.Array, pa.Array]:
    """A column of either side, matched row beside matched row; taken only where the order is not the same anyway."""
    one, other = before.columns[i], after.columns[j]
    if len(joined.left) != before.rows:
        one = one.take(joined.left)
    if len(joined.right) != after.rows or not _ascending(joined.right):
        other = other.take(joined.right)
    return one, other


def _ascending(rows: np.ndarray) -> bool:
    return len(rows) < 2 or bool((rows[1:] > rows[:-1]).all())


def _changes(
    before: _Side, after: _Side, joined: _Joined, columns: Sequence[_Column], keys: Sequence[pa.Array]
) -> tuple[tuple[Change, ...], Counter[str]]:
    """The cells that differ, and for each typed column how many differ in writing only."""
    import numpy as np
    import pyarrow.compute as pc

    values = [c for c in columns if c.old not in before.key_columns]
    found: list[tuple[int, int, str, str]] = []  # matched row, place of the column, old and new text
    typed: Counter[str] = Counter()
    for place, c in enumerate(values):
        one, other = _beside(before, after, joined, c.old, c.new)
        rows = np.flatnonzero(pc.not_equal(one, other).to_numpy(zero_copy_only=False))
        for row, old, new in zip(rows.tolist(), one.take(rows).to_pylist(), other.take(rows).to_pylist(), strict=True):
            old, new = old.strip(), new.strip()
            if old == new:
                continue
            if c.tolerance is not None and _within(old, new, c.tolerance):
                typed[c.label] += c.is_typed
            else:
                found.append((row, place, old, new))
    found.sort(key=itemgetter(0, 1))
    pairs = np.array([row for row, *_ in found], dtype=np.int64)
    lefts, rights = joined.left[pairs], joined.right[pairs]
    told = zip(found, _keys_at(keys, lefts), lefts.tolist(), rights.tolist(), strict=True)
    return tuple(
        Change(key, values[place].label, old, new, before.row_numbers[i], after.row_numbers[j])
        for (_, place, old, new), key, i, j in told
    ), typed


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
