"""A county of three files in which one village writes the name of the next with another character: a match for a person to decide."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

EAST, WEST = "新寨村股份经济合作联合社", "柳塘村股份经济合作联合社"
ALIKE = "柳糖村股份经济合作联合社"  # 糖 for 塘
HOSTILE = "<img src=x onerror=alert(1)>"
PARTNER = "990401101202"  # code of WEST
_REGISTER = (
    ("组织代码", "组织名称", "层级", "上级代码"), ("990401", "汀岚县", "县", ""), ("990401101", "白鹭镇", "乡镇", "990401"),
    ("990401101201", EAST, "村", "990401101"), (PARTNER, WEST, "村", "990401101"),
)  # fmt: skip
_HEAD = ("编号", "债权债务类型", "对方名称", "发生日期", "金额", "最近变动日期")


def write(path: Path, rows: Sequence[Sequence[str]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        csv.writer(stream).writerows(rows)
    return path


def names_county(folder: Path) -> Path:
    """Writes the county into `folder`/汀岚县 and returns it. East claims 8,000 of "柳糖村"; west owes east 5,000."""
    county = folder / "汀岚县"
    write(county / "组织名录.csv", _REGISTER)
    (county / "audit.toml").write_text('county = "汀岚县"\nfiscal_year = 2025\nas_of = 2026-01-31\nlanguage = "zh"\n', encoding="utf-8")
    stale = ("ZQ-2", "债权", HOSTILE, "2020-03-01", "900", "2021-01-05")  # five years without a movement
    twice = ("ZQ-2", "债权", "", "2020-03-01", "700", "2021-01-05")  # the same number, and nobody named
    east = (_HEAD, ("ZQ-1", "债权", ALIKE, "2025-03-01", "8000", "2025-06-30"), stale, twice)
    west = (_HEAD, ("ZW-1", "债务", EAST, "2025-03-01", "5000", "2025-06-30"),)
    write(county / "白鹭镇" / "新寨村" / "债权债务台账.csv", east)
    write(county / "白鹭镇" / "柳塘村" / "债权债务台账.csv", west)
    return county
