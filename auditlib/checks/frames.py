"""The typed ledgers of one run as lazy frames with their derived columns, and who has which of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..catalog.settings import Settings
from ..catalog.specs import Catalog
from ..engine import Engine
from ..words.records import Organisation, Source

if TYPE_CHECKING:
    import narwhals as nw
    import pyarrow as pa

CONTROL_TOTALS, ATTRIBUTIONS, OPENINGS = "control_totals", "attributions", "openings"


@dataclass(frozen=True, slots=True)
class Presence:
    """What one organisation has of one ledger."""

    rows: int
    filled: Mapping[str, int]  # field -> rows whose sheet has the column

    def has(self, field: str) -> bool:
        return self.filled.get(field, 0) > 0


@dataclass(frozen=True, slots=True)
class RunInputs:
    """What the checks and the reconciliations of one run work on."""

    root: Path  # folder of typed ledgers, <ledger>.parquet
    catalog: Catalog
    settings: Settings
    organisations: Sequence[Organisation]
    sources: Sequence[Source]
    engine: Engine
    name_decisions: Mapping[tuple[str, str], Any] = field(default_factory=dict)  # what people said about names that are alike
    bank_decisions: Sequence[Any] = ()  # and about lines of the books and the bank, in the order said


class Frames:
    """Reads `<root>/<ledger>.parquet` through one engine; every ledger is derived and counted at most once in a run."""

    def __init__(self, inputs: RunInputs) -> None:
        self.inputs = inputs
        self.root, self.engine, self.catalog, self.settings = inputs.root, inputs.engine, inputs.catalog, inputs.settings
        self.organisations, self.sources = tuple(inputs.organisations), tuple(inputs.sources)
        self._rows: dict[str, nw.LazyFrame] = {}
        self._presence: dict[str, dict[str, Presence]] = {}

    def has(self, ledger: str) -> bool:
        return (self.root / f"{ledger}.parquet").exists()

    def plain(self, ledger: str) -> nw.LazyFrame | None:
        """The ledger as intake wrote it, None when nobody has it."""
        return self.engine.scan(self.root / f"{ledger}.parquet") if self.has(ledger) else None

    def rows(self, ledger: str) -> nw.LazyFrame:
        """The ledger with its derived columns. Raises FileNotFoundError when nobody has it."""
        from ..kernels.derive import derive

        if ledger not in self._rows:
            plain = self.plain(ledger)
            if plain is None:
                raise FileNotFoundError(f"{ledger}.parquet: the ledger was not read; ask `has` first")
            spec = self.catalog.ledgers.get(ledger)
            done = plain if spec is None else derive(plain, spec, self.catalog, self.settings.fiscal_year, self.plain)
            self._rows[ledger] = self.engine.keep(done) if spec is not None and spec.derived else done
        return self._rows[ledger]

    def presence(self, ledger: str) -> Mapping[str, Presence]:
        """Organisation -> what it has of the ledger; organisations without a row of it are left out."""
        if ledger not in self._presence:
            self._presence[ledger] = self._count(ledger) if self.has(ledger) else {}
        return self._presence[ledger]

    def _count(self, ledger: str) -> dict[str, Presence]:
        import narwhals as nw

        from ..kernels.terms import count_if

        fields = list(self.catalog.ledgers[ledger].fields) if ledger in self.catalog.ledgers else []
        counts = (
            self.plain(ledger)
            .group_by("org_code")
            .agg(
                nw.len().cast(nw.Int64).alias("rows__"),
                *[count_if(nw.col(f"{f}__status") != "absent").alias(f"has__{f}") for f in fields],
            )
        )
        return {
            r["org_code"] or "": Presence(r["rows__"], {f: r[f"has__{f}"] for f in fields})
            for r in self.records(counts, ["org_code"])
        }

    def records(self, frame: nw.LazyFrame, order: Iterable[str] = ("row_id",)) -> list[dict[str, Any]]:
        """The rows of a small result as dictionaries, sorted by the columns `order` (missing values last)."""
        return rows_of(self.table(frame, order))

    def table(self, frame: nw.LazyFrame[Any], order: Iterable[str] = ("row_id",)) -> pa.Table:
        """The rows of a result as columns, sorted as those of `records`."""
        return self.engine.collect(frame).sort_by([(k, "ascending") for k in order])


def rows_of(table: pa.Table) -> list[dict[str, Any]]:
    """The rows of a table as dictionaries."""
    names = table.column_names
    return [dict(zip(names, row, strict=True)) for row in zip(*map(_values, table.columns), strict=True)]


def _values(column: pa.ChunkedArray) -> list[Any]:
    """A column as Python values. Of few different days each is made once: making them one by one takes most of the time."""
    import pyarrow as pa

    if not pa.types.is_date(column.type):
        return column.to_pylist()  # type: ignore[no-any-return]
    coded = column.combine_chunks().dictionary_encode()
    days = [*coded.dictionary.to_pylist(), None]
    return [days[i] for i in coded.indices.fill_null(len(days) - 1).to_pylist()]
