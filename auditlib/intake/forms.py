"""The printed forms of the asset check: which form a table is, what its rows say, and whether its own sums hold.

A form that a ledger takes becomes that ledger's rows (`recognition_of`); the others are kept as they are. All are added up
(`read_form`), so that one form can be held against another (`form_sums`).
Source: 农经发〔2017〕11号 and the yearly notices on the asset check; identities in the domain reference, section 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..catalog.forms import FormBook, FormColumn, FormIdentity, FormLine, FormSpec
from ..catalog.specs import SCALES, FieldSpec
from ..words.records import ColumnUse
from .layout import PATH, Block, header_key, is_blank
from .sheet_notes import Note
from .sheets import RawSheet
from .units import factor, unit_in, units_in_head
from .values import Reading, convert, fold, raw_text, simplified, squeeze

if TYPE_CHECKING:
    from .recognise import Recognition, Vocabulary

SURE_BY = {"number": 0.99, "name": 0.95, "columns": 0.8}
LEAST_COLUMNS = 4  # of a form without a title
_FOUND_WHOLE, _FOUND_PAIR, _FOUND_LAST, _FOUND_FIRST = 4, 3, 2, 1


@dataclass(frozen=True, slots=True)
class FormMatch:
    """A table that is a form: for each of its sides (one, or two of a balance sheet) the sheet's column of each form column."""

    form: FormSpec
    sides: tuple[Mapping[str, int], ...]
    by: str  # number | name | columns

    @property
    def columns(self) -> Mapping[str, int]:
        return self.sides[0]


@dataclass(frozen=True, slots=True)
class FormRow:
    row: int  # 0-based
    item: str  # what the row is called, '' in a list
    values: Mapping[str, int]  # column -> as the ledgers hold it (catalog.specs.SCALES); a blank cell is missing
    label: str = ""  # of a total row


@dataclass(frozen=True, slots=True)
class FormTable:
    """What a form says: its rows with figures, and what of its own sums does not hold."""

    form: FormSpec
    rows: tuple[FormRow, ...]
    notes: tuple[Note, ...]

    def says_the_same(self, other: FormTable) -> bool:
        """The same figures, on whatever rows of the sheet they stand."""
        figures, others = ([(r.item, r.values, r.label) for r in table.rows] for table in (self, other))
        return self.form.number == other.form.number and figures == others


def naming(form: FormSpec) -> str:
    """The message that names a form: one of the asset check by its number, a page of account books by its name alone."""
    if not form.number[:1].isdigit():
        return "form.book_read" if form.ledger else "form.book_kept"
    return "form.read" if form.ledger else "form.kept"


class FormFinder:
    """Knows the printed forms by number, name and columns."""

    def __init__(self, books: Sequence[FormBook]) -> None:
        self.books = books
        self.forms = {number: f for book in books for number, f in book.forms.items()}
        self._identities = {number: book.identities for book in books for number in book.forms}
        self._matched: dict[tuple[tuple[str, ...], str], tuple[Mapping[str, int], ...]] = {}

    def head_words(self, total: re.Pattern[str]) -> frozenset[str]:
        """Header keys of the columns of figures, by which the head of a form is found; labels of totals (`total`) are none."""
        columns = [c for f in self.forms.values() for c in f.columns.values() if c.type in SCALES]
        return frozenset(header_key(h) for c in columns for h in c.headers if not total.match(h))

    # ---- which form ----------------------------------------------------------------------------------------

    def find(self, headers: Sequence[str], titles: Sequence[str]) -> FormMatch | None:
        """The form that a table is; `titles` is what names the sheet, strongest first (title rows, sheet, file)."""
        if not any(headers):
            return None
        texts = [simplified(squeeze(t[:500])) for t in titles]
        for book in self.books:
            found = self._by_number(book, headers, texts) or self._by_name(book, headers, texts) or self._by_columns(book, headers, texts)
            if found:
                return found
        return None

    def _by_number(self, book: FormBook, headers: Sequence[str], texts: Sequence[str]) -> FormMatch | None:
        marked = any(m in t for t in texts for m in (*book.marks, *book.number_marks))
        for text in texts:
            said = re.search(book.number, text) or (re.match(r"(\d{2}(?:[-—_]\d)?)(?!\d|[年.])", text) if marked else None)
            if said and (forms := _numbered(book, said[1], text)):
                return self._fitting(forms, headers, "number")
        return None

    def _by_name(self, book: FormBook, headers: Sequence[str], texts: Sequence[str]) -> FormMatch | None:
        for text in (t for t in texts if _has_any(t, book.marks) and not _has_any(t, book.unless)):
            named = [(len(n), f) for f in book.forms.values() for n in map(squeeze, f.names) if n in text]
            if named:
                longest = max(n for n, _ in named)
                return self._fitting([f for n, f in named if n == longest][:1], headers, "name")
        return None

    def _by_columns(self, book: FormBook, headers: Sequence[str], texts: Sequence[str]) -> FormMatch | None:
        """By what only a form of the check has: increases, decreases and what was found beside the books."""
        told = [h for h in headers if h]
        best: list[FormSpec] = []
        most = LEAST_COLUMNS - 1
        for form in (f for f in book.forms.values() if f.layout == "list"):
            columns = self._sides(form, headers)[0]
            if not {"increase", "decrease"} <= set(columns) and not ("area_outside" in columns or _has_both(columns)):
                continue
            if len(columns) < 0.7 * len(told) or len(columns) < most:
                continue
            best = [*best, form] if len(columns) == most else [form]
            most = len(columns)
        if not best or len({(f.ledger, f.layout) for f in best}) > 1 or (len(best) > 1 and not best[0].ledger):
            return None
        return self._fitting(best, headers, "columns")

    def _fitting(self, forms: Sequence[FormSpec], headers: Sequence[str], by: str) -> FormMatch | None:
        """The form whose columns the table has; of several that cannot be told apart, what they say alike."""
        form = forms[0]
        if len(forms) > 1:
            form = replace(form, values={k: v for k, v in form.values.items() if all(f.values.get(k) == v for f in forms)})
        sides = self._sides(forms[0], headers)
        if not set(form.needs) <= set(sides[0]) or {header_key(h) for h in form.without} & _head_keys(headers):
            return None
        told = sum(bool(h) for h in headers)
        figures = sum(form.columns[n].type in SCALES for side in sides for n in side)
        enough = figures >= 1 and (len(sides[0]) >= max(2, 0.3 * told) or form.layout != "list")
        return FormMatch(form, sides, by) if enough and (form.layout == "list" or "item" in sides[0]) else None

    # ---- which column --------------------------------------------------------------------------------------

    def columns_of(self, number: str, headers: Sequence[str]) -> Mapping[str, int]:
        """Column of form `number` -> its place among `headers`, for those that are there."""
        return self._sides(self.forms[number], headers)[0]

    def _sides(self, form: FormSpec, headers: Sequence[str]) -> tuple[Mapping[str, int], ...]:
        key = (tuple(headers), form.number)
        if key not in self._matched:
            self._matched[key] = tuple(_sides(form, headers))
        return self._matched[key]

    # ---- what it says --------------------------------------------------------------------------------------

    def read(self, number: str, sheet: RawSheet, block: Block, head: Sequence[str], words: Mapping[str, Any]) -> FormTable | None:
        """The figures of a table that was recognised as form `number`; None where its columns do not fit (any more)."""
        match = self._fitting([self.forms[number]], block.headers, "number")
        if match is None:
            return None
        rows = tuple(_rows(match, sheet, block, head, words))
        notes = [*_identity_notes(match.form, rows, self._identities[number]), *_total_notes(match.form, rows)]
        return FormTable(match.form, rows, tuple(notes))


def _numbered(book: FormBook, text: str, title: str) -> list[FormSpec]:
    """08-1, 8－1 and 08（非经营性） are the forms that carry that number; a bare 08 leaves open which of its two."""
    number = re.sub(r"[—–_之－]", "-", text)
    number = number if len(number.split("-")[0]) == 2 else f"0{number}"
    if number in book.forms:
        return [book.forms[number]]
    several = [f for n, f in book.forms.items() if n.split("-")[0] == number]
    named = [(len(n), f) for f in several for n in map(squeeze, f.names) if n in title]
    return [max(named, key=lambda n: n[0])[1]] if named else several


def _has_any(text: str, words: Iterable[str]) -> bool:
    return any(squeeze(w) in text for w in words)


def _head_keys(headers: Sequence[str]) -> set[str]:
    """The headers as they are looked up, and the parts of merged ones."""
    return {header_key(part) for h in headers for part in (h.replace(PATH, ""), *h.split(PATH)) if part}


def _has_both(columns: Mapping[str, int]) -> bool:
    return any(n.endswith("_book") for n in columns) and any(n.endswith("_verified") for n in columns)


def _sides(form: FormSpec, headers: Sequence[str]) -> Iterator[Mapping[str, int]]:
    """Each column of the form where it fits best; a further 项目 column begins the other side of a balance sheet."""
    known = {header_key(h.replace(PATH, "")): c.name for c in form.columns.values() for h in c.headers}
    side: dict[str, tuple[int, int]] = {}
    for index, header in enumerate(headers):
        name, how = _column_of(header, known)
        if name == "item" and form.layout == "two_sided" and "item" in side and len(side) > 1:
            yield {n: i for n, (i, _) in side.items()}
            side = {}
        if name and how > side.get(name, (0, 0))[1]:
            side[name] = (index, how)
    yield {n: i for n, (i, _) in side.items()}


def _column_of(header: str, known: Mapping[str, str]) -> tuple[str, int]:
    whole = header_key(header.replace(PATH, ""))
    parts = [header_key(p) for p in header.split(PATH)]
    tries = [(whole, _FOUND_WHOLE)]
    if len(parts) > 1:
        own, above = parts[-1], parts[-2::-1]
        tries += [(pair, _FOUND_PAIR) for p in above for pair in (p + own, own + p)] + [(own, _FOUND_LAST), (parts[0], _FOUND_FIRST)]
    return next(((known[key], how) for key, how in tries if key in known), ("", 0))


# ---- a form that a ledger takes ------------------------------------------------------------------------------


def recognition_of(match: FormMatch, headers: Sequence[str], vocabulary: Vocabulary) -> Recognition:
    """The table as its form's ledger; columns that no field takes are known all the same, others are told by their words."""
    from .recognise import Guess, Recognition

    form, sure = match.form, SURE_BY[match.by]
    taken = {
        f: next(match.columns[c] for c in columns if c in match.columns)
        for f, columns in form.fields.items()
        if set(columns) & set(match.columns)
    }
    by_index = {i: f for f, i in taken.items()}
    known = {i for side in match.sides for i in side.values()}
    uses = []
    for index, header in enumerate(headers):
        if index in by_index:
            uses.append(ColumnUse(index, header, by_index[index], sure, (), unit_in(header)))
        elif index in known or header_key(header) in vocabulary.ignored:
            uses.append(ColumnUse(index, header, "", sure))
        else:
            uses.append(_by_words(index, header, form.ledger, {*taken, *form.values}, vocabulary))
            if uses[-1].field:
                taken[uses[-1].field] = index
    columns = tuple(uses)
    guess = (Guess(form.ledger, sure, columns),) if form.ledger else ()
    return Recognition(form.ledger, sure, columns, guess, form.number, tuple(form.values.items()))


def _by_words(index: int, header: str, ledger: str, taken: Iterable[str], vocabulary: Vocabulary) -> ColumnUse:
    scores = vocabulary.scores(header, ledger) if header and ledger else {}
    name, score = max(((n, s) for n, s in scores.items() if n not in set(taken)), key=lambda s: s[1], default=("", 0.0))
    return ColumnUse(
        index, header, name if score >= 0.9 else None, round(score, 3) if score >= 0.9 else 0.0, tuple(scores), unit_in(header)
    )


# ---- the figures of a form -----------------------------------------------------------------------------------


def _rows(match: FormMatch, sheet: RawSheet, block: Block, head: Sequence[str], words: Mapping[str, Any]) -> Iterator[FormRow]:
    labels = dict(block.totals)
    order = sorted((*block.data, *labels))
    for side in match.sides:
        figures = {n: i for n, i in side.items() if match.form.columns[n].type in SCALES}
        typed = {
            n: _figures(match.form.columns[n], block.headers[i], [_cell(sheet, r, i) for r in order], head, words)
            for n, i in figures.items()
        }
        for k, row in enumerate(order):
            values = {n: v[k] for n, v in typed.items() if v[k] is not None}
            item = squeeze(raw_text(_cell(sheet, row, side["item"]))) if "item" in side else ""
            if values:
                yield FormRow(row, item, values, labels.get(row, ""))


def _cell(sheet: RawSheet, row: int, column: int) -> Any:
    cells = sheet.rows[row]
    return cells[column] if column < len(cells) else ""


def _figures(column: FormColumn, header: str, cells: Sequence[Any], head: Sequence[str], words: Mapping[str, Any]) -> list[int | None]:
    kind = column.type if column.type in ("money", "area") else ""
    unit = unit_in(header) or units_in_head(head, words).get(kind, "") if kind else ""
    worth = factor(kind, unit, words) if kind else Decimal(1)
    spec = FieldSpec(column.name, column.type, column.zh, column.zh, column.headers)
    return convert(Reading(spec, worth or Decimal(1), 0, 12, words, {}), cells).values.to_pylist()


def _identity_notes(form: FormSpec, rows: Sequence[FormRow], identities: Sequence[FormIdentity]) -> Iterator[Note]:
    """核实数 = 账面数 + 核增 − 核减 and the like; a blank counts as nothing where the result and the first addend are there."""
    for identity in identities:
        parts = {identity.result, *identity.plus, *identity.minus}
        if not {identity.result, identity.plus[0]} <= set(form.columns) or not any(identity.result in r.values for r in rows):
            continue
        beside = [n for n in (*identity.plus, *identity.minus) if any(n in r.values for r in rows)]
        wrong = [(r, d) for r in rows if not r.label and parts <= set(form.columns) and len(beside) > 1 and (d := _difference(identity, r))]
        if wrong:
            scale = SCALES[form.columns[identity.result].type]
            yield (
                "form.identity",
                {"formula": _formula(form, identity), "n": len(wrong), "row": wrong[0][0].row + 1, "difference": shown(wrong[0][1], scale)},
            )


def _difference(identity: FormIdentity, row: FormRow) -> int:
    if identity.result not in row.values or identity.plus[0] not in row.values:
        return 0
    computed = sum(row.values.get(n, 0) for n in identity.plus) - sum(row.values.get(n, 0) for n in identity.minus)
    return row.values[identity.result] - computed


def _formula(form: FormSpec, identity: FormIdentity) -> str:
    name = {n: c.zh for n, c in form.columns.items()}
    return f"{name[identity.result]} = {' + '.join(name[n] for n in identity.plus)}" + "".join(f" − {name[n]}" for n in identity.minus)


def _total_notes(form: FormSpec, rows: Sequence[FormRow]) -> Iterator[Note]:
    """A single total under a list that its rows do not add up to; ledgers that take the form report their own fields as findings."""
    totals = [r for r in rows if r.label]
    if form.layout != "list" or len(totals) != 1:
        return
    reported = {next((c for c in columns if any(c in r.values for r in rows)), "") for columns in form.fields.values()}
    for name, stated in totals[0].values.items():
        computed = sum(r.values.get(name, 0) for r in rows if not r.label)
        if stated != computed and name not in reported and form.columns[name].type != "ratio":
            column, scale = form.columns[name], SCALES[form.columns[name].type]
            yield (
                "form.total",
                {"row": totals[0].row + 1, "column": column.zh, "stated": shown(stated, scale), "computed": shown(computed, scale)},
            )


def shown(value: int, scale: int) -> str:
    """1234.50 元 or 12.3456 亩 as people write them."""
    exact = Decimal(value).scaleb(-scale)
    return f"{exact:,.2f}" if scale == 2 else f"{exact.normalize():,f}"


# ---- one form against another --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Placed:
    """A form with its organisation and the source that it came from."""

    source_id: int
    org_code: str
    table: FormTable


@dataclass(frozen=True, slots=True)
class _Sum:
    """What the forms of one organisation add up to for one line of another form."""

    sources: list[int] = field(default_factory=list)
    forms: list[str] = field(default_factory=list)
    amounts: dict[str, int] = field(default_factory=dict)


def form_sums(placed: Sequence[Placed], ordinal: str) -> dict[int, list[Note]]:
    """Notes by source where the forms of an organisation do not add up to the line of form 19 or 20 that stands for them.

    `ordinal`: pattern of what stands before the name of a line (line_ordinal of layout.yaml)."""
    notes: dict[int, list[Note]] = {}
    for org in dict.fromkeys(p.org_code for p in placed if p.org_code):  # forms that nobody owns are not one body's
        own = [p for p in placed if p.org_code == org]
        for (target, names), total in _sums(own).items():
            line = _line(own, target, names, re.compile(ordinal))
            for column, amount in total.amounts.items() if line else ():
                stated, spec = line[0].values.get(column), line[1]  # type: ignore[index]
                if stated is not None and stated != amount:
                    scale = SCALES[spec.columns[column].type]
                    values = {
                        "forms": "、".join(dict.fromkeys(total.forms)),
                        "line": names[0],
                        "target": spec.number,
                        "column": spec.columns[column].zh,
                        "sum": shown(amount, scale),
                        "stated": shown(stated, scale),
                    }
                    for source in dict.fromkeys(total.sources):
                        notes.setdefault(source, []).append(("form.sum", values))
    return notes


def _sums(own: Sequence[Placed]) -> dict[tuple[str, tuple[str, ...]], _Sum]:
    found: dict[tuple[str, tuple[str, ...]], _Sum] = {}
    for p in own:
        for line in p.table.form.lines:
            total = found.setdefault((line.form, line.line), _Sum())
            amounts = dict(_amounts(p.table, line))
            total.sources.append(p.source_id)
            total.forms.append(p.table.form.number)
            for column, amount in amounts.items():
                total.amounts[column] = total.amounts.get(column, 0) + amount
    return found


def _amounts(table: FormTable, line: FormLine) -> Iterator[tuple[str, int]]:
    words = table.form.items.get(line.item, ())
    for column, target in line.sums.items():
        cells = [r for r in table.rows if column in r.values]
        chosen = [r for r in cells if r.item in words][:1] if line.item else [r for r in cells if not r.label]
        if chosen:
            yield target, sum(r.values[column] for r in chosen)


def _line(own: Sequence[Placed], target: str, names: Sequence[str], ordinal: re.Pattern[str]) -> tuple[FormRow, FormSpec] | None:
    """The line of form 19 or 20 that the names mean, the organisation's own balance sheet before the consolidated one."""
    keys = [ordinal.sub("", header_key(n)) for n in names]
    for p in sorted((p for p in own if p.table.form.number.split("-")[0] == target), key=lambda p: p.table.form.number):
        for key in keys:
            for row in p.table.rows:
                if ordinal.sub("", header_key(row.item)) == key:
                    return row, p.table.form
    return None


def write_forms(placed: Sequence[Placed], folder: Path) -> None:
    """The figures of all forms as `forms.parquet`, a row a cell: source, sheet row, form, item, column, value and its scale."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = ("source_id", "sheet_row", "org_code", "form", "item", "column", "value", "scale")
    rows = [
        (p.source_id, r.row + 1, p.org_code, p.table.form.number, r.item or r.label, name, value, SCALES[p.table.form.columns[name].type])
        for p in placed for r in p.table.rows for name, value in r.values.items()
    ]  # fmt: skip
    if rows:
        pq.write_table(pa.table({n: list(c) for n, c in zip(names, zip(*rows, strict=True), strict=True)}), folder / "forms.parquet")


def without_noughts(cells: Sequence[Any]) -> tuple[Sequence[Any], int]:
    """Cells of texts, codes and dates in which 0 stands where a tool filled a blank, and how many such there were."""
    noughts = [not is_blank(c) and c.__class__ in (int, float, str) and fold(raw_text(c)) in ("0", "0.0", "0.00") for c in cells]
    return (["" if z else c for c, z in zip(cells, noughts, strict=True)], sum(noughts)) if any(noughts) else (cells, 0)
