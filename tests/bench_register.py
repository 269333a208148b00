"""Benchmark of the register, printed as a table: `python tests/bench_register.py [issues]` (100,000 unless said otherwise).

A register of that many issues with six events each; then single steps, the check, the lists and a run over them.
Nothing is asserted.
"""

from __future__ import annotations

import datetime as dt
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from register_cases import AS_OF, AT, COUNTY, ORGANISATIONS, PEOPLE, WAY, check, finding  # noqa: E402

from auditlib.issues import log, store  # noqa: E402
from auditlib.issues.events import Draft, Kind  # noqa: E402
from auditlib.issues.lists import deadline_list, problem_list, responsibility_list  # noqa: E402
from auditlib.issues.register import Register  # noqa: E402
from auditlib.words.records import Organisation  # noqa: E402


def timed(what: str, job: Callable[[], Any]) -> Any:
    start, busy = time.perf_counter(), time.process_time()
    result = job()
    print(f"{what:<58} {time.perf_counter() - start:9.3f} s {time.process_time() - busy:9.3f} s of CPU", flush=True)
    return result


def fill(register: Register, issues: int) -> None:
    """`issues` findings over 1,000 villages, and five steps on each: six events an issue."""
    villages = [Organisation(f"53032310{n:04}", f"村{n}", "village", ORGANISATIONS[1].org_code) for n in range(1000)]
    findings = [finding(f"记-{n:06}", org_code=villages[n % 1000].org_code, org_name=villages[n % 1000].name) for n in range(issues)]
    everywhere = (*ORGANISATIONS, *villages)
    timed(f"a run that raises {issues} issues", lambda: register.record_run(
        findings, county="师河县", as_of=AS_OF, at=AT, checks=[], fiscal_year=2025, organisations=everywhere))  # fmt: skip
    for person, (role, org_code) in PEOPLE.items():
        register.add_person(person, name=person, role=role, org_code=org_code and COUNTY, by="组长", at=AT)
    ids = [issue.issue_id for issue in register.issues(AS_OF)]
    drafts = [
        Draft(issue_id, place + 2, kind, AT + dt.timedelta(minutes=n % 50000), who, {k: str(v) for k, v in what.items()})
        for n, issue_id in enumerate(ids) for place, (who, kind, what) in enumerate(WAY)
    ]  # fmt: skip

    def write() -> None:
        for start in range(0, len(drafts), 20000):
            with store.writing(register._engine, register._place) as connection:
                log.append(connection, drafts[start : start + 20000])

    timed(f"{len(drafts)} events in bulk", write)
    timed("the same run again", lambda: register.record_run(
        findings, county="师河县", as_of=AS_OF, at=AT + dt.timedelta(days=60), checks=[check()], fiscal_year=2025))  # fmt: skip


def steps(register: Register, times: int = 200) -> None:
    """Single steps, each judged and kept in a transaction of its own."""
    ids = [issue.issue_id for issue in register.issues(AS_OF)[:times]]
    took = []
    for number, issue_id in enumerate(ids):
        start = time.perf_counter()
        register.act(
            issue_id, Kind.RETURNED, by="审计甲", at=AT + dt.timedelta(days=90, seconds=number), reason="佐证不全", deadline="2026-12-31"
        )
        took.append((time.perf_counter() - start) * 1000)
    print(f"{'one step: median, 95 %, worst':<58} {statistics.median(took):9.2f} {sorted(took)[int(times * 0.95)]:.2f} {max(took):.2f} ms")


def measure(where: Any, issues: int) -> None:
    with Register.open(where) as register:
        fill(register, issues)
        steps(register)
        lines = timed("all issues in short, in the order of the lists", lambda: register.overview(AS_OF))
        page = timed("the first 1,000 of them read", lambda: register.these([line.issue_id for line in lines[:1000]], AS_OF))
        timed("their 时限清单", lambda: deadline_list(page))
        found = timed("all issues read", lambda: register.issues(AS_OF))
        timed("issues of one village read", lambda: register.issues(AS_OF, org_codes=["530323100001"]))
        organisations = register.organisations()
        timed("问题清单", lambda: problem_list(found, {}))
        timed("责任清单", lambda: responsibility_list(found, {}, organisations))
        timed("时限清单", lambda: deadline_list(found))
        timed("chain looked along", register.verify)
        if hasattr(register, "check"):
            print(timed("check: chain, signatures, state, evidence", register.check))


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    if len(sys.argv) > 2:
        measure(sys.argv[2], count)
    else:
        with tempfile.TemporaryDirectory() as folder:
            measure(Path(folder) / "register.db", count)
