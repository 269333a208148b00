"""Writes a county again as another office would: other words, layouts, units, dates, encodings and files.

What a county says stays the same; only the writing changes. Every draw has a seed. Cells that could not be read are
written as they stood, so that planted defects stay in.
"""

from __future__ import annotations

import datetime as dt
import html
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from auditlib.catalog.load import load_catalog
from auditlib.catalog.settings import load_settings
from auditlib.catalog.specs import FieldSpec, LedgerSpec
from auditlib.intake.frames import RawCells
from auditlib.intake.workspace import read_workspace
from auditlib.words.records import Organisation, Source

CATALOG = load_catalog()
SIDES = (
    ("opening_direction", "opening_balance", "opening_debit", "opening_credit"),
    ("closing_direction", "closing_balance", "closing_debit", "closing_credit"),
)
MERGED = {"opening_debit": ("期初余额", "借方"), "opening_credit": ("期初余额", "贷方"), "debit": ("本期发生额", "借方"),
"credit": ("本期发生额", "贷方"),
          "closing_debit": ("期末余额", "借方"), "closing_credit": ("期末余额", "贷方")}  # fmt: skip


@dataclass(frozen=True)
class Style:
    """How one office writes; drawn once a workbook."""

    organisation: str  # column code | column name | title | file
    dates: str  # date | dot | chinese | compact | slash | serial
    numbers: str  # number | commas | currency
    money_unit: str  # 元 | 万元
    has_sequence: bool
    has_column_numbers: bool
    page: int  # rows of a printed page, 0 for none
    has_totals: bool
    trial_balance: str  # plain | merged | sides
    form: str  # workbook | csv-gbk | csv-utf16 | html
    title_rows: int
    blank_rows: int
    footer: bool
    is_spaced: bool  # 原 值


def draw_style(rng: random.Random) -> Style:
    return Style(
        rng.choice(("column code", "column name", "title", "file")), rng.choice(("date", "dot", "chinese", "compact", "slash", "serial")),
        rng.choice(("number", "number", "commas", "currency")), rng.choice(("元", "元", "万元")), rng.random() < 0.5, rng.random() < 0.3,
        rng.choice((0, 0, 12)), rng.random() < 0.7, rng.choice(("plain", "merged", "sides")),
        rng.choice(("workbook", "workbook", "csv-gbk", "csv-utf16", "html")),
        rng.randint(1, 4), rng.randint(0, 3), rng.random() < 0.7, rng.random() < 0.3,
    )  # fmt: skip


def restyle(county: Path, target: Path, frames: Path, seed: int) -> None:
    """Reads `county` and writes it into `target` in styles drawn from `seed`; `frames` is scratch."""
    settings = load_settings(county, CATALOG, today=dt.date(2026, 1, 31))
    intake = read_workspace(county, frames, CATALOG, settings)
    raw = RawCells(frames, intake.sources)
    organisations = {o.org_code: o for o in intake.organisations}
    target.mkdir(parents=True)
    (target / "audit.toml").write_bytes((county / "audit.toml").read_bytes())
    by_file: dict[str, list[Source]] = {}
    for source in intake.sources:
        if source.ledger:
            by_file.setdefault(source.file, []).append(source)
    tables = {name: _rows_by_source(frames, name) for name in {s.ledger for s in intake.sources if s.ledger}}
    stated = _stated(frames)
    for file, sources in sorted(by_file.items()):
        rng = random.Random(f"{seed}:{file}")
        style = draw_style(rng)
        sheets = [
            _sheet(s, tables[s.ledger].get(s.source_id, []), raw, stated, organisations, style, rng, "/" not in file) for s in sources
        ]
        _write(target / file, sheets, style, rng)


def _rows_by_source(frames: Path, ledger: str) -> dict[int, list[dict[str, Any]]]:
    import pyarrow.parquet as pq

    found: dict[int, list[dict[str, Any]]] = {}
    for row in pq.read_table(frames / f"{ledger}.parquet").to_pylist():
        found.setdefault(row["source_id"], []).append(row)
    return found


def _stated(frames: Path) -> dict[tuple[int, str], int]:
    import pyarrow.parquet as pq

    rows = pq.read_table(frames / "control_totals.parquet").to_pylist()
    return {(r["source_id"], r["field"]): r["stated"] for r in rows if r["label"] in ("合计", "总计")}


@dataclass(frozen=True)
class Sheet:
    name: str
    ledger: str
    owner: str  # short name of the organisation
    above: list[list[str]]
    heads: list[list[str]]
    body: list[list[Any]]
    footer: list[list[str]]


def _sheet(
    source: Source, rows: Sequence[dict[str, Any]], raw: RawCells, stated: dict[tuple[int, str], int],
    organisations: dict[str, Organisation],
    style: Style, rng: random.Random, is_county_wide: bool,
) -> Sheet:  # fmt: skip
    spec = CATALOG.ledgers[source.ledger]
    texts = raw.cells(source.ledger, [r["row_id"] for r in rows])
    several = {r["org_code"] for r in rows} != {source.org_code} or is_county_wide  # one village in its township's file is named too
    how = rng.choice(("column code", "column name")) if several else style.organisation
    if spec.name == "organisations":
        how = "own"
    fields = [n for n in spec.fields if any(r[f"{n}__status"] != "absent" for r in rows) or n in spec.key]
    fields = [
        n
        for n in fields
        if not spec.fields[n].is_auxiliary
        and n not in ("amount", "direction", "currency")
        or n in ("amount",)
        and spec.name != "bank_statement"
    ]
    if any(r.get(d) and r.get(c) for r in rows for _, _, d, c in SIDES):  # one amount with one side cannot say both
        style = replace(style, trial_balance="merged")
    heads, columns, unit = _columns(spec, fields, style, rng)
    owner = organisations.get(source.org_code)
    names = {code: o.name for code, o in organisations.items()}
    body: list[list[Any]] = []
    for i, row in enumerate(rows):
        cells = [c(row, texts[row["row_id"]]) for c in columns]
        body.append(_framed(i + 1, row, cells, how, style, names))
    width_head = _framed_heads(heads, how, style, rng)
    body = _with_totals(source, spec, rows, columns, body, stated, style, how, unit)
    title = f"{_title_year(rows)}{rng.choice(spec.titles[:3])}"
    above = [[title]] + [[""]] * (style.title_rows - 1)
    line = []
    if how == "title" or (how not in ("own", "file") and owner and not several and rng.random() < 0.5):
        line.append(
            f"{rng.choice(('填报单位', '编制单位', '单位名称'))}：{rng.choice((owner.name, _short(owner, organisations)))}" if owner else ""
        )
    if unit != "元" or rng.random() < 0.5:
        line.append(f"单位：{unit}")
    if line:
        above.append(line)
    footer = [[f"负责人：{owner.head if owner else ''}    会计：某某    填表日期：2026-01-12"]] if style.footer else []
    return Sheet(source.sheet, spec.name, _short(owner, organisations) if owner else "", above, width_head, body, footer)


def _short(owner: Organisation, organisations: dict[str, Organisation]) -> str:
    """新寨村, 新寨村三组: the names that offices write on files and heads."""
    from auditlib.intake.owner import Resolver

    name = Resolver(list(organisations.values()), CATALOG.words["organisation_names"])._registered(owner)
    return name.base + (f"{'一二三四五六七八九十'[name.group - 1]}组" if name.group else "")


def _title_year(rows: Sequence[dict[str, Any]]) -> str:
    years = {r.get("fiscal_year") for r in rows} - {None}
    return f"{years.pop()}年度" if len(years) == 1 else ""


def _columns(spec: LedgerSpec, fields: list[str], style: Style, rng: random.Random) -> tuple[list[tuple[str, ...]], list[Any], str]:
    """Heads (one or two texts a column) and for each column a function from a row to its cell."""
    heads: list[tuple[str, ...]] = []
    columns: list[Any] = []
    unit = style.money_unit if spec.name not in ("bank_statement",) else "元"
    is_balance = spec.name.endswith("trial_balance")
    for name in fields:
        f = spec.fields[name]
        if is_balance and name == "fiscal_year":
            continue
        if is_balance and style.trial_balance == "sides" and (side := next((s for s in SIDES if name in s[2:]), None)):
            if name == side[2]:
                heads += [("方向",), (spec.fields[side[1]].zh,)]
                columns += [_side_word(side[2], side[3]), _side_amount(side[2], side[3], spec, style, unit)]
            continue
        if is_balance and style.trial_balance == "merged" and name in MERGED:
            heads.append(MERGED[name])
        else:
            word = rng.choice([h for h in f.headers[:6] if len(h) > 1 and "/" not in h])
            heads.append((_spelled(word, f, style, unit, rng),))
        columns.append(_cell(f, style, unit))
    return heads, columns, unit


def _spelled(word: str, f: FieldSpec, style: Style, unit: str, rng: random.Random) -> str:
    if style.is_spaced and len(word) == 2:
        word = f"{word[0]}　{word[1]}"
    if f.type == "money" and rng.random() < 0.3:
        word += f"（{unit}）"
    if f.type == "area":
        word += "(亩)"
    return word


def _side_word(debit: str, credit: str) -> Any:
    return lambda row, text: "借" if row[debit] else "贷" if row[credit] else "平"


def _side_amount(debit: str, credit: str, spec: LedgerSpec, style: Style, unit: str) -> Any:
    inner = {n: _cell(spec.fields[n], style, unit) for n in (debit, credit)}
    return lambda row, text: inner[debit](row, text) if row[debit] else inner[credit](row, text) if row[credit] else 0.0


def _cell(f: FieldSpec, style: Style, unit: str) -> Any:
    def cell(row: dict[str, Any], text: dict[str, str]) -> Any:
        value, status = row[f.name], row[f"{f.name}__status"]
        if value is None or status in ("failed", "ambiguous", "check_digit"):
            return text.get(f.name, "") if status != "blank" else ""
        if f.scale:
            return _amount(f, value, style, unit)
        if f.type == "date":
            return _date(value, style) if status != "month" else f"{value.year}年{value.month}月"
        if f.type == "boolean":
            return "是" if value else "否"
        return value

    return cell


def _amount(f: FieldSpec, value: int, style: Style, unit: str) -> Any:
    exact = Decimal(value).scaleb(-f.scale)
    if f.type == "money" and unit == "万元":
        exact /= 10000
    if style.numbers == "number" or f.type == "ratio" or (f.type == "money" and unit == "万元"):
        return float(exact)
    text = f"{exact:,f}"
    return f"￥{text}" if style.numbers == "currency" and f.type == "money" else text


def _date(value: dt.date, style: Style) -> Any:
    return {
        "date": value, "dot": f"{value.year}.{value.month}.{value.day}", "chinese": f"{value.year}年{value.month}月{value.day}日",
        "compact": f"{value:%Y%m%d}", "slash": f"{value.year}/{value.month}/{value.day}",
        "serial": float((value - dt.date(1899, 12, 30)).days),
    }[style.dates]  # fmt: skip


def _framed(number: int, row: dict[str, Any], cells: list[Any], how: str, style: Style, names: dict[str, str]) -> list[Any]:
    front: list[Any] = [float(number)] if style.has_sequence else []
    if how == "own":
        return [*front, *cells]
    if how.startswith("column"):
        front.append(row["org_code"] if how == "column code" else names.get(row["org_code"], row["org_code"]))
    return front + cells


def _framed_heads(heads: list[tuple[str, ...]], how: str, style: Style, rng: random.Random) -> list[list[str]]:
    front = [("序号",)] if style.has_sequence else []
    if how == "column code":
        front.append((rng.choice(("组织代码", "单位代码", "组织编码")),))
    elif how == "column name":
        front.append((rng.choice(("组织名称", "单位名称", "所属村组")),))
    every = front + heads
    if any(len(h) == 2 for h in every):
        top, previous = [], ""
        for h in every:
            top.append("" if len(h) == 2 and h[0] == previous else h[0])
            previous = h[0] if len(h) == 2 else ""
        return [top, [h[1] if len(h) == 2 else "" for h in every]]
    rows = [[h[0] for h in every]]
    return rows + [[str(i + 1) for i in range(len(every))]] if style.has_column_numbers else rows


def _with_totals(
    source: Source, spec: LedgerSpec, rows: Sequence[dict[str, Any]], columns: list[Any], body: list[list[Any]],
    stated: dict[tuple[int, str], int],
    style: Style, how: str, unit: str,
) -> list[list[Any]]:  # fmt: skip
    """A 合计 row as it stood in the original (right or wrong), in this office's writing."""
    if (
        not style.has_totals
        or not any(s == source.source_id for s, _ in stated)
        or (spec.name.endswith("trial_balance") and style.trial_balance == "sides")
    ):
        return body
    pretended = {n: stated.get((source.source_id, n)) for n in spec.fields} | {f"{n}__status": "ok" for n in spec.fields}
    only_sums = {k: (v if k.endswith("__status") or v is not None else None) for k, v in pretended.items()}
    cells = [c(only_sums, {}) for c in columns]
    front = len(body[0]) - len(cells) if body else 0
    row = [""] * front + cells
    row[0] = "合计"
    return [*body, row]


# ---- files -----------------------------------------------------------------------------------------------------


def _grid(sheet: Sheet, style: Style) -> list[list[Any]]:
    width = len(sheet.heads[0])
    pages = []
    if style.page and len(sheet.body) > style.page:
        for at in range(0, len(sheet.body), style.page):
            pages += (sheet.heads if at else []) + sheet.body[at : at + style.page]
    else:
        pages = list(sheet.body)
    blanks = (
        [[float(len(sheet.body) + i + 1)] + [""] * (width - 1) for i in range(style.blank_rows)]
        if style.has_sequence
        else [[""] * width] * style.blank_rows
    )
    grid = [*sheet.above, *sheet.heads, *pages, *blanks, *sheet.footer]
    return [list(r) + [""] * (width - len(r)) for r in grid]


def _write(path: Path, sheets: list[Sheet], style: Style, rng: random.Random) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    stem = f"{sheets[0].owner}{rng.choice(('三资台账', '台账汇总', '2025年报送'))}" if sheets[0].owner else path.stem
    if style.form == "workbook" or len({s.owner for s in sheets}) > 1:
        _workbook(_free(path.with_name(f"{stem}.xlsx")), sheets, style)
        return
    for i, sheet in enumerate(sheets):
        label = CATALOG.ledgers[sheet.ledger].titles[0] + ("" if [s.ledger for s in sheets].count(sheet.ledger) == 1 else f"{i}")
        _single(path.with_name(f"{sheet.owner or stem}{label}"), sheet, style)


def _free(path: Path) -> Path:
    n = 2
    while path.exists():
        path, n = path.with_name(f"{path.stem}({n}){path.suffix}"), n + 1
    return path


def _workbook(path: Path, sheets: list[Sheet], style: Style) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for i, sheet in enumerate(sheets):
            page = book.add_worksheet(f"表{i + 1}" if style.is_spaced else f"{i + 1}{CATALOG.ledgers[sheet.ledger].titles[0]}"[:31])
            for r, row in enumerate(_grid(sheet, style)):
                for c, value in enumerate(row):
                    if isinstance(value, dt.date):
                        page.write_datetime(r, c, dt.datetime.combine(value, dt.time()), day)
                    elif isinstance(value, bool) or not isinstance(value, (int, float)):
                        page.write_string(r, c, str(value)) if value != "" else None
                    else:
                        page.write_number(r, c, value)


def _single(path: Path, sheet: Sheet, style: Style) -> None:
    rows = [[_plain(v) for v in row] for row in _grid(sheet, style)]
    if style.form == "html":
        cells = "".join("<tr>" + "".join(f"<td>{html.escape(c)}</td>" for c in row) + "</tr>" for row in rows)
        _free(path.with_name(path.name + ".xls")).write_text(f'<html><meta charset="utf-8"><table>{cells}</table></html>', encoding="utf-8")
        return
    import csv
    import io

    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    encoding = "gb18030" if style.form == "csv-gbk" else "utf-16"
    _free(path.with_name(path.name + ".csv")).write_bytes(out.getvalue().encode(encoding))


def _plain(value: Any) -> str:
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return value.isoformat() if isinstance(value, dt.date) else str(value)
