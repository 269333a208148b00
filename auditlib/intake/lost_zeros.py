"""References whose leading noughts a spreadsheet took away: 52010001 for the member 052010001.

A number cell keeps no nought in front. Where what a row refers to stands nowhere and exactly one record of the same organisation has
that number but for noughts in front, the reference is read as that record's; the untouched cell stays in `frames/raw`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ..catalog.specs import Catalog, CheckSpec
from .sheet_notes import Note

if TYPE_CHECKING:
    import pyarrow as pa

REFERENCES = "dangling"  # the kernel of the checks that name which field refers to which


def restore_lost_zeros(frames: Path, catalog: Catalog) -> dict[int, tuple[Note, ...]]:
    """Rewrites the references in `frames` and gives notes by source id: how many, and one of them as read and as meant."""
    told: dict[int, tuple[Note, ...]] = {}
    for check in (c for c in catalog.checks if c.kernel == REFERENCES):
        for source_id, n, read, meant in _restored(frames, check):
            note = ("note.lost_zeros", {"n": n, "read": read, "meant": meant})
            told[source_id] = (*told.get(source_id, ()), note)
    return told


def _restored(frames: Path, check: CheckSpec) -> Iterator[tuple[int, int, str, str]]:
    """(source, references restored, one as read, the same as meant) of one check."""
    import pyarrow.parquet as pq

    path, field = frames / f"{check.ledgers[0]}.parquet", check.arguments["field"]
    standing = _standing(frames, check.arguments["targets"])
    if not standing or not path.exists():
        return
    table = pq.read_table(path, columns=["source_id", "org_code", field])
    meant = _meant(table, field, standing)
    if not meant:
        return
    whole = pq.read_table(path)
    rows = list(zip(*(table[n].to_pylist() for n in ("org_code", field)), strict=True))
    place = whole.schema.get_field_index(field)
    values = _column([meant.get(row, row[1]) for row in rows], whole.schema.field(place))
    pq.write_table(whole.set_column(place, whole.schema.field(place), values), path, store_schema=False)
    changed: dict[int, list[tuple[str, str]]] = {}
    for source_id, row in zip(table["source_id"].to_pylist(), rows, strict=True):
        if row in meant:
            changed.setdefault(source_id, []).append((row[1], meant[row]))
    yield from ((source_id, len(pairs), *pairs[0]) for source_id, pairs in changed.items())


def _column(values: list[str | None], field: pa.Field) -> pa.Array:
    import pyarrow as pa

    return pa.array(values, field.type)


def _standing(frames: Path, targets: Mapping[str, str]) -> set[tuple[str, str]]:
    """(organisation, number) of all records that may be meant."""
    import pyarrow.parquet as pq

    found: set[tuple[str, str]] = set()
    for ledger, field in targets.items():
        if (path := frames / f"{ledger}.parquet").exists():
            told = pq.read_table(path, columns=["org_code", field]).group_by(["org_code", field]).aggregate([])
            found |= set(zip(told["org_code"].to_pylist(), told[field].to_pylist(), strict=True))
    return {(o, v) for o, v in found if v}


def _meant(table: pa.Table, field: str, standing: set[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """(organisation, number as read) -> the only number that differs by noughts in front."""
    told = table.group_by(["org_code", field]).aggregate([])
    pairs = zip(told["org_code"].to_pylist(), told[field].to_pylist(), strict=True)
    missing = {(o, v) for o, v in pairs if v and v.isdigit() and (o, v) not in standing}
    if not missing:
        return {}
    alike: dict[tuple[str, str], set[str]] = {}
    for o, v in standing:
        if v.isdigit():
            alike.setdefault((o, v.lstrip("0")), set()).add(v)
    found = {(o, v): alike.get((o, v.lstrip("0")), set()) for o, v in missing}
    return {key: next(iter(numbers)) for key, numbers in found.items() if len(numbers) == 1}
