"""Account trees, running balances and joins on small frames; the same functions serve every engine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import narwhals as nw
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from auditlib.engine import open_engine
from auditlib.kernels import accounts, groups, joins
from auditlib.kernels.terms import nil, starts_with_any, ymd


@pytest.fixture
def engine():  # type: ignore[no-untyped-def]
    opened = open_engine("duckdb")
    yield opened
    opened.close()


def frame(engine: Any, folder: Path, name: str = "rows", **columns: pa.Array | list) -> nw.LazyFrame:
    pq.write_table(pa.table(columns), folder / f"{name}.parquet")
    return engine.scan(folder / f"{name}.parquet")


def rows(engine: Any, lazy: nw.LazyFrame, *names: str) -> list[tuple]:
    table = engine.collect(lazy.select(*names))
    return sorted(
        zip(*(table.column(n).to_pylist() for n in names), strict=True), key=lambda r: tuple((v is None, v or 0) for v in r)
    )


def test_the_nearest_standing_prefix_is_the_parent(engine: Any, tmp_path: Path) -> None:
    codes = ["102", "10201", "1020101", "10202", "1120101", "112", "20201", None]
    lazy = frame(engine, tmp_path, org=["V1"] * 8, code=codes)
    found = dict(rows(engine, accounts.with_parent(lazy, "code", ["org"]), "code", "parent"))
    assert found == {
        "102": None,
        "10201": "102",
        "1020101": "10201",
        "10202": "102",
        "1120101": "112",
        "112": None,
        "20201": None,
        None: None,
    }


def test_parents_are_sought_in_the_same_books_only(engine: Any, tmp_path: Path) -> None:
    lazy = frame(engine, tmp_path, org=["V1", "V2"], code=["102", "10201"])
    assert rows(engine, accounts.with_parent(lazy, "code", ["org"]), "code", "parent") == [("102", None), ("10201", None)]


def test_postings_roll_up_to_every_prefix(engine: Any, tmp_path: Path) -> None:
    lazy = frame(engine, tmp_path, org=["V1"] * 3, code=["10201", "10202", "102"], debit=[5, 7, 1])
    found = dict(rows(engine, accounts.rolled_up(lazy, ["org"], "code", ["debit"]), "code", "debit"))
    assert found == {"102": 13, "1020": 12, "10201": 5, "10202": 7}


def test_balances_run_by_day_from_the_opening(engine: Any, tmp_path: Path) -> None:
    moves = frame(
        engine, tmp_path, org=["V1", "V1", "V1", "V2"], day=[20250102, 20250101, 20250102, 20250103], change=[5, -10, 1, 4]
    )
    opening = frame(engine, tmp_path, "opening", org=["V1"], opening=[8])
    found = groups.end_of_day(moves, opening, ["org"], "day", "change")
    assert rows(engine, found, "org", "day", "balance") == [("V1", 20250101, -2), ("V1", 20250102, 4), ("V2", 20250103, 4)]
    assert rows(engine, groups.first_of(found.filter(nw.col("balance") > 0), ["org"], "day"), "org", "day") == [
        ("V1", 20250102),
        ("V2", 20250103),
    ]


def test_rows_without_a_key_have_no_missing_counterpart(engine: Any, tmp_path: Path) -> None:
    left = frame(engine, tmp_path, "left", k=["a", "z", None])
    right = frame(engine, tmp_path, "right", key=["a", None])
    assert rows(engine, joins.without_counterpart(left, right, {"k": "key"}), "k") == [("z",)]


def test_dates_are_yyyymmdd_and_unknown_days_can_be_set(engine: Any, tmp_path: Path) -> None:
    import datetime as dt

    lazy = frame(engine, tmp_path, d=[dt.date(2025, 3, 9), dt.date(2025, 3, 1), None], d__status=["ok", "month", "blank"])
    found = rows(engine, lazy.with_columns(ymd("d").alias("plain"), ymd("d", 31).alias("late")), "plain", "late")
    assert found == [(20250301, 20250331), (20250309, 20250309), (None, None)]


def test_prefix_tests_and_nil_are_never_unknown(engine: Any, tmp_path: Path) -> None:
    lazy = frame(engine, tmp_path, code=["10101", "102", None], v=[1, None, None])
    found = lazy.with_columns(starts_with_any("code", ["101", "113"]).alias("cash"), nil(nw.col("v")).alias("n"))
    assert rows(engine, found, "cash", "n") == [(False, 0), (False, 0), (True, 1)]


def test_a_folder_with_brackets_in_its_name_is_a_folder(engine: Any, tmp_path: Path) -> None:
    odd = tmp_path / "账[2025]*"
    odd.mkdir()
    assert rows(engine, frame(engine, odd, k=["a"]), "k") == [("a",)]
