"""Files and sheets that came twice ("最终版2"): identical ones are counted once, overlapping ones are named, and of those the rows that
are the same in every cell are counted once; nothing is dropped in silence.

Only tables of the same ledger and the same organisations are ever compared, so a blank template or a small sheet that reads alike
in two villages is no duplicate.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import combinations
from typing import TYPE_CHECKING, Any

from ..catalog.specs import Catalog, LedgerSpec
from ..words.records import FileProblem, Source
from .conform import Conformed
from .sheet_notes import Note
from .values import raw_text

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

_SHORT, _PRIME = 400, 2**61 - 1
_LISTED = 12  # rows that a note names
_WITHOUT_KEY = 3  # rows that a table needs to be called a copy when none of them has its key
_SHARE = 0.2  # share of the smaller table's records that must stand in the other to speak of an overlap
# fields beside the key without which equal numbers mean nothing: vouchers restart each month, lists number from 1
_ALSO = {
    "journal": ("date",), "bank_statement": ("date", "paid_in", "paid_out", "balance"), "handover": ("item_class", "item"),
    "claims": ("kind", "counterparty"), "members": ("name",),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Seen:
    source: Source
    digest: bytes
    organisations: frozenset[str]
    org_codes: tuple[str, ...]
    keys: Mapping[str, pa.Array]  # fields that tell the records apart
    ranges: Mapping[str, tuple[Any, Any]]  # least and greatest of each
    rows: np.ndarray  # a number for each row, the same for rows that are the same in every cell; 0 for a row without its key

    @property
    def place(self) -> str:
        return place_of(self.source)


def place_of(source: Source) -> str:
    """A table as its owner knows it: file › sheet."""
    return " › ".join(p for p in (source.file, source.sheet) if p)


class Duplicates:
    """The tables that were counted in one pass over a workspace."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._seen: list[_Seen] = []
        self._by_digest: dict[bytes, _Seen] = {}
        self._files: dict[str, str] = {}  # sha256 -> the first file with these bytes
        self._twins: dict[str, list[tuple[Source, Source]]] = defaultdict(list)  # file -> (table, the one counted instead)
        self._counted: dict[str, int] = defaultdict(int)  # file -> tables with rows that were counted
        self._of: dict[tuple[str, str], list[_Seen]] = defaultdict(list)  # ledger and organisation -> the tables that were counted
        self._named: set[tuple[int, int]] = set()  # pairs of source ids whose common rows were counted once

    def twin_of(self, source: Source, table: Conformed) -> Source | None:
        """The earlier table that holds exactly the rows of this one; None where there is none, and the table is remembered.

        Two blocks of one sheet are never twins: what stands twice in a sheet is a matter of rule D03.
        """
        self._files.setdefault(source.sha256, source.file)
        if not table.rows:
            return None
        spec = self._catalog.ledgers[table.ledger]
        keys = _keys(spec, table)
        ranges = {n: _range(c) for n, c in keys.items()}
        numbers = _numbered_rows(spec, table, keys)
        seen = _Seen(source, digest_of(table), frozenset(table.org_codes), table.org_codes, keys, ranges, numbers)
        twin = self._by_digest.get(seen.digest) if _can_be_told(spec, table) else None
        if twin is not None and (twin.source.file, twin.source.sheet) != (source.file, source.sheet):
            self._twins[source.file].append((source, twin.source))
            return twin.source
        self._by_digest.setdefault(seen.digest, seen)
        self._seen.append(seen)
        self._counted[source.file] += 1
        return None

    def repeated(self, source: Source) -> dict[int, Source]:
        """Positions of the rows of the table that was remembered last which stand in an earlier table, too, with that table.

        Lines of vouchers and bank statements are told by their days and amounts; of a register so many must be common that
        one of the two goes on from the other: a single number that stands in two of them is a matter of rule D03.
        """
        import numpy as np

        last, found = self._seen[-1], dict[int, Source]()
        spec = self._catalog.ledgers[source.ledger]
        is_flow = source.ledger in self._catalog.words["openings"]["ledgers"]
        for earlier in {id(s): s for code in sorted(last.organisations) for s in self._of[source.ledger, code]}.values():
            if (earlier.source.file, earlier.source.sheet) == (source.file, source.sheet) or not _may_share(earlier, last, spec):
                continue
            common, smaller = (1, 1) if is_flow else _common(earlier, last, spec)
            if common < max(1, _SHARE * smaller):
                continue
            same = np.isin(last.rows, earlier.rows[earlier.rows != 0]) & (last.rows != 0)
            at = _as_often(last.rows, earlier.rows, [int(i) for i in np.flatnonzero(same) if int(i) not in found])
            found |= dict.fromkeys(at, earlier.source)
            if at:
                self._named.add((earlier.source.source_id, source.source_id))
        for code in sorted(last.organisations):
            self._of[source.ledger, code].append(last)
        return found

    def organisations_with(self, ledger: str) -> frozenset[str]:
        """The organisations of which rows of a ledger were counted."""
        return frozenset(code for seen in self._seen if seen.source.ledger == ledger for code in seen.organisations)

    def problems(self) -> list[FileProblem]:
        """What must be named, by file and sheet."""
        found = [*self._copies(), *self._same_bytes(), *self._overlaps()]
        return sorted(found, key=lambda p: (p.file, p.sheet, p.code, p.detail))

    def _copies(self) -> Iterator[FileProblem]:
        for file, pairs in self._twins.items():
            first = self._files[pairs[0][0].sha256]
            if first != file and not self._counted[file] and all(twin.file == first for _, twin in pairs):
                yield FileProblem(file, "", "file.duplicate", first)
                continue
            for source, twin in pairs:
                yield FileProblem(file, source.sheet, "sheet.duplicate", place_of(twin))

    def _same_bytes(self) -> Iterator[FileProblem]:
        """The same bytes in two places, but counted for different organisations: somebody may have copied a neighbour's file."""
        told = set()
        for seen in self._seen:
            file, first = seen.source.file, self._files[seen.source.sha256]
            if file != first and self._counted[first] and file not in told:
                told.add(file)
                yield FileProblem(file, "", "file.copied", first)

    def _overlaps(self) -> Iterator[FileProblem]:
        together: dict[tuple[str, str], list[int]] = defaultdict(list)
        for number, seen in enumerate(self._seen):
            for code in seen.organisations:
                together[seen.source.ledger, code].append(number)
        pairs = sorted({pair for numbers in together.values() for pair in combinations(numbers, 2)})
        for a, b in pairs:
            one, other = self._seen[a], self._seen[b]
            if (one.source.file, one.source.sheet) == (other.source.file, other.source.sheet):
                continue
            common, smaller = _common(one, other, self._catalog.ledgers[one.source.ledger])
            if common >= max(1, _SHARE * smaller) or (one.source.source_id, other.source.source_id) in self._named:
                yield FileProblem(other.source.file, other.source.sheet, "sheet.overlap", f"{one.place} ({common}/{smaller})")


def not_counted(source: Source, notes: Sequence[Note], twin: Source) -> tuple[Source, tuple[Note, ...]]:
    """The line of sources.csv for a table that was not counted: its rows are set aside, and a note says for which."""
    aside = source.rows_read + source.rows_quarantined
    note = ("note.duplicate", {"n": source.rows_read, "place": place_of(twin)})
    return replace(source, rows_read=0, rows_quarantined=aside), (*notes, note)


def counted_once(
    source: Source, table: Conformed, notes: Sequence[Note], repeated: Mapping[int, Source]
) -> tuple[Source, Conformed, tuple[Note, ...]]:  # fmt: skip
    """Source, table and notes without the rows that stand in an earlier table: these are set aside, and a note says for which."""
    if not repeated:
        return source, table, tuple(notes)
    by_place: dict[str, list[int]] = defaultdict(list)
    for position, earlier in repeated.items():
        by_place[place_of(earlier)].append(table.rows[position] + 1)
    told = tuple(("note.duplicate_rows", {"n": len(r), "place": place, "rows": _listed(r)}) for place, r in by_place.items())
    left = replace(source, rows_read=source.rows_read - len(repeated), rows_quarantined=source.rows_quarantined + len(repeated))
    return left, _without(table, set(repeated)), (*notes, *told)


def _listed(rows: Sequence[int]) -> str:
    return ", ".join(map(str, rows[:_LISTED])) + (" …" if len(rows) > _LISTED else "")


def _without(table: Conformed, dropped: set[int]) -> Conformed:
    import pyarrow as pa

    kept = [i for i in range(len(table.rows)) if i not in dropped]
    take = pa.array(kept, pa.int64())
    return replace(
        table,
        rows=tuple(table.rows[i] for i in kept),
        columns={n: c.take(take) for n, c in table.columns.items()},
        statuses={n: c.take(take) for n, c in table.statuses.items()},
        raw={n: [c[i] for i in kept] for n, c in table.raw.items()},
        org_codes=tuple(table.org_codes[i] for i in kept),
    )


def _as_often(rows: np.ndarray, earlier: np.ndarray, at: Sequence[int]) -> list[int]:
    """Of the positions `at` as many for each row as the earlier table holds: two equal fees of a day are two in both."""
    left = Counter(earlier.tolist())
    found = []
    for i in at:
        number = int(rows[i])
        if left[number] > 0:
            left[number] -= 1
            found.append(i)
    return found


# ---- what a table holds ------------------------------------------------------------------------------------


def _numbered_rows(spec: LedgerSpec, table: Conformed, keys: Mapping[str, pa.Array]) -> np.ndarray:
    """A number for each row over its organisation, its typed cells and the text of those that could not be typed."""
    import numpy as np
    import pyarrow as pa

    columns = {"": pa.array(table.org_codes, pa.string()), **{n: c for n, c in table.columns.items() if c.null_count < len(c)}}
    cells = np.stack([_cell_numbers(column, table.raw.get(name, ())) for name, column in columns.items()])
    seeds = np.array([[_seed(name)] for name in columns], np.uint64)
    mixed = (cells ^ seeds) * np.uint64(0x9E3779B97F4A7C15)  # scattered over 64 bits; overflow is meant
    mixed = (mixed ^ (mixed >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
    total = np.where(cells == 0, np.uint64(0), mixed ^ (mixed >> np.uint64(32))).sum(axis=0, dtype=np.uint64)
    own = [keys[n] for n in spec.key if n in keys]
    if not own:
        return np.zeros(len(total), np.uint64)
    told = [c.is_valid().to_numpy(zero_copy_only=False) for c in own if c.null_count]
    numbers = total | np.uint64(1)
    return np.where(np.logical_and.reduce(told), numbers, np.uint64(0)) if told else numbers


@cache
def _seed(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "little")


def _cell_numbers(column: pa.Array, raw: Sequence[Any]) -> np.ndarray:
    """A number for each cell, 0 for an empty one; short columns and long ones give the same in the way that is quicker for them."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    is_text = pa.types.is_string(column.type)
    column = column.cast(pa.int32()) if pa.types.is_date32(column.type) else column
    if len(column) < _SHORT:
        found = np.array([0 if c is None else hash(c) if is_text else c % _PRIME * 2 + 1 for c in column.to_pylist()], np.int64)
    elif is_text:
        encoded = column.dictionary_encode()
        texts = np.array([0, *map(hash, encoded.dictionary.to_pylist())], np.int64)
        found = texts[pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False).astype(np.int64) + 1]
    else:
        whole = pc.fill_null(column.cast(pa.int64()), 0).to_numpy(zero_copy_only=False) % _PRIME * 2 + 1
        found = np.where(column.is_valid().to_numpy(zero_copy_only=False), whole, 0) if column.null_count else whole
    if column.null_count and len(raw) == len(column):
        for i in np.flatnonzero(column.is_null().to_numpy(zero_copy_only=False)).tolist():
            if raw[i] != "" and (text := raw_text(raw[i]).strip()):
                found[i] = hash(text)
    return found.view(np.uint64)


def digest_of(table: Conformed) -> bytes:
    """A hash over ledger, organisations and typed cells, and over the text of cells that could not be typed."""
    found = hashlib.sha256(repr((table.ledger, len(table.rows))).encode())
    found.update("\0".join(table.org_codes).encode("utf-8", "surrogatepass"))
    for name in sorted(table.columns):
        column = table.columns[name]
        if column.null_count == len(column) and name not in table.raw:
            continue
        found.update(name.encode())
        _add_cells(found, column)
        _add_unread(found, column, table.raw.get(name, ()))
    return found.digest()


def _add_cells(digest: Any, column: pa.Array) -> None:
    import pyarrow as pa
    import pyarrow.compute as pc

    digest.update(pc.is_null(column).to_numpy(zero_copy_only=False).tobytes())
    if not pa.types.is_string(column.type):
        whole = column.cast(pa.int32() if pa.types.is_date32(column.type) else pa.int64())
        digest.update(pc.fill_null(whole, 0).to_numpy().tobytes())
        return
    whole = pc.fill_null(column, "")
    digest.update(pc.binary_length(whole).to_numpy(zero_copy_only=False).tobytes())
    digest.update("".join(whole.to_pylist()).encode("utf-8", "surrogatepass"))


def _add_unread(digest: Any, column: pa.Array, raw: Sequence[Any]) -> None:
    """约500 and 约300 are both no number, yet not the same."""
    if not column.null_count or len(raw) != len(column):
        return
    empty = column.is_null().to_pylist()
    told = [(i, text) for i, (none, cell) in enumerate(zip(empty, raw, strict=True)) if none and (text := raw_text(cell).strip())]
    if told:
        digest.update(repr(told).encode("utf-8", "surrogatepass"))


def _keys(spec: LedgerSpec, table: Conformed) -> dict[str, pa.Array]:
    names = dict.fromkeys((*spec.key, *_ALSO.get(spec.name, ())))
    return {n: table.columns[n] for n in names if n in table.columns and table.columns[n].null_count < len(table.rows)}


def _range(column: pa.Array) -> tuple[Any, Any]:
    import pyarrow.compute as pc

    found = pc.min_max(column).as_py()
    return found["min"], found["max"]


def _apart(one: tuple[Any, Any], other: tuple[Any, Any]) -> bool:
    """Ranges without a common value: most pairs need no look at their rows."""
    return bool(one[1] < other[0] or other[1] < one[0])


def _can_be_told(spec: LedgerSpec, table: Conformed) -> bool:
    """Whether equal tables must be the same one: a row has its key, or there are too many rows for chance."""
    keys = [table.columns[n].is_valid().to_pylist() for n in spec.key if n in table.columns]
    return len(table.rows) >= _WITHOUT_KEY or any(map(all, zip(*keys, strict=True)))


def _may_share(one: _Seen, other: _Seen, spec: LedgerSpec) -> bool:
    """Whether both tell the records apart by the same fields, and their values reach over one another."""
    names = [n for n in one.keys if n in other.keys]
    return bool(set(names) & set(spec.key)) and not any(_apart(one.ranges[n], other.ranges[n]) for n in names)


def _common(one: _Seen, other: _Seen, spec: LedgerSpec) -> tuple[int, int]:
    """(records that stand in both, records of the smaller table of the organisations that both have)."""
    names = [n for n in one.keys if n in other.keys]
    if not _may_share(one, other, spec):
        return 0, 0
    shared = one.organisations & other.organisations
    first, second = _records(one, names, shared), _records(other, names, shared)
    return len(first & second), min(len(first), len(second))


def _records(seen: _Seen, names: Sequence[str], organisations: frozenset[str]) -> set[tuple[Any, ...]]:
    columns = [seen.keys[n].to_pylist() for n in names]
    return {row for row in zip(seen.org_codes, *columns, strict=True) if row[0] in organisations and None not in row}
