"""Typed ledgers as Parquet between the steps: one file a ledger, and the untouched cells of each source beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..catalog.specs import Catalog, LedgerSpec
from ..words.records import Source
from .conform import Conformed, ControlTotal
from .openings import OpeningBalance
from .values import STATUSES, arrow_type, raw_text

if TYPE_CHECKING:
    import pyarrow as pa

GATHERED = 50_000  # rows held before a row group is written
PSEUDO = ("control_totals", "attributions", "openings", "set_aside")


def ledger_schema(spec: LedgerSpec) -> pa.Schema:
    """Columns of a ledger's Parquet file: place, organisation, fields, and a status for every field."""
    import pyarrow as pa

    places = [("row_id", pa.int64()), ("source_id", pa.int32()), ("sheet_row", pa.int32()), ("org_code", pa.string())]
    fields = [(f.name, arrow_type(f)) for f in spec.fields.values() if f.name != "org_code"]
    return pa.schema(places + fields + [(f"{n}__status", pa.string()) for n in spec.fields])


def pseudo_schema(name: str) -> pa.Schema:
    """Columns of the tables that intake itself fills: totals, rows whose organisation is in doubt, opening balances, rows set aside."""
    import pyarrow as pa

    text, whole = pa.string(), pa.int64()
    places = [("row_id", whole), ("source_id", pa.int32()), ("sheet_row", pa.int32()), ("org_code", text), ("ledger", text)]
    own = {
        "control_totals": [
            ("label", text), ("field", text), ("stated", whole), ("computed", whole), ("scale", pa.int32()), ("unread", text),
        ],  # fmt: skip
        "attributions": [("found", text), ("kind", text), ("expected", text)],
        "openings": [("label", text), ("account", text), ("date", pa.date32()), ("year", whole), ("side", text), ("amount", whole)],
        "set_aside": [("reason", text), ("text", text)],
    }
    return pa.schema(places + own[name])


class FrameWriter:
    """Appends conformed tables to the ledgers' files, a row group at a time."""

    def __init__(self, folder: Path, catalog: Catalog) -> None:
        self._folder, self._catalog = folder, catalog
        self._waiting: dict[str, list[pa.Table]] = {}
        self._writers: dict[str, Any] = {}
        self._next_id: dict[str, int] = {}
        self._pseudo: dict[str, list[dict[str, Any]]] = {name: [] for name in PSEUDO}
        (folder / "raw").mkdir(parents=True, exist_ok=True)

    def add(self, source: Source, table: Conformed) -> None:
        """One table of one source; its rows get ids that are unique in the ledger."""
        import pyarrow as pa

        n = len(table.rows)
        self._add_pseudo(source, table)
        if not n:
            return
        first = self._next_id.get(table.ledger, 0)
        self._next_id[table.ledger] = first + n
        spec = self._catalog.ledgers[table.ledger]
        names = pa.array(STATUSES)
        columns: dict[str, Any] = {
            "row_id": pa.array(range(first, first + n), pa.int64()),
            "source_id": pa.repeat(pa.scalar(source.source_id, pa.int32()), n),
            "sheet_row": pa.array([r + 1 for r in table.rows], pa.int32()),
            "org_code": pa.array(table.org_codes, pa.string()),
        }
        columns |= {name: table.columns[name] for name in spec.fields if name != "org_code"}
        columns |= {f"{name}__status": names.take(table.statuses[name]) for name in spec.fields}
        self._write_raw(source.source_id, first, n, table.raw)
        waiting = self._waiting.setdefault(table.ledger, [])
        waiting.append(pa.table(columns, schema=ledger_schema(spec)))
        if sum(t.num_rows for t in waiting) >= GATHERED:
            self._flush(table.ledger)

    def _add_pseudo(self, source: Source, table: Conformed) -> None:
        for t in table.totals:
            self.add_total(source.source_id, table.ledger, t)
        for o in table.openings:
            self.add_opening(source.source_id, table.ledger, o)
        for r in table.set_aside:
            place = self._place("set_aside", source.source_id, r.row - 1, "", table.ledger)
            self._pseudo["set_aside"].append(place | {"reason": r.reason, "text": r.text})
        for a in table.attributions:
            place = self._place("attributions", source.source_id, a.row, a.org_code, table.ledger)
            self._pseudo["attributions"].append(place | {"found": a.found, "kind": a.kind, "expected": a.expected})

    def add_total(self, source_id: int, ledger: str, t: ControlTotal) -> None:
        """What a total row of the ledger says beside what its rows add up to."""
        place = self._place("control_totals", source_id, t.row, t.org_code, ledger)
        scale = self._catalog.ledgers[ledger].fields[t.field].scale
        told = {"label": t.label, "field": t.field, "stated": t.stated, "computed": t.computed, "scale": scale, "unread": t.unread}
        self._pseudo["control_totals"].append(place | told)

    def add_opening(self, source_id: int, ledger: str, o: OpeningBalance) -> None:
        """What an account of the ledger held when a year began; of two for one account the first counts."""
        place = self._place("openings", source_id, o.row, o.org_code, ledger)
        told = {"label": o.label, "account": o.account, "date": o.date, "year": o.year, "side": o.side, "amount": o.amount}
        self._pseudo["openings"].append(place | told)

    def _place(self, name: str, source_id: int, row: int, org_code: str, ledger: str) -> dict[str, Any]:
        return {"row_id": len(self._pseudo[name]), "source_id": source_id, "sheet_row": row + 1, "org_code": org_code, "ledger": ledger}

    def _write_raw(self, source_id: int, first: int, n: int, raw: Mapping[str, Sequence[Any]]) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        columns = {"row_id": pa.array(range(first, first + n), pa.int64())} | {name: _native(cells) for name, cells in raw.items()}
        pq.write_table(pa.table(columns), self._folder / "raw" / f"{source_id}.parquet", compression="none", use_dictionary=False)

    def _flush(self, ledger: str) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        waiting = self._waiting.pop(ledger, [])
        if not waiting:
            return
        if ledger not in self._writers:
            self._writers[ledger] = pq.ParquetWriter(self._folder / f"{ledger}.parquet", waiting[0].schema, store_schema=False)
        self._writers[ledger].write_table(pa.concat_tables(waiting))

    def close(self) -> None:
        """Writes what is still held, and the pseudo-ledgers, empty or not."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        for ledger in list(self._waiting):
            self._flush(ledger)
        for writer in self._writers.values():
            writer.close()
        for name, rows in self._pseudo.items():
            pq.write_table(pa.Table.from_pylist(rows, schema=pseudo_schema(name)), self._folder / f"{name}.parquet")


def _native(cells: Sequence[Any]) -> pa.Array:
    """Cells of one native kind as they are, anything else as text; nothing is rounded either way."""
    import datetime as dt

    import pyarrow as pa

    kinds = set(map(type, cells))
    if kinds <= {str}:
        return pa.array(cells, pa.string())
    if kinds == {float}:
        return pa.array(cells, pa.float64())
    if kinds == {dt.date}:
        return pa.array(cells, pa.date32())
    return pa.array([raw_text(c) for c in cells], pa.string())


class RawCells:
    """Untouched cells, looked up when a finding must show them."""

    def __init__(self, frames: Path, sources: Sequence[Source]) -> None:
        self._frames = frames
        self._sources = sources
        self._spans: dict[str, list[tuple[int, int, int]]] = {}
        first: dict[str, int] = {}
        for s in sources:
            if s.ledger and s.rows_read:
                start = first.get(s.ledger, 0)
                first[s.ledger] = start + s.rows_read
                self._spans.setdefault(s.ledger, []).append((start, start + s.rows_read, s.source_id))

    def cells(self, ledger: str, row_ids: Sequence[int]) -> Mapping[int, Mapping[str, str]]:
        """Raw text by row id and field; a field that the source does not have is missing from the mapping."""
        import pyarrow.parquet as pq

        found: dict[int, dict[str, str]] = {}
        wanted = sorted(set(row_ids))
        for start, end, source_id in self._spans.get(ledger, []):
            here = [r for r in wanted if start <= r < end]
            if here:
                table = pq.read_table(self._frames / "raw" / f"{source_id}.parquet").take([r - start for r in here])
                rows = table.drop_columns(["row_id"]).to_pylist()
                found |= {r: {k: raw_text(v) for k, v in row.items()} for r, row in zip(here, rows, strict=True)}
        return found
