"""Looking at a file with a person and writing down what they say: the one path behind `auditlib map` and the intake notebook."""

from __future__ import annotations

import datetime as dt
import difflib
import glob
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..catalog.specs import SCALES, Catalog, LedgerSpec
from ..words.cells import column_letters
from ..words.errors import WorkspaceError
from ..words.messages import say
from .conform import table_columns
from .layout import PATH, header_key, header_paths, is_blank, is_number
from .mapping import (
    NO_MAPPINGS,
    Mappings,
    Shape,
    TableMapping,
    column_keys,
    known_units,
    load_mappings,
    near,
    path_key,
    save_mapping,
    workspace_of,
)
from .recognise import SAMPLE, recognise
from .sheets import RawSheet
from .tables import FoundTable, TableFinder
from .values import fold, parse_date, raw_text, squeeze

__all__ = ["ColumnLook", "Choices", "Settling", "TableLook", "field_labels", "row_kinds", "workspace_of"]

NOT_OURS = ("-", "—", "无", "不用", "忽略", "null", "none")  # how a person says that a column is no field of ours
OPEN = "?"  # a column that stays undecided
_SHOWN, _SHOWN_TEXT = 3, 24  # cells of a column shown as examples, characters of each
_NO_WORDS: Mapping[str, Any] = {"nil": (), "open_ended": ()}


@dataclass(frozen=True, slots=True)
class ColumnLook:
    """One column as a person must see it to settle it."""

    letter: str
    header: str
    key: str  # folded header, the name of the column in a mapping; '' for a column without header
    field: str | None  # '' for a column that is no field of ours, None for one that is not understood
    confidence: float
    candidates: tuple[tuple[str, float], ...]  # other fields with their scores; 0 where only the cells look like it
    sample: tuple[str, ...]

    @property
    def is_understood(self) -> bool:
        return self.field is not None or not self.key


@dataclass(frozen=True, slots=True)
class TableLook:
    """One table of a file as it is read now; row numbers are 1-based."""

    sheet: str
    table: int  # 1-based among the tables of the sheet
    ledger: str
    confidence: float
    candidates: tuple[tuple[str, float], ...]
    header_rows: tuple[int, ...]
    rows: int
    columns: tuple[ColumnLook, ...]
    notes: tuple[tuple[str, Mapping[str, Any]], ...]
    mapping: TableMapping | None
    found: FoundTable

    @property
    def is_understood(self) -> bool:
        """Nothing is left to settle: a known ledger with all its columns, or a sheet set aside by a person."""
        return self.found.is_set_aside or (bool(self.ledger) and all(c.is_understood for c in self.columns))

    @property
    def likely(self) -> str:
        """The ledger it is taken for, else the best guess, else ''."""
        return self.ledger or (self.candidates[0][0] if self.candidates else "")


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person said; what they left out stays as it was recognised."""

    ledger: str = ""
    columns: tuple[tuple[str, str], ...] = ()  # header (or column letter), field
    units: tuple[tuple[str, str], ...] = ()  # field, unit
    header_rows: tuple[int, ...] = ()  # 1-based, where the head was found wrongly
    organisation: str = ""
    ignore: bool = False
    by: str = ""
    why: str = ""

    @property
    def are_any(self) -> bool:
        return bool(self.ledger or self.columns or self.units or self.header_rows or self.organisation or self.ignore)


class Settling:
    """The files of one workspace with its mappings; `workspace` None only to look."""

    def __init__(self, workspace: Path | None, catalog: Catalog, language: str = "zh") -> None:
        self.workspace, self.catalog, self.language = workspace, catalog, language

    # ---- looking

    def mappings(self) -> Mappings:
        """The mappings as they stand now. Raises WorkspaceError."""
        return load_mappings(self.workspace, self.catalog) if self.workspace else NO_MAPPINGS

    def file_name(self, path: Path) -> str:
        """The file as its workspace names it."""
        inside = self.workspace is not None and path.resolve().is_relative_to(self.workspace.resolve())
        return path.resolve().relative_to(self.workspace.resolve()).as_posix() if inside and self.workspace else path.name

    def sheets(self, path: Path) -> list[RawSheet]:
        """The raw sheets of a file. Raises UnreadableFile."""
        return list(TableFinder(self.catalog).sheets(path))

    def looks(self, path: Path, sheets: Sequence[RawSheet] | None = None) -> list[TableLook]:
        """Every table of the file as it is read now. Raises UnreadableFile, WorkspaceError."""
        finder = TableFinder(self.catalog, self.mappings())
        name = self.file_name(path)
        return [
            self._look(finder, found, number)
            for sheet in (self.sheets(path) if sheets is None else sheets)
            for number, found in enumerate(finder.tables(sheet, name), 1)
        ]

    def _look(self, finder: TableFinder, found: FoundTable, number: int) -> TableLook:
        block, told = found.block, found.recognition
        guesses = tuple((g.ledger, round(g.score, 3)) for g in told.candidates)
        spec = self.catalog.ledgers.get(told.ledger or (guesses[0][0] if guesses else ""))
        cells = table_columns(found.sheet, block.data[:SAMPLE], len(block.headers))
        taken = {u.field for u in told.columns if u.field}
        columns = tuple(
            ColumnLook(
                column_letters(u.index), u.header, key, u.field, u.confidence,
                _candidates(finder, spec, u.header, cells[u.index], taken) if spec and not found.is_set_aside else (),
                _sample(cells[u.index]),
            )
            for u, key in zip(told.columns, column_keys(block.headers), strict=True)
        )  # fmt: skip
        return TableLook(
            found.sheet.name, number, told.ledger, told.confidence, guesses, tuple(r + 1 for r in block.header_rows), len(block.data),
            columns, found.notes, found.mapping, found,
        )  # fmt: skip

    def suggested(self, look: TableLook, ledger: str) -> dict[str, str | None]:
        """What each column (by its folded header) would be taken for if the table were `ledger`."""
        if ledger == look.ledger:
            return {c.key: c.field for c in look.columns if c.key}
        block = look.found.block
        return {k: f for k, f in self._guessed(look.found, block.headers, block.header_rows, ledger).items() if k}

    # ---- settling

    def settle(self, path: Path, sheet: str | None, table: int | None, choices: Choices, made_on: dt.date) -> TableMapping:
        """Writes down what a person said about one table of `path`, and returns the mapping as it now stands.

        `sheet` and `table` (1-based) may be None where the file leaves no doubt. Nothing is written unless the file can be
        read by the new answer. Raises WorkspaceError naming the value and its candidates; UnreadableFile.
        """
        if self.workspace is None:
            raise self._refused("mapping.settle.no_workspace", file=path.name)
        look = self._pointed_at(path, sheet, choices.header_rows) or self._chosen(self.looks(path), path, sheet, table)
        mapping = self._answered(look, path, choices, made_on)
        self._tried(mapping, look, path)
        return save_mapping(self.workspace, mapping, self.catalog, look.mapping if choices.header_rows else None)

    def _pointed_at(self, path: Path, name: str | None, header_rows: tuple[int, ...]) -> TableLook | None:
        """The table under a head that a person names in a sheet where none was found; None where there are tables to choose from."""
        if not header_rows:
            return None
        sheets = [s for s in self.sheets(path) if name is None or s.name == name]
        if len(sheets) != 1 or self.looks(path, sheets):
            return None
        head = tuple(r - 1 for r in header_rows)
        self._headers(sheets[0], head)
        finder = TableFinder(self.catalog, self.mappings())
        return self._look(finder, finder.table_under(sheets[0], head, self.file_name(path)), 1)

    def _refused(self, message: str, **values: object) -> WorkspaceError:
        return WorkspaceError(say(message, self.language, **values))

    def _chosen(self, looks: Sequence[TableLook], path: Path, sheet: str | None, table: int | None) -> TableLook:
        here = [x for x in looks if sheet is None or x.sheet == sheet]
        if not here:
            names = ", ".join(dict.fromkeys(x.sheet for x in looks)) or "—"
            raise self._refused("mapping.settle.sheet", file=path.name, sheet=sheet or "", candidates=names)
        if table is not None:
            here = [x for x in here if x.table == table]
        open_ones = [x for x in here if not x.is_understood and x.rows] or here
        if len(here) == 1 or (len(open_ones) == 1 and table is None):
            return open_ones[0]
        listed = "; ".join(f"--sheet {x.sheet} --table {x.table}" if x.sheet else f"--table {x.table}" for x in here or looks)
        raise self._refused("mapping.settle.which", file=path.name, candidates=listed)

    def _answered(self, look: TableLook, path: Path, choices: Choices, made_on: dt.date) -> TableMapping:
        block, before = look.found.block, look.mapping
        head = tuple(r - 1 for r in choices.header_rows) or block.header_rows
        headers = self._headers(look.found.sheet, head) if choices.header_rows else block.headers
        keys = column_keys(headers)
        same = before is not None and set(before.shape.columns) == {k for k in keys if k}
        shape = before.shape if before and same else Shape(tuple(k for k in keys if k), len(head))
        if choices.organisation:
            shape = replace(shape, file=glob.escape(self.file_name(path)))
        signed = {"made_by": choices.by, "made_on": made_on.isoformat(), "why": choices.why}
        pointed = choices.header_rows or (before.header_rows if before and same else ())
        if choices.ignore:
            return TableMapping(shape, "", {}, ignore=True, header_rows=pointed, **signed)
        ledger = self.ledger_named(choices.ledger) if choices.ledger else look.ledger
        if not ledger:
            nearest = [n for n, _ in look.candidates] or list(self.catalog.ledgers)
            labels = ", ".join(self.catalog.ledgers[n].label(self.language) for n in nearest)
            raise self._refused("mapping.settle.ledger", candidates=labels)
        columns = self._columns(look, headers, head, ledger, choices)
        units = self._units(before, columns, ledger, choices)
        organisation = choices.organisation or (before.organisation if before and same else "")
        return TableMapping(shape, ledger, columns, units, organisation, header_rows=pointed, **signed)

    def _headers(self, sheet: RawSheet, head: tuple[int, ...]) -> tuple[str, ...]:
        together = head == tuple(range(head[0], head[0] + len(head)))
        if not together or len(head) > 3 or head[0] < 0 or head[-1] >= len(sheet.rows):
            raise self._refused("mapping.settle.header_rows", value=", ".join(str(r + 1) for r in head), last=len(sheet.rows))
        headers = header_paths(sheet.rows, head)
        if not any(headers):
            raise self._refused("mapping.settle.empty_head", value=", ".join(str(r + 1) for r in head))
        return headers

    def _columns(
        self, look: TableLook, headers: tuple[str, ...], head: tuple[int, ...], ledger: str, choices: Choices
    ) -> dict[str, str | None]:
        """Folded header -> field, None for 'not ours'; what is still open is left out."""
        keys = column_keys(headers)
        if ledger == look.ledger and headers == look.found.block.headers:
            taken = {c.key: c.field for c in look.columns}
        else:
            taken = self._guessed(look.found, headers, head, ledger)
        said = self._said(headers, ledger, [c for c in choices.columns if c[1].strip() != OPEN])
        claimed = {f for f in said.values() if f}
        undecided = {self._key_of(h, headers) for h, name in choices.columns if name.strip() == OPEN}
        kept = {k: f for k, f in taken.items() if k and f is not None and f not in claimed and k not in undecided} | said
        return {k: kept[k] or None for k in keys if k in kept}

    def _guessed(self, found: FoundTable, headers: tuple[str, ...], head: tuple[int, ...], ledger: str) -> dict[str, str | None]:
        """What the recogniser makes of the columns, now that the ledger (or the head) is known."""
        alone = replace(self.catalog, ledgers={ledger: self.catalog.ledgers[ledger]})
        below = [r for r in found.block.data if r > head[-1]] or list(range(head[-1] + 1, len(found.sheet.rows)))
        samples = table_columns(found.sheet, below[:SAMPLE], len(headers))
        told = recognise(TableFinder(alone).vocabulary, headers, samples, [])
        uses = told.candidates[0].columns if told.candidates else told.columns
        return {k: u.field for k, u in zip(column_keys(headers), uses, strict=True)}

    def _said(self, headers: Sequence[str], ledger: str, columns: Iterable[tuple[str, str]]) -> dict[str, str | None]:
        found: dict[str, str | None] = {}
        for header, name in columns:
            key, chosen = self._key_of(header, headers), self.field_named(name, ledger)
            if key in found or (chosen and chosen in found.values()):
                raise self._refused("mapping.settle.twice", value=header if key in found else name)
            found[key] = chosen
        return found

    def _units(self, before: TableMapping | None, columns: Mapping[str, str | None], ledger: str, choices: Choices) -> dict[str, str]:
        used = {f for f in columns.values() if f}
        units = {f: u for f, u in (before.units if before and before.ledger == ledger else {}).items() if f in used}
        for name, unit in choices.units:
            chosen = self.field_named(name, ledger) or ""
            kinds = known_units(chosen, ledger, self.catalog)
            if chosen not in used or unit not in kinds:
                raise self._refused("mapping.settle.unit", field=name, value=unit, candidates=", ".join(kinds) or "—")
            units[chosen] = unit
        return units

    def _tried(self, mapping: TableMapping, look: TableLook, path: Path) -> None:
        """Raises WorkspaceError unless the sheet is read by the new answer."""
        others = [m for m in self.mappings().entries if m.shape.identity != mapping.shape.identity]
        finder = TableFinder(self.catalog, Mappings([*others, mapping]))
        if not any(t.mapping is mapping for t in finder.tables(look.found.sheet, self.file_name(path))):
            raise self._refused("mapping.settle.no_effect", file=path.name, sheet=look.sheet)

    # ---- names as people write them

    def ledger_named(self, text: str) -> str:
        """The ledger that `text` (name, label or title) means. Raises WorkspaceError with candidates."""
        wanted = squeeze(text)
        for name, spec in self.catalog.ledgers.items():
            if wanted in (name, squeeze(spec.zh), squeeze(spec.en)):
                return name
        titled = [n for n, s in self.catalog.ledgers.items() if wanted in map(squeeze, s.titles)]
        if len(titled) == 1:
            return titled[0]
        labels = {squeeze(s.zh): f"{s.zh} {n}" for n, s in self.catalog.ledgers.items()}
        alike = difflib.get_close_matches(wanted, [*labels, *self.catalog.ledgers], n=4, cutoff=0.4)
        listed = [labels.get(a, a) for a in alike] or list(labels.values())
        raise self._refused("mapping.error.ledger", value=text, candidates=", ".join(listed))

    def field_named(self, text: str, ledger: str) -> str | None:
        """The field that `text` (name, label or a known header) means, None for 'not ours'. Raises WorkspaceError."""
        if text.strip().lower() in NOT_OURS:
            return None
        labels = field_labels(self.catalog, ledger)
        key = header_key(text)
        for name, (zh, en) in labels.items():
            if text.strip() == name or key in (header_key(zh), header_key(en)):
                return name
        spec = self.catalog.ledgers[ledger]
        known = [n for n, f in spec.fields.items() if key in map(header_key, f.headers)]
        if len(known) == 1:
            return known[0]
        listed = near(text, (*labels, *(zh for zh, _ in labels.values())))
        raise self._refused("mapping.error.field", value=text, candidates=listed)

    def rows_named(self, text: str) -> tuple[int, ...]:
        """The rows of a head as people write them: '' for none said, 3, or 3-4. Raises WorkspaceError."""
        if not text.strip():
            return ()
        found = re.fullmatch(r"(\d{1,7})\s*(?:[-–—]\s*(\d{1,7}))?", fold(text), re.ASCII)
        first, last = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
        if not 1 <= first <= last <= first + 2:
            raise self._refused("map.bad_rows", value=text)
        return tuple(range(first, last + 1))

    def _key_of(self, text: str, headers: Sequence[str]) -> str:
        keys = column_keys(headers)
        wanted = path_key(text)
        named = [k for k in keys if k]
        for called in (named, [k.replace(PATH, "") for k in named], [k.split(PATH)[-1] for k in named]):  # whole, joined, last part
            found = [k for k, name in zip(named, called, strict=True) if name in (wanted, text.strip())]
            if len(found) == 1:
                return found[0]
        if re.fullmatch(r"[A-Za-z]{1,3}", text.strip()):
            by_letter = {column_letters(i): k for i, k in enumerate(keys) if k}
            if text.strip().upper() in by_letter:
                return by_letter[text.strip().upper()]
        raise self._refused("mapping.error.column", value=text, candidates=near(text, [k for k in keys if k]))


def field_labels(catalog: Catalog, ledger: str) -> dict[str, tuple[str, str]]:
    """The fields that a column of `ledger` may be, with their Chinese and English labels; its own first."""
    own = {n: (f.zh, f.en) for n, f in catalog.ledgers[ledger].fields.items()} if ledger in catalog.ledgers else {}
    common = catalog.words["common_columns"]["organisation"]
    return own | {n: (e["zh"], e["en"]) for n, e in common.items() if n not in own}


def row_kinds(length: int, tables: Iterable[FoundTable], quarantined: Iterable[int] = ()) -> list[str]:
    """What each row of a sheet was taken for: title, header, data, total, opening, group, footer, skipped, quarantined, aside."""
    kinds = ["aside"] * length
    for found in tables:
        b = found.block
        named = {"title": b.preamble, "header": b.header_rows, "data": b.data, "total": [r for r, _ in b.totals],
                 "group": b.groups, "footer": b.footers, "skipped": b.skipped}  # fmt: skip
        for kind, rows in named.items():
            for r in rows:
                if r < length and kinds[r] != "data":  # of tables side by side, the one that has data there
                    kinds[r] = kind
        for r in found.openings:
            kinds[r] = "opening"
    for r in quarantined:
        kinds[r] = "quarantined"
    return kinds


def _sample(cells: Sequence[Any]) -> tuple[str, ...]:
    filled = dict.fromkeys(t for c in cells if (t := " ".join(raw_text(c).split())))
    return tuple(t if len(t) <= _SHOWN_TEXT else t[: _SHOWN_TEXT - 1] + "…" for t in list(filled)[:_SHOWN])


def _candidates(finder: TableFinder, spec: LedgerSpec, header: str, cells: Sequence[Any], taken: set[str]) -> tuple[tuple[str, float], ...]:
    scores = finder.vocabulary.scores(header, spec.name) if header else {}
    if scores:
        return tuple((n, round(s, 2)) for n, s in sorted(scores.items(), key=lambda s: (-s[1], s[0]))[:4])
    kind = _kind(cells)
    return tuple((n, 0.0) for n, f in spec.fields.items() if n not in taken and _kind_of(f.type) == kind)[:4]


def _kind_of(field_type: str) -> str:
    if field_type in SCALES or field_type in ("integer", "year"):
        return "number"
    return "date" if field_type == "date" else "text"


def _kind(cells: Sequence[Any]) -> str:
    filled = [c for c in cells if not is_blank(c)]
    if not filled:
        return ""
    dated = Counter(parse_date(c, 2000, _NO_WORDS)[0] is not None for c in filled)
    if dated[True] >= 0.6 * len(filled):
        return "date"
    return "number" if sum(map(is_number, filled)) >= 0.6 * len(filled) else "text"
