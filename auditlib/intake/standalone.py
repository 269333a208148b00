"""What a file that stands alone says of itself: whose rows it holds, and of which year."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..words.errors import UnreadableFile
from ..words.records import Organisation
from .conform import table_columns
from .owner import Resolver
from .tables import FoundTable, TableFinder
from .values import find_year, fold, parse_date, raw_text, squeeze
from .workspace import County

SENDER = "*"  # stands for the organisation that a file of no county does not name
SAMPLE_ROWS = 2000  # rows of a table in which years are counted
_YEARS = range(1950, 2201)


@dataclass(frozen=True, slots=True)
class ToldBySelf:
    """What stands in the file and nowhere else."""

    organisations: tuple[Organisation, ...]  # by code, or by name where there is no code; no levels are known
    fiscal_year: int | None  # None when the file does not tell
    year_from: str  # name | column | dates, '' when the file does not tell


def told_by_self(path: Path, finder: TableFinder) -> ToldBySelf:
    """Reads `path` for organisations and fiscal year. A file that cannot be read tells nothing; its reading says why.

    The year is that of file name, sheet name and title, else the most frequent one in a column of years, else in the dates
    of a ledger of movements.
    """
    try:
        found = [(path.stem, t) for sheet in finder.sheets(path) for t in finder.tables(sheet, path.name) if t.recognition.ledger]
    except UnreadableFile:
        return ToldBySelf((), None, "")
    year, how = _year(found, finder)
    return ToldBySelf(tuple(_organisations(t for _, t in found)), year, how)


class LoneResolver(Resolver):
    """Finds organisations among those that the file itself names; whoever names none is the sender."""

    def from_path(self, folders: Sequence[str], stem: str) -> tuple[str, str]:
        """The sender, whatever the folders are called: outside a county they say nothing."""
        return SENDER, ""


def lone_county(path: Path, told: ToldBySelf, finder: TableFinder) -> County:
    """What is known before a file of no county is read: what it says of itself."""
    organisations = (Organisation(SENDER, "", "village"), *told.organisations)
    return County(path.parent, finder, LoneResolver(organisations, finder.catalog.words["organisation_names"]))


def _organisations(tables: Iterable[FoundTable]) -> Iterator[Organisation]:
    met: set[str] = set()
    for table in tables:
        cells = _cells(table, ("org_code", "org_name"))
        for code, name in sorted({(squeeze(raw_text(c)), squeeze(raw_text(n))) for c, n in zip(*cells, strict=True)}):
            known = code or name
            if known and known not in met:
                met.add(known)
                yield Organisation(known, name or code, "village")


def _cells(table: FoundTable, fields: Sequence[str], rows: int | None = None) -> list[Sequence[Any]]:
    """The cells of the columns read as `fields`, column by column; a column that is not there is blank."""
    data = table.block.data[:rows]
    columns = table_columns(table.sheet, data, len(table.block.headers))
    places = {u.field: u.index for u in table.recognition.columns if u.field}
    return [columns[places[f]] if f in places else [""] * len(data) for f in fields]


def _year(found: Sequence[tuple[str, FoundTable]], finder: TableFinder) -> tuple[int | None, str]:
    named = {y for stem, table in found for text in (stem, table.sheet.name, *_titles(table)) if (y := find_year(text))}
    if len(named) == 1:
        return named.pop(), "name"
    for how, years in (("column", _years_of_columns(found, finder)), ("dates", _years_of_dates(found, finder))):
        counted = Counter(y for y in years if y in _YEARS)
        if counted:
            return max(counted, key=lambda y: (counted[y], y)), how
    return None, ""


def _titles(table: FoundTable) -> list[str]:
    return [fold(raw_text(c)) for r in table.block.preamble[-8:] for c in table.sheet.rows[r] if isinstance(c, str) and len(c) < 60]


def _years_of_columns(found: Sequence[tuple[str, FoundTable]], finder: TableFinder) -> Iterator[int]:
    for _, table in found:
        fields = [f.name for f in finder.catalog.ledgers[table.recognition.ledger].fields.values() if f.type == "year"]
        for column in _cells(table, fields, SAMPLE_ROWS):
            yield from (y for c in column if (y := _whole(c)) is not None)


def _whole(cell: Any) -> int | None:
    if isinstance(cell, (int, float)):
        return int(cell)
    return find_year(cell) if isinstance(cell, str) else None


def _years_of_dates(found: Sequence[tuple[str, FoundTable]], finder: TableFinder) -> Iterator[int]:
    """The years of the dates by which a ledger is assigned to a year (`mostly_in_year` in its YAML)."""
    for _, table in found:
        derived = finder.catalog.ledgers[table.recognition.ledger].derived.values()
        fields = [str(d["mostly_in_year"]) for d in derived if "mostly_in_year" in d]
        for column in _cells(table, fields, SAMPLE_ROWS):
            for cell in column:
                day, _ = parse_date(cell, 0, finder.catalog.words["values"])
                if day is not None:
                    yield day.year
