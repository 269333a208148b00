"""Benchmarks of comparing and matching, printed as tables: `python tests/bench.py compare | match`. Nothing is asserted.

Comparing: two versions of a register (9 columns, 1 % of two columns changed, 0.5 % of the rows gone, order mixed) through our
compare_frames, raw DuckDB SQL, pandas.merge, datacompy (pandas and polars) and csv-diff. The peers pin older libraries, so they
live in an environment of their own, `.venv-peers` in the temporary folder, which this run makes; without it they are skipped
and it is said why. Matching: book and bank of 10,000 and 100,000 lines.
"""

from __future__ import annotations

import datetime as dt
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

PEERS = ("datacompy", "csv-diff", "pandas<3.1", "polars<1.45", "pyarrow")
COLUMNS = ("name", "location", "quantity", "unit", "value", "use_status", "user")
KEY = ("org_code", "asset_no")

PEER_CODE = r'''
import json, resource, sys, time
old_path, new_path, which = sys.argv[1:4]
key, columns = ["org_code", "asset_no"], ["name", "location", "quantity", "unit", "value", "use_status", "user"]
def measured(load, work):
    data = load()
    start = time.process_time()
    found = work(*data)
    return {"seconds": time.process_time() - start, "found": int(found)}
if which == "pandas.merge":
    import pandas as pd
    def load(): return [pd.read_parquet(p) for p in (old_path, new_path)]
    def work(old, new):
        both = old.merge(new, on=key, how="outer", suffixes=("", "__r"), indicator=True)
        met = both[both["_merge"] == "both"]
        return sum(((met[c] != met[c + "__r"]) & ~(met[c].isna() & met[c + "__r"].isna())).sum() for c in columns)
elif which == "datacompy pandas":
    import datacompy, pandas as pd
    def load(): return [pd.read_parquet(p) for p in (old_path, new_path)]
    def work(old, new):
        made = getattr(datacompy, "PandasCompare", None) or datacompy.Compare
        c = made(old, new, join_columns=key)
        c.matches()
        return sum(s["unequal_cnt"] for s in c.column_stats)
elif which == "datacompy polars":
    import datacompy, polars as pl
    def load(): return [pl.read_parquet(p) for p in (old_path, new_path)]
    def work(old, new):
        c = datacompy.PolarsCompare(old, new, join_columns=key)
        c.matches()
        return sum(s["unequal_cnt"] for s in c.column_stats)
else:
    import csv_diff
    def load(): return [old_path.replace(".parquet", ".csv"), new_path.replace(".parquet", ".csv")]
    def work(old, new):
        def read(path):
            import csv
            rows = csv.DictReader(open(path, encoding="utf-8", newline=""))
            return {(r["org_code"], r["asset_no"]): {k: v for k, v in r.items()} for r in rows}
        told = csv_diff.compare(read(old), read(new))
        return sum(len(c["changes"]) for c in told["changed"])
print(json.dumps(measured(load, work)))
'''


def registers(folder: Path, rows: int) -> tuple[Path, Path]:
    """Two versions of an asset register as Parquet and CSV."""
    import pyarrow as pa
    import pyarrow.csv as pc
    import pyarrow.parquet as pq

    draw = random.Random(rows)
    data: dict[str, list[str]] = {
        "org_code": [f"5303{i % 400:05d}" for i in range(rows)], "asset_no": [f"A{i:08d}" for i in range(rows)],
        "name": [f"办公楼{i % 977}号" for i in range(rows)], "location": [f"云溪镇{i % 83}村{i % 13}组" for i in range(rows)],
        "quantity": [str(i % 9 + 1) for i in range(rows)], "unit": ["座"] * rows,
        "value": [f"{i % 100_000}.{i % 100:02d}" for i in range(rows)],
        "use_status": [("自用", "出租", "闲置")[i % 3] for i in range(rows)], "user": [f"用户{i % 1000}" for i in range(rows)],
    }  # fmt: skip
    later = {name: list(values) for name, values in data.items()}
    for column, value in (("value", "0.01"), ("user", "新用户")):
        for i in draw.sample(range(rows), rows // 100):
            later[column][i] = value
    order = draw.sample(range(rows), rows - rows // 200)
    paths = folder / f"old-{rows}.parquet", folder / f"new-{rows}.parquet"
    for path, table in zip(paths, (pa.table(data), pa.table(later).take(order)), strict=True):
        pq.write_table(table, path)
        pc.write_csv(table, path.with_suffix(".csv"))
    return paths


def ours(old: Any, new: Any) -> int:
    from auditlib.matching.compare import compare_frames

    return len(compare_frames(old, new, KEY).changed)


def raw_sql(old: Any, new: Any) -> int:
    """The classified full join, kept, and the changed cells fetched."""
    import duckdb

    con = duckdb.connect(config={"threads": 2})
    con.register("o", old)
    con.register("n", new)
    differs = ", ".join(f"o.{c} IS DISTINCT FROM n.{c} AS d_{c}, o.{c} AS o_{c}, n.{c} AS n_{c}" for c in COLUMNS)
    side = "CASE WHEN o.asset_no IS NULL THEN 'added' WHEN n.asset_no IS NULL THEN 'removed' ELSE 'both' END AS side"
    on = " AND ".join(f"o.{k} = n.{k}" for k in KEY)
    con.execute(
        f"CREATE TABLE met AS SELECT coalesce(o.org_code, n.org_code) AS org_code, o.asset_no, {differs}, {side} FROM o FULL JOIN n ON {on}"
    )
    con.execute("SELECT side, count(*) FROM met GROUP BY side").fetchall()
    changed = con.execute(f"SELECT * FROM met WHERE side = 'both' AND ({' OR '.join(f'd_{c}' for c in COLUMNS)})").fetchall()
    places = range(2, 2 + 3 * len(COLUMNS), 3)
    return sum(bool(row[i]) for row in changed for i in places)


def least(work: Callable[[], int], times: int = 3) -> tuple[float, int]:
    best, found = float("inf"), 0
    for _ in range(times):
        start = time.process_time()
        found = work()
        best = min(best, time.process_time() - start)
    return best, found


def peers(folder: Path, packages: Sequence[str] = PEERS) -> Path | str:
    """The Python of the peers' environment, or why there is none."""
    place = Path(tempfile.gettempdir()) / ".venv-peers"
    python = place / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(place)], check=True, capture_output=True)
    made = subprocess.run([str(python), "-m", "pip", "install", "-q", *packages], capture_output=True, text=True, check=False)
    return python if made.returncode == 0 else (made.stderr.strip().splitlines() or ["pip failed"])[-1]


def comparing(sizes: tuple[int, ...] = (100_000, 1_000_000)) -> None:
    import pyarrow.parquet as pq

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        python = peers(folder)
        script = folder / "peer.py"
        script.write_text(PEER_CODE, encoding="utf-8")
        for rows in sizes:
            paths = registers(folder, rows)
            old, new = (pq.read_table(p) for p in paths)
            told = {
                "auditlib compare_frames": least(lambda o=old, n=new: ours(o, n)),
                "raw DuckDB SQL": least(lambda o=old, n=new: raw_sql(o, n)),
            }
            for which in ("pandas.merge", "datacompy polars", "datacompy pandas", "csv-diff"):
                if isinstance(python, str):
                    print(f"  {which}: skipped, {python}")
                    continue
                run = subprocess.run([str(python), str(script), *map(str, paths), which], capture_output=True, text=True, check=False)
                if run.returncode:
                    print(f"  {which}: skipped, {(run.stderr.strip().splitlines() or ['?'])[-1]}")
                else:
                    result = json.loads(run.stdout.strip().splitlines()[-1])
                    told[which] = result["seconds"], result["found"]
            table(f"comparing {rows:,} rows of 9 columns, CPU-seconds (ours and raw SQL least of 3)", told)


def statements(lines: int) -> tuple[list[Any], list[Any]]:
    """Book and bank of one year: 30 % of the amounts recur, 4 % have no counterpart, 2 % are sums."""
    from auditlib.matching.movements import Movement

    draw = random.Random(lines)
    usual = [draw.randrange(1, 400) * 5000 for _ in range(lines // 40)]
    book, bank = [], []
    for row in range(1, lines + 1):
        amount = draw.choice(usual) if draw.random() < 0.3 else draw.randrange(1_000, 900_000_000)
        day = dt.date(2025, 1, 1) + dt.timedelta(draw.randrange(360))
        text = f"往来单位{draw.randrange(500)}"
        kept = draw.random()
        if kept < 0.98:
            book.append(Movement(row, -amount, day, text))
        if kept > 0.02:
            bank.append(Movement(row, -amount, day + dt.timedelta(draw.randrange(4)), draw.choice((text, "转账"))))
    return book, bank


def matching(sizes: tuple[int, ...] = (10_000, 100_000)) -> None:
    from auditlib.matching.movements import match_movements
    from auditlib.matching.suggestions import suggest
    from auditlib.matching.why_not import why_not

    for lines in sizes:
        book, bank = statements(lines)
        start = time.process_time()
        found = match_movements(book, bank, window_days=5, silent_texts=("转账",))
        met = time.process_time()
        hints = len(suggest(found, book, bank, 5)) + len(why_not(found, book, bank, 5))
        sure = sum(p.certain for p in found.pairs)
        wrong = sum(p.certain and p.left != p.right for p in found.pairs)
        print(
            f"matching {lines:,} book and bank lines: {met - start:.1f} CPU-s, "
            f"{len(found.pairs):,} pairs ({sure:,} certain, {wrong} of them wrong), "
            f"{len(found.ambiguous):,} ambiguous; suggestions and reasons ({hints:,}) {time.process_time() - met:.1f} CPU-s"
        )


def table(title: str, told: dict[str, tuple[float, int]]) -> None:
    first = next(iter(told.values()))[0]
    print(title)
    for name, (seconds, found) in told.items():
        print(f"  {name:28} {seconds:8.2f}  {seconds / first:6.2f} x   {found:,} changed cells")
