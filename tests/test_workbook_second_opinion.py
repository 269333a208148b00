"""A village's ledger before Great Expectations: the authority is Great Expectations' own complete result on pandas."""

from __future__ import annotations

import csv
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from auditlib.audit import Audit
from auditlib.words.errors import AuditlibError
from auditlib.workbook import SecondOpinion, run_with_bar, second_opinion

EAST, WEST = "990401101201", "990401101202"
_HEAD = [
    "组织代码",
    "合同编号",
    "合同名称",
    "合同类型",
    "承包方",
    "签订日期",
    "开始日期",
    "结束日期",
    "年租金",
    "合同总额",
    "原件是否存档",
    "合同状态",
]
_TAIL = ["鱼塘", "租赁", "庚", "2024-01-01", "2024-01-01", "2028-12-31", "100.00", "500.00", "是", "履行中"]


def _write(path: Path, rows: list[list[str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        csv.writer(stream).writerows(rows)


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two villages; the east one has HT-2 on two lines, rows 3 and 4 of its sheet, the west one has all in order. Read only."""
    folder = tmp_path_factory.mktemp("county") / "某县"
    _write(folder / "组织名录.csv", [
        ["组织代码", "组织名称", "层级", "上级代码", "负责人", "会计", "出纳", "成员数", "户数"],
        ["990401", "某县", "县", "", "甲", "乙", "丙", "", ""],
        ["990401101", "某镇", "乡镇", "990401", "甲", "乙", "丙", "", ""],
        [EAST, "东村", "村", "990401101", "丁", "戊", "己", "10", "4"], [WEST, "西村", "村", "990401101", "丁", "戊", "己", "10", "4"],
    ])  # fmt: skip
    _write(folder / "某镇" / "东村" / "合同台账.csv", [_HEAD, *([EAST, n, *_TAIL] for n in ("HT-1", "HT-2", "HT-2"))])
    _write(folder / "某镇" / "西村" / "合同台账.csv", [_HEAD, *([WEST, n, *_TAIL] for n in ("HT-1", "HT-2"))])
    settings = 'county = "某县"\nfiscal_year = 2025\nas_of = 2026-01-31\nlanguage = "zh"\n'
    (folder / "audit.toml").write_text(settings, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def audit(county: Path, tmp_path_factory: pytest.TempPathFactory) -> Audit:
    return run_with_bar(county, tmp_path_factory.mktemp("audit") / "out")


def test_great_expectations_names_the_same_rows_as_the_scan(audit: Audit, county: Path) -> None:
    frame = second_opinion(audit, county, "东村", "contracts")
    assert set(frame["是否一致"]) == {"一致"}
    (twice,) = frame[frame["规则"] == "D03"].to_dict("records")
    assert (twice["期望（Great Expectations）"], twice["本程序查出行数"], twice["GX 查出行数"]) == (
        "expect_compound_columns_to_be_unique",
        2,
        2,
    )
    assert twice["GX 指出的行"] == "3、4"

    english = second_opinion(audit, county, WEST, language="en")  # another village: nothing of the east one is in it
    assert set(english["Rows by GX"]) == {0} and set(english["Agreement"]) == {"agree"}


def test_a_file_changed_after_the_audit_is_refused(audit: Audit, county: Path, tmp_path: Path) -> None:
    county = shutil.copytree(county, tmp_path / county.name)
    _write(county / "某镇" / "东村" / "合同台账.csv", [_HEAD, [EAST, "HT-9", *_TAIL]])
    with pytest.raises(AuditlibError, match="东村/合同台账.csv"):
        second_opinion(audit, county, EAST, "contracts")
    with pytest.raises(AuditlibError, match="contracts"):
        second_opinion(audit, county, WEST, "合同")
    with pytest.raises(AuditlibError, match="固定资产台账"):
        second_opinion(audit, county, WEST, "fixed_assets")


def test_a_village_whose_rows_lie_in_tables_of_the_county_opens_the_page(
    audit: Audit, county: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUDITLIB_LAB", "1")
    of_nobody = tuple(replace(source, org_code="") for source in audit.run.sources)
    shared = replace(audit, run=replace(audit.run, sources=of_nobody, findings=()))
    assert SecondOpinion(shared, county, WEST).frame is None
    with pytest.raises(AuditlibError, match="台账"):
        second_opinion(shared, county, WEST)
