"""Findings and file problems of single files as one kind of value, ready to be shown outside the working papers."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ...catalog.specs import Catalog
from ...checks.alone import FileCheck
from ...checks.baseline import Accepted
from ...words.messages import say
from ...words.records import FileProblem, Finding, Source
from ..masking import mask

SEVERITIES = ("red", "orange", "yellow", "blue")  # gravest first
ROWS_NAMED = 10  # of those that were set aside for one reason
_PROBLEMS = {"sheet.failed": "red", "sheet.unrecognised": "orange", "file.without_ledger": "orange"}


@dataclass(frozen=True, slots=True)
class Remark:
    """A finding, or a file or sheet that could not be used. Texts are masked, not escaped: each format does that its own way."""

    remark_id: str  # finding_id; of a problem a hash of code, file and sheet
    code: str  # rule id, or key of the message catalogue
    severity: str
    file: str
    sheet: str
    row: int | None  # 1-based
    column: str  # letters
    ledger: str
    title: str
    message: str
    accepted: Accepted | None = None
    is_expired: bool = False  # accepted once, no longer

    @property
    def cell(self) -> str:
        """B12, row 12 as 12, '' where no row is known."""
        return "" if self.row is None else f"{self.column}{self.row}"

    @property
    def place(self) -> str:
        """file › sheet › cell, as far as they are known."""
        return " › ".join(p for p in (self.file, self.sheet, self.cell) if p)

    @property
    def is_accepted(self) -> bool:
        return self.accepted is not None and not self.is_expired


@dataclass(frozen=True, slots=True)
class Validation:
    """All files of one call. `remarks` stand by file in the order given, then gravest first."""

    files: tuple[FileCheck, ...]
    findings: tuple[Finding, ...]  # masked, in the order of their remarks
    remarks: tuple[Remark, ...]
    unmatched: tuple[Accepted, ...]  # baseline entries that fit nothing in these files
    passed_over: tuple[str, ...]  # files of a folder that can hold no ledger
    language: str
    fail_on: str
    catalog: Catalog

    def fails(self, remark: Remark) -> bool:
        """Whether the remark makes the call end with a status other than 0."""
        return not remark.is_accepted and SEVERITIES.index(remark.severity) <= SEVERITIES.index(self.fail_on)

    @property
    def failing(self) -> tuple[Remark, ...]:
        return tuple(r for r in self.remarks if self.fails(r))

    @property
    def errors(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(e for f in self.files for e in f.errors))

    @property
    def status(self) -> int:
        """0 nothing that counts, 1 findings that count or a rule that failed on our side, 2 a file that could not be read."""
        unread = {f.file for f in self.files if not f.is_readable}
        if any(r.file in unread and r.code.startswith("file.") and not r.is_accepted for r in self.remarks):
            return 2
        return 1 if self.failing or self.errors else 0

    def say(self, key: str, /, **values: object) -> str:
        return say(key, self.language, **values)


def validation(
    files: Sequence[FileCheck], catalog: Catalog, *, baseline: Sequence[Accepted], today: dt.date, language: str, fail_on: str,
    problems: Sequence[FileProblem] = (), passed_over: Sequence[str] = (),
) -> Validation:  # fmt: skip
    """One value of all that was found; `catalog` names what no file's own does. `problems` are folders and links that could not
    be followed; `today` decides which acceptances still hold."""
    by_id = {a.finding_id: a for a in baseline}
    ledgers = {name: spec for check in files for name, spec in check.catalog.ledgers.items()}
    rules = {name: card for check in files for name, card in check.catalog.rules.items()}
    catalog = replace(catalog, ledgers={**catalog.ledgers, **ledgers}, rules={**catalog.rules, **rules})
    remarks = [_of_problem(p, language) for p in problems]
    findings: list[Finding] = []
    for check in files:
        masked = [_masked(f) for f in check.findings]
        findings += masked
        mine = [_of_problem(p, language) for p in check.problems] + [_of_finding(f, check.catalog, language) for f in masked]
        remarks += sorted(mine, key=lambda r: SEVERITIES.index(r.severity))
    judged = tuple(_judged(r, by_id.get(r.remark_id), today) for r in remarks)
    met = {r.remark_id for r in judged}
    unmatched = tuple(a for a in baseline if a.finding_id not in met)
    return Validation(tuple(files), tuple(findings), judged, unmatched, tuple(passed_over), language, fail_on, catalog)


def _judged(remark: Remark, accepted: Accepted | None, today: dt.date) -> Remark:
    return remark if accepted is None else replace(remark, accepted=accepted, is_expired=not accepted.holds_on(today))


def _masked(finding: Finding) -> Finding:
    """CI logs, annotations and pages travel: long numbers are cut in all texts but the organisation's own code."""
    keep = (finding.org_code,)
    return replace(
        finding,
        records=tuple(mask(r, keep) for r in finding.records),
        expected=mask(finding.expected, keep),
        actual=mask(finding.actual, keep),
        message_zh=mask(finding.message_zh, keep),
        message_en=mask(finding.message_en, keep),
    )


def _of_finding(finding: Finding, catalog: Catalog, language: str) -> Remark:
    card = catalog.rules.get(finding.rule)
    return Remark(
        finding.finding_id, finding.rule, finding.severity, finding.source_file, finding.sheet, finding.row, finding.column, finding.ledger,
        card.name[language] if card else finding.rule, finding.message_zh if language == "zh" else finding.message_en,
    )  # fmt: skip


def _of_problem(problem: FileProblem, language: str) -> Remark:
    identity = "\x1f".join((problem.code, problem.file, problem.sheet))
    severity = _PROBLEMS.get(problem.code, "red" if problem.code.startswith("file.") else "yellow")
    told = mask(say(problem.code, language, file=problem.file, sheet=problem.sheet, detail=problem.detail))
    return Remark(
        hashlib.sha256(identity.encode()).hexdigest()[:16], problem.code, severity, problem.file, problem.sheet, None, "", "",
        say("validate.problem", language), told,
    )  # fmt: skip


# ---- what was not checked ------------------------------------------------------------------------------------


def not_checked(value: Validation, check: FileCheck) -> list[str]:
    """What was not looked at in a file and why, a sentence a reason; an unrun check must not read as assurance."""
    rules: dict[str, dict[str, None]] = defaultdict(dict)
    ran = {c.rule for c in check.checks if c.status in ("passed", "found")}
    for one in check.not_checked:
        told = value.say("validate.not_checked.partly", rule=one.rule) if one.rule in ran else one.rule
        rules[_reason(value, one.why)][told] = None
    for result in check.checks:
        if result.status in ("not_applicable", "could_not_run"):
            rules[value.say("validate.not_checked.reason", reason=mask(result.reason))][result.rule] = None
    lines = [value.say("validate.not_checked.line", rules=" ".join(sorted(found)), why=why) for why, found in sorted(rules.items())]
    for source in check.sources:
        lines += _rows_set_aside(value, source)
        if source.ledger and source.unmapped_columns:
            columns = mask(", ".join(source.unmapped_columns))
            lines.append(value.say("validate.not_checked.columns", sheet=source.sheet or source.file, columns=columns))
    return lines


def _rows_set_aside(value: Validation, source: Source) -> list[str]:
    """The rows of a sheet that were not read, reason by reason."""
    by_reason: dict[str, list[int]] = defaultdict(list)
    for one in source.set_aside:
        by_reason[one.reason].append(one.row)
    sheet = source.sheet or source.file
    return [
        value.say("validate.not_checked.rows", sheet=sheet, n=len(rows), rows=", ".join(map(str, rows[:ROWS_NAMED])), why=value.say(reason))
        for reason, rows in by_reason.items()
    ]


def _reason(value: Validation, why: str) -> str:
    return value.say(f"validate.not_checked.{why}")


def basis_lines(value: Validation, check: FileCheck) -> list[str]:
    """Year and cut-off that a file was judged by, where these were inferred."""
    lines = []
    if check.year_from not in ("asked", "county"):
        lines.append(value.say(f"validate.year.{check.year_from}", year=check.fiscal_year))
    if check.as_of_from == "today":
        lines.append(value.say("validate.as_of.today", day=check.as_of.isoformat()))
    return lines


def totals(value: Validation) -> str:
    """One line: files, findings by severity, what is accepted."""
    counts = {s: sum(r.severity == s and not r.is_accepted for r in value.remarks) for s in SEVERITIES}
    graded = " ".join(f"{value.say(f'severity.{s}')} {n}" for s, n in counts.items() if n)
    accepted = sum(r.is_accepted for r in value.remarks)
    line = value.say("validate.totals" if graded else "validate.totals.none", files=len(value.files), n=sum(counts.values()), graded=graded)
    return line + (value.say("validate.totals.accepted", n=accepted) if accepted else "")


def notices(value: Validation) -> list[str]:
    """What needs somebody's hand beside the remarks: acceptances that ran out or fit nothing, errors of our own."""
    expired = [(r, r.accepted) for r in value.remarks if r.accepted and r.is_expired]
    lines = [value.say("validate.expired", id=r.remark_id, by=a.accepted_by, until=a.until, place=r.place) for r, a in expired]
    lines += [value.say("validate.unmatched", id=a.finding_id, by=a.accepted_by, until=a.until) for a in value.unmatched]
    return lines + [value.say("validate.own_error", error=e) for e in value.errors]


def about_the_call(value: Validation) -> list[str]:
    """The notices, and what stood in the folders and was not looked at."""
    if not value.passed_over:
        return notices(value)
    shown = ", ".join(value.passed_over[:5])
    return [*notices(value), value.say("validate.passed_over", n=len(value.passed_over), files=shown)]
