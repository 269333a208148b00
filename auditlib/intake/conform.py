"""One recognised table becomes typed columns with statuses, control totals and attributions."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import zip_longest
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from ..catalog.specs import Catalog, FieldSpec, LedgerSpec
from ..words.records import ColumnUse, RowSetAside
from .folds import fold_ranges, fold_sides
from .forms import without_noughts
from .layout import PATH, Block, header_key, is_blank
from .lost_cells import Cell
from .movements import fold_amounts, fold_slips
from .openings import OpeningBalance, opening_balances
from .openings import Table as OpeningTable
from .owner import Resolver, names_owners
from .periods import fold_periods
from .postings import joined_to_vouchers, two_lines_each
from .recognise import ALIKE, Recognition
from .relatives import relatives_beside
from .running_totals import MonthOfBook, month_of_book
from .set_aside import row_set_aside, rows_without_use
from .sheets import RawSheet
from .units import factor, units_in_head
from .values import (
    ABSENT,
    CONVERTED,
    Reading,
    Remembered,
    Typed,
    all_of_status,
    arrow_type,
    convert,
    find_period,
    find_year,
    fold,
    may_be_off,
    raw_text,
    simplified,
    squeeze,
)  # fmt: skip
from .wide import day_of_publication, spread_out

if TYPE_CHECKING:
    import pyarrow as pa


LONGEST_LINE = 500  # characters of a title or head line that are read
_OWNERS = ("org_code", "org_name", "org_group")  # the columns that tell whose a row is
_LABELS_AND_VALUES = re.compile(r"([^\s:：;；]{1,12})\s*[:：]\s*([^:：]*?)(?=\s{2,}|[;；]|$|\s+[^\s:：]{1,8}[:：])").findall
WIDEST = 1024  # columns in which a title or head line is looked for


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a table inherits from its sheet, file, folder and county."""

    file: str
    sheet: str
    folder_org: str
    file_org: str
    fiscal_year: int


@dataclass(frozen=True, slots=True)
class ControlTotal:
    row: int  # 0-based
    label: str
    field: str
    stated: int
    computed: int
    org_code: str
    unread: str = ""  # cells that it stands for and that count as nothing because they cannot be read: 'C5 约35; C9 #REF!'


@dataclass(frozen=True, slots=True)
class Attribution:
    row: int  # 0-based; the head's row where the head is in doubt
    found: str
    kind: str  # 'unknown' | 'disagree'
    expected: str
    org_code: str


@dataclass(frozen=True, slots=True)
class Conformed:
    """A typed table: columns by field, statuses by field, the organisation of each row."""

    ledger: str
    rows: tuple[int, ...]  # 0-based sheet rows kept
    columns: Mapping[str, pa.Array]
    statuses: Mapping[str, pa.Array]
    org_codes: tuple[str, ...]
    org_code: str  # of the table as a whole
    raw: Mapping[str, Sequence[Any]]  # untouched cells by field, for evidence
    uses: tuple[ColumnUse, ...]
    quarantined: tuple[int, ...]
    totals: tuple[ControlTotal, ...]
    attributions: tuple[Attribution, ...]
    notes: tuple[tuple[str, Mapping[str, Any]], ...] = field(default=())
    openings: tuple[OpeningBalance, ...] = ()
    set_aside: tuple[RowSetAside, ...] = ()  # the rows of `quarantined`
    month: MonthOfBook | None = None  # of a journal or statement that covers one


@dataclass(frozen=True, slots=True)
class Head:
    """What the lines above a table say."""

    texts: tuple[str, ...]
    pairs: tuple[tuple[str, str, int], ...]  # label, value, 0-based row
    text_places: tuple[Cell, ...]  # where each text stands
    pair_places: tuple[Cell | None, ...]  # where each value stands; None: in no cell


def read_head(sheet: RawSheet, block: Block) -> Head:
    """Titles and label-value pairs above the table: 填报单位：新寨村 in one cell or in two; and what the file says beside its tables."""
    texts: list[str] = []
    places: list[Cell] = []
    pairs: list[tuple[str, str, int]] = [(label, value, 0) for label, value in sheet.about]
    values: list[Cell | None] = [None] * len(pairs)
    for r in block.preamble:
        beside = sheet.rows[r][block.first_column : block.last_column + 1 if block.last_column is not None else WIDEST]
        filled = [((r, j), fold(raw_text(c)[:LONGEST_LINE])) for j, c in enumerate(beside, block.first_column) if not is_blank(c)]
        places.extend(place for place, _ in filled)
        texts.extend(cell for _, cell in filled)
        for place, cell in filled:
            for k, v in _LABELS_AND_VALUES(cell):
                if v.strip():
                    pairs.append((squeeze(k), v.strip(), r))
                    values.append(place)
        for (_, k), (place, v) in zip(filled, filled[1:], strict=False):
            if len(k) <= 12 and not re.search(r"[:：].", k) and not re.match(r"[^\s:：\d]{1,12}[:：]", v):
                pairs.append((squeeze(k).rstrip(":："), v, r))
                values.append(place)
    return Head(tuple(texts), tuple(pairs), tuple(places), tuple(values))


def table_columns(sheet: RawSheet, rows: Sequence[int], width: int) -> list[Sequence[Any]]:
    """The cells of the given rows, column by column; short rows are filled with ''."""
    if not rows:
        return [()] * width
    unbroken = rows[-1] - rows[0] + 1 == len(rows)
    chosen = sheet.rows[rows[0] : rows[-1] + 1] if unbroken else [sheet.rows[r] for r in rows]
    if len(set(map(len, chosen))) == 1:  # picking one column at a time is twice as fast as turning the whole table
        columns: list[Any] = [list(map(itemgetter(j), chosen)) for j in range(min(width, len(chosen[0])))]
    else:
        columns = list(zip_longest(*chosen, fillvalue=""))
    return (columns + [("",) * len(rows)] * (width - len(columns)))[:width]


class Conformer:
    """Makes typed tables for one county: its catalog, register and settings."""

    def __init__(self, catalog: Catalog, resolver: Resolver) -> None:
        self.catalog, self.resolver, self.words = catalog, resolver, catalog.words
        self._known: dict[Any, Remembered] = {}
        self._opening_words = {**self.words["openings"], "credit_words": self.words["folds"]["credit_words"]}
        self._units = {squeeze(u) for kind in self.words["units"].values() for u in kind}
        self._account_names = {
            entry["name"]: code for chart in catalog.charts.values() for code, entry in chart["accounts"].items()
        }

    def conform(self, sheet: RawSheet, block: Block, recognition: Recognition, around: Surroundings) -> Conformed:
        """The table `block` of `sheet` as its ledger's fields. Every data row comes out, typed or quarantined."""
        spec = self.catalog.ledgers[recognition.ledger]
        head = read_head(sheet, block)
        cells = table_columns(sheet, block.data, len(block.headers))
        notes: list[tuple[str, Mapping[str, Any]]] = []
        recognition = replace(recognition, columns=self._with_owners(spec, recognition.columns, cells, head, around))
        raw = {u.field: cells[u.index] for u in recognition.columns if u.field}
        uses: Sequence[ColumnUse] = recognition.columns
        if recognition.form:
            raw = _blanks_restored(spec, raw, notes)
        if lines := two_lines_each(block, raw, uses, self.words["folds"]["two_accounts"].get(spec.name)):
            block, raw, recognition = lines.block, lines.raw, replace(recognition, columns=lines.uses)
            uses = recognition.columns
            notes.append(("note.two_accounts", {"n": len(block.data)}))
        if persons := relatives_beside(block, raw, uses, self.words["folds"]["relatives"].get(spec.name), _OWNERS):
            block, raw, recognition = persons.block, persons.raw, replace(recognition, columns=persons.uses)
            uses = recognition.columns
            notes.append(("note.relatives", {"n": len(block.data)}))
        if recognition.spread:
            long = spread_out(recognition.spread, sheet, block, spec.fields["published_on"].headers)
            at = {row: i for i, row in enumerate(block.data)}
            owned = {n: [raw[n][at[r]] if r in at else "" for r in long.rows] for n in _OWNERS if n in raw}
            block, raw = replace(block, data=long.rows, totals=()), {**long.cells, **owned}
            uses = (*uses, ColumnUse(-1, "", "amount", 1.0, (), recognition.spread.unit))
            notes.append(("note.spread", {"rows": len(set(long.rows)), "n": len(long.rows)}))
        readings = self._readings(spec, uses, head, around, notes)
        typed = {n: convert(r, raw[n]) for n, r in readings.items() if n in raw}
        typed |= {n: convert(r, raw[r.spec.else_from]) for n, r in readings.items() if n not in raw and r.spec.else_from in raw}
        typed |= _without_codes(spec, typed, raw)
        typed |= {n: convert(readings[n], [v] * len(block.data)) for n, v in recognition.fixed if n not in typed}
        typed |= self._from_head(spec, sheet, block, head, typed, around, readings, notes)
        if spec.name == self.words["publications"]["ledger"]:
            typed |= self._from_publication(spec, sheet, block, head, typed, readings)
        typed, raw = fold_slips(typed, raw, self.words["movements"].get(spec.name))
        typed = fold_amounts(spec, typed, raw, head.texts, self.words["movements"].get(spec.name), notes)
        typed = fold_sides(typed, raw, self.words["folds"]["sides"].get(spec.name, ()), self.words["folds"], notes)
        typed = joined_to_vouchers(typed, self.words["folds"]["vouchers"].get(spec.name), [raw[n] for n in _OWNERS if n in raw], notes)
        typed = fold_ranges(typed, raw, readings, self.words["folds"]["ranges"].get(spec.name, ()), self.words["folds"])
        typed |= {n: _absent(f, len(block.data)) for n, f in spec.fields.items() if n not in typed}
        org_codes, org_code, attributions = self._owners(spec, block, head, raw, typed, around)
        totals, month = self._totals(sheet, block, spec, recognition.columns, typed, org_codes, org_code, readings)
        running = _is_running(recognition.columns, self.words["folds"]["running_words"])
        if folded := fold_periods(typed, raw, org_codes, "book_period", running, notes):
            block, typed = replace(block, data=tuple(block.data[i] for i in folded.kept)), dict(folded.typed)
            raw = {n: [cells[i] for i in folded.kept] for n, cells in raw.items()}
            org_codes = [org_codes[i] for i in folded.kept]
        kept = self._kept(spec, sheet, block, typed, org_codes, org_code, raw, recognition.columns, totals, attributions, notes)
        kept = replace(kept, month=month) if month else kept
        if not block.totals:
            return kept
        owner = org_code or (org_codes[0] if len(set(org_codes)) == 1 else "")
        lines = OpeningTable(
            sheet.rows, block, recognition.columns, readings, typed, (*head.texts, around.sheet, around.file), head.pairs,
            lambda row: self._owner_of_line(sheet.rows[row], recognition.columns, owner), self._account_names,
        )  # fmt: skip
        return replace(kept, openings=opening_balances(lines, spec.name, self._opening_words, self.words["layout"]["opening"]))

    def _owner_of_line(self, cells: Sequence[Any], uses: Sequence[ColumnUse], owner: str) -> str:
        """Whose a row outside the data is: by its own columns, else the table's owner."""
        at = {u.field: u.index for u in uses}
        told = tuple(
            squeeze(raw_text(cells[i])) if (i := at.get(n)) is not None and i < len(cells) else ""
            for n in _OWNERS
        )
        return self._row_owner(told, owner)[0] if any(told) else owner

    # ---- readings ------------------------------------------------------------------------------------------

    def _readings(
        self, spec: LedgerSpec, uses: Sequence[ColumnUse], head: Head, around: Surroundings, notes: list[Any]
    ) -> dict[str, Reading]:
        units = units_in_head(head.texts, self.words)
        year, month = _named_period([*head.texts, around.sheet, around.file], around.fiscal_year)
        by_field = {u.field: u for u in uses if u.field}
        readings = {}
        for name, f in spec.fields.items():
            kind = f.type if f.type in ("money", "area") else ""
            use = by_field.get(name)
            unit = (use.unit if use and use.unit else units.get(kind, "")) if kind else ""
            life = self.words["values"]["counted_in"]
            worth = factor(kind, unit, self.words) if kind else _years_in(name, use.header if use else "", life)
            if use and (worth is None or (kind == "money" and worth != 1)):
                notes.append(("note.unit", {"unit": unit}) if worth else ("note.unit_unknown", {"unit": unit, "column": use.header}))
            readings[name] = Reading(
                f, worth or Decimal(1), year, month, self.words, self._account_names,
                self._known.setdefault((f.type, f.values, worth, year, month), Remembered()),
            )  # fmt: skip
        return readings

    def _from_head(
        self, spec: LedgerSpec, sheet: RawSheet, block: Block, head: Head, typed: Mapping[str, Typed], around: Surroundings,
        readings: Mapping[str, Reading], notes: list[Any],
    ) -> dict[str, Typed]:  # fmt: skip
        """Fields that stand once above the table instead of in a column: the account number, the year."""
        found: dict[str, Typed] = {}
        n = len(block.data)
        over, once = _common_parent(block.headers), self.words["layout"]["said_above"].get(spec.name, ())
        for name, f in spec.fields.items():
            if name not in typed and f.type == "choice":
                said = _chosen(f, (*over, *head.texts, around.sheet))
                under = _said_by_groups(f, sheet, block, said)
                if said or any(under):
                    found[name] = convert(readings[name], under)
            if name in typed or not (f.type in ("account_no", "year", "period") or name in once):
                continue
            keys = {header_key(h) for h in f.headers}
            value = next((v for label, v, _ in head.pairs if header_key(label) in keys), "")
            if f.type == "year" and not value:
                named = next((y for t in (*head.texts, around.sheet, around.file) if (y := find_year(t))), None)
                value = str(named or around.fiscal_year)
                notes.append(("note.year_from_head" if named else "note.year_assumed", {"year": value}))
            if value:
                one = convert(readings[name], [value])
                if one.values[0].as_py() is not None:
                    found[name] = _repeated(one.values[0], f, n)
        return found

    def _from_publication(
        self, spec: LedgerSpec, sheet: RawSheet, block: Block, head: Head, typed: Mapping[str, Typed], readings: Mapping[str, Reading]
    ) -> dict[str, Typed]:
        """The period that a title names and, where the table holds a single period, the day that title or footer names."""
        found: dict[str, Typed] = {}
        n, period = len(block.data), spec.fields["period"]
        if "period" not in typed and (named := next((p for t in (*head.texts, sheet.name) if (p := find_period(t))), "")):
            found["period"] = convert(readings["period"], [named] * n)
        periods = {**typed, **found}.get(period.name)
        if "published_on" not in typed and periods is not None and len(set(periods.values.to_pylist())) == 1:
            below = [fold(raw_text(c)[:LONGEST_LINE]) for r in block.footers for c in sheet.rows[r] if not is_blank(c)]
            names, year = spec.fields["published_on"].headers, readings["published_on"].year
            if day := day_of_publication((*head.texts, *below), names, year, self.words["values"]):
                found["published_on"] = convert(readings["published_on"], [day] * n)
        return found

    # ---- organisations -------------------------------------------------------------------------------------

    def _owners(
        self, spec: LedgerSpec, block: Block, head: Head, raw: Mapping[str, Sequence[Any]], typed: Mapping[str, Typed], around: Surroundings
    ) -> tuple[list[str], str, list[Attribution]]:
        if spec.name == "organisations":
            codes = [c or "" for c in typed["org_code"].values.to_pylist()]
            return codes, "", []
        whole, doubts = self._table_owner(head, around)
        if not any(n in raw for n in _OWNERS):
            whole = whole or self.resolver.unnamed
            return [whole] * len(block.data), whole, doubts
        codes = self._row_owners(block, raw, whole, around, doubts)
        return codes, whole, doubts

    def _with_owners(
        self, spec: LedgerSpec, uses: Sequence[ColumnUse], cells: Sequence[Sequence[Any]], head: Head, around: Surroundings
    ) -> tuple[ColumnUse, ...]:
        """The columns, and of a county-wide export that heads its organisations as we do not know it (核算账套, 建设单位) the one that
        holds them."""
        is_told = spec.name == "organisations" or any(u.field in _OWNERS for u in uses)
        if is_told or self.resolver.village_of(self._table_owner(head, around)[0]):
            return tuple(uses)
        found = next((u for u in uses if u.field is None and u.header and names_owners(self.resolver, cells[u.index])), None)
        return tuple(replace(u, field="org_name", confidence=ALIKE) if u is found else u for u in uses)

    def owner_of(self, sheet: RawSheet, block: Block, around: Surroundings) -> str:
        """The organisation of a table that is no ledger, '' where head, file and folder name none."""
        return self._table_owner(read_head(sheet, block), around)[0]

    def _table_owner(self, head: Head, around: Surroundings) -> tuple[str, list[Attribution]]:
        """The organisation that head, file name and folder give, and where they disagree or name nobody known."""
        beside = around.file_org or around.folder_org
        labels = {squeeze(x) for x in self.words["layout"]["organisation_labels"]}
        soft = {squeeze(x) for x in self.words["layout"]["soft_organisation_labels"]}
        doubts: list[Attribution] = []
        for label, value, row in head.pairs:
            if simplified(label) not in labels or self._is_unit(value) or not re.search(r"[\u4e00-\u9fff]|\d{6}", value):
                continue
            code = self.resolver.resolve(value, beside) or self.resolver.mentioned(value, beside)
            if code:
                doubts.extend(self._against_path(code, value, row, beside))
                return code, doubts
            if label not in soft:
                doubts.append(Attribution(row, value, "unknown", self._name(beside), beside))
            break
        named = next((c for t in head.texts if (c := self.resolver.mentioned(t, beside))), "")
        named = named or self.resolver.resolve(around.sheet, beside) or self.resolver.mentioned(around.sheet, beside) or ""
        if named and self.resolver.village_of(named):
            row = next(iter(self._rows_of(head, named)), 0)
            doubts.extend(self._against_path(named, self._name(named), row, beside))
            return named if not self._is_wider(named, beside) else beside, doubts
        return beside, doubts

    def _is_unit(self, value: str) -> bool:
        """Whether 单位：元、亩 names what is counted in and not who counts."""
        parts = [squeeze(p) for p in re.split(r"[、，,/;；和及 ]", value) if p.strip()]
        return bool(parts) and any(p in self._units for p in parts) and all(p in self._units or len(p) <= 3 for p in parts)

    def _rows_of(self, head: Head, code: str) -> list[int]:
        return [row for _, value, row in head.pairs if self.resolver.mentioned(value) == code]

    def _is_wider(self, code: str, beside: str) -> bool:
        """Whether `beside` is a group of the village `code`: the narrower name is the owner."""
        return bool(beside) and beside != code and self.resolver.village_of(beside) == code

    def _against_path(self, code: str, value: str, row: int, beside: str) -> list[Attribution]:
        ours, theirs = self.resolver.village_of(code), self.resolver.village_of(beside)
        if ours and theirs and ours != theirs:
            return [Attribution(row, value, "disagree", self._name(beside), code)]
        return []

    def _name(self, code: str) -> str:
        found = self.resolver.organisations.get(code)
        return found.name if found else ""

    def _row_owners(
        self, block: Block, raw: Mapping[str, Sequence[Any]], whole: str, around: Surroundings, doubts: list[Attribution]
    ) -> list[str]:
        columns = [[squeeze(raw_text(c)) for c in raw[n]] if n in raw else [""] * len(block.data) for n in _OWNERS]
        near = whole or around.folder_org
        if not self.resolver.village_of(near):
            columns = _carried_down(columns)
        settled = {t: self._row_owner(t, near) for t in set(zip(*columns, strict=True))}
        codes = []
        for row, told in zip(block.data, zip(*columns, strict=True), strict=True):
            code, unknown = settled[told]
            codes.append(code or ("" if unknown else self.resolver.unnamed))
            if unknown:
                doubts.append(Attribution(row, unknown, "unknown", self._name(near), code))
            elif near and self.resolver.village_of(code) and self.resolver.village_of(near) not in ("", self.resolver.village_of(code)):
                doubts.append(Attribution(row, next(t for t in told if t), "disagree", self._name(near), code))
        return codes

    def _row_owner(self, told: tuple[str, ...], near: str) -> tuple[str, str]:
        """(organisation, text that the register does not know): code, then name, then the group inside the village."""
        code, name, group = told
        nil = self.words["values"]["nil"]
        found, unknown = near, ""
        for text in (code, name):
            if text and text not in nil and not (text in self._units or text in self.words["values"]["count_words"]):
                here = self.resolver.resolve(text, near) or self.resolver.mentioned(text, near)
                if here:
                    found, unknown = here, ""
                    break
                unknown = unknown or text
        if group and group not in nil:
            village = self.resolver.village_of(found)
            text = f"{group}组" if group.isdigit() else group
            inside = self.resolver.resolve(text, village) if village else self.resolver.resolve(text, near)
            if inside:
                return inside, unknown
            return found, unknown or group
        return found, unknown

    # ---- totals --------------------------------------------------------------------------------------------

    def _totals(
        self, sheet: RawSheet, block: Block, spec: LedgerSpec, uses: Sequence[ColumnUse], typed: Mapping[str, Typed],
        org_codes: Sequence[str], whole: str, readings: Mapping[str, Reading],
    ) -> tuple[list[ControlTotal], MonthOfBook | None]:  # fmt: skip
        from .totals import added_up, named_cells, sum_with_sides, unread_cells

        standing = self.words["openings"]["ledgers"].get(spec.name, {}).get("balance")  # a running balance does not add up
        summed = [
            u
            for u in uses
            if u.field and u.field != standing and (f := spec.fields.get(u.field)) and f.type in ("money", "number", "area", "integer")
        ]
        if block.is_part:  # a total under one half of a printed pair stands for both
            return [], None
        if not block.totals or not summed:
            return [], month_of_book(block, spec, typed, {}, self.words)
        owner = whole or (org_codes[0] if len(set(org_codes)) == 1 else "")
        stated = {}
        for row, label in block.totals:
            cells = sheet.rows[row]
            for use in summed:
                cell = cells[use.index] if use.index < len(cells) else ""
                if not is_blank(cell):
                    value = convert(readings[use.field], [cell]).values[0].as_py()
                    if value is not None:
                        stated[row, label, use.field] = value
        said: dict[int, dict[str, int]] = {}
        for (row, _, name), value in stated.items():
            said.setdefault(row, {})[name] = value
        names = [u.field for u in summed if u.field]
        folds = self.words["folds"]["sides"].get(spec.name, ())
        sides = {f["amount"]: (f["debit"], f["credit"]) for f in folds if f["amount"] in names and {f["debit"], f["credit"]} <= set(typed)}
        every = dict.fromkeys((*names, *(n for pair in sides.values() for n in pair)))
        computed = added_up(block, spec, typed, org_codes, self.words["layout"], said, list(every))
        column = (*block.data, *(r for r, _ in block.totals))
        small = [u for u in summed if u.field and readings[u.field].factor < 1]  # ㎡ read in 亩
        fine = {u.field: [sheet.rows[r][u.index : u.index + 1] for r in column] for u in small}
        unread = unread_cells(sheet, block, {u.field: u.index for u in summed if u.field}, typed)
        found = [
            ControlTotal(
                row, label, name, value,
                _but_for_rounding(sum_with_sides(computed[row].sums, name, value, sides), value, readings[name], fine.get(name, ())),
                owner, named_cells(unread[name], computed[row].addends),
            )
            for (row, label, name), value in stated.items()
            if row in computed
        ]  # fmt: skip
        return found, month_of_book(block, spec, typed, said, self.words)

    # ---- the end -------------------------------------------------------------------------------------------

    def _kept(
        self, spec: LedgerSpec, sheet: RawSheet, block: Block, typed: Mapping[str, Typed], org_codes: Sequence[str], whole: str,
        raw: Mapping[str, Sequence[Any]], uses: Sequence[ColumnUse], totals: Sequence[ControlTotal],
        attributions: Sequence[Attribution], notes: list[Any],
    ) -> Conformed:  # fmt: skip
        lost = rows_without_use(spec, block, typed, org_codes, raw)
        columns = {n: t.values for n, t in typed.items() if n in spec.fields}
        statuses = {n: t.status for n, t in typed.items() if n in spec.fields}
        rows = block.data
        if lost:
            import pyarrow as pa

            notes.append(("note.quarantined", {"n": len(lost)}))
            keep = pa.array([i for i in range(len(org_codes)) if i not in lost], pa.int64())
            columns = {n: c.take(keep) for n, c in columns.items()}
            statuses = {n: c.take(keep) for n, c in statuses.items()}
            kept = keep.to_pylist()
            rows = tuple(block.data[i] for i in kept)
            raw = {n: [c[i] for i in kept] for n, c in raw.items()}
            org_codes = [org_codes[i] for i in kept]
        owner = whole or (org_codes[0] if len(set(org_codes)) == 1 else "")
        return Conformed(
            spec.name, rows, columns, statuses, tuple(org_codes), owner, raw, tuple(uses),
            tuple(block.data[i] for i in lost), tuple(totals), tuple(attributions),
            tuple(dict.fromkeys((k, tuple(v.items())) for k, v in notes)),
            set_aside=tuple(row_set_aside(sheet, block.data[i], reason) for i, reason in lost.items()),
        )  # fmt: skip


def _carried_down(columns: Sequence[Sequence[str]]) -> list[list[str]]:
    """Whose the rows are where a list of several villages names each in the first of its rows only, as merged cells leave it in files
    that keep no merges: every name once, and at least as many rows without one. Rows above the first name stay nobody's."""
    names = [told for told in zip(*columns, strict=True) if any(told)]
    if not 2 <= len(names) == len(set(names)) <= len(columns[0]) / 2:
        return [list(c) for c in columns]
    found: list[tuple[str, ...]] = []
    for told in zip(*columns, strict=True):
        found.append(told if any(told) or not found else found[-1])
    return [list(column) for column in zip(*found, strict=True)]


def _without_codes(spec: LedgerSpec, typed: Mapping[str, Typed], raw: Mapping[str, Sequence[Any]]) -> dict[str, Typed]:
    """101 库存现金 in one cell gives the code; the name is what stands behind it."""
    import pyarrow.compute as pc

    sources = {f.else_from for n, f in spec.fields.items() if f.else_from in typed and n not in raw and n in typed}
    return {
        n: Typed(pc.replace_substring_regex(typed[n].values, r"^\d[\d.\-]*[\s_:：\-—/\\]*(\D.*)$", r"\1"), typed[n].status) for n in sources
    }


def _is_running(uses: Sequence[ColumnUse], words: Sequence[str]) -> bool:
    """Whether the movements are said for the year up to now."""
    return any(u.field == "debit" and any(w in u.header for w in words) for u in uses)


def _blanks_restored(spec: LedgerSpec, raw: Mapping[str, Sequence[Any]], notes: list[Any]) -> dict[str, Sequence[Any]]:
    """Forms that tools filled in hold 0 for blank; where no figure can stand, 0 is a blank again and is counted in a note."""
    found, noughts = dict(raw), 0
    for name, cells in raw.items():
        f = spec.fields.get(name)
        if f is not None and not f.scale and f.type not in ("integer", "boolean"):
            found[name], n = without_noughts(cells)
            noughts += n
    if noughts:
        notes.append(("form.noughts", {"n": noughts}))
    return found


def _common_parent(headers: Sequence[str]) -> tuple[str, ...]:
    """The text that stands over all columns of a board: 债权 over 债务人, 形成时间 and 金额."""
    firsts = {h.split(PATH)[0] if PATH in h else "" for h in headers if h}
    return tuple(firsts) if len(firsts) == 1 and firsts != {""} else ()


def _but_for_rounding(added: int, stated: int, reading: Reading, cells: Iterable[Sequence[Any]]) -> int:
    """What the rows add up to; what the total says where both differ by no more than the `cells` (rows and totals of the column) lost
    when each was converted by itself."""
    if added == stated or reading.factor >= 1:
        return added
    return stated if abs(added - stated) <= may_be_off(reading, (c for cell in cells for c in cell)) else added


def _years_in(name: str, header: str, words: Mapping[str, Sequence[str]]) -> Decimal:
    """What 1 in a column is in years: software gives the life of an asset in months (预计使用月份, 使用年限(月))."""
    if not name.endswith("_years"):
        return Decimal(1)
    unit = re.search(r"[(](.)[^()]*[)]$", fold(header))
    months, years = (any(w in text for w in words[kind]) for kind, text in (("months", unit[1] if unit else header), ("years", header)))
    return Decimal(1) / 12 if months and (unit or not years) else Decimal(1)


def _named_period(texts: Sequence[str], fallback: int) -> tuple[int, int]:
    """Year, and last month where a single one is named (2024年01月 -> 2024, 1), for dates that give no year."""
    for text in texts:
        if m := re.search(r"((?:19|20)\d{2})年(\d{1,2})月(?!\d*日)", squeeze(text)):
            return int(m[1]), int(m[2])
    return next((y for t in texts if (y := find_year(t))), fallback), 12


def _chosen(spec: FieldSpec, texts: Sequence[str]) -> str:
    """The one choice that a title names (应收款明细表 -> 债权), the longest word first; one that names several says nothing."""
    for text in map(squeeze, texts):
        spelled = sorted(((w, value) for value, words in spec.values for w in {value, *words} if len(w) >= 2), key=lambda s: -len(s[0]))
        rest, found = text, set()
        for word, value in spelled:
            if word in rest:
                rest = rest.replace(word, "")
                found.add(value)
        if len(found) == 1:
            return found.pop()
    return ""


def _said_by_groups(spec: FieldSpec, sheet: RawSheet, block: Block, said: str) -> list[str]:
    """For each row the choice that the line above its group names (一、债权 … 二、债务 …); `said` for those above the first such line."""
    named = {r: text for r in block.groups if (text := _chosen(spec, [raw_text(c) for c in sheet.rows[r] if not is_blank(c)]))}
    starts = sorted(named)
    return [named[starts[k - 1]] if (k := bisect_left(starts, r)) else said for r in block.data]


def _absent(spec: FieldSpec, n: int) -> Typed:
    import pyarrow as pa

    return Typed(pa.nulls(n, arrow_type(spec)), all_of_status(ABSENT, n))


def _repeated(value: pa.Scalar, spec: FieldSpec, n: int) -> Typed:
    import pyarrow as pa

    return Typed(pa.repeat(value, n).cast(arrow_type(spec)), all_of_status(CONVERTED, n))
