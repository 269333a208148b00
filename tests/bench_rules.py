"""How long all rules take over a large county: `python tests/bench_rules.py [organisations] [journal lines]`; nothing is asserted.

The demo county is read once; its typed ledgers are then multiplied (other codes and numbers, more vouchers a village) until the county
is as large as asked for: by default 1,000 organisations and 1 million journal lines. Every rule and every reconciliation runs on it.
"""

from __future__ import annotations

import datetime as dt
import os
import resource
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from auditlib.catalog.load import load_catalog
from auditlib.catalog.settings import load_settings
from auditlib.checks.frames import Frames, RunInputs
from auditlib.checks.run import run_rules
from auditlib.demo import write_demo
from auditlib.engine import open_engine
from auditlib.intake.workspace import read_workspace
from auditlib.matching.run import run_reconciliations
from auditlib.words.records import Organisation

# numbers that must not be shared by two copies of one village
_OWN = ("org_code", "account_no", "asset_no", "parcel_no", "contract_no", "claim_no", "member_no", "project_no", "item_no", "decision_no",
        "subject_no", "holder")  # fmt: skip


_GROWN = ("journal", "bank_statement")  # more lines a village; its balances grow with them
_MONEY = ("opening_debit", "opening_credit", "debit", "credit", "closing_debit", "closing_credit")


def _column(ledger: str, name: str, times: int) -> str:
    """SQL of a column in copy number `copy` of the county, and `again` of a voucher."""
    if ledger in _GROWN and times > 1:
        if name == "voucher_no":
            number = f"try_cast(regexp_extract({name}, '[0-9]+$') as integer) * {times} + again"
            return f"coalesce(regexp_replace({name}, '[0-9]+$', '') || lpad(({number})::varchar, 5, '0'), {name}) as {name}"
        if name in ("counterparty", "invoice_no"):
            return f"{name} || '-' || again as {name}"
    if ledger.endswith("trial_balance") and name in _MONEY:
        return f"{name} * {times} as {name}"
    if name == "source_id":
        return "source_id + copy * 1000 as source_id"
    return f"{name} || '-' || copy as {name}" if name in _OWN else name


def multiply(source: Path, target: Path, copies: int, times: int) -> int:
    """Writes every ledger of `source` `copies` times, vouchers and bank lines `times` as often; out: lines of the journal."""
    import duckdb

    lines = 0
    con = duckdb.connect(config={"threads": 2, "memory_limit": "1GB"})
    for path in sorted(source.glob("*.parquet")):
        names = [r[0] for r in con.sql(f"describe select * from '{path}'").fetchall() if r[0] != "row_id"]
        parts = ", ".join(_column(path.stem, name, times) for name in names)
        more = times if path.stem in _GROWN else 1
        select = f"select {parts} from '{path}', range({copies}) c(copy), range({more}) a(again)"
        con.sql(f"copy (select row_number() over () - 1 as row_id, * from ({select})) to '{target / path.name}' (format parquet)")
        if path.stem == "journal":
            lines = con.sql(f"select count(*) from '{target / path.name}'").fetchall()[0][0]
    con.close()
    return int(lines)


def copied(organisations: Sequence[Organisation], copies: int) -> list[Organisation]:
    return [
        replace(o, org_code=f"{o.org_code}-{n}", parent_code=f"{o.parent_code}-{n}" if o.parent_code else "")
        for n in range(copies) for o in organisations
    ]  # fmt: skip


class Watch:
    """Seconds by what was told to be at work."""

    def __init__(self) -> None:
        self.took: dict[str, float] = defaultdict(float)
        self._name, self._since = "", time.perf_counter()

    def __call__(self, name: str) -> None:
        now = time.perf_counter()
        self.took[self._name] += now - self._since
        self._name, self._since = name, now

    def total(self) -> float:
        self(self._name)
        return sum(self.took.values())


class Memory(threading.Thread):
    """The most that this process and those it started held together, in KB, looked at five times a second (Linux)."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.most = 0

    def run(self) -> None:
        while True:
            self.most = max(self.most, sum(map(_resident, (os.getpid(), *_children()))))
            time.sleep(0.2)


def _children() -> list[int]:
    return [int(pid) for task in Path("/proc/self/task").glob("*/children") for pid in task.read_text().split()]


def _resident(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    except OSError:  # it has just ended
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmRSS")), 0)


def main(organisations: int = 1_000, lines: int = 1_000_000) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        county = write_demo(folder / "demo", villages=8).folder
        catalog = load_catalog()
        settings = load_settings(county, catalog, today=dt.date(2026, 1, 31))
        (folder / "small").mkdir()
        (folder / "large").mkdir()
        intake = read_workspace(county, folder / "small", catalog, settings, lambda *_: None)
        copies = -(-organisations // len(intake.organisations))
        import pyarrow.parquet as pq

        own = pq.read_metadata(folder / "small" / "journal.parquet").num_rows * copies
        made = multiply(folder / "small", folder / "large", copies, max(-(-lines // own), 1))
        everyone = copied(intake.organisations, copies)
        sources = [replace(s, source_id=s.source_id + n * 1000) for n in range(copies) for s in intake.sources]
        before = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
        memory = Memory()
        memory.start()
        watch = Watch()
        engine = open_engine("duckdb")
        frames = Frames(RunInputs(folder / "large", catalog, settings, everyone, sources, engine))
        checked = run_rules(frames, watch)
        ruled = watch.total()
        reconciled = run_reconciliations(frames, lambda name: watch(f"reconciliation {name}"))
        whole = watch.total()
        engine.close()
    print(f"{len(everyone):,} organisations, {made:,} journal lines, {len(catalog.rules)} rules")
    cpu = sum(resource.getrusage(resource.RUSAGE_SELF)[:2]) - before + sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])
    parts = f"checks {ruled:.1f}, reconciliations {whole - ruled:.1f}"
    print(f"  all rules {whole:.1f} s ({parts}), {cpu:.1f} CPU-seconds; peak {memory.most // 1024} MB")
    errors = [*checked.errors, *reconciled.errors]
    cases, results = len(checked.cases) + len(reconciled.cases), len(checked.results) + len(reconciled.results)
    print(f"  {cases:,} cases, {results:,} results, errors: {errors}")
    for rule, seconds in sorted(watch.took.items(), key=lambda e: -e[1])[:14]:
        print(f"    {rule:34} {seconds:6.2f} s")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
