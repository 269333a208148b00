"""Benchmarks, printed as a table: `make bench`. Pairs run interleaved in one process run; nothing is asserted.

Reading: journals through python-calamine alone, through our whole intake (find the table, recognise it, type every
cell), through pandas, and through messy-table, which lives in the peers' environment and reads one sheet a file.
Auditing: the demo county, and the county of AUDITLIB_CASES where that is given, as whole processes.
"""

from __future__ import annotations

import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def write_journal(path: Path, rows: int, sheets: int = 1) -> None:
    """Journals as accounting software exports them: 12 columns, texts and numbers, `rows` rows on each of `sheets` sheets."""
    import xlsxwriter

    draw = random.Random(7)
    headers = ["日期", "凭证号", "分录号", "摘要", "科目编码", "科目名称", "对方单位", "借方金额", "贷方金额", "附件数", "经手人", "审批人"]
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        for n in range(sheets):
            sheet = book.add_worksheet(f"序时账{n + 1}")
            sheet.write_row(0, 0, ["2025年度序时账"])
            sheet.write_row(1, 0, headers)
            for i in range(rows):
                amount = draw.randrange(1, 10_000_000) / 100
                day = f"2025-{draw.randrange(1, 13):02d}-{draw.randrange(1, 29):02d}"
                side = ("", amount) if i % 2 else (amount, "")
                cells = [
                    day,
                    f"记-{i // 2 + 1:05d}",
                    i % 2 + 1,
                    "付路灯维修费",
                    "10201",
                    "银行存款",
                    "新德兴五金经营部",
                    *side,
                    2,
                    "金文军",
                    "褚明民",
                ]
                sheet.write_row(i + 2, 0, cells)


Spent = tuple[float, float]  # CPU-seconds of all threads, and seconds on the clock


def interleaved(tasks: dict[str, Callable[[], Any]], times: int = 3) -> dict[str, Spent]:
    """The least that each task took, run in turn so that a busy machine slows all alike; the clock tells what threads gain."""
    best = dict.fromkeys(tasks, (float("inf"), float("inf")))
    for _ in range(times):
        for name, task in tasks.items():
            start, clock = time.process_time(), time.monotonic()
            task()
            taken = time.process_time() - start, time.monotonic() - clock
            best[name] = (min(best[name][0], taken[0]), min(best[name][1], taken[1]))
    return best


def reading(folder: Path, rows: int, sheets: int, *, with_pandas: bool) -> None:
    """One workbook through python-calamine alone, through our whole intake, and where asked through pandas with both its readers."""
    import pandas as pd
    import python_calamine

    from auditlib.catalog.load import load_catalog
    from auditlib.intake.conform import Conformer, Surroundings
    from auditlib.intake.owner import Resolver
    from auditlib.intake.tables import TableFinder

    path = folder / f"journal-{sheets}x{rows}.xlsx"
    write_journal(path, rows, sheets)
    catalog = load_catalog()

    def alone() -> None:
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        for name in book.sheet_names:
            book.get_sheet_by_name(name).to_python(skip_empty_area=False)

    def ours() -> None:
        finder, conformer = TableFinder(catalog), Conformer(catalog, Resolver((), catalog.words["organisation_names"]))
        read = 0
        for sheet in finder.sheets(path):
            for found in finder.tables(sheet, path.name):
                table = conformer.conform(found.sheet, found.block, found.recognition, Surroundings(path.name, sheet.name, "*", "", 2025))
                read += len(table.rows)
        if read != rows * sheets:
            raise SystemExit(f"{read} of {rows * sheets} rows read")

    tasks: dict[str, Callable[[], Any]] = {"python-calamine alone": alone, "auditlib intake, typed": ours}
    if with_pandas:
        tasks["pandas, engine calamine"] = lambda: pd.read_excel(path, sheet_name=None, engine="calamine")
    ours()  # imports are start-up, not reading
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    best = interleaved(tasks)
    if with_pandas:
        best |= interleaved({"pandas, engine openpyxl": lambda: pd.read_excel(path, sheet_name=None, engine="openpyxl")}, times=1)
    table(f"reading {sheets} sheets of {rows:,} rows, CPU-seconds (least of 3; openpyxl once)", {n: s[0] for n, s in best.items()})
    table("  the same by the clock: the next sheet is parsed while one is typed", {n: s[1] for n, s in best.items()})
    print(f"  peak memory of our intake, start-up included: {peak} MB")
    if with_pandas:
        messy_table(folder, rows, sheets, best["python-calamine alone"][0])


MESSY_TABLE = """
import resource, sys, time
from messy_table import clean
start = time.process_time()
rows = sum(len(clean(path).data) for path in sys.argv[1:])
print(time.process_time() - start, rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def messy_table(folder: Path, rows: int, sheets: int, alone: float, sample: int = 20) -> None:
    """messy-table on `sample` workbooks of one such sheet, counted up to all sheets; why not, where it cannot be had."""
    import bench_matching

    python = bench_matching.peers(folder, ("messy-table==0.1.0",))
    if isinstance(python, str):
        print(f"  messy-table: skipped, {python}")
        return
    paths = [folder / f"one-{n}.xlsx" for n in range(sample)]
    for path in paths:
        write_journal(path, rows)
    run = subprocess.run([str(python), "-c", MESSY_TABLE, *map(str, paths)], capture_output=True, text=True, check=True)
    seconds, read, peak = run.stdout.split()
    whole = float(seconds) * sheets / sample
    print(f"  messy-table 0.1.0            {whole:8.2f}  {whole / alone:6.2f} x  ({sample} files measured, {read} rows, peak {peak} MB)")


def auditing(folder: Path) -> None:
    from auditlib.demo import write_demo

    counties = {"demo county, 8 villages": write_demo(folder / "demo", villages=8).folder}
    cases = os.environ.get("AUDITLIB_CASES") or str(ROOT.parent / "shared" / "cases" / "open")
    counties |= {f"case {p.name}": p for p in sorted(Path(cases).glob("*")) if (p / "audit.toml").is_file()}
    for name, county in counties.items():
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        best, peak = float("inf"), 0
        for n in range(3):
            start = time.monotonic()
            command = [sys.executable, "-m", "auditlib", "audit", str(county), "--out", str(folder / f"out-{n}")]
            subprocess.run(command, env=environment, capture_output=True, cwd=ROOT, check=False)
            best = min(best, time.monotonic() - start)
            peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
        print(f"auditing {name}: {best:.1f} s from the command line, start-up included (least of 3); peak {peak} MB")


def table(title: str, best: dict[str, float]) -> None:
    first = next(iter(best.values()))
    print(title)
    for name, seconds in best.items():
        print(f"  {name:28} {seconds:8.2f}  {seconds / first:6.2f} x", flush=True)


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        reading(folder, 100_000, 1, with_pandas=False)
        reading(folder, 1_000, 200, with_pandas=True)
        auditing(folder)


if __name__ == "__main__":
    if sys.argv[1:2] in (["compare"], ["match"]):
        import bench_matching

        {"compare": bench_matching.comparing, "match": bench_matching.matching}[sys.argv[1]]()
    elif sys.argv[1:2] == ["rules"]:
        import bench_rules

        bench_rules.main(*map(int, sys.argv[2:4]))
    else:
        main()
