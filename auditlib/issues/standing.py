"""Whether what a finding named is still in the ledgers: how many of their rows bear the number of a record.

A voucher, a contract or an asset can be taken out and another put in its place: the count of rows stays, the matter is no longer
found, and nothing was put right. So a run notes under how many rows each record of a finding stands, and a run that no longer finds
the matter looks whether they are still there. Only what stood in a ledger when it was found can be gone from it: a period, the label
of a total or a number that was left out never did.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from ..catalog.load import load_catalog
from ..catalog.specs import TEXT_TYPES, Catalog, LedgerSpec
from ..words.messages import say
from .refusal import Label, Reason

Place = tuple[str, str, str]  # ledger, code of the organisation, number of the record


@dataclass(frozen=True, slots=True)
class _LedgerName(Label):
    """What people call the ledger `key`."""

    def told(self, language: str) -> str:
        spec = load_catalog().ledgers.get(self.key)
        return spec.label(language) if spec else self.key


class Gone(NamedTuple):
    """A record under which fewer rows of a ledger stand than when it was found; `now` is 0 where it is not there at all."""

    ledger: str
    record: str
    before: int
    now: int

    def told(self) -> Reason:
        key = "issues.gone.some" if self.now else "issues.gone.all"
        values = {"ledger": _LedgerName(self.ledger), "record": self.record, "before": self.before, "now": self.now}
        return Reason(key, values)


def gone_told(gone: Iterable[Gone], language: str) -> str:
    """The records that are no longer there, one after the other; '' for none."""
    return say("issues.gone.between", language).join(each.told().told(language) for each in gone)


def asked_back(gone: Collection[Gone], language: str) -> str:
    """What a village has to do about the records that are no longer there; '' for none."""
    return say("issues.gone.way", language, records=gone_told(gone, language)) if gone else ""


def state_told(state: str, gone: Collection[Gone], language: str) -> str:
    """The word for a state as lists show it, marked where records are gone from the ledgers."""
    return say("issues.gone.state", language, state=state, mark=say("issues.gone.mark", language)) if gone else state


class Rows(Protocol):
    """The ledgers of a run, as far as records are looked for in them."""

    def count(self, wanted: Collection[Place]) -> Mapping[Place, int]:
        """How many rows stand in each place; places without any may be left out."""
        ...


class LedgerRows:
    """The typed ledgers in a folder, <ledger>.parquet, as intake wrote them.

    Read are only the columns of the natural keys, one row group after the other: a million lines cost neither memory nor seconds.
    """

    def __init__(self, folder: Path, catalog: Catalog) -> None:
        self._folder, self._ledgers = folder, catalog.ledgers

    def count(self, wanted: Collection[Place]) -> Mapping[Place, int]:
        records: dict[str, set[str]] = defaultdict(set)
        for ledger, _, record in wanted:
            records[ledger].add(record)
        found: Counter[Place] = Counter()
        for ledger in sorted(set(records) & set(self._ledgers)):
            path = self._folder / f"{ledger}.parquet"
            if path.is_file():
                for org_code, record, rows in _counted(path, self._ledgers[ledger], sorted(records[ledger])):
                    found[ledger, org_code, record] += rows
        return {place: found[place] for place in wanted if found[place]}


def _keys(spec: LedgerSpec) -> list[str]:
    """The columns of the natural key that hold a number or a name; a line number or a date tells no record by itself."""
    return [name for name in spec.key if name in spec.fields and spec.fields[name].type in TEXT_TYPES]


def _counted(path: Path, spec: LedgerSpec, records: list[str]) -> Iterator[tuple[str, str, int]]:
    """Organisation, record and how many rows bear it, by key column and row group."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    wanted, keys = pa.array(records, pa.string()), _keys(spec)
    with pq.ParquetFile(path) as file:
        for number in range(file.num_row_groups if keys else 0):
            table = file.read_row_group(number, columns=list(dict.fromkeys(("org_code", *keys))))
            for key in keys:
                rows = table.filter(pc.is_in(table[key], value_set=wanted))
                yield from _groups(rows, key)


def _groups(rows: Any, key: str) -> Iterator[tuple[str, str, int]]:
    names = list(dict.fromkeys(("org_code", key)))
    counted = rows.group_by(names).aggregate([([], "count_all")])
    columns = (counted[name].to_pylist() for name in ("org_code", key, "count_all"))
    yield from ((org_code, record, n) for org_code, record, n in zip(*columns, strict=True) if org_code is not None)
