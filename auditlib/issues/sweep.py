"""What one run means for the issues: which are raised, seen again, put forward or reopened. Pure, no register."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from ..words.records import AuditRun, CheckResult, Finding
from .events import Draft, Kind
from .issue import FindingRef, Issue, Known, State
from .policy import SEVERITIES
from .standing import Gone, Place, Rows

# Found again in one of these states, an issue is opened anew. A false alarm (declined) stays one as long as it is no graver than what
# two persons called so.
_SETTLED = frozenset((State.FOR_VERIFICATION, State.VERIFIED, State.CLOSED))
# An issue that is in one of these states gains nothing by being put forward.
_NOT_PUT_FORWARD = frozenset((State.FOR_VERIFICATION, State.CLOSED, State.DECLINED, State.JOINED))
_RAN = frozenset(("passed", "found"))


@dataclass(frozen=True, slots=True)
class Run:
    """What is said about a run in its events and in the table of runs."""

    run_id: str
    at: dt.datetime
    as_of: dt.date
    fiscal_year: int | None
    county: str
    actor: str
    measures: Mapping[str, Mapping[str, str]] = field(default_factory=dict, hash=False)  # rule -> its parameters, where told


@dataclass(frozen=True, slots=True)
class Sweep:
    """The events that a run brings, in their order, and the issues behind each count."""

    drafts: tuple[Draft, ...]
    raised: tuple[str, ...]
    seen: tuple[str, ...]  # found again, changed ones among them
    changed: tuple[str, ...]
    put_forward: tuple[str, ...]
    reopened: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ledgers:
    """The ledgers that a run read, where they are at hand, and what is looked for in them."""

    rows: Rows
    read_by: Callable[[str], Collection[str]]  # rule -> the ledgers that its card names
    may_go: Callable[[str], bool]  # rule -> whether a record may be gone when it is put right


class Standing:
    """Under how many rows the records stand of what a run found, and of what it no longer found."""

    def __init__(self, ledgers: Ledgers | None, issues: Iterable[Issue | Known], found: Mapping[str, Finding]) -> None:
        self._ledgers = ledgers
        self._rows: Mapping[Place, int] = MappingProxyType({})
        if ledgers is not None:
            wanted = {place for finding in found.values() for place in self._places(finding)}
            wanted |= {place for issue in issues if _may_be_put_forward(issue) for ref in issue.findings for place in _stood(ref)}
            self._rows = ledgers.rows.count(wanted)

    def _places(self, finding: Finding) -> Iterable[Place]:
        assert self._ledgers is not None
        for ledger in dict.fromkeys((finding.ledger, *self._ledgers.read_by(finding.rule))):
            yield from ((ledger, finding.org_code, record) for record in finding.records if writable(record) == record)

    def of(self, finding: Finding) -> dict[str, dict[str, int]]:
        """Ledger -> record -> rows, for the records of a finding that stand in one of the ledgers that its rule reads."""
        told: dict[str, dict[str, int]] = {}
        for place in self._places(finding) if self._ledgers else ():
            if rows := self._rows.get(place, 0):
                told.setdefault(place[0], {})[place[2]] = rows
        return told

    def gone(self, refs: Iterable[FindingRef]) -> list[Gone]:
        """The records of `refs` under which fewer rows stand than when they were found; sorted."""
        if self._ledgers is None:
            return []
        asked = ((ref, *stood) for ref in refs if not self._ledgers.may_go(ref.rule) for stood in ref.standing)
        now = {Gone(ledger, record, rows, self._rows.get((ledger, ref.org_code, record), 0)) for ref, ledger, record, rows in asked}
        return sorted(each for each in now if each.now < each.before)


def _stood(ref: FindingRef) -> Iterable[Place]:
    return ((ledger, ref.org_code, record) for ledger, record, _ in ref.standing)


class Coverage:
    """Which rule looked at which organisation and ledger in a run, and what stands in the ledgers of what it was about."""

    def __init__(self, checks: Iterable[CheckResult], standing: Standing | None = None) -> None:
        self.standing = standing or Standing(None, (), {})
        self._statuses: dict[tuple[str, str], dict[str, set[str]]] = {}
        self._populations: dict[tuple[str, str], dict[str, int]] = {}
        for check in checks:
            key = (check.rule, check.org_code)
            self._statuses.setdefault(key, {}).setdefault(check.ledger, set()).add(check.status)
            rows = self._populations.setdefault(key, {})
            rows[check.ledger] = rows.get(check.ledger, 0) + check.population

    def looked_for(self, ref: FindingRef) -> bool:
        """Whether everything that could have found `ref` ran.

        The checks of its rule on its own ledger decide; where a check stands under another ledger (it read
        several), all checks of the rule in that organisation must have run.
        """
        if not ref.ledger:
            return False  # no run found it, so none can tell that it is gone
        ledgers = self._statuses.get((ref.rule, ref.org_code), {})
        statuses = ledgers.get(ref.ledger) or {status for each in ledgers.values() for status in each}
        return bool(statuses) and statuses <= _RAN

    def population(self, found: FindingRef | Finding) -> int | None:
        """How many rows the checks looked at that could have found it; None when none is told."""
        ledgers = self._populations.get((found.rule, found.org_code), {})
        return ledgers.get(found.ledger, sum(ledgers.values())) if ledgers else None


def amount_text(amount: Decimal | None) -> str | None:
    """An amount in 元 as events and JSON hold it: '1234.50'."""
    return None if amount is None else f"{amount:.2f}"


def writable(text: str) -> str:
    """Ledger text as every database takes it: half characters become '?', NUL goes."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "")


def facts_of(finding: Finding, run: Run, coverage: Coverage) -> dict[str, Any]:
    """What an event keeps of `finding`: enough for the lists when the ledgers are no longer there."""
    looked = {
        "measured": dict(run.measures.get(finding.rule, {})) or None, "population": coverage.population(finding),
        "standing": coverage.standing.of(finding) or None,
    }  # fmt: skip
    facts = {
        "finding_id": finding.finding_id, "rule": finding.rule, "severity": finding.severity, "org_code": finding.org_code,
        "org_name": finding.org_name, "ledger": finding.ledger, "records": list(finding.records), "field": finding.field,
        "amount": amount_text(finding.amount), "period": finding.period, "title_zh": finding.message_zh,
        "title_en": finding.message_en, "basis": finding.basis, "owner": finding.owner, "source_file": finding.source_file,
        "sheet": finding.sheet, "row": finding.row, "column": finding.column, **_about(run),
        **{name: value for name, value in looked.items() if value is not None},
    }  # fmt: skip
    texts = {name: writable(value) for name, value in facts.items() if isinstance(value, str)}
    return {**facts, **texts, "records": [writable(record) for record in finding.records]}


def _about(run: Run) -> dict[str, Any]:
    return {"run_id": run.run_id, "as_of": run.as_of.isoformat(), "fiscal_year": run.fiscal_year, "county": run.county}


def new_issue_id(finding_id: str, taken: Collection[str]) -> str:
    """'WT-' and 12 hex digits of the finding's digest; more of them where another issue has those already."""
    digest = hashlib.sha256(f"auditlib-issue/1\n{finding_id}".encode()).hexdigest()
    return next(name for name in (f"WT-{digest[:size]}" for size in range(12, 65, 4)) if name not in taken)


def sweep(
    issues: Sequence[Issue | Known], findings: Sequence[Finding], checks: Iterable[CheckResult], run: Run, ledgers: Ledgers | None = None
) -> Sweep:
    """What `run` means for `issues` (the register as it is). A finding that stands twice counts once.

    Without `ledgers` nothing is said of whether records are still there.
    """
    found: dict[str, Finding] = {}
    for finding in findings:
        found.setdefault(finding.finding_id, finding)
    by_finding = {ref.finding_id: issue for issue in issues if issue.state is not State.JOINED for ref in issue.findings}
    coverage = Coverage(checks, Standing(ledgers, issues, found))
    drafts: dict[Kind, list[Draft]] = {kind: [] for kind in (Kind.RAISED, Kind.SEEN, Kind.PUT_FORWARD, Kind.REOPENED)}
    taken, seen = {issue.issue_id for issue in issues}, []
    for finding_id in sorted(found):
        issue = by_finding.get(finding_id)
        if issue is None:
            drafts[Kind.RAISED].append(_raise(found[finding_id], taken, run, coverage))
            taken.add(drafts[Kind.RAISED][-1].issue_id)
            continue
        seen.append(issue.issue_id)
        for draft in _again(issue, found[finding_id], run, coverage):
            drafts[draft.kind].append(draft)
    drafts[Kind.PUT_FORWARD] = list(_gone(issues, found, coverage, run))
    return _swept(drafts, seen)


def _swept(drafts: Mapping[Kind, list[Draft]], seen: list[str]) -> Sweep:
    ordered = tuple(sorted((d for each in drafts.values() for d in each), key=lambda d: (d.issue_id, d.version)))

    def named(kind: Kind) -> tuple[str, ...]:
        return tuple(sorted({d.issue_id for d in drafts[kind]}))

    return Sweep(
        ordered, named(Kind.RAISED), tuple(sorted(set(seen))), named(Kind.SEEN), named(Kind.PUT_FORWARD), named(Kind.REOPENED)
    )


def _raise(finding: Finding, taken: Collection[str], run: Run, coverage: Coverage) -> Draft:
    return Draft(new_issue_id(finding.finding_id, taken), 1, Kind.RAISED, run.at, run.actor, facts_of(finding, run, coverage))


def _again(issue: Issue | Known, finding: Finding, run: Run, coverage: Coverage) -> Iterable[Draft]:
    """An event only where the finding tells something new; else a rerun leaves no trace in the chain."""
    if _is_reopened(issue, finding, run):
        yield Draft(issue.issue_id, issue.version + 1, Kind.REOPENED, run.at, run.actor, facts_of(finding, run, coverage))
    elif issue.state is not State.DECLINED and _is_other(issue, finding, run):  # what two persons looked at stays as they saw it
        yield Draft(issue.issue_id, issue.version + 1, Kind.SEEN, run.at, run.actor, facts_of(finding, run, coverage))


def _is_reopened(issue: Issue | Known, finding: Finding, run: Run) -> bool:
    if issue.state is State.DECLINED:
        return _is_graver(issue, finding)
    return _was_settled(issue) and not (_stays_as_it_was_seen(issue) and not _is_other(issue, finding, run))


def _is_graver(issue: Issue | Known, finding: Finding) -> bool:
    """Whether it is more money, or weighs more, than what two persons called a false alarm: that they did not look at."""
    ref = next(ref for ref in issue.findings if ref.finding_id == finding.finding_id)
    is_more = abs(finding.amount or Decimal(0)) > abs(ref.amount or Decimal(0))
    return is_more or SEVERITIES.index(finding.severity) < SEVERITIES.index(ref.severity)


def _was_settled(issue: Issue | Known) -> bool:
    return issue.state in _SETTLED or bool(issue.cleared_by)


def _stays_as_it_was_seen(issue: Issue | Known) -> bool:
    """Whether it was verified on site, because the books of that year show it for ever: then a rerun tells nothing new."""
    return bool(issue.seen_on_site) and not issue.cleared_by and issue.state in (State.VERIFIED, State.CLOSED)


def _is_other(issue: Issue | Known, finding: Finding, run: Run) -> bool:
    ref = next(ref for ref in issue.findings if ref.finding_id == finding.finding_id)
    is_newer_year = run.fiscal_year is not None and run.fiscal_year != ref.fiscal_year
    known = (amount_text(ref.amount), ref.severity, ref.line, ref.org_name)
    return is_newer_year or not same_measure(ref, run) or known != (
        amount_text(finding.amount), finding.severity, writable(finding.owner), writable(finding.org_name)
    )  # fmt: skip


def _gone(issues: Sequence[Issue | Known], found: Collection[str], coverage: Coverage, run: Run) -> Iterable[Draft]:
    for issue in issues:
        if not _may_be_put_forward(issue) or any(ref.finding_id in found for ref in issue.findings):
            continue
        in_ledgers = [ref for ref in issue.findings if ref.ledger]  # a complaint stands in none
        if in_ledgers and all(coverage.looked_for(ref) and same_books(ref, run) and same_measure(ref, run) for ref in in_ledgers):
            payload = {"finding_ids": [ref.finding_id for ref in issue.findings], **_about(run), **_left_out(in_ledgers, coverage)}
            yield Draft(issue.issue_id, issue.version + 1, Kind.PUT_FORWARD, run.at, run.actor, payload)


def _may_be_put_forward(issue: Issue | Known) -> bool:
    return issue.state not in _NOT_PUT_FORWARD and not issue.cleared_by


def _left_out(refs: Sequence[FindingRef], coverage: Coverage) -> dict[str, Any]:
    """What speaks for a row that was taken out or left out instead of put right."""
    gone = [list(each) for each in coverage.standing.gone(refs)]
    return {**_fewer_rows(refs, coverage), **({"gone": gone} if gone else {})}


def _fewer_rows(refs: Iterable[FindingRef], coverage: Coverage) -> dict[str, Any]:
    """Where a check looked at fewer rows than when it found the matter: the row may have been left out, not put right."""
    seen = [(ref.population, coverage.population(ref)) for ref in refs]
    fewer = [[before, now] for before, now in seen if before is not None and now is not None and now < before]
    return {"fewer": min(fewer, key=lambda rows: rows[1] - rows[0])} if fewer else {}


def same_measure(ref: FindingRef, run: Run) -> bool:
    """Whether the run judged by the parameters by which it was found, as far as both are told.

    A payment over a limit that is no longer found because somebody raised the limit is not put right.
    """
    measure = run.measures.get(ref.rule)
    return not ref.measured or not measure or dict(ref.measured) == dict(measure)


def same_books(ref: FindingRef, run: Run | AuditRun) -> bool:
    """Whether the run read the books in which the finding stood, as they are now or later.

    A voucher of last year is not in this year's journal: its absence there shows nothing. Neither does that in the books of
    another county, or in those of an earlier day than the day by which it was found.
    """
    is_same_year = run.fiscal_year is None or ref.fiscal_year is None or run.fiscal_year == ref.fiscal_year
    is_same_county = not ref.county or not run.county or run.county == ref.county
    return is_same_year and is_same_county and (ref.as_of is None or run.as_of >= ref.as_of)
