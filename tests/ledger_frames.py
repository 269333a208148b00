"""Small typed ledgers for tests: plain rows, written as people write them, become the Parquet folder that checks read.

    write(folder, {"claims": [{"org_code": "V1", "claim_no": "C1", "amount": "12.50", "last_movement_on": "2023-01-01"}]})

A value is text or a Python value; None is a blank cell, `failed("约35")` one that could not be read, `Cell(value, status)`
anything else. A field that no row of the ledger names is a column that the sheet does not have.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from auditlib.catalog.load import load_catalog
from auditlib.catalog.settings import Settings
from auditlib.catalog.specs import Catalog, FieldSpec, LedgerSpec
from auditlib.words.records import BankReconciliation, Case, CheckResult, ColumnUse, Match, Organisation, Source

ORGANISATIONS = (
    Organisation("V1", "新寨村股份经济合作联合社", "village", "T1"),
    Organisation("V2", "柳塘村股份经济合作联合社", "village", "T1"),
    Organisation("G1", "新寨村第一村民小组", "group", "V1"),
)


@dataclass(frozen=True)
class Cell:
    value: Any
    status: str


def failed(raw: str) -> Cell:
    """A cell whose text could not be read as its type."""
    return Cell(None, "failed")


def settings(catalog: Catalog, **parameters: object) -> Settings:
    """Fiscal year 2025 and as of 2026-01-31 unless given, the shipped parameters save those given."""
    year = int(str(parameters.pop("fiscal_year", 2025)))
    as_of = dt.date.fromisoformat(str(parameters.pop("as_of", "2026-01-31")))
    values = {n: Decimal(str(p.default)) if p.unit != "word" else p.default for n, p in catalog.parameters.items()}
    values |= {n: Decimal(str(v)) for n, v in parameters.items()}
    return Settings("测试县", year, as_of, "zh", "", MappingProxyType(values))


def _typed(field: FieldSpec, value: Any) -> Any:
    if value is None:
        return None
    if field.scale:
        return int(Decimal(str(value)).scaleb(field.scale))
    if field.type in ("integer", "year"):
        return int(value)
    if field.type == "date":
        return value if isinstance(value, dt.date) else dt.date.fromisoformat(value)
    return value if field.type == "boolean" else str(value)


def _arrow(field: FieldSpec) -> pa.DataType:
    if field.scale or field.type in ("integer", "year"):
        return pa.int64()
    return {"date": pa.date32(), "boolean": pa.bool_()}.get(field.type, pa.string())


def _column(rows: Sequence[Mapping[str, Any]], field: FieldSpec) -> tuple[list[Any], list[str]]:
    if not any(field.name in row for row in rows):
        return [None] * len(rows), ["absent"] * len(rows)
    values, statuses = [], []
    for row in rows:
        given = row.get(field.name)
        cell = given if isinstance(given, Cell) else Cell(given, "blank" if given is None else "ok")
        values.append(_typed(field, cell.value))
        statuses.append(cell.status)
    return values, statuses


def table(spec: LedgerSpec, rows: Sequence[Mapping[str, Any]], source_id: int) -> pa.Table:
    """The typed table of one ledger; rows carry `org_code` and may carry `source_id` and `sheet_row`."""
    columns: dict[str, pa.Array] = {
        "row_id": pa.array(range(len(rows)), pa.int64()),
        "source_id": pa.array([r.get("source_id", source_id) for r in rows], pa.int32()),
        "sheet_row": pa.array([r.get("sheet_row", 4 + i) for i, r in enumerate(rows)], pa.int32()),
        "org_code": pa.array([r.get("org_code", "V1") for r in rows], pa.string()),
    }
    for name, field in spec.fields.items():
        if name == "org_code":
            columns["org_code__status"] = pa.array(["ok"] * len(rows), pa.string())
            continue
        values, statuses = _column(rows, field)
        columns[name] = pa.array(values, _arrow(field))
        columns[f"{name}__status"] = pa.array(statuses, pa.string())
    return pa.table(columns)


_TEXT, _BIG, _SMALL = pa.string(), pa.int64(), pa.int32()
_PSEUDO = {
    "control_totals": {
        "row_id": _BIG,
        "source_id": _SMALL,
        "sheet_row": _SMALL,
        "org_code": _TEXT,
        "ledger": _TEXT,
        "label": _TEXT,
        "field": _TEXT,
        "stated": _BIG,
        "computed": _BIG,
        "scale": _SMALL,
        "unread": _TEXT,
    },
    "openings": {
        "row_id": _BIG,
        "source_id": _SMALL,
        "sheet_row": _SMALL,
        "org_code": _TEXT,
        "ledger": _TEXT,
        "label": _TEXT,
        "account": _TEXT,
        "date": pa.date32(),
        "year": _BIG,
        "side": _TEXT,
        "amount": _BIG,
    },
    "attributions": {
        "row_id": _BIG,
        "source_id": _SMALL,
        "sheet_row": _SMALL,
        "org_code": _TEXT,
        "ledger": _TEXT,
        "found": _TEXT,
        "kind": _TEXT,
        "expected": _TEXT,
    },
}


def _pseudo(name: str, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    schema = _PSEUDO[name]
    given = [{"row_id": i, "source_id": 1, "sheet_row": 20 + i, **r} for i, r in enumerate(rows)]
    return pa.table({c: pa.array([r.get(c) for r in given], t) for c, t in schema.items()})


def write(folder: Path, ledgers: Mapping[str, Sequence[Mapping[str, Any]]], catalog: Catalog | None = None) -> tuple[Source, ...]:
    """Writes the folder; out come the sources, one sheet for each ledger."""
    catalog = catalog or load_catalog()
    folder.mkdir(parents=True, exist_ok=True)
    sources = []
    for number, (name, rows) in enumerate(sorted((k, v) for k, v in ledgers.items() if k not in _PSEUDO), start=1):
        spec = catalog.ledgers[name]
        pq.write_table(table(spec, rows, number), folder / f"{name}.parquet")
        uses = tuple(ColumnUse(i, f.zh, f.name) for i, f in enumerate(spec.fields.values()))
        sources.append(
            Source(
                number, f"新寨村/{name}.xlsx", "0" * 64, spec.zh, name, 1.0, "V1", (3,), 4, 3 + len(rows), len(rows), 0, 0, uses
            )
        )
    for name in _PSEUDO:
        pq.write_table(_pseudo(name, ledgers.get(name, ())), folder / f"{name}.parquet")
    return tuple(sources)


@dataclass(frozen=True)
class Told:
    """What suites, checks and reconciliations said."""

    cases: tuple[Case, ...]
    results: tuple[CheckResult, ...]
    matches: tuple[Match, ...]
    errors: tuple[str, ...]
    statements: tuple[BankReconciliation, ...] = ()


class Checked:
    """What is said of a few ledgers, by the rules that a test asks for: of one rule its own tests are run, else those of all."""

    def __init__(self, run: Callable[[tuple[str, ...]], Told], only: Collection[str] = ()) -> None:
        self._run, self._only = cache(run), tuple(sorted(only))
        self._whole = self._run(self._only) if self._only else None

    @property
    def told(self) -> Told:
        self._whole = self._whole or self._run(self._only)
        return self._whole

    cases = property(lambda self: self.told.cases)
    results = property(lambda self: self.told.results)
    matches = property(lambda self: self.told.matches)
    errors = property(lambda self: self.told.errors)

    def _of(self, *rules: str) -> Told:
        return self._whole or self._run(rules)

    def of(self, rule: str) -> list[Case]:
        return [c for c in self._of(rule).cases if c.rule == rule]

    def results_of(self, rule: str, org: str = "V1") -> list[CheckResult]:
        return [r for r in self._of(rule).results if r.rule == rule and r.org_code == org]

    def matches_of(self, reconciliation: str) -> list[Match]:
        """By the rules of the entries called so; what an entry tells beside its own name is looked for in a run of all."""
        rules = {c.rule for c in load_catalog().reconciliations if (c.arguments.get("name") or "__".join(c.ledgers)) == reconciliation}
        told = self._of(*sorted(rules)) if rules else self.told
        return [m for m in told.matches if m.reconciliation == reconciliation]

    def statements_of_the_bank(self) -> tuple[BankReconciliation, ...]:
        return self._of("F10").statements

    def records(self, rule: str) -> list[tuple[str, ...]]:
        return [c.records for c in self.of(rule)]

    def amounts(self, rule: str) -> list[Decimal | None]:
        return [c.amount for c in self.of(rule)]

    def status(self, rule: str, org: str = "V1", ledger: str = "") -> set[str]:
        """The statuses of a rule for an organisation, over all ledgers that it reads or on one."""
        return {r.status for r in self._of(rule).results if r.rule == rule and r.org_code == org and ledger in ("", r.ledger)}


def check(
    folder: Path,
    ledgers: Mapping[str, Sequence[Mapping[str, Any]]],
    engine: str = "duckdb",
    only: Collection[str] = (),
    organisations: Sequence[Organisation] = (),
    **parameters: object,
) -> Checked:
    """Writes the ledgers; what is asked of them (the rules in `only` at once) runs but for the second opinion.

    A rule that cannot run fails the test.
    """
    from auditlib.checks.frames import Frames, RunInputs
    from auditlib.checks.run import run_rules
    from auditlib.engine import open_engine
    from auditlib.matching.run import run_reconciliations

    folder.mkdir(parents=True, exist_ok=True)
    home = Path(tempfile.mkdtemp(dir=folder))  # of this call: what it says is asked for later
    sources = write(home, ledgers, load_catalog())

    def run(rules: tuple[str, ...]) -> Told:
        catalog = _narrowed(load_catalog(), rules) if rules else load_catalog()
        opened = open_engine(engine)
        try:
            inputs = RunInputs(home, catalog, settings(catalog, **parameters), tuple(organisations) or ORGANISATIONS, sources, opened)
            frames = Frames(inputs)
            checks, reconciliations = run_rules(frames), run_reconciliations(frames)
        finally:
            opened.close()
        errors = (*checks.errors, *reconciliations.errors)
        assert not errors, errors
        return Told(
            (*checks.cases, *reconciliations.cases), (*checks.results, *reconciliations.results), reconciliations.matches, errors,
            reconciliations.statements,
        )  # fmt: skip

    return Checked(run, only)


def _narrowed(catalog: Catalog, rules: Collection[str]) -> Catalog:
    """The catalogue with the tests of `rules` alone; what Spark needs a minute for says no more than these."""
    ledgers = {
        name: replace(spec, expectations=tuple(e for e in spec.expectations if e["meta"]["rule"] in rules))
        for name, spec in catalog.ledgers.items()
    }
    kept = {n: tuple(c for c in getattr(catalog, n) if c.rule in rules) for n in ("checks", "reconciliations")}
    return replace(catalog, ledgers=ledgers, **kept)


def balance(
    code: str, opening: int = 0, debit: int = 0, credit: int = 0, closing: int | None = None, **more: Any
) -> dict[str, Any]:
    """A line of a trial balance in yuan; balances are debit balances, credit ones negative; the closing follows unless given."""
    end = opening + debit - credit if closing is None else closing
    return {
        "org_code": "V1",
        "fiscal_year": 2025,
        "account_code": code,
        "account_name": "",
        "opening_debit": max(opening, 0),
        "opening_credit": max(-opening, 0),
        "debit": debit,
        "credit": credit,
        "closing_debit": max(end, 0),
        "closing_credit": max(-end, 0),
        **more,
    }


def posting(
    voucher: str, date: str | Cell | None, code: str, debit: object = None, credit: object = None, **more: Any
) -> dict[str, Any]:
    """A line of a journal."""
    return {
        "org_code": "V1",
        "voucher_no": voucher,
        "line_no": 1,
        "date": date,
        "account_code": code,
        "account_name": None,
        "detail": None,
        "counterparty": None,
        "summary": None,
        "debit": debit,
        "credit": credit,
        "decision_no": None,
        **more,
    }
