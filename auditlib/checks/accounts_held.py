"""Bank accounts: on file, and in the name of the organisation."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

import narwhals as nw

from ..catalog.specs import CheckSpec
from ..words.records import Case, Evidence, Organisation
from .across import Row, evidence
from .frames import Frames
from .outcome import Outcome, applicable
from .payments import by_org, needs_of
from .persons import Roster, looks_personal, plain_name

FEWEST_DIGITS = 4  # of an account number that still names an account


def same_account(one: str, other: str) -> bool:
    """True when two texts may name one account: equal, the middle of one hidden (6228****1234), or its last digits only."""
    if one == other:
        return True
    for short, whole in ((one, other), (other, one)):
        if "*" in short and re.fullmatch(r"\d+".join(re.escape(p) for p in re.split(r"\*+", short)), whole):
            return True
        if short.isdigit() and len(short) >= FEWEST_DIGITS and len(short) < len(whole) and whole.endswith(short):
            return True
    return False


def statements_without_filing(frames: Frames, spec: CheckSpec) -> Outcome:
    """A bank statement of an account that stands in no filing list of the county. Ledgers: statements, filing list.

    An organisation that nobody's list speaks for is left out: its list may only not have been handed in.
    """
    statements, filing = spec.ledgers
    looked, reasons = applicable(frames, {statements: ["account_no"], filing: ["account_no"]})
    known = frames.rows(filing).filter(~nw.col("account_no").is_null())
    listed = frames.records(known.select("org_code", "source_id", "account_no").unique(), ["source_id", "org_code", "account_no"])
    filed = {r["account_no"] for r in listed}
    for org in sorted(_spoken_for(frames, listed) & set(reasons) & set(frames.presence(statements))):
        looked[org] = frames.presence(statements)[org].rows
        del reasons[org]
    stated = frames.rows(statements).filter(~nw.col("account_no").is_null())
    first = stated.group_by("org_code", "account_no").agg(nw.col("row_id").min())
    cases = [
        Case(
            spec.rule, row["org_code"] or "", statements, (row["account_no"],), (row["account_no"],),
            (Evidence(statements, row["row_id"], ("account_no", "date")),), "account_no", actual=row["account_no"],
            variant="unlisted",
        )
        for row in frames.records(first)
        if (row["org_code"] or "") in looked and not _stands_in(row["account_no"], filed)
    ]  # fmt: skip
    return Outcome(tuple(cases), looked, reasons)


def _spoken_for(frames: Frames, listed: Iterable[Row]) -> set[str]:
    """Organisations that a list of several organisations of their township (or village) would have named, had they an account."""
    parents = {o.org_code: o.parent_code for o in frames.organisations}
    of_source: dict[int, set[str]] = defaultdict(set)
    for row in listed:
        of_source[row["source_id"]].add(row["org_code"] or "")
    found: set[str] = set()
    for orgs in of_source.values():
        if len(orgs) > 1:
            above = {parents.get(o) for o in orgs if parents.get(o)}
            found |= {o for o, parent in parents.items() if parent in above}
    return found


def _stands_in(account: str, filed: Collection[str]) -> bool:
    return account in filed or any(same_account(account, f) for f in filed)


def held_by_person(frames: Frames, spec: CheckSpec) -> Outcome:
    """A filed account whose holder is a person. Ledgers: filing list; cadres and members, where there are any."""
    filing, cadres, members = spec.ledgers
    looked, reasons = applicable(frames, needs_of(spec))
    rows = frames.rows(filing).filter(~nw.col("holder").is_null() & ~nw.col("account_no").is_null())
    known = Roster.read(frames, cadres).names()
    filed = frames.records(rows.select("row_id", "org_code", "account_no", "holder"))
    enrolled = known | _members(frames, members, {plain_name(r["holder"]) for r in filed})
    by_code = {o.org_code: o for o in frames.organisations}
    cases = []
    for org, mine in sorted(by_org(filed).items()):
        names = _names_of(by_code, org)
        cases += [_holder_case(spec, org, row, names) for row in mine if _is_person(frames, row["holder"], names, enrolled)]
    return Outcome(tuple(cases), looked, reasons)


def _is_person(frames: Frames, holder: str, names: Iterable[str], enrolled: Collection[str]) -> bool:
    name = plain_name(holder)
    if any(name and name in own for own in names):  # a short name of the organisation
        return False
    return name in enrolled or looks_personal(name, frames.catalog.words["persons"])


def _names_of(by_code: Mapping[str, Organisation], org: str) -> list[str]:
    """The names of the organisation and of those above it."""
    found, code = [], org
    while code in by_code and len(found) < len(by_code):
        found.append("".join(by_code[code].name.split()))
        code = by_code[code].parent_code
    return found


def _members(frames: Frames, ledger: str, wanted: Collection[str]) -> frozenset[str]:
    """Those of the names that some roster of members holds."""
    if not frames.has(ledger) or not wanted:
        return frozenset()
    rows = frames.plain(ledger).filter(nw.col("name").is_in(sorted(wanted)))
    return frozenset(r["name"] for r in frames.records(rows.select("name").unique(), ["name"]))


def _holder_case(spec: CheckSpec, org: str, row: Row, names: list[str]) -> Case:
    ledger = spec.ledgers[0]
    return Case(
        spec.rule, org, ledger, (row["account_no"],), (row["account_no"],), evidence(ledger, [row], ("holder", "account_no")),
        "holder", expected=names[0] if names else "", actual=row["holder"],
    )  # fmt: skip
