"""A tiny county written by the test, in the words of a place that the shipped word lists do not know, and packs to lay over it."""

from __future__ import annotations

import csv
import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import command_line

REGISTER = [
    ["组织代码", "组织名称", "层级", "上级代码"],
    ["990401", "汀岚县", "县", ""],
    ["990401101", "白鹭镇", "乡镇", "990401"],
    ["990401101201", "新寨村股份经济合作联合社", "村", "990401101"],
]
# 种粮大户 and 包山 are words of the sample pack
CONTRACTS = [
    ["合同编号", "合同名称", "合同类型", "种粮大户", "开始日期", "结束日期", "年租金", "交易编号", "原件是否在档"],
    ["HT-1", "东坡旱土", "包山", "张三", "2025-01-01", "2027-12-31", "20000", "", "是"],  # at the limit of 20,000 yuan: found
    ["HT-2", "西坡旱土", "租赁", "李四", "2025-01-01", "2027-12-31", "19999.99", "", "是"],  # the near miss
    [
        "HT-3",
        "河滩",
        "租赁",
        "王五",
        "2025-01-01",
        "2027-12-31",
        "90000",
        "JY-7",
        "否",
    ],  # the original is not on file: the sample pack switches that rule off
]
CLAIMS = [
    ["编号", "债权债务类型", "对方名称", "发生日期", "金额", "最近变动日期"],
    ["ZQ-1", "债权", "刘六", "2020-03-01", "800", "2022-06-30"],  # three years and a half without a movement
    ["ZQ-2", "债权", "陈七", "2020-03-01", "900", "2023-06-30"],  # two and a half: stale at 2 years, not at 3
]
SOLAR = [
    ["电站编号", "电站名称", "结算期间", "上网电量(度)", "结算金额", "到账金额", "到账日期"],
    ["GF-1", "村部屋顶", "2025-01", "1200", "480.00", "480.00", "2025-02-10"],
    ["GF-1", "村部屋顶", "2025-02", "1100", "440.00", "439.99", "2025-03-10"],  # one fen short
    ["GF-1", "村部屋顶", "2025-03", "1300", "520.00", "", ""],  # nothing known yet: no finding
]


def write(path: Path, rows: Sequence[Sequence[str]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        csv.writer(stream).writerows(rows)
    return path


def text(path: Path, content: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return path


def write_county(folder: Path, settings: str = "") -> Path:
    """The county's folder; `settings` are more lines of its audit.toml."""
    village = folder / "白鹭镇" / "新寨村"
    write(folder / "组织名录.csv", REGISTER)
    write(village / "合同台账.csv", CONTRACTS)
    write(village / "债权债务台账.csv", CLAIMS)
    write(village / "光伏收益台账.csv", SOLAR)
    text(folder / "audit.toml", f'county = "汀岚县"\nfiscal_year = 2025\nas_of = 2026-01-31\n{settings}\n')
    return folder


def write_pack(folder: Path, files: dict[str, str] | None = None, **head: object) -> Path:
    """A pack of the given files; `head` are more or other lines of its pack.yaml."""
    values = {
        "name": folder.name.lower(), "version": '"1.0"', "title": "{zh: 试, en: test}", "authority": "{zh: 某局, en: an office}",
        "valid_from": "2025-01-01", **head,
    }  # fmt: skip
    text(folder / "pack.yaml", "".join(f"{k}: {v}\n" for k, v in values.items()))
    for name, content in (files or {}).items():
        text(folder / name, content)
    return folder


def auditlib(*arguments: object, status: int | None = None) -> subprocess.CompletedProcess[str]:
    done = command_line.auditlib(*arguments)
    assert status is None or done.returncode == status, done.stderr
    return done


def audited(county: Path, out: Path, *more: object) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """What `auditlib audit --json` prints, and the rows of findings.jsonl."""
    document = json.loads(auditlib("audit", county, "--out", out, "--json", *more, status=1).stdout)
    return document, [json.loads(line) for line in (out / "findings.jsonl").read_text(encoding="utf-8").splitlines()]
