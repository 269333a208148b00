"""What a check hands back, and how that becomes a result for every organisation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial

from ..intake.set_aside import NO_ORGANISATION
from ..words.messages import say
from ..words.records import Case, CheckResult, RowSetAside, Source
from .frames import Frames

ROWS_NAMED = 12  # rows that a result names; the others are in the list of sources


@dataclass(frozen=True, slots=True)
class Outcome:
    """Cases of one check; `looked` says how many rows or groups were looked at for each organisation it applied to."""

    cases: tuple[Case, ...]
    looked: Mapping[str, int] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)  # organisation -> why it did not apply, or applied in part


@dataclass(frozen=True, slots=True)
class CheckOutcome:
    """All checks of a run."""

    cases: tuple[Case, ...]
    results: tuple[CheckResult, ...]
    errors: tuple[str, ...]


def without(outcome: Outcome, reasons: Mapping[str, str]) -> Outcome:
    """The outcome without some organisations, each with the reason why the check does not apply to it."""
    return Outcome(
        tuple(c for c in outcome.cases if c.org_code not in reasons),
        {org: n for org, n in outcome.looked.items() if org not in reasons},
        {**outcome.reasons, **reasons},
    )


def left_out(frames: Frames, ledger: str, column: str, because: str) -> dict[str, str]:
    """Organisations of which `column` (derived) holds on every row of the ledger, with the reason `because` (of the catalogue)."""
    import narwhals as nw

    from ..kernels.terms import count_if, holds

    kept = count_if(~holds(nw.col(column))).alias("kept")
    rows = frames.records(frames.rows(ledger).group_by("org_code").agg(kept), ["org_code"])
    told = say(because, frames.settings.language)
    return {r["org_code"] or "": told for r in rows if not r["kept"]}


def results(rule: str, ledger: str, outcome: Outcome, frames: Frames) -> list[CheckResult]:
    """One result for every organisation of the register, and for those that only the ledgers know."""
    outcome = replace(outcome, reasons=_with_rows_set_aside(rule, ledger, outcome, frames))
    found = Counter(case.org_code for case in outcome.cases)
    known = [o.org_code for o in frames.organisations]
    others = sorted((set(outcome.looked) | set(found)) - set(known))
    return [_result(rule, ledger, org, outcome, found[org]) for org in [*known, *others]]


def _with_rows_set_aside(rule: str, ledger: str, outcome: Outcome, frames: Frames) -> Mapping[str, str]:
    """The reasons, and for each organisation that was looked at the rows that may be its own and were not counted."""
    card = frames.catalog.rules.get(rule)
    read = {ledger, *(card.ledgers if card else ())}
    told = dict(outcome.reasons)
    for source in frames.sources:
        lost = [r for r in source.set_aside if r.reason == NO_ORGANISATION] if source.ledger in read else []
        if lost:
            line = _rows_line(source, lost, frames)
            for org in (o for o in outcome.looked if source.org_code in ("", o)):
                told[org] = f"{told[org]}; {line}" if told.get(org) else line
    return told


def _rows_line(source: Source, lost: Sequence[RowSetAside], frames: Frames) -> str:
    language = frames.settings.language
    numbers = ", ".join(str(r.row) for r in lost[:ROWS_NAMED]) + (" …" if len(lost) > ROWS_NAMED else "")
    place = " › ".join(p for p in (source.file, source.sheet, numbers) if p)
    label = frames.catalog.ledgers[source.ledger].label(language)
    return say("checks.without_rows", language, ledger=label, n=len(lost), places=place)


def _result(rule: str, ledger: str, org: str, outcome: Outcome, exceptions: int) -> CheckResult:
    reason = outcome.reasons.get(org, "")
    if exceptions:
        return CheckResult(rule, org, ledger, "found", outcome.looked.get(org, exceptions), exceptions, reason)
    if org in outcome.looked:
        return CheckResult(rule, org, ledger, "passed", outcome.looked[org], 0, reason)
    return CheckResult(rule, org, ledger, "not_applicable", reason=reason)


def not_run(rule: str, ledger: str, error: str, frames: Frames) -> list[CheckResult]:
    return [CheckResult(rule, o.org_code, ledger, "could_not_run", reason=error) for o in frames.organisations]


def applicable(frames: Frames, needs: Mapping[str, Iterable[str]]) -> tuple[dict[str, int], dict[str, str]]:
    """Who has all the ledgers and columns that a check needs.

    In: ledger -> fields that it cannot do without. Out: organisation -> rows of the first ledger, and for all others
    of the register the reason why the check does not apply.
    """
    language, looked, reasons = frames.settings.language, {}, {}
    asked = [(ledger, tuple(fields), frames.presence(ledger)) for ledger, fields in needs.items()]
    first = asked[0][2]
    told = cache(partial(_lacking, frames))  # few combinations of columns, many organisations
    for org in sorted({o.org_code for o in frames.organisations} | set(first)):
        lacking = []
        for ledger, fields, presence in asked:
            there = presence.get(org)
            missing = None if there is None else tuple(f for f in fields if not there.has(f))
            if missing is None or missing:
                lacking.append(told(ledger, missing))
        if lacking:
            reasons[org] = "; ".join(lacking)
        else:
            looked[org] = first[org].rows
    return looked, {k: v if language == "en" else v.replace("; ", "；") for k, v in reasons.items()}


def _lacking(frames: Frames, ledger: str, missing: tuple[str, ...] | None) -> str:
    """What an organisation lacks of a ledger: the whole of it (None), or some columns."""
    language, spec = frames.settings.language, frames.catalog.ledgers[ledger]
    if missing is None:
        return say("checks.no_ledger", language, ledger=spec.label(language))
    joined = ("、" if language == "zh" else ", ").join(spec.fields[f].label(language) for f in missing)
    return say("checks.no_column", language, ledger=spec.label(language), columns=joined)


def merged(cases: Iterable[Case]) -> tuple[Case, ...]:
    """Cases with one identity (rule, organisation, ledger, key) made one: the first stands, evidence and records are joined."""
    by_identity: dict[tuple[object, ...], Case] = {}
    for case in cases:
        identity = (case.rule, case.org_code, case.ledger, case.key)
        first = by_identity.get(identity)
        if first is None:
            by_identity[identity] = case
            continue
        evidence = tuple(dict.fromkeys((*first.evidence, *case.evidence)))
        by_identity[identity] = replace(first, evidence=evidence, records=tuple(dict.fromkeys((*first.records, *case.records))))
    return tuple(sorted(by_identity.values(), key=lambda c: (c.rule, c.org_code, c.ledger, c.key)))
