"""`auditlib validate`: what single files can show, without the county around them."""

from __future__ import annotations

import csv
import datetime as dt
import json
import subprocess
import sys
from pathlib import Path

import pytest
from audited_county import audited
from typer.testing import CliRunner, Result

from auditlib.catalog.load import load_catalog
from auditlib.checks.alone import Asked, FileChecker
from auditlib.cli.main import app_of
from auditlib.words.records import COLUMNS

TODAY = dt.date(2026, 2, 1)
HEAD = ["合同编号", "合同名称", "合同类别", "承租方", "签订日期", "起始日期", "终止日期", "年租金", "合同总额"]
ROW = ["HT-001", "门面租赁", "租赁", "张三", "2025-01-05", "2025-01-10", "2026-01-09", "1200", "1200"]


def validate(*arguments: object) -> Result:
    return CliRunner().invoke(app_of(["validate"]), ["validate", *map(str, arguments)])


def table(path: Path, rows: list[list[str]], head: list[str] = HEAD) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        csv.writer(stream).writerows([head, *rows])
    return path


def changed(**cells: str) -> list[str]:
    return [cells.get(h, c) for h, c in zip(HEAD, ROW, strict=True)]


@pytest.fixture(scope="module")
def county() -> Path:
    """Read only: it is the one that all tests share."""
    return audited().folder


# ---- the same as the audit -------------------------------------------------------------------------------------


def test_each_file_shows_alone_what_the_audit_finds_in_it_by_the_same_rules(county: Path) -> None:
    in_county = audited().audit.run.findings
    checker = FileChecker(load_catalog(), Asked(TODAY))
    compared = 0
    files = {f.source_file for f in in_county} | {p.relative_to(county).as_posix() for p in county.rglob("*.csv")}
    assert len(files) >= 5
    for path in sorted(county / f for f in files):
        name = path.relative_to(county).as_posix()
        check = checker.check(path, name)
        alone = {f.finding_id: (f.rule, f.sheet, f.row, f.column, f.amount, f.message_zh) for f in check.findings}
        in_audit = {f.finding_id: (f.rule, f.sheet, f.row, f.column, f.amount, f.message_zh) for f in in_county if f.source_file == name}
        assert alone.items() <= in_audit.items(), name
        whole = {(c.rule, c.ledger) for c in check.checks} - {(n.rule, n.ledger) for n in check.not_checked}
        expected = {f.finding_id for f in in_county if f.source_file == name and (f.rule, f.ledger) in whole}
        assert expected <= set(alone), name
        assert not check.errors and check.fiscal_year == 2025 and check.year_from == "county"
        compared += len(expected)
    assert compared >= 5


def test_every_rule_of_a_ledger_was_run_or_is_named_with_the_reason(tmp_path: Path) -> None:
    catalog = load_catalog()
    head = ["日期", "凭证号", "摘要", "科目编码", "科目名称", "借方金额", "贷方金额"]
    rows = [["2025-03-01", "1", "收租金", "101", "库存现金", "5", ""], ["2025-03-01", "1", "收租金", "501", "经营收入", "", "5"]]
    check = FileChecker(catalog, Asked(TODAY)).check(table(tmp_path / "凭证.csv", rows, head), "凭证.csv")
    assert check.ledgers == ("journal",)
    named = {c.rule for c in check.checks} | {n.rule for n in check.not_checked}
    on_journal = {c.rule for c in (*catalog.checks, *catalog.reconciliations) if "journal" in c.ledgers}
    assert len(on_journal) > 10
    assert on_journal | {e["meta"]["rule"] for e in catalog.ledgers["journal"].expectations} <= named
    assert {n.why for n in check.not_checked} == {"other_ledgers", "needs_register"}
    assert {c.status for c in check.checks} >= {"passed", "not_applicable"}


def test_a_result_does_not_depend_on_the_files_given_beside(county: Path) -> None:
    paths = sorted(county.rglob("*.csv"))[:2]
    together = json.loads(validate(*paths, "--json").stdout)["files"]
    alone = [json.loads(validate(p, "--json").stdout)["files"][0] for p in paths]
    assert len(alone) == 2 and together == alone


# ---- status ----------------------------------------------------------------------------------------------------


def test_status_0_for_a_file_with_nothing_wrong(tmp_path: Path) -> None:
    done = validate(table(tmp_path / "合同台账.csv", [ROW]), "--as-of", "2025-12-31")
    assert done.exit_code == 0, done.output
    assert "合同台账，1 行" in done.stdout and "没有发现问题" in done.stdout


def test_status_1_for_findings_and_the_threshold_decides(tmp_path: Path) -> None:
    """D01 is yellow, D03 orange or worse (rule cards)."""
    yellow = table(tmp_path / "黄.csv", [changed(承租方="")])
    assert load_catalog().rules["D01"].severity == "yellow"
    for threshold, status in (("blue", 1), ("yellow", 1), ("orange", 0), ("red", 0)):
        done = validate(yellow, "--as-of", "2025-12-31", "--fail-on", threshold, "--json")
        assert done.exit_code == status, threshold
        assert [f["rule"] for f in json.loads(done.stdout)["findings"]] == ["D01"]


@pytest.mark.parametrize(
    ("name", "content", "code"), [("坏.xlsx", b"PK\x03\x04 not a zip at all", "file.unreadable"), ("空.csv", b"", "file.empty")]
)
def test_status_2_for_a_file_that_cannot_be_read_and_the_others_are_checked(tmp_path: Path, name: str, content: bytes, code: str) -> None:
    good = table(tmp_path / "合同.csv", [changed(承租方="")])
    (tmp_path / name).write_bytes(content)
    done = validate(tmp_path / name, good, "--json")
    document = json.loads(done.stdout)
    assert done.exit_code == document["status"] == 2
    assert [p["code"] for p in document["problems"]] == [code]
    assert [f["rule"] for f in document["findings"]] == ["D01"]


def test_a_file_without_any_ledger_is_told(tmp_path: Path) -> None:
    (tmp_path / "说明.csv").write_text("本文件没有台账\n", encoding="utf-8")
    done = validate(tmp_path / "说明.csv", "--json")
    assert done.exit_code == 1
    assert [p["code"] for p in json.loads(done.stdout)["problems"]] == ["file.without_ledger"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["没有.csv"], "没有.csv"),
        ([".", "--format", "sarf"], "sarif"),
        ([".", "--fail-on", "purple"], "red"),
        ([".", "--lang", "fr"], "zh"),
        ([".", "--also", "sarif"], "格式=文件"),
        ([".", "--as-of", "31.1.2026"], "2026-01-31"),
        ([".", "--baseline", "没有.yaml"], "没有.yaml"),
    ],
)
def test_status_2_for_a_wrong_call_with_what_to_write_instead(
    arguments: list[str], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    table(tmp_path / "合同.csv", [ROW])
    done = validate(*arguments)
    assert done.exit_code == 2 and told in done.stderr and "Traceback" not in done.output


def test_a_folder_is_walked_and_what_is_no_ledger_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    table(tmp_path / "镇" / "合同.csv", [ROW])
    (tmp_path / "镇" / "合同扫描件.pdf").write_bytes(b"%PDF")
    (tmp_path / "镇" / "台账.et").write_bytes(b"x")
    document = json.loads(validate(".", "--json").stdout)
    assert [f["file"] for f in document["files"]] == ["镇/合同.csv", "镇/台账.et"]
    assert document["passed_over"] == ["镇/合同扫描件.pdf"]
    assert [p["code"] for p in document["problems"]] == ["file.convert"] and document["status"] == 2


# ---- year, cut-off, organisations -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "rows", "head", "year", "told_by"),
    [
        ("2023年合同台账.csv", [ROW], HEAD, 2023, "name"),
        (
            "分配.csv",
            [["2022", "CY1", "张三", "1", "10"], ["2022", "CY2", "李四", "1", "10"]],
            ["年度", "成员编号", "姓名", "份额", "金额"],
            2022,
            "column",
        ),
        (
            "凭证.csv",
            [["2021-03-01", "1", "101", "库存现金", "5", ""], ["2021-03-01", "1", "501", "经营收入", "", "5"]],
            ["日期", "凭证号", "科目编码", "科目名称", "借方金额", "贷方金额"],
            2021,
            "dates",
        ),
        ("合同台账.csv", [ROW], HEAD, 2025, "guess"),
    ],
)
def test_the_year_is_the_file_s_own_and_a_guess_is_told_as_one(
    tmp_path: Path, name: str, rows: list[list[str]], head: list[str], year: int, told_by: str
) -> None:
    path = table(tmp_path / name, rows, head)
    check = FileChecker(load_catalog(), Asked(TODAY)).check(path, name)
    assert (check.fiscal_year, check.year_from, check.as_of_from) == (year, told_by, "today")
    asked = FileChecker(load_catalog(), Asked(TODAY, dt.date(2024, 12, 31), 2024)).check(path, name)
    assert (asked.fiscal_year, asked.year_from, asked.as_of_from) == (2024, "asked", "asked")
    said = validate(path, "--lang", "en", "--as-of", TODAY.isoformat()).stdout
    assert str(year) in said and ("guess" in said) == (told_by == "guess")


def test_without_a_county_the_rows_of_two_villages_stay_apart(tmp_path: Path) -> None:
    """Two villages may both have a contract HT-001; one village with it twice is D03. No register: D06 is named as not checked."""
    head = ["单位名称", *HEAD]
    apart = table(tmp_path / "两村.csv", [["东村", *ROW], ["西村", *ROW]], head)
    twice = table(tmp_path / "一村.csv", [["东村", *ROW], ["东村", *ROW]], head)
    checker = FileChecker(load_catalog(), Asked(TODAY, dt.date(2025, 12, 31)))
    one, other = checker.check(apart, "两村.csv"), checker.check(twice, "一村.csv")
    assert [f.rule for f in one.findings] == [] and {f.rule for f in other.findings} == {"D03"}
    assert {(n.rule, n.why) for n in one.not_checked} >= {("D06", "needs_register")}


def test_inside_a_county_its_register_and_settings_are_used(county: Path, tmp_path: Path) -> None:
    village = next(p for p in sorted(county.rglob("*.csv")))
    check = FileChecker(load_catalog(), Asked(TODAY)).check(village, "x.csv")
    assert check.as_of == dt.date(2026, 1, 31) and check.as_of_from == "county"
    assert "needs_register" not in {n.why for n in check.not_checked}


VOUCHERS = """序时账
凭证号,日期,摘要,科目编码,科目名称,借方金额,贷方金额
记-1,2025-01-05,办公用品,513,管理费用,1200.00,
记-1,2025-01-05,办公用品,101,库存现金,,1100.00
"""
REGISTER_OF_ONE = "组织代码,组织名称,层级\n370101001001,新寨村股份经济合作联合社,village\n"


@pytest.mark.parametrize("register", ["", REGISTER_OF_ONE])
@pytest.mark.parametrize(("place", "is_told"), [("青禾镇/新寨村/凭证.csv", False), ("凭证.csv", True)])
def test_rows_of_an_unnamed_organisation_are_checked_and_said_to_be_left_out_of_the_audit(
    tmp_path: Path, register: str, place: str, is_told: bool
) -> None:
    (tmp_path / "audit.toml").write_text('county = "青禾县"\nfiscal_year = 2025\nas_of = 2026-01-31\n', encoding="utf-8")
    if register:
        (tmp_path / "组织名录.csv").write_text(register, encoding="utf-8")
    file = tmp_path / place
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(VOUCHERS, encoding="utf-8")
    check = FileChecker(load_catalog(), Asked(TODAY)).check(file, place)
    assert [(f.rule, f.row) for f in check.findings if f.rule == "D11"] == [("D11", 3)]
    assert [(p.code, p.detail) for p in check.problems] == [("sheet.no_organisation", "2")] * is_told
    assert validate(file).exit_code == 1


def test_a_loose_file_without_any_fault_of_its_own_is_not_called_clean_inside_a_county(tmp_path: Path) -> None:
    (tmp_path / "audit.toml").write_text('county = "青禾县"\nfiscal_year = 2025\nas_of = 2026-01-31\n', encoding="utf-8")
    loose = validate(table(tmp_path / "合同.csv", [ROW]))
    assert loose.exit_code == 1 and "看不出是哪个组织" in loose.stdout and "没有发现问题" not in loose.stdout
    assert validate(table(tmp_path / "青禾镇" / "新寨村" / "合同.csv", [ROW])).exit_code == 0


# ---- what people and programs read ------------------------------------------------------------------------------


def test_json_holds_the_columns_of_the_contract_and_what_was_not_checked(tmp_path: Path) -> None:
    done = validate(table(tmp_path / "合同台账.csv", [changed(承租方="")]), "--format", "json")
    document = json.loads(done.stdout)
    assert tuple(document["findings"][0]) == COLUMNS
    assert document["files"][0]["not_checked"] and "D01" in document["files"][0]["rules_run"]
    line = validate(tmp_path / "合同台账.csv", "--format", "jsonl").stdout
    assert [json.loads(x) for x in line.splitlines()] == document["findings"]


def test_english_has_no_chinese_but_the_ledger_s_own(tmp_path: Path) -> None:
    done = validate(table(tmp_path / "contracts.csv", [changed(承租方="")]), "--lang", "en")
    told = [line for line in done.stdout.splitlines() if "not checked" in line or "findings" in line or "fiscal" in line]
    assert len(told) >= 3
    assert not any("\u4e00" <= c <= "\u9fff" for line in told for c in line), told


def test_long_numbers_are_masked_in_all_that_leaves(tmp_path: Path) -> None:
    """Personal Information Protection Law, articles 6 and 28: CI logs travel; the cell is named, the number is not."""
    number = "11010119900307763X"  # wrong check character (GB 11643: 7 would be due at the end of this body)
    path = table(tmp_path / "成员名册.csv", [["CY-01", "张三", number, "1", "在册"]], ["成员编号", "姓名", "身份证号", "份额", "状态"])
    for form in ("text", "json", "jsonl", "sarif", "junit", "github", "gitlab", "html"):
        done = validate(path, "--format", form)
        assert done.exit_code == 1 and "D08" in done.stdout, form
        assert number not in done.output and number[:17] not in done.output, form


def test_one_small_file_loads_none_of_the_large_libraries_that_it_does_not_need(tmp_path: Path) -> None:
    """Start-up is what people wait for: imports are counted, not seconds. pandas comes with pyarrow and is not ours to choose."""
    path = table(tmp_path / "合同台账.csv", [changed(承租方="")])
    script = """
import sys
from auditlib.cli.main import main
try:
    main()
except SystemExit as ended:
    print(ended.code, *sorted(sys.modules), file=sys.stderr)
"""
    command = [sys.executable, "-c", script, "validate", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True)
    status, *modules = done.stderr.split()
    assert status == "1" and "auditlib.checks.alone" in modules
    heavy = {"great_expectations", "nbconvert", "nbformat", "nbclient", "IPython", "scipy", "sqlalchemy", "alembic", "cryptography"}
    others = {"auditlib.cli.issues", "auditlib.cli.map", "auditlib.demo", "auditlib.issues", "auditlib.workbook"}
    assert not (heavy | others) & ({m.split(".")[0] for m in modules} | set(modules))


def test_the_packs_of_the_county_around_a_file_apply_to_it(tmp_path: Path) -> None:
    """The sample pack has words, a rule and a rule switched off of its own: all hold for one file too."""
    from pack_county import write_county

    county = write_county(tmp_path / "县", 'packs = ["tinglan"]')
    path = next(p for p in sorted(county.rglob("*.csv")) if "HT-3" in p.read_text(encoding="utf-8-sig"))
    check = FileChecker(load_catalog(), Asked(TODAY)).check(path, "合同.csv")
    assert check.ledgers == ("contracts",) and [p.name for p in check.catalog.packs] == ["tinglan"]
    assert ("FTL02", ("HT-1",)) in [(f.rule, f.records) for f in check.findings]
    off = {rule for rule in check.catalog.decisions if check.catalog.rules[rule].ledgers[:1] == ("contracts",)}
    assert off and {c.status for c in check.checks if c.rule in off} == {"not_applicable"}


def test_a_folder_without_a_ledger_is_no_clean_bill(tmp_path: Path) -> None:
    (tmp_path / "说明.txt.bak").write_text("x", encoding="utf-8")
    command = [sys.executable, "-m", "auditlib", "validate", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 2 and "什么也没有查" in done.stderr
