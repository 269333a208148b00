"""Whatever a ledger says, it says the same in every style: written at random and read back (property tests).

Header words, order of columns, units, forms of dates and numbers, encodings and file formats are drawn; what comes back is compared
field by field with what was meant.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
import tempfile
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditlib.catalog.load import load_catalog
from auditlib.catalog.specs import FieldSpec, LedgerSpec
from auditlib.intake.cell_kinds import header_key
from auditlib.intake.conform import Conformed, Conformer, Surroundings
from auditlib.intake.owner import Resolver
from auditlib.intake.tables import FoundTable, TableFinder
from auditlib.words.identifiers import credit_code_check

CATALOG = load_catalog()
FINDER = TableFinder(CATALOG)
LEDGERS = [n for n in CATALOG.ledgers if n not in ("organisations", "agency_trial_balance")]
WORDS = 6  # header words of a field that are drawn from, the usual ones
NAMES = ("铺面", "办公楼", "机井", "大坝田", "修渠", "张三", "李小四", "新华公司", "村口", "水泥路")


@dataclass(frozen=True)
class Written:
    """What was meant, and how it was written."""

    ledger: str
    fields: tuple[str, ...]
    rows: list[dict[str, Any]]
    path: Path


def meant(f: FieldSpec, key: bool, n: int, rng: random.Random) -> Any:
    """A value of a field's type, in the units that the typed ledger keeps."""
    if f.scale and f.type == "ratio":
        return rng.randrange(0, 1000) * 10
    if f.type == "money":
        return rng.randrange(1, 10_000_000) * 100
    if f.scale:
        return rng.randrange(1, 500) * 10_000
    if f.type == "choice":
        return rng.choice([v for v, _ in f.values])
    simple: dict[str, Any] = {
        "date": dt.date(2010, 1, 1) + dt.timedelta(days=rng.randrange(5000)),
        "boolean": rng.random() < 0.5,
        "integer": rng.randrange(1, 400),
        "year": 2025,
        "period": f"2025-{n % 12 + 1:02d}",
        "account_code": rng.choice(("101", "102", "112", "513", "211")) + f"{n:02d}",
        "account_no": f"62284800123{n:06d}",
        "person": rng.choice(("张三", "李小四", "王五")),
        "credit_code": _credit_code(n),
        "citizen_id": None,
        "party_id": _credit_code(n),
        "code": f"{'ABCDEFG'[rng.randrange(7)]}-{n + 1:03d}",
    }
    if f.type in simple:
        return simple[f.type]
    return f"{rng.choice(NAMES)}{n}号" if key else rng.choice(NAMES)


def _credit_code(n: int) -> str:
    body = f"N2990101MF{n:07d}"[:17]
    return body + credit_code_check(body)


def shown(f: FieldSpec, value: Any, how: dict[str, str], rng: random.Random) -> str:
    """A value as this office writes it."""
    if value is None:
        return ""
    if f.type == "ratio":
        return f"{Decimal(value) / 10_000}"
    if f.scale:
        exact = Decimal(value).scaleb(-f.scale) / (10_000 if f.type == "money" and how["unit"] == "万元" else 1)
        text = f"{exact:,f}" if how["numbers"] == "commas" else f"{exact:f}"
        return f"￥{text}" if how["numbers"] == "currency" and f.type == "money" else text
    if isinstance(value, dt.date):
        return {
            "dash": value.isoformat(),
            "dot": f"{value.year}.{value.month}.{value.day}",
            "han": f"{value.year}年{value.month}月{value.day}日",
            "compact": f"{value:%Y%m%d}",
            "slash": f"{value.year}/{value.month}/{value.day}",
        }[how["dates"]]
    if isinstance(value, bool):
        return "是" if value else "否"
    if f.type == "choice" and rng.random() < 0.3:
        return rng.choice([value, *dict(f.values)[value]])
    return str(value)


def head_words(spec: LedgerSpec, fields: list[str], rng: random.Random) -> dict[str, str]:
    """A header for each field; no word that two fields of the ledger share, and none twice."""
    taken: set[str] = set()
    found = {}
    for name in fields:
        words = [h for h in spec.fields[name].headers[:WORDS] if header_key(h) not in taken]
        found[name] = rng.choice(words)
        taken.add(header_key(found[name]))
    return found


def write(ledger: str, seed: int, folder: Path) -> Written:
    rng = random.Random(f"{ledger}:{seed}")
    spec = CATALOG.ledgers[ledger]
    fields = [n for n, f in spec.fields.items() if not f.is_auxiliary and n != "fiscal_year" and f.type != "citizen_id"]
    fields = [n for n in fields if ledger != "bank_statement" or n not in ("amount", "direction", "currency", "account_no")]
    if rng.random() < 0.3:
        rng.shuffle(fields)
    how = {
        "dates": rng.choice(("dash", "dot", "han", "compact", "slash")),
        "numbers": rng.choice(("plain", "commas", "currency")),
        "unit": rng.choice(("元", "元", "万元")),
    }
    words = head_words(spec, fields, rng)
    rows = [{n: meant(spec.fields[n], n in spec.key, i, rng) for n in fields} for i in range(rng.randrange(2, 9))]
    above = (
        [[f"2025年{rng.choice(spec.titles[:3])}"], ["填报单位：新寨村", *[""] * 2, f"单位：{how['unit']}"]]
        if rng.random() < 0.8 or how["unit"] != "元"
        else []
    )
    front = ["序号"] if rng.random() < 0.5 else []
    grid = [*above, [*front, *(words[n] for n in fields)]]
    if rng.random() < 0.3:
        grid.append([str(j + 1) for j in range(len(grid[-1]))])
    for i, row in enumerate(rows):
        grid.append([*([str(i + 1)] if front else []), *(shown(spec.fields[n], row[n], how, rng) for n in fields)])
    for _ in range(rng.randrange(3)):
        grid.append([""] * len(grid[-1]))
    if rng.random() < 0.6:
        grid.append(["单位负责人：张三", "", "填表人：李四"])
    return Written(ledger, tuple(fields), rows, _file(grid, folder / f"{ledger}{seed}", rng))


def _file(grid: list[list[str]], stem: Path, rng: random.Random) -> Path:
    kind = rng.choice(("xlsx", "utf-8", "utf-8-sig", "gb18030", "utf-16", "tab", "html"))
    width = max(map(len, grid))
    grid = [[*row, *[""] * (width - len(row))] for row in grid]
    if kind == "xlsx":
        import xlsxwriter

        path = stem.with_suffix(".xlsx")
        with xlsxwriter.Workbook(str(path), {"strings_to_numbers": False, "strings_to_formulas": False}) as book:
            page = book.add_worksheet()
            for r, row in enumerate(grid):
                for c, cell in enumerate(row):
                    page.write_string(r, c, cell) if cell else None
        return path
    if kind == "html":
        path = stem.with_suffix(".xls")
        lines = "".join("<tr>" + "".join(f"<td>{c}</td>" for c in row) + "</tr>" for row in grid)
        path.write_text(f'<html><meta charset="utf-8"><table>{lines}</table></html>', encoding="utf-8")
        return path
    path, out = stem.with_suffix(".txt" if kind == "tab" else ".csv"), io.StringIO(newline="")
    csv.writer(out, delimiter="\t" if kind == "tab" else ",").writerows(grid)
    path.write_bytes(out.getvalue().encode("gb18030" if kind == "tab" else kind))
    return path


def read(path: Path) -> tuple[FoundTable, Conformed]:
    (found,) = [t for sheet in FINDER.sheets(path) for t in FINDER.tables(sheet, "台账.xlsx")]
    conformer = Conformer(CATALOG, Resolver((), CATALOG.words["organisation_names"]))
    return found, conformer.conform(found.sheet, found.block, found.recognition, Surroundings("台账.xlsx", "", "*", "", 2025))


def expected(value: Any, f: FieldSpec) -> Any:
    return None if value is None or (f.blank_is_nil and value == 0) else value


@pytest.mark.parametrize("ledger", LEDGERS)
@settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10_000))
def test_a_ledger_written_in_any_style_reads_back_as_it_was_meant(ledger: str, seed: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        written = write(ledger, seed, Path(folder))
        found, table = read(written.path)
        again, same = read(written.path)
    assert table.ledger == ledger, [(g.ledger, round(g.score, 2)) for g in found.recognition.candidates]
    spec = CATALOG.ledgers[ledger]
    for name in written.fields:
        meant_values = [expected(r[name], spec.fields[name]) for r in written.rows]
        assert table.columns[name].to_pylist() == meant_values, (name, [u.header for u in table.uses])
    assert len(table.rows) == len(written.rows)
    assert (again.block, again.recognition) == (found.block, found.recognition), "reading is the same every time"
    assert all(same.columns[n].equals(table.columns[n]) and same.statuses[n].equals(table.statuses[n]) for n in table.columns)


@pytest.mark.parametrize("ledger", LEDGERS)
@settings(max_examples=3, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10_000))
def test_no_row_of_a_sheet_disappears(ledger: str, seed: int) -> None:
    """Data, totals, groups, footers, what is passed over, head and what stands above are all rows of the sheet, each once."""
    with tempfile.TemporaryDirectory() as folder:
        written = write(ledger, seed, Path(folder))
        found, table = read(written.path)
    block, rows = found.block, len(found.sheet.rows)
    parts = [*block.preamble, *block.header_rows, *block.data, *(r for r, _ in block.totals), *block.groups, *block.footers, *block.skipped]
    blank_above = [r for r in range(block.header_rows[0]) if r not in block.preamble]
    assert sorted([*parts, *blank_above]) == list(range(rows))
    assert sorted((*table.rows, *table.quarantined)) == sorted(block.data)
    assert len(block.data) == len(written.rows)
