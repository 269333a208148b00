"""The small files with which the messytables project broke importers, read to the shapes that its own published tests document.

Source: messytables (Open Knowledge Foundation, MIT), folder horror/, expected values from its test/test_read.py. Its `offset` of a head is
counted from 0, our rows from 1.
"""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path
from typing import Any

import pytest
from conftest import published

from auditlib.catalog.load import load_catalog
from auditlib.intake.describe import SheetDescription, describe_file
from auditlib.intake.sheets import read_sheets
from auditlib.words.errors import UnreadableFile

CATALOG = load_catalog()


def grid(name: str) -> list[list[Any]]:
    (sheet,) = read_sheets(published("messytables-fixtures") / name)
    return sheet.rows


def table(name: str) -> SheetDescription:
    return describe_file(published("messytables-fixtures") / name, CATALOG, 2025).sheets[0]


@pytest.mark.parametrize("name", ["simple.xls", "simple.xlsx"])
def test_a_simple_workbook(name: str) -> None:
    rows = grid(name)
    assert (len(rows), rows[0], {len(r) for r in rows}) == (7, ["date", "temperature", "place"], {3})
    assert rows[1] == [dt.date(2011, 1, 1), 1.0, "Galway"]
    found = table(name)
    assert (found.header_rows, found.first_row, found.rows) == ((1,), 2, 6)
    assert [(c.header, c.type) for c in found.columns] == [("date", "date"), ("temperature", "number"), ("place", "text")]


def test_a_list_with_blanks_after_its_commas() -> None:
    assert len(grid("complex.csv")) == 4
    assert [c.header for c in table("complex.csv").columns] == ["date", "another date", "temperature", "place"]
    assert "    goodbye" in [row[1] for row in grid("skip_initials.csv")]  # the raw text is never trimmed


def test_a_head_twelve_rows_deep() -> None:
    rows, found = grid("weird_head_padding.csv"), table("weird_head_padding.csv")
    assert (found.header_rows[0], len(found.columns)) == (12, 11)
    assert [c.header for c in found.columns][1:3] == ["1985", "1993"]
    assert "Chirurgie" in rows[12][0] and rows[13][0].strip() == "Gefäßchirurgie" and "Frauenheilkunde" in rows[21][0]
    assert found.first_row == 14 and found.last_row >= 22


def test_encodings_and_length() -> None:
    rows = grid("utf-16le_encoded.csv")
    assert (len(rows), rows[0][1]) == (328, "Organisation_name")
    assert [table("utf-16le_encoded.csv").rows, len(rows[0])] == [327, 19]
    assert len(grid("long.csv")) == 4000
    assert grid("utf8bom.csv") == [["kitten", "win"]]
    assert grid("characters.csv")[0][1] == "景點編號" and table("characters.csv").rows == 382


def test_an_html_table_with_cells_spanning_rows_and_columns(tmp_path: Path) -> None:
    """Offices send such pages as .xls. (column, row) -> text, as documented; a spanned cell stands in its first place."""
    path = tmp_path / "rowcolspan.xls"
    shutil.copyfile(published("messytables-fixtures") / "rowcolspan.html", path)
    (sheet,) = read_sheets(path)
    documented = {(0, 0): "05", (0, 2): "25", (0, 3): "", (1, 3): "36", (1, 6): "66", (4, 7): "79", (4, 8): "89"}
    assert {at: sheet.rows[at[1]][at[0]] for at in documented} == documented


def test_merged_cells_blank_lines_and_names_of_sheets() -> None:
    (sheet,) = read_sheets(published("messytables-fixtures") / "span_rich.xls")
    assert sheet.merges == (((1, 1), (2, 2)),) and sheet.rows[1] == ["j", "MERGE", "", "e"] and sheet.rows[2][1] == "MERGE"
    assert [c.header for c in table("blank_line.ods").columns] == ["Name", "Age", "When"] and table("blank_line.ods").rows == 3
    (named,) = read_sheets(published("messytables-fixtures") / "unicode_sheet_name.xls")
    assert named.name == "mês"


def test_tables_under_notes_and_with_columns_that_change() -> None:
    pasted, mixed, sparse = table("excel_pasting.csv"), table("mixedGLB.csv"), table("sparse_with_column_errors.csv")
    assert (pasted.header_rows, [c.header for c in pasted.columns][:3]) == ((4,), ["Year", "2000", "2001"])
    assert (mixed.header_rows, mixed.rows, [c.header for c in mixed.columns][:3]) == ((4,), 133, ["Year", "Jan", "Feb"])
    assert [c.header for c in sparse.columns][:3] == ["LP", "Bezeichnung", "Kapitel/Titel"]
    assert sparse.last_row == len(grid("sparse_with_column_errors.csv"))


def test_a_workbook_with_macros_and_a_head_of_several_rows() -> None:
    path = published("messytables-fixtures") / "bian-anal-mca-2005-dols-eng-1011-0312-tab3.xlsm"
    sheets = describe_file(path, CATALOG, 2025).sheets
    assert sheets and all(s.name for s in sheets)
    assert [c.header for c in sheets[0].columns][1:] == ["Data item", "Description", "Definition"]


def test_what_cannot_be_read_says_what_to_do() -> None:
    folder = published("messytables-fixtures")
    for name, code in (
        ("encrypted_no_password.xls", "file.encrypted"),
        ("annotated.ods", "file.empty"),
        ("rowcolspan.html", "file.foreign"),
    ):
        with pytest.raises(UnreadableFile) as caught:
            list(read_sheets(folder / name))
        assert caught.value.code == code
        described = describe_file(folder / name, CATALOG, 2025)
        assert not described.is_readable and name in described.notes[0]
    assert "密码" in describe_file(folder / "encrypted_no_password.xls", CATALOG, 2025).notes[0]


def test_every_file_ends_in_a_description() -> None:
    files = [p for p in sorted(published("messytables-fixtures").iterdir()) if p.name not in ("README.md", "SOURCE.txt")]
    assert len(files) >= 22
    for path in files:
        described = describe_file(path, CATALOG, 2025)
        assert described.sheets or described.notes
