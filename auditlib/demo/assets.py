"""Fixed assets, their count, their depreciation and the rounds of inspection."""

from __future__ import annotations

import datetime as dt

from .model import YEAR, Body, Row
from .office_days import days, workday

# name, category, nature, unit, life in years, least and most quantity, yuan per unit, oldest and newest year
_VILLAGE = (
    ("党群服务中心", "房屋建筑物", "非经营性", "平方米", 40, 210, 360, 960, 2006, 2016),
    ("便民超市门面", "房屋建筑物", "经营性", "平方米", 20, 45, 80, 900, 2010, 2018),
    ("农资仓储房", "房屋建筑物", "经营性", "平方米", 20, 90, 160, 480, 2010, 2018),
    ("烘干房", "房屋建筑物", "经营性", "平方米", 20, 70, 110, 600, 2012, 2018),
    ("村卫生室", "房屋建筑物", "非经营性", "平方米", 30, 60, 95, 840, 2009, 2019),
    ("灌溉泵站", "水利设施", "非经营性", "座", 20, 1, 1, 38400, 2011, 2020),
    ("健身器材", "公共设施", "非经营性", "组", 10, 3, 6, 4800, 2017, 2021),
    ("垃圾收集车", "运输设备", "非经营性", "辆", 10, 1, 2, 26400, 2018, 2022),
    ("笔记本电脑", "电子设备", "非经营性", "台", 5, 2, 4, 4800, 2014, 2018),
    ("高清投影机", "电子设备", "非经营性", "台", 5, 1, 1, 6000, 2021, 2023),
    ("档案密集架", "家具", "非经营性", "组", 8, 2, 5, 2400, 2018, 2022),
    ("碾米机", "机器设备", "经营性", "台", 10, 1, 2, 7200, 2017, 2021),
)  # fmt: skip
_GROUP = (
    ("组级文化棚", "房屋建筑物", "非经营性", "平方米", 20, 40, 70, 420, 2012, 2019),
    ("提水泵", "机器设备", "非经营性", "台", 10, 1, 3, 3600, 2017, 2021),
    ("晒粮平台库房", "房屋建筑物", "经营性", "平方米", 20, 30, 60, 360, 2013, 2019),
)  # fmt: skip
LET = ("便民超市门面", "农资仓储房", "烘干房")


def add_assets(body: Body) -> None:
    """The register of assets held before the year; idle near-miss: an asset unused for under 6 months."""
    rng = body.rng("assets")
    for kind in _VILLAGE if body.level == "village" else _GROUP:
        name, category, nature, unit, life, least, most, price, oldest, newest = kind
        quantity = rng.randint(least, most)
        acquired = workday(rng, rng.randint(1, 12), year=rng.randint(oldest, newest))
        add_asset(body, (name, category, nature, unit), quantity, acquired, quantity * price * 100, life)
    if body.level == "village" and body.index % 3 == 0:
        body.rows("fixed_assets")[-1].update(use_status="闲置", idle_since=dt.date(YEAR, 9, 18))


def add_asset(body: Body, what: tuple[str, str, str, str], quantity: int, acquired: dt.date, value: int, life: int) -> Row:
    """One asset; accumulated depreciation is set when the year is closed."""
    rows = body.rows("fixed_assets")
    name, category, nature, unit = what
    row: Row = {
        "asset_no": body.number("asset", len(rows) + 1), "name": name, "category": category, "nature": nature,
        "location": f"{body.village}{body.rng(name).choice(('村口', '老村部旁', '中心坝', '公路边', '后山脚'))}",
        "quantity": quantity,
        "unit": unit, "acquired_on": acquired, "original_value": value, "useful_life_years": life,
        "residual_rate": 5 if body.style == "merged" else 4, "accumulated_depreciation": 0, "net_value": value,
        "use_status": "自用",
        "user": None, "contract_no": None, "idle_since": None,
    }  # fmt: skip
    rows.append(row)
    return row


def accumulated(asset: Row, year: int, month: int) -> int:
    """Straight-line depreciation to the end of a month, from the month after acquisition, fen."""
    since = (year - asset["acquired_on"].year) * 12 + month - asset["acquired_on"].month
    life = asset["useful_life_years"] * 12
    charge = asset["original_value"] * (100 - asset["residual_rate"]) * min(max(since, 0), life)
    return int((2 * charge + life * 100) // (2 * life * 100))


def charge(body: Body, start: tuple[int, int], end: tuple[int, int]) -> tuple[int, int]:
    """Depreciation between two month ends: of the assets in use by the village, and of those that earn."""
    found = {"非经营性": 0, "经营性": 0}
    for asset in body.rows("fixed_assets"):
        found[asset["nature"]] += accumulated(asset, *end) - accumulated(asset, *start)
    return found["非经营性"], found["经营性"]


def close_assets(body: Body) -> None:
    """Accumulated depreciation and net value at the year end."""
    for asset in body.rows("fixed_assets"):
        asset["accumulated_depreciation"] = accumulated(asset, YEAR, 12)
        asset["net_value"] = asset["original_value"] - asset["accumulated_depreciation"]


def count_assets(body: Body) -> None:
    """The year-end count, which finds what the register says."""
    counted_by = body.cadres[-1].name
    for asset in body.rows("fixed_assets"):
        body.rows("asset_count").append({
            **{f: asset[f] for f in ("asset_no", "name", "location", "quantity", "use_status")},
            "condition": "基本完好" if asset["acquired_on"].year < 2015 else "完好", "counted_on": dt.date(YEAR, 12, 27),
            "counted_by": counted_by,
        })  # fmt: skip


def inspect_assets(body: Body) -> None:
    """Half-yearly safety rounds, none missed and every hazard cleared."""
    rng = body.rng("inspections")
    houses = [a for a in body.rows("fixed_assets") if a["category"] in ("房屋建筑物", "水利设施")][:4]
    for asset in houses:
        for month in (4, 10):
            planned = workday(rng, month, 8, 26)
            hazard = rng.choice((None, None, None, "屋面渗水", "消防器材过期", "配电箱缺盖"))
            body.rows("inspections").append({
                "asset_no": asset["asset_no"], "planned_on": planned, "inspected_on": planned - days(rng.randrange(0, 3)),
                "inspector": body.cadres[-1].name, "result": "发现隐患" if hazard else "正常", "hazard": hazard,
                "fixed_on": planned + days(rng.randrange(2, 9)) if hazard else None,
            })  # fmt: skip
