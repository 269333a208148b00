"""`auditlib audit` as people and scripts call it (contract sections 1 and 4), on the demo county."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from audited_county import audited as shared
from audited_county import examined
from command_line import auditlib
from pack_county import write_county

from auditlib.demo import write_demo
from auditlib.issues.register import Register
from auditlib.words.records import COLUMNS, Finding

ROOT = Path(__file__).resolve().parent.parent


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))


@pytest.fixture(scope="module")
def county() -> Path:
    """Read only: it is the one that all tests share."""
    return shared().folder


@pytest.fixture(scope="module")
def audited(county: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """What the command prints and leaves in a folder that holds nothing but the register of an earlier audit of this county.

    As a process of its own, started by a shell, it runs in test_packaging.
    """
    out = tmp_path_factory.mktemp("audit") / "out"
    out.mkdir()
    shutil.copy(shared().out / "register.db", out)
    return out, auditlib("audit", county, "--out", out)


def test_findings_end_with_status_1_and_everything_of_the_contract_is_written(
    audited: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    out, done = audited
    assert done.returncode == 1, done.stderr
    for name in ("findings.csv", "findings.jsonl", "sources.csv", "matches.csv", "index.html", "register.db"):
        assert (out / name).is_file(), name
    assert "index.html" in done.stdout


def test_findings_csv_opens_in_excel_and_says_the_same_as_jsonl(audited: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    out, _ = audited
    assert (out / "findings.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    in_csv = rows(out / "findings.csv")
    in_jsonl = [json.loads(line) for line in (out / "findings.jsonl").read_text(encoding="utf-8").splitlines()]
    assert tuple(in_csv[0]) == COLUMNS
    assert [r["finding_id"] for r in in_csv] == [r["finding_id"] for r in in_jsonl]
    assert len({r["finding_id"] for r in in_csv}) == len(in_csv)


def test_every_finding_points_at_a_place_that_exists(audited: tuple[Path, subprocess.CompletedProcess[str]], county: Path) -> None:
    out, _ = audited
    for r in rows(out / "findings.csv"):
        assert (county / r["source_file"]).is_file(), r
        assert int(r["row"]) >= 1
        assert r["message_zh"] and r["message_en"] and r["basis"] and r["owner"] in ("行业监管", "属地管理", "村级自治")


def test_sources_name_every_file_of_the_county_and_matches_say_how(
    audited: tuple[Path, subprocess.CompletedProcess[str]], county: Path
) -> None:
    out, _ = audited
    files = {p.relative_to(county).as_posix() for p in county.rglob("*") if p.suffix in (".xlsx", ".csv")}
    assert {r["file"] for r in rows(out / "sources.csv")} == files
    matches = rows(out / "matches.csv")
    assert matches and all(m["how"] and m["reconciliation"] for m in matches)


def test_a_rerun_finds_the_same_and_raises_nothing_twice(audited: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    out, _ = audited
    for name in ("findings.csv", "findings.jsonl", "sources.csv", "matches.csv"):
        assert (out / name).read_bytes() == (shared().out / name).read_bytes(), name
    with Register.open_existing(out / "register.db") as register:
        first, again = register.runs()
    assert first.raised == again.seen == len(rows(out / "findings.csv"))
    assert (again.raised, again.changed, again.put_forward, again.reopened) == (0, 0, 0, 0)


def test_the_register_lists_what_was_found(audited: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    out, _ = audited
    listed = auditlib("issues", "list", "--out", out, "--json")
    assert len(json.loads(listed.stdout)["issues"]) == len(rows(out / "findings.csv"))


def test_a_clean_county_ends_with_status_0(tmp_path: Path) -> None:
    county = write_demo(tmp_path / "clean", villages=2, plant=()).folder
    done = auditlib("audit", county, "--out", tmp_path / "out", "--json")
    document = json.loads(done.stdout)
    assert (done.returncode, document["findings"], document["errors"]) == (0, 0, []), document["by_rule"]


def test_all_that_was_planted_is_found_and_nothing_else(tmp_path: Path) -> None:
    """Rule, organisation and record of each defect that the generator put in; what follows by necessity is allowed."""
    delivered = set("D01 D02 D03 D04 D05 D06 D07 D08 D11 D12 D13 D14 D16 D17 D18 D19 D20".split())
    delivered |= set("F07 F09 F10 F13 F19 F23 F32 F35 F48 F49 F55".split())
    demo = write_demo(tmp_path / "demo", villages=8, plant=delivered)
    found = examined(demo.folder, tmp_path / "typed").findings
    planted = list(rows(demo.planted_list))
    injected = [r for r in planted if r["kind"] == "injected"]
    assert {r["rule"] for r in injected} == delivered

    def meets(f: Finding, t: dict[str, str]) -> bool:
        same_place = f.source_file.endswith(t["file"]) and (f.sheet, str(f.row)) == (t["sheet"], t["row"]) and t["row"] != ""
        shared = set(f.records) & set(t["records"].split(";"))
        return f.rule == t["rule"] and (same_place or bool(shared) or t["records"] == "*")

    missed = [t for t in injected if not any(meets(f, t) for f in found)]
    beyond = [f for f in found if not any(meets(f, t) for t in planted)]
    assert not missed, missed
    assert not beyond, [(f.rule, f.org_name, f.records) for f in beyond]


# ---- bad input -----------------------------------------------------------------------------------------------


@pytest.fixture
def damaged(tmp_path: Path) -> Path:
    copy = write_county(tmp_path / "县")
    (copy / "白鹭镇" / "新寨村" / "光伏收益台账.csv").unlink()  # a ledger of a pack that is not asked for
    (copy / "坏文件.xlsx").write_bytes(b"PK\x03\x04 not a workbook")
    (copy / "空文件.xlsx").write_bytes(b"")
    (copy / "通知.pdf").write_bytes(b"%PDF-1.4")
    (copy / "照片.jpg").write_bytes(b"\xff\xd8\xff")
    (copy / "随手记.csv").write_text("姓名,爱好\n张三,钓鱼\n李四,下棋\n", encoding="utf-8")
    (copy / "audit.toml").unlink()
    return copy


def test_bad_files_are_named_with_what_to_do_and_the_rest_is_audited(damaged: Path, tmp_path: Path) -> None:
    done = auditlib("audit", damaged, "--out", tmp_path / "out", "--as-of", "2026-01-31", "--json")
    document = json.loads(done.stdout)
    told = {p["file"]: p["code"] for p in document["problems"]}
    assert told == {
        "audit.toml": "settings.missing", "坏文件.xlsx": "file.unreadable", "空文件.xlsx": "file.empty", "通知.pdf": "file.convert",
        "照片.jpg": "file.foreign", "随手记.csv": "sheet.unrecognised",
    }  # fmt: skip
    assert done.returncode == 1
    assert document["findings"] >= 2
    page = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert all(name in page for name in told)


def test_an_output_folder_with_foreign_files_is_left_alone(county: Path, tmp_path: Path) -> None:
    out = tmp_path / "我的文件"
    out.mkdir()
    (out / "重要.txt").write_text("不要动", encoding="utf-8")
    done = auditlib("audit", county, "--out", out)
    assert done.returncode == 2
    assert "我的文件" in done.stderr and "重要.txt" in done.stderr
    assert [p.name for p in out.iterdir()] == ["重要.txt"]


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ('county = "x"\n[parameters]\ncash_limt = 5\n', "cash_limit"), ('county = "x"\nfiscal_year = "二五"\n', "fiscal_year"),
        ('county = "x\n', "audit.toml"), ('[parameters]\ncash_limit = "很多"\n', "cash_limit"), ('as_of = "一月底"\n', "as_of"),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_named_with_its_value_and_candidates(settings: str, named: str, county: Path, tmp_path: Path) -> None:
    copy = tmp_path / "县"
    shutil.copytree(county, copy)
    (copy / "audit.toml").write_text(settings, encoding="utf-8")
    done = auditlib("audit", copy, "--out", tmp_path / "out")
    assert done.returncode == 2
    assert named in done.stderr and "Traceback" not in done.stderr


def test_a_folder_that_is_missing_or_holds_no_ledger(tmp_path: Path) -> None:
    for folder in (tmp_path / "没有", tmp_path):
        done = auditlib("audit", folder, "--out", tmp_path / "out")
        assert done.returncode == 2
        assert str(folder) in done.stderr and "Traceback" not in done.stderr


def test_a_folder_of_several_counties_is_refused_with_the_counties_in_it(tmp_path: Path) -> None:
    """Audited as one they would be judged by the settings of none."""
    for county in ("甲县", "乙县"):
        (tmp_path / "台账" / county).mkdir(parents=True)
        (tmp_path / "台账" / county / "audit.toml").write_text(f'county = "{county}"\n', encoding="utf-8")
    done = auditlib("audit", tmp_path, "--out", tmp_path / "out")
    assert done.returncode == 2 and not (tmp_path / "out").exists()
    assert str(tmp_path / "台账" / "甲县") in done.stderr and "2 个文件夹" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.usefixtures("audited")
def test_the_originals_are_never_written_to(county: Path, tmp_path: Path) -> None:
    fresh = write_demo(tmp_path, villages=2).folder
    for path in sorted(p for p in county.rglob("*") if p.is_file()):
        assert path.read_bytes() == (fresh / path.relative_to(county)).read_bytes(), path


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="a superuser may read every folder")
def test_a_folder_without_read_permission_is_named(county: Path, tmp_path: Path) -> None:
    copy = tmp_path / "县"
    shutil.copytree(county, copy)
    closed = next(p for p in sorted(copy.rglob("*")) if p.is_dir() and not any(c.is_dir() for c in p.iterdir()))
    closed.chmod(0)
    try:
        done = auditlib("audit", copy, "--out", tmp_path / "out", "--json")
    finally:
        closed.chmod(0o700)
    assert any(p["code"] == "file.permission" for p in json.loads(done.stdout)["problems"])


def test_plain_lines_stand_in_for_the_bar_where_there_is_no_terminal(audited: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    _, done = audited
    lines = [line for line in done.stderr.splitlines() if "…" in line]
    assert [line.split()[0] for line in lines][:3] == ["读取台账", "检查规则", "对账"]
    assert "\r" not in done.stderr
    assert Counter(lines).most_common(1)[0][1] == 1


def test_an_unknown_engine_is_refused_with_the_known_ones(county: Path, tmp_path: Path) -> None:
    done = auditlib("audit", county, "--out", tmp_path / "out", "--engine", "sparrow")
    assert done.returncode == 2
    assert "duckdb" in done.stderr and "spark" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "command", [["audit", ".", "--out", "x"], ["read", "a.xlsx"], ["rules", "list"], ["packs"], ["demo", "x"], ["lab"]]
)
def test_a_language_that_we_do_not_speak_is_refused_by_every_command(command: list[str]) -> None:
    done = auditlib(*command, "--lang", "fr")
    assert done.returncode == 2 and "--lang fr" in done.stderr and "zh" in done.stderr


def test_an_error_of_our_own_is_not_taken_for_findings(county: Path, tmp_path: Path) -> None:
    """Python ends a broken program with status 1, which the contract keeps for 'findings'."""
    broken = "import auditlib.audit as a; a._examine = None; from auditlib.cli.main import main; main()"
    command = [sys.executable, "-c", broken, "audit", str(county), "--out", str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", cwd=ROOT, check=False)
    assert done.returncode == 70
    assert "TypeError" in done.stderr and "70" in done.stderr.splitlines()[-1]
