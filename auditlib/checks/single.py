"""One ledger against its suite: one scan, every failing row, and the cases that these rows are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from ..catalog.specs import LedgerSpec
from ..kernels.suite import compile_one, flag, scan
from ..words.errors import CatalogError
from ..words.messages import say
from ..words.records import Case, Evidence
from .charts import of_other_chart, other_chart_reasons
from .frames import Frames
from .oracle import failing_rows
from .outcome import Outcome, applicable, left_out, without
from .shown import text, yuan
from .suites import Expectation, SuiteRun

_ORIGIN = ("row_id", "source_id", "sheet_row", "org_code")
_NOT_SHOWN = ("org_code", "fiscal_year", "line_no")  # parts of a key that add nothing to what people call the record


def run_suite(frames: Frames, ledger: str, expectations: Sequence[Expectation]) -> SuiteRun:
    """Every failing row of every expectation; what the compiler does not know is asked of Great Expectations."""
    compiled = {e.position: compile_one(e.entry) for e in expectations}
    known = {p: x for p, x in compiled.items() if x is not None}
    failing: dict[int, Sequence[Mapping[str, Any]]] = {e.position: [] for e in expectations}
    if known:
        carry = _carried(frames.catalog.ledgers[ledger], expectations)
        rows = frames.records(scan(frames.rows(ledger), {flag(p): x for p, x in known.items()}, carry))
        for position in known:
            failing[position] = [row for row in rows if row[flag(position)]]
    unknown = [e for e in expectations if compiled[e.position] is None]
    if unknown:
        failing.update(_by_great_expectations(frames, ledger, expectations, unknown))
    return SuiteRun(ledger, tuple(expectations), failing)


def _by_great_expectations(
    frames: Frames, ledger: str, all_of: Sequence[Expectation], unknown: Sequence[Expectation]
) -> dict[int, Sequence[Mapping[str, Any]]]:
    import narwhals as nw

    carry = _carried(frames.catalog.ledgers[ledger], all_of)
    ids = {e.position: failing_rows(frames, ledger, e) for e in unknown}
    wanted = sorted({i for found in ids.values() for i in found})
    rows = frames.records(frames.rows(ledger).filter(nw.col("row_id").is_in(wanted)).select(*carry)) if wanted else []
    return {p: [r for r in rows if r["row_id"] in found] for p, found in ids.items()}


def _carried(spec: LedgerSpec, expectations: Sequence[Expectation]) -> list[str]:
    wanted = [*_ORIGIN, *spec.key]
    for e in expectations:
        meta = e.entry["meta"]
        wanted += [*e.columns, *meta.get("key", ()), *meta.get("records", ())]
        wanted += [c for name in ("expected", "actual", "amount", "period") for c in _names(meta.get(name))]
    standing = {*_ORIGIN, *spec.fields, *spec.derived, *(f"{f}__status" for f in spec.fields)}
    for column in wanted:
        if column not in standing:
            raise CatalogError(
                f"ledgers/{spec.name}.yaml: expectations name the column '{column}', which is no field and not derived"
            )
    return list(dict.fromkeys(wanted))


def _names(value: Any) -> list[str]:
    if value is None or (isinstance(value, str) and value.startswith("=")):
        return []
    return [value] if isinstance(value, str) else list(value)


def outcomes(frames: Frames, run: SuiteRun) -> dict[str, Outcome]:
    """Rule -> outcome of all its expectations on this ledger."""
    by_rule: dict[str, list[Expectation]] = {}
    for e in run.expectations:
        by_rule.setdefault(e.rule, []).append(e)
    return {rule: _outcome(frames, run, mine) for rule, mine in by_rule.items()}


def _outcome(frames: Frames, run: SuiteRun, mine: Sequence[Expectation]) -> Outcome:
    spec, looked, reasons = frames.catalog.ledgers[run.ledger], {}, {}
    for e in mine:
        yes, no = applicable(frames, {run.ledger: sorted(e.fields)})
        looked.update(yes)
        for org, reason in no.items():
            reasons[org] = reason if reasons.get(org, reason) == reason else f"{reasons[org]} · {reason}"
    cases = tuple(case_of(frames, spec, e, row) for e in mine for row in run.failing[e.position])
    return _narrowed(frames, run.ledger, mine, Outcome(cases, looked, reasons))


def _narrowed(frames: Frames, ledger: str, mine: Sequence[Expectation], outcome: Outcome) -> Outcome:
    """Without the organisations that all these expectations leave out, or that they cannot judge by account numbers."""
    metas = [e.entry["meta"] for e in mine]
    if all("left_out" in m for m in metas):
        outcome = without(outcome, left_out(frames, ledger, metas[0]["left_out"], metas[0]["because"]))
    if all(m.get("by_numbers") for m in metas) and of_other_chart(frames):
        outcome = without(outcome, other_chart_reasons(frames))
    return outcome


def case_of(frames: Frames, spec: LedgerSpec, e: Expectation, row: Mapping[str, Any]) -> Case:
    """The case that a failing row is."""
    meta = e.entry["meta"]
    field = meta.get("field") or next(
        (c.removesuffix("__status") for c in e.columns if c.removesuffix("__status") in spec.fields), ""
    )
    key = _key(frames, spec, meta.get("key") or spec.key, row)
    records = _records(frames, spec, meta, key, row)
    fields = tuple(dict.fromkeys([field, *sorted(e.fields), *spec.key]))
    period = meta.get("period") or ("fiscal_year" if "fiscal_year" in spec.key else None)
    return Case(
        e.rule,
        row["org_code"] or "",
        spec.name,
        (*key, field),
        records,
        (Evidence(spec.name, row["row_id"], fields),),
        field,
        _amount(spec, meta.get("amount"), row),
        _told(frames, spec, e, "expected", row),
        _told(frames, spec, e, "actual", row),
        text(row[period]) if period else "",
        str(meta.get("variant", "")),
    )


def scale_of(spec: LedgerSpec, column: str) -> int:
    """Decimal places of a field, or of a derived column: those of the first field it adds up."""
    if column in spec.fields:
        return spec.fields[column].scale
    operation = spec.derived.get(column, {})
    terms = operation.get("sum") or operation.get("larger")
    return scale_of(spec, str(terms[0]).removeprefix("-")) if terms else 0


def _key(frames: Frames, spec: LedgerSpec, columns: Sequence[str], row: Mapping[str, Any]) -> tuple[str, ...]:
    parts = tuple(text(row[c], scale_of(spec, c)) for c in columns)
    if any(parts):
        return parts
    return (say("checks.no_row_key", "zh", row=row["sheet_row"]),)


def _records(
    frames: Frames, spec: LedgerSpec, meta: Mapping[str, Any], key: tuple[str, ...], row: Mapping[str, Any]
) -> tuple[str, ...]:
    if meta.get("records"):
        return tuple(dict.fromkeys(t for c in meta["records"] if (t := text(row[c], scale_of(spec, c))))) or key
    columns = [c for c in spec.key if c not in _NOT_SHOWN] or list(spec.key)
    return ("+".join(t for c in columns if (t := text(row[c], scale_of(spec, c)))) or key[0],)


def _amount(spec: LedgerSpec, named: Any, row: Mapping[str, Any]) -> Decimal | None:
    columns = _names(named)
    if not columns or any(row[c] is None for c in columns) or scale_of(spec, columns[0]) != 2:
        return None
    return yuan(abs(row[columns[0]] - (row[columns[1]] if len(columns) > 1 else 0)))


def _told(frames: Frames, spec: LedgerSpec, e: Expectation, what: str, row: Mapping[str, Any]) -> str:
    named = e.entry["meta"].get(what)
    if isinstance(named, str) and named.startswith("="):
        return named[1:]
    if named is not None:
        return " – ".join(text(row[c], scale_of(spec, c)) for c in _names(named))
    if what == "expected" and e.type == "expect_column_values_to_be_in_set":
        return "/".join(map(str, e.entry["kwargs"]["value_set"]))
    return ""
