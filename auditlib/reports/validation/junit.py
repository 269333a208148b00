"""JUnit XML: a suite for each file, a test case for each rule of each ledger in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from ...checks.alone import FileCheck
from ...words.records import CheckResult
from ..masking import mask
from .listing import printable
from .remarks import Remark, Validation


def as_junit(value: Validation) -> str:
    """Passed, failed, skipped (with the reason) and could not run, as test reports know them.

    A rule fails when one of its findings counts; findings that are accepted or below the threshold stand in its output.
    Characters that XML 1.0 does not know come out as �.
    """
    suites = [_suite(value, check) for check in value.files]
    root = Element("testsuites", _counts(suites) | {"name": "auditlib validate", "time": "0"})
    root.extend(suites)
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _counts(suites: Sequence[Element]) -> dict[str, str]:
    return {name: str(sum(int(s.attrib[name]) for s in suites)) for name in ("tests", "failures", "errors", "skipped")}


def _suite(value: Validation, check: FileCheck) -> Element:
    cases = [*_reading(value, check), *_rules(value, check)]
    met = {tag: str(sum(c.find(tag) is not None for c in cases)) for tag in ("failure", "error", "skipped")}
    counts = {"tests": str(len(cases)), "failures": met["failure"], "errors": met["error"], "skipped": met["skipped"], "time": "0"}
    suite = Element("testsuite", {"name": printable(check.file)} | counts)
    suite.extend(cases)
    return suite


def _reading(value: Validation, check: FileCheck) -> Iterator[Element]:
    """One case for the file itself: an error where it could not be read, a failure where a sheet could not be used."""
    case = _case(check.file, value.say("validate.reading"))
    problems = [r for r in value.remarks if r.file == check.file and "." in r.code]
    if any(value.fails(r) for r in problems):
        tag = "failure" if check.is_readable else "error"
        SubElement(case, tag, {"message": printable(problems[0].message), "type": problems[0].code}).text = _lines(problems)
    elif problems:
        SubElement(case, "system-out").text = _lines(problems)
    yield case


def _rules(value: Validation, check: FileCheck) -> Iterator[Element]:
    results: dict[tuple[str, str], list[CheckResult]] = defaultdict(list)
    for result in check.checks:
        results[result.rule, result.ledger].append(result)
    remarks: dict[tuple[str, str], list[Remark]] = defaultdict(list)
    for remark in value.remarks:
        if remark.file == check.file and remark.ledger:
            remarks[remark.code, remark.ledger].append(remark)
    for rule, ledger in sorted({*results, *remarks}):
        yield _rule(value, check, rule, ledger, results[rule, ledger], remarks[rule, ledger])


def _rule(value: Validation, check: FileCheck, rule: str, ledger: str, results: Sequence[CheckResult], found: Sequence[Remark]) -> Element:
    card, spec = value.catalog.rules.get(rule), value.catalog.ledgers.get(ledger)
    name = " ".join(p for p in (rule, card.name[value.language] if card else "", spec.label(value.language) if spec else "") if p)
    case = _case(check.file, name)
    failing = [r for r in found if value.fails(r)]
    unrun = [r for r in results if r.status == "could_not_run"]
    if failing:
        SubElement(case, "failure", {"message": printable(failing[0].message), "type": failing[0].severity}).text = _lines(failing)
    elif unrun:
        SubElement(case, "error", {"message": printable(mask(unrun[0].reason)), "type": "could_not_run"})
    elif not found and results and all(r.status == "not_applicable" for r in results):
        SubElement(case, "skipped", {"message": printable(mask(results[0].reason))})
    if left := [r for r in found if r not in failing]:
        SubElement(case, "system-out").text = _lines(left)
    return case


def _case(file: str, name: str) -> Element:
    return Element("testcase", {"classname": printable(file), "name": printable(name), "time": "0"})


def _lines(remarks: Sequence[Remark]) -> str:
    return "\n".join(printable(f"{r.place}: {r.message} ({r.remark_id})") for r in remarks)
