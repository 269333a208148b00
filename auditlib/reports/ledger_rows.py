"""The rows behind the figures of a book: for every organisation one CSV a ledger, and one of its matches.

`rows/<organisation>/<ledger>.csv`: file, sheet and row where each line stands, then the fields as they were read, amounts in 元 and
areas in 亩. Text that a spreadsheet would run is defused. Working papers: full data.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..catalog.specs import Catalog, FieldSpec
from ..words.messages import say
from ..words.records import AuditRun, Match, Source
from .kept_ledgers import FOLDER as LEDGERS
from .output import remove_stale, write_outputs
from .tables import MATCH_COLUMNS, csv_text, match_row
from .view import stems_of

if TYPE_CHECKING:
    import pyarrow as pa

FOLDER = "rows"
_PLACES = 4  # decimal places of an area unless it was written finer
_BOM = b"\xef\xbb\xbf"
_RUNS = r"^[=+\-@\t\r\n]"  # as tables.defused
_NUMBER = r"^[+-]?[0-9]+(\.[0-9]+)?$"


def rows_file(stem: str, ledger: str) -> str:
    """Where the rows of a ledger of one organisation stand in the output folder."""
    return f"{FOLDER}/{stem}/{ledger}.csv"


def write_ledger_rows(run: AuditRun, catalog: Catalog, out: Path, language: str) -> int:
    """Writes the rows of the ledgers kept in `out` and the matches of `run` by organisation; those of an earlier run go.

    Returns the number of files. Raises OutputError when a file of someone else has one of their names.
    """
    stems = stems_of(run)
    written: list[str] = []
    for spec in catalog.ledgers.values():
        file = out / LEDGERS / f"{spec.name}.parquet"
        if file.is_file():
            fields = [f for f in spec.fields.values() if not f.is_auxiliary and f.name != "org_code"]  # the folder says whose rows they are
            batch = {rows_file(stems[org], spec.name): text for org, text in _by_org(file, fields, run.sources, language) if org in stems}
            written += write_outputs(out, batch)
    written += write_outputs(out, {rows_file(stems[org], "matches"): text for org, text in _matches(run.matches) if org in stems})
    remove_stale(out, (FOLDER,), written)
    return len(written)


def _matches(matches: Sequence[Match]) -> Iterator[tuple[str, bytes]]:
    by_org: dict[str, list[Match]] = defaultdict(list)
    for match in matches:
        by_org[match.org_code].append(match)
    for org, group in sorted(by_org.items()):
        yield org, csv_text(MATCH_COLUMNS, map(match_row, group)).encode("utf-8", "backslashreplace")


def _by_org(file: Path, fields: Sequence[FieldSpec], sources: Sequence[Source], language: str) -> Iterator[tuple[str, bytes]]:
    """Organisation -> its rows of one ledger as CSV, in the order of the files."""
    import pyarrow.parquet as pq

    there = set(pq.read_schema(file).names)
    shown = [f for f in fields if f.name in there]
    rows = pq.read_table(file, columns=["row_id", "source_id", "sheet_row", "org_code", *(f.name for f in shown)])
    rows = rows.sort_by([("org_code", "ascending"), ("row_id", "ascending")])
    table = _readable(rows, shown, {s.source_id: s for s in sources}, language)
    for org, start, length in _runs(rows["org_code"].to_pylist()):
        yield org, _csv(table.slice(start, length))


def _runs(codes: Sequence[str | None]) -> Iterator[tuple[str, int, int]]:
    """(code, first row, number of rows) of sorted codes."""
    start = 0
    for n in range(1, len(codes) + 1):
        if n == len(codes) or codes[n] != codes[start]:
            yield codes[start] or "", start, n - start
            start = n


def _readable(rows: pa.Table, fields: Sequence[FieldSpec], sources: Mapping[int, Source], language: str) -> pa.Table:
    """The rows with the heads that people know, and where each of them stands."""
    import pyarrow as pa

    places = [(sources[i].file, sources[i].sheet) if i in sources else ("", "") for i in rows["source_id"].to_pylist()]
    heads = [say(f"reports.column.{name}", language) for name in ("file", "sheet", "row")] + [f.label(language) for f in fields]
    columns: list[Any] = [_defused(pa.chunked_array([pa.array([p[n] for p in places], pa.string())])) for n in (0, 1)]
    columns += [rows["sheet_row"], *(_value(rows[f.name], f, language) for f in fields)]
    return pa.Table.from_arrays(columns, names=heads)


def _value(column: pa.ChunkedArray, field: FieldSpec, language: str) -> pa.ChunkedArray:
    import pyarrow as pa
    import pyarrow.compute as pc

    if field.scale:
        column, places = _short(column, field.scale)
        return pa.chunked_array([_decimal(chunk, places) for chunk in column.chunks], pa.decimal128(19, places))
    if pa.types.is_boolean(column.type):
        return pc.if_else(column, say("reports.rows.yes", language), say("reports.rows.no", language))
    return _defused(column) if pa.types.is_string(column.type) else column


def _short(column: pa.ChunkedArray, places: int) -> tuple[pa.ChunkedArray, int]:
    """The column with four decimal places where it has more and all beyond them are noughts: 30.0000 亩, 30.000015 亩."""
    import pyarrow.compute as pc

    beyond = 10 ** max(places - _PLACES, 0)
    quotient = pc.divide(column, beyond)
    is_written_finer = pc.any(pc.not_equal(pc.multiply(quotient, beyond), column)).as_py()
    return (column, places) if is_written_finer else (quotient, min(places, _PLACES))


def _decimal(chunk: pa.Array, scale: int) -> pa.Array:
    """Integers of the smallest unit as the exact decimals that they stand for: the same digits with a point."""
    import pyarrow as pa

    whole = chunk.cast(pa.decimal128(19, 0))
    return pa.Array.from_buffers(pa.decimal128(19, scale), len(whole), whole.buffers(), offset=whole.offset)


def _defused(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Texts with a leading apostrophe where a spreadsheet would run them; a plain number stays a number."""
    import pyarrow.compute as pc

    runs = pc.and_not(pc.match_substring_regex(column, _RUNS), pc.match_substring_regex(column, _NUMBER))
    return pc.if_else(pc.fill_null(runs, False), pc.binary_join_element_wise("'", column, ""), column)


def _csv(table: pa.Table) -> bytes:
    import io

    import pyarrow.csv as pa_csv

    text = io.BytesIO(_BOM)
    text.seek(len(_BOM))
    pa_csv.write_csv(table, text)
    return text.getvalue()
