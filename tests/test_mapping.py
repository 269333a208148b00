"""What a person settled is kept, found again by the shape of the table, and never guessed beyond what was said.

The words of the sheets are those of domain reference section 9 (drift: a column more, order changed, header renamed; 帐 for 账; units
in the title of a column). YAML 1.2, section 3.2.1.3, is the authority for the error on a key that stands twice.
"""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from conftest import linked
from typer.testing import CliRunner, Result

from auditlib.catalog.load import load_catalog
from auditlib.catalog.settings import load_settings
from auditlib.cli.map import map_file
from auditlib.intake.describe import describe_file
from auditlib.intake.frames import RawCells
from auditlib.intake.mapping import FOLDER, load_mappings
from auditlib.intake.settling import Choices, Settling
from auditlib.intake.workspace import Intake, read_workspace
from auditlib.words.errors import WorkspaceError

CATALOG = load_catalog()
DAY = date(2026, 1, 31)
HEAD = ["档号", "事项", "租户", "一年收多少(万元)", "打头日子", "收尾日子", "经办"]
ROWS = [
    ["HT-1", "商铺", "张三", "1.2", "2024-01-01", "2026-12-31", "李四"],
    ["HT-2", "鱼塘", "王五", "0.5", "2024-03-01", "2025-02-28", "李四"],
]
ANSWER = (
    ("档号", "contract_no"), ("事项", "合同名称"), ("租户", "乙方"), ("一年收多少", "annual_rent"), ("打头日子", "开始日期"),
    ("F", "ends_on"),
    ("经办", "无"),
)  # fmt: skip
REGISTER = [
    ["组织代码", "组织名称", "层级", "上级代码"],
    ["990401", "某县", "县", ""],
    ["990401101", "某镇", "乡镇", "990401"],
    ["990401101201", "新寨村股份经济合作联合社", "村", "990401101"],
    ["990401101202", "老寨村股份经济合作联合社", "村", "990401101"],
]


def write(path: Path, rows: list[list[str]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        csv.writer(stream).writerows(rows)
    return path


@pytest.fixture
def county(tmp_path: Path) -> Path:
    folder = tmp_path / "某县"
    write(folder / "组织名录.csv", REGISTER)
    (folder / "audit.toml").write_text('county = "某县"\nfiscal_year = 2025\nas_of = 2026-01-31\n', encoding="utf-8")
    write(folder / "某镇" / "新寨村" / "门面.csv", [HEAD, *ROWS])
    return folder


@pytest.fixture
def sheet(county: Path) -> Path:
    return county / "某镇" / "新寨村" / "门面.csv"


def settle(county: Path, path: Path, *, day: date = DAY, **choices: Any) -> Any:
    return Settling(county, CATALOG).settle(path, None, None, Choices(**choices), day)


def read(county: Path) -> Intake:
    return read_workspace(county, county.parent / "frames", CATALOG, load_settings(county, CATALOG, today=DAY))


def source(intake: Intake, name: str) -> Any:
    (found,) = [s for s in intake.sources if s.file.endswith(name)]
    return found


def fields(intake: Intake, name: str) -> dict[str, str | None]:
    return {c.header: c.field for c in source(intake, name).columns}


def only_file(county: Path) -> Path:
    (path,) = (county / FOLDER).glob("*")
    return path


def change(county: Path, **values: Any) -> Path:
    path = only_file(county)
    path.write_text(yaml.safe_dump(yaml.safe_load(path.read_text(encoding="utf-8")) | values, allow_unicode=True), encoding="utf-8")
    return path


# ---- a sheet that nobody could recognise


def test_without_an_answer_the_sheet_is_named_and_not_read(county: Path) -> None:
    intake = read(county)
    assert source(intake, "门面.csv").ledger == ""
    assert "sheet.unrecognised" in {p.code for p in intake.problems}


def test_with_an_answer_it_is_read_in_full_confidence_and_says_by_which_file(county: Path, sheet: Path) -> None:
    settle(county, sheet, ledger="合同台账", columns=ANSWER, by="王会计")
    intake = read(county)
    found = source(intake, "门面.csv")
    assert (found.ledger, found.confidence, found.rows_read, found.unmapped_columns) == ("contracts", 1.0, 2, ())
    assert f"按映射文件 {only_file(county).name}" in found.notes
    assert not [p for p in intake.problems if p.code.startswith("sheet.")]


def test_the_values_are_those_of_the_cells_with_the_unit_of_the_column_s_title(county: Path, sheet: Path) -> None:
    settle(county, sheet, ledger="contracts", columns=ANSWER)
    read(county)
    import pyarrow.parquet as pq

    rows = pq.read_table(county.parent / "frames" / "contracts.parquet").to_pylist()
    assert [(r["contract_no"], r["party_b"], r["annual_rent"], r["starts_on"]) for r in rows] == [
        ("HT-1", "张三", 1_200_000, date(2024, 1, 1)), ("HT-2", "王五", 500_000, date(2024, 3, 1)),
    ]  # fmt: skip


def test_a_unit_that_only_the_person_knows_is_used(county: Path) -> None:
    bare = write(county / "某镇" / "老寨村" / "门面.csv", [[h.removesuffix("(万元)") for h in HEAD], *ROWS])
    settle(county, bare, ledger="contracts", columns=ANSWER, units=(("年租金", "千元"),))
    described = describe_file(bare, CATALOG, 2025)
    assert next(c.sum for c in described.sheets[0].columns if c.field == "annual_rent") == 1700


def test_read_uses_the_answer_of_the_county_around_the_file(county: Path, sheet: Path) -> None:
    settle(county, sheet, ledger="contracts", columns=ANSWER)
    assert describe_file(sheet, CATALOG, 2025).sheets[0].ledger == "contracts"


# ---- the same shape elsewhere


@pytest.mark.parametrize(
    "head",
    [
        ["档号", "事项", "租户", "一年收多少（元）", "打头日子", "收尾日子", "经办"],
        ["档 号", "事项：", "租　户", "一年收多少", "打头日子", "收尾日子", "经办"],
        ["经办", "收尾日子", "打头日子", "一年收多少(万元)", "租户", "事项", "档号"],
    ],
    ids=["another unit", "blanks and marks", "another order"],
)
def test_every_later_file_of_the_shape_is_read_by_the_same_answer(county: Path, sheet: Path, head: list[str]) -> None:
    settle(county, sheet, ledger="contracts", columns=ANSWER)
    write(county / "某镇" / "老寨村" / "出租.csv", [head, ["x"] * 7])
    found = source(read(county), "出租.csv")
    names = [c.field for c in found.columns]
    expected = ["contract_no", "name", "party_b", "annual_rent", "starts_on", "ends_on", ""]
    assert (names, found.confidence) == (expected if head[-1] == "经办" else expected[::-1], 1.0)


def test_variants_of_a_character_make_no_other_shape(county: Path) -> None:
    path = write(county / "某镇" / "新寨村" / "甲.csv", [["帐页", "来由", "数額", "哪天"], ["1", "电费", "30", "2025-03-01"]])
    settle(county, path, ledger="journal", columns=(("帐页", "voucher_no"), ("来由", "summary"), ("数額", "debit"), ("哪天", "date")))
    write(county / "某镇" / "老寨村" / "乙.csv", [["账页", "来由", "数额", "哪天"], ["1", "水费", "20", "2025-03-02"]])
    assert source(read(county), "乙.csv").ledger == "journal"


def test_a_column_more_is_drift_and_named(county: Path, sheet: Path) -> None:
    settle(county, sheet, ledger="contracts", columns=ANSWER)
    write(county / "某镇" / "老寨村" / "门面.csv", [[*HEAD, "押几付几"], [*ROWS[0], "押一付三"]])
    found = [s for s in read(county).sources if s.file == "某镇/老寨村/门面.csv"][0]
    assert (found.ledger, found.rows_read, found.unmapped_columns) == ("contracts", 1, ("押几付几",))
    assert any("押几付几" in n for n in found.notes)


def test_a_table_that_only_shares_some_words_is_left_alone(county: Path) -> None:
    small = write(county / "某镇" / "新寨村" / "小.csv", [["东西", "几个", "在哪"], ["桌子", "2", "会议室"]])
    settle(county, small, ledger="fixed_assets", columns=(("东西", "name"), ("几个", "quantity"), ("在哪", "location")))
    write(county / "某镇" / "老寨村" / "大.csv", [["东西", "几个", "在哪", "甲", "乙", "丙", "丁"], ["x"] * 7])
    assert source(read(county), "大.csv").ledger == ""


# ---- what was taken for the wrong thing


def test_a_wrong_ledger_a_wrong_column_and_a_sheet_that_is_none_can_be_settled(county: Path) -> None:
    head = ["合同编号", "合同名称", "乙方", "开始日期", "结束日期", "年租金"]
    path = write(county / "某镇" / "新寨村" / "合同.csv", [head, ["HT-9", "商铺", "张三", "2024-01-01", "2026-12-31", "100"]])
    assert fields(read(county), "合同.csv")["年租金"] == "annual_rent"
    settle(county, path, columns=(("年租金", "total"),))
    assert fields(read(county), "合同.csv")["年租金"] == "total"
    settle(county, path, ledger="工程项目台账", columns=(("合同编号", "project_no"), ("乙方", "supplier")))
    assert (source(read(county), "合同.csv").ledger, fields(read(county), "合同.csv")["乙方"]) == ("projects", "supplier")
    settle(county, path, ignore=True, why="只是样表")
    intake = read(county)
    assert source(intake, "合同.csv").ledger == "" and "不是台账" in source(intake, "合同.csv").notes[0]
    assert not [p for p in intake.problems if p.file.endswith("合同.csv")]


def test_a_field_given_to_another_column_leaves_the_one_that_had_it_open(county: Path) -> None:
    head = ["合同编号", "合同名称", "乙方", "开始日期", "结束日期", "年租金", "实际数"]
    path = write(county / "某镇" / "新寨村" / "合同.csv", [head, ["HT-9", "商铺", "张三", "2024-01-01", "2026-12-31", "100", "90"]])
    mapping = settle(county, path, columns=(("实际数", "年租金"), ("年租金", "-")))
    assert (mapping.columns["实际数"], mapping.columns["年租金"]) == ("annual_rent", None)


def test_a_head_in_the_wrong_row_can_be_pointed_at_and_is_found_again_elsewhere(county: Path) -> None:
    rows = [["甲乙丙", "丁戊己", "庚辛"], ["哪一块", "多大", "谁种着"], ["东坡", "3.5", "张三"], ["西洼", "2", "李四"]]
    path = write(county / "某镇" / "新寨村" / "地.csv", rows)
    settle(county, path, ledger="resources", header_rows=(2,), columns=(("哪一块", "name"), ("多大", "area_mu"), ("谁种着", "user")))
    write(county / "某镇" / "老寨村" / "田.csv", [["老寨村的田"], *rows])
    intake = read(county)
    assert (source(intake, "地.csv").header_rows, source(intake, "地.csv").rows_read) == ((2,), 2)
    assert (source(intake, "田.csv").header_rows, source(intake, "田.csv").rows_read) == ((3,), 2)


def test_whose_rows_they_are_can_be_said_for_one_file_only(county: Path) -> None:
    path = write(county / "代管.csv", [HEAD, *ROWS])
    mapping = settle(county, path, ledger="contracts", columns=ANSWER, organisation="老寨村")
    assert mapping.shape.file == "代管.csv"
    intake = read(county)
    assert source(intake, "代管.csv").org_code == "990401101202"
    assert source(intake, "门面.csv").ledger == ""


# ---- kept and versioned


def test_the_file_says_who_when_why_and_keeps_earlier_answers(county: Path, sheet: Path) -> None:
    settle(county, sheet, ledger="contracts", columns=ANSWER, by="王会计", why="问过老寨村")
    settle(county, sheet, columns=(("经办", "status"),), by="李主任", day=date(2026, 2, 1))
    kept = yaml.safe_load(only_file(county).read_text(encoding="utf-8"))
    assert (kept["version"], kept["revision"], kept["made_by"], kept["made_on"]) == (1, 2, "李主任", "2026-02-01")
    (before,) = kept["history"]
    assert (before["revision"], before["made_by"], before["why"], before["columns"]["经办"]) == (1, "王会计", "问过老寨村", None)


def test_the_same_answer_again_changes_nothing(county: Path, sheet: Path) -> None:
    settle(county, sheet, ledger="contracts", columns=ANSWER, by="甲")
    before = only_file(county).read_bytes()
    settle(county, sheet, ledger="contracts", columns=ANSWER, by="乙")
    assert only_file(county).read_bytes() == before


def test_ledger_text_never_becomes_a_path_or_yaml(county: Path) -> None:
    hostile = ["../../../etc/x: &a *a", "!!python/object:os.system", "- {}\n#", "=cmd|'/c calc'!A1"]
    path = write(county / "某镇" / "新寨村" / "坏.csv", [hostile, ["1", "2", "3", "4"]])
    settle(county, path, ledger="contracts", columns=(("A", "contract_no"), ("B", "name")))
    assert only_file(county).name.isascii() and only_file(county).parent == county / FOLDER
    assert source(read(county), "坏.csv").confidence == 1.0


def test_a_folder_that_leads_out_of_the_county_is_not_written(county: Path, sheet: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    linked(county / FOLDER, tmp_path / "elsewhere")
    with pytest.raises(WorkspaceError, match="通到县文件夹以外"):
        settle(county, sheet, ledger="contracts", columns=ANSWER)
    assert not list((tmp_path / "elsewhere").iterdir())


def test_raw_cells_of_a_table_read_by_a_mapping_are_the_file_s(county: Path, sheet: Path) -> None:
    settle(county, sheet, ledger="contracts", columns=ANSWER)
    intake = read(county)
    assert RawCells(intake.frames, intake.sources).cells("contracts", [1])[1]["annual_rent"] == "0.5"


# ---- mistakes are named


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"ledger": "contract"}, "contracts"),
        ({"columns": {"档号": "contractno"}}, "contract_no"),
        ({"columns": {"挡号": "contract_no"}}, "档号"),
        ({"columns": {"档号": "name", "事项": "name"}}, "name"),
        ({"units": {"annual_rent": "斤"}}, "万元"),
        ({"units": {"total": "元"}}, "annual_rent"),
        ({"version": 2}, "version"),
        ({"colums": {}}, "columns"),
        ({"organisation": "老寨村"}, "shape"),
        ({"shape": {"columns": []}}, "shape"),
        ({"shape": [1]}, "shape"),
        ({"revision": "zwei"}, "revision"),
    ],
    ids=lambda v: "-".join(v) if isinstance(v, dict) else "",
)
def test_a_mistake_names_file_line_key_value_and_candidates(county: Path, sheet: Path, values: dict[str, Any], told: str) -> None:
    settle(county, sheet, ledger="contracts", columns=ANSWER)
    path = change(county, **values)
    with pytest.raises(WorkspaceError) as error:
        read(county)
    first = str(error.value).splitlines()[0]
    assert first.startswith(f"{path}:") and told in first and next(iter(values)) in first


@pytest.mark.parametrize(
    "text", ["ledger: [", "a: 1\na: 2\n", "version: 1\nx: &a [1]\ny: *a\n", "- 1\n", "", "\x00", "d: 2026-13-45\n"],
    ids=["broken", "key twice", "alias", "list", "empty", "control", "no such day"],
)  # fmt: skip
def test_a_file_that_is_no_mapping_is_named(county: Path, text: str) -> None:
    (county / FOLDER).mkdir()
    (county / FOLDER / "x.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(WorkspaceError, match="x.yaml"):
        load_mappings(county, CATALOG)


def test_two_files_that_contradict_each_other_are_both_named(county: Path, sheet: Path) -> None:
    settle(county, sheet, ledger="contracts", columns=ANSWER)
    other = change(county)
    (other.parent / "另一份.yaml").write_text(other.read_text(encoding="utf-8").replace("party_b", "subject_no"), encoding="utf-8")
    with pytest.raises(WorkspaceError) as error:
        read(county)
    assert other.name in str(error.value) and "另一份.yaml" in str(error.value)


def test_read_goes_on_without_a_wrong_mapping_file_and_says_so(county: Path, sheet: Path) -> None:
    settle(county, sheet, ledger="contracts", columns=ANSWER)
    change(county, ledger="x")
    described = describe_file(sheet, CATALOG, 2025)
    assert described.sheets[0].ledger == "" and "没有台账“x”" in described.notes[0]


# ---- the command


def run(*arguments: object) -> Result:
    app = typer.Typer()
    app.command("map")(map_file)
    return CliRunner().invoke(app, [str(a) for a in arguments])


def columns_of(pairs: tuple[tuple[str, str], ...]) -> list[str]:
    return [x for header, name in pairs for x in ("--column", f"{header}={name}")]


def test_without_choices_the_command_shows_and_says_what_to_type(county: Path, sheet: Path) -> None:
    result = run(sheet)
    assert result.exit_code == 1
    assert "租户" in result.stdout and "--column" in result.stdout and "张三" in result.stdout
    assert not (county / FOLDER).exists()


def test_with_choices_it_writes_and_ends_with_0_when_all_is_clear(county: Path, sheet: Path) -> None:
    result = run(sheet, "--ledger", "合同台账", *columns_of(ANSWER), "--by", "王会计")
    assert result.exit_code == 0, result.stdout
    assert only_file(county).name in result.stdout
    assert run(sheet).exit_code == 0


def test_what_is_still_open_ends_with_1(sheet: Path) -> None:
    assert run(sheet, "--ledger", "contracts", *columns_of(ANSWER[:3])).exit_code == 1


def test_json_is_one_document_with_the_mapping(county: Path, sheet: Path) -> None:
    document = json.loads(run(sheet, "--ledger", "contracts", *columns_of(ANSWER), "--json").stdout)
    assert document["mapping"]["file"] == f"{FOLDER}/{only_file(county).name}"
    assert document["mapping"]["columns"]["租户"] == "party_b" and document["mapping"]["columns"]["经办"] is None
    (table,) = document["tables"]
    assert table["understood"] and [c["column"] for c in table["columns"]] == list("ABCDEFG")


@pytest.mark.parametrize(
    "wrong",
    [
        ["--ledger", "合同台帐本"], ["--ledger", "contracts", "--column", "没有的列=name"],
        ["--ledger", "contracts", "--column", "租户=party_bb"],
        ["--ledger", "contracts", "--column", "租户"], ["--ignore", "--ledger", "contracts"],
        ["--ledger", "contracts", "--header-rows", "9-1"],
        ["--ledger", "contracts", "--column", "租户=name", "--column", "事项=name"], ["--sheet", "没有", "--ignore"],
        ["--column", "租户=party_b"],
    ],
)  # fmt: skip
def test_a_wrong_call_ends_with_2_and_writes_nothing(county: Path, sheet: Path, wrong: list[str]) -> None:
    result = run(sheet, *wrong)
    assert result.exit_code == 2 and result.stderr.startswith("错误：")
    assert not list((county / FOLDER).glob("*")) if (county / FOLDER).exists() else True


def test_a_file_outside_any_county_needs_the_folder(tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv", [HEAD, *ROWS])
    assert run(path).exit_code == 1
    result = run(path, "--ignore")
    assert result.exit_code == 2 and "--workspace" in result.stderr


def test_a_file_that_cannot_be_read_ends_with_2(county: Path) -> None:
    (county / "空.xlsx").write_bytes(b"")
    assert run(county / "空.xlsx").exit_code == 2
    assert run(county / "没有.xlsx").exit_code == 2
