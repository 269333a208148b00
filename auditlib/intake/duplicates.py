"""Files and sheets that came twice ("最终版2"): identical ones are counted once, overlapping ones are named; nothing is dropped in silence.

Only tables of the same ledger and the same organisations are ever compared, so a blank template or a small sheet that reads alike
in two villages is no duplicate.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

from ..catalog.specs import Catalog, LedgerSpec
from ..words.records import FileProblem, Source
from .conform import Conformed
from .sheet_notes import Note
from .values import raw_text

if TYPE_CHECKING:
    import pyarrow as pa

_WITHOUT_KEY = 3  # rows that a table needs to be called a copy when none of them has its key
_SHARE = 0.2  # share of the smaller table's records that must stand in the other to speak of an overlap
# fields beside the key without which equal numbers mean nothing: vouchers restart each month, lists number from 1
_ALSO = {"journal": ("date",), "handover": ("item_class", "item"), "claims": ("kind", "counterparty"), "members": ("name",)}


@dataclass(frozen=True, slots=True)
class _Seen:
    source: Source
    digest: bytes
    organisations: frozenset[str]
    org_codes: tuple[str, ...]
    keys: Mapping[str, pa.Array]  # fields that tell the records apart
    ranges: Mapping[str, tuple[Any, Any]]  # least and greatest of each

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

    def twin_of(self, source: Source, table: Conformed) -> Source | None:
        """The earlier table that holds exactly the rows of this one; None where there is none, and the table is remembered.

        Two blocks of one sheet are never twins: what stands twice in a sheet is a matter of rule D03.
        """
        self._files.setdefault(source.sha256, source.file)
        if not table.rows:
            return None
        spec = self._catalog.ledgers[table.ledger]
        keys = _keys(spec, table)
        seen = _Seen(source, digest_of(table), frozenset(table.org_codes), table.org_codes, keys, {n: _range(c) for n, c in keys.items()})
        twin = self._by_digest.get(seen.digest) if _can_be_told(spec, table) else None
        if twin is not None and (twin.source.file, twin.source.sheet) != (source.file, source.sheet):
            self._twins[source.file].append((source, twin.source))
            return twin.source
        self._by_digest.setdefault(seen.digest, seen)
        self._seen.append(seen)
        self._counted[source.file] += 1
        return None

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
            if common >= max(1, _SHARE * smaller):
                yield FileProblem(other.source.file, other.source.sheet, "sheet.overlap", f"{one.place} ({common}/{smaller})")


def not_counted(source: Source, notes: Sequence[Note], twin: Source) -> tuple[Source, tuple[Note, ...]]:
    """The line of sources.csv for a table that was not counted: its rows are set aside, and a note says for which."""
    aside = source.rows_read + source.rows_quarantined
    note = ("note.duplicate", {"n": source.rows_read, "place": place_of(twin)})
    return replace(source, rows_read=0, rows_quarantined=aside), (*notes, note)


# ---- what a table holds ------------------------------------------------------------------------------------


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


def _common(one: _Seen, other: _Seen, spec: LedgerSpec) -> tuple[int, int]:
    """(records that stand in both, records of the smaller table of the organisations that both have)."""
    names = [n for n in one.keys if n in other.keys]
    if not set(names) & set(spec.key) or any(_apart(one.ranges[n], other.ranges[n]) for n in names):
        return 0, 0
    shared = one.organisations & other.organisations
    first, second = _records(one, names, shared), _records(other, names, shared)
    return len(first & second), min(len(first), len(second))


def _records(seen: _Seen, names: Sequence[str], organisations: frozenset[str]) -> set[tuple[Any, ...]]:
    columns = [seen.keys[n].to_pylist() for n in names]
    return {row for row in zip(seen.org_codes, *columns, strict=True) if row[0] in organisations and None not in row}
