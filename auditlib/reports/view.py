"""One audit run, laid out for reading: everything by organisation, and where each page stands."""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from ..catalog.specs import Catalog, RuleCard
from ..matching.reconciliation import name_of
from ..words.messages import catalogue, say
from ..words.records import AuditRun, CheckResult, Finding, Match, Organisation, Source
from .county_figures import CountyFigures
from .register_state import RegisterState

SEVERITIES = ("red", "orange", "yellow", "blue")
FAMILIES = ("handover", "inventory", "contracts", "funds")
LIMIT = 200  # rows of a list on one page; what is left out is always said
_SAFE_NAME = re.compile(r"[0-9A-Za-z_-]{1,64}\Z", re.ASCII)
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)\Z", re.IGNORECASE)  # names that Windows keeps for itself
_T = TypeVar("_T")


class IssueLike(Protocol):
    """What a report needs of an issue of the register."""

    issue_id: Any
    rule: Any
    title: Any
    severity: Any
    state: Any
    owner: Any
    deadline: Any
    colour: Any
    colour_zh: Any  # what the place calls the colour
    colour_en: Any
    is_open: Any
    amount: Any
    org_code: Any
    finding_ids: Any


@dataclass(frozen=True, slots=True)
class CountyView:
    """A run with its indexes; made by `view_of` and only read."""

    run: AuditRun
    catalog: Catalog
    issues: tuple[IssueLike, ...]
    language: str
    organisations: Mapping[str, Organisation]  # of the register, and those that only findings name
    registered: frozenset[str]
    township_of: Mapping[str, str]  # '' when none stands above
    children: Mapping[str, tuple[str, ...]]
    findings: Mapping[str, tuple[Finding, ...]]
    checks: Mapping[str, tuple[CheckResult, ...]]
    matches: Mapping[str, tuple[Match, ...]]
    sources: Mapping[str, tuple[Source, ...]]
    listed: Mapping[str, tuple[IssueLike, ...]]
    stems: Mapping[str, str]  # file name of an organisation's pages, without folder and ending
    register: RegisterState | None = None  # what the register told when the report was written; None: nothing is known of it
    papers: frozenset[str] = frozenset()  # rules and reconciliations that have a working paper
    figures: CountyFigures | None = None  # the ledgers in figures; None where the ledgers were not kept

    def t(self, key: str, /, **values: object) -> str:
        """A message of this package in the reader's language."""
        return say(f"reports.{key}", self.language, **values)

    def term(self, key: str, otherwise: str = "") -> str:
        """A word of the catalogue, or `otherwise` where nobody has written one."""
        return say(key, self.language) if key in catalogue() else otherwise

    def name(self, code: str) -> str:
        known = self.organisations.get(code)
        return (known.name if known else "") or code or self.t("no_organisation")

    def ledger(self, name: str) -> str:
        spec = self.catalog.ledgers.get(name)
        return spec.label(self.language) if spec else name

    def field(self, ledger: str, name: str) -> str:
        spec = self.catalog.ledgers.get(ledger)
        found = spec.fields.get(name) if spec else None
        return found.label(self.language) if found else name

    def card(self, rule: str) -> RuleCard | None:
        return self.catalog.rules.get(rule)

    def rule_name(self, rule: str) -> str:
        card = self.card(rule)
        return card.name[self.language] if card else rule

    def family(self, rule: str) -> str:
        card = self.card(rule)
        return card.family if card and card.family in FAMILIES else "other"

    def family_name(self, family: str) -> str:
        return self.term(f"family.{family}", self.t("family.other"))

    def message(self, finding: Finding) -> str:
        return finding.message_zh if self.language == "zh" else finding.message_en or finding.message_zh

    def township_page(self, code: str) -> str:
        return f"townships/{self.stems[code]}.html"

    def book(self, code: str) -> str:
        return f"organisations/{self.stems[code]}.html"

    def paper(self, name: str) -> str:
        """The working paper of a rule or a reconciliation; '' where it has none."""
        return f"papers/{file_stem(name)}.html" if name in self.papers else ""


def severity_rank(severity: str) -> int:
    return SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)


def file_stem(code: str) -> str:
    """A file name for an organisation code: the code where it is harmless, else a hash of it."""
    if _SAFE_NAME.match(code) and not _RESERVED.match(code):
        return code
    return "x-" + hashlib.sha256(code.encode("utf-8", "backslashreplace")).hexdigest()[:16]


def _stems(codes: Iterable[str]) -> dict[str, str]:
    """File names that also differ where upper and lower case are one."""
    stems = {code: file_stem(code) for code in codes}
    taken = Counter(stem.casefold() for stem in stems.values())
    return {c: s if taken[s.casefold()] == 1 else f"{s}-{hashlib.sha256(c.encode()).hexdigest()[:8]}" for c, s in stems.items()}


def stems_of(run: AuditRun) -> Mapping[str, str]:
    """Organisation -> the name of its files, without folder and ending."""
    return _stems(_organisations(run))


def _by_org(items: Iterable[_T]) -> dict[str, tuple[_T, ...]]:
    found: dict[str, list[_T]] = defaultdict(list)
    for item in items:
        found[str(getattr(item, "org_code", "") or "")].append(item)
    return {code: tuple(group) for code, group in found.items()}


def _organisations(run: AuditRun) -> dict[str, Organisation]:
    """The register, then organisations that only findings name; they must not be lost."""
    known = {o.org_code: o for o in run.organisations}
    strangers = {
        f.org_code: Organisation(f.org_code, f.org_name if f.org_code else "", "")
        for f in run.findings
        if f.org_code not in known
    }
    return known | dict(sorted(strangers.items()))


def _township(code: str, known: Mapping[str, Organisation]) -> str:
    seen: set[str] = set()
    while code in known and code not in seen:
        if known[code].level == "township":
            return code
        seen.add(code)
        code = known[code].parent_code
    return ""


def _children(known: Mapping[str, Organisation]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = defaultdict(list)
    for organisation in known.values():
        found[organisation.parent_code].append(organisation.org_code)
    return {parent: tuple(sorted(codes)) for parent, codes in found.items()}


def _papers(run: AuditRun, catalog: Catalog) -> frozenset[str]:
    """Rules of which a test was to run, and reconciliations: each leaves a working paper, also where it came to nothing."""
    rules = {c.rule for c in run.checks} | {f.rule for f in run.findings}
    return frozenset(rules | {m.reconciliation for m in run.matches} | {name_of(spec) for spec in catalog.reconciliations})


def reading_order(finding: Finding) -> tuple[int, str, str, str, int, str]:
    """Worst first, then by rule and place."""
    return (
        severity_rank(finding.severity),
        finding.rule,
        finding.source_file,
        finding.sheet,
        finding.row or 0,
        finding.finding_id,
    )


def view_of(
    run: AuditRun, catalog: Catalog, issues: Sequence[IssueLike], language: str, register: RegisterState | None = None,
    figures: CountyFigures | None = None,
) -> CountyView:  # fmt: skip
    """The run laid out for reading in `language` (zh or en)."""
    known = _organisations(run)
    return CountyView(
        run=run,
        catalog=catalog,
        issues=tuple(issues),
        language=language,
        organisations=known,
        registered=frozenset(o.org_code for o in run.organisations),
        township_of={code: _township(code, known) for code in known},
        children=_children(known),
        findings=_by_org(sorted(run.findings, key=reading_order)),
        checks=_by_org(run.checks),
        matches=_by_org(run.matches),
        sources=_by_org(sorted(run.sources, key=lambda s: (s.file, s.source_id))),
        listed=_by_org(issues),
        stems=_stems(known),
        register=register,
        papers=_papers(run, catalog),
        figures=figures,
    )
