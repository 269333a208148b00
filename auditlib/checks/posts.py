"""Posts that one person or one family must not hold together, and groups that nobody keeps books for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import narwhals as nw

from ..catalog.specs import CheckSpec
from ..kernels.terms import holds
from ..words.messages import say
from ..words.records import Case
from .across import Row, evidence
from .frames import Frames
from .outcome import Outcome, applicable
from .payments import bare, by_org, mentions, money, needs_of
from .persons import Person, Roster, plain_name


def supervisors_related(frames: Frames, spec: CheckSpec) -> Outcome:
    """A supervisor who is the near relative of a director or of finance staff of the organisation. Arguments: variant."""
    cadres, variant = spec.ledgers[0], spec.arguments["variant"]
    looked, reasons = applicable(frames, needs_of(spec))
    roster, cases = Roster.read(frames, cadres), []
    for org in sorted(looked):
        for person, other in _watching_kin(roster, org):
            shown = evidence(cadres, [{"row_id": person.row_id}, {"row_id": other.row_id}], ("related_to", "role", "name"))
            key = (person.name, variant)
            cases.append(Case(spec.rule, org, cadres, key, key[:1], shown, "related_to", actual=other.name, variant=variant))
    return Outcome(tuple(cases), looked, reasons)


def _watching_kin(roster: Roster, org: str) -> Iterator[tuple[Person, Person]]:
    people = roster.of(org)
    offices: Mapping[str, list[Person]] = {
        name: [p for p in people if p.name == name and (roster.directs(p) or roster.supervises(p))]
        for name in {p.name for p in people}
    }
    for line in people:
        if not line.related_to:
            continue
        for mine in offices.get(line.name, []):
            for kin in offices.get(line.related_to, []):
                if roster.supervises(mine) and roster.directs(kin):
                    yield mine, kin
                elif roster.directs(mine) and roster.supervises(kin):
                    yield kin, mine


def groups_without_books(frames: Frames, spec: CheckSpec) -> Outcome:
    """A village group to which money came and that has no books of its own, nor a voucher for it in those of its village.

    Ledgers: receipts, statements, and the books (journal, trial balances), of which the county has some. Where the village's
    own books were not handed in, nobody can tell whether they hold the group's money.
    """
    receipts, statements, *books = spec.ledgers
    kept = {org for ledger in books for org in frames.presence(ledger)}
    unseen = {o.org_code for o in frames.organisations if o.level == "village"} - kept
    known = [o for o in frames.organisations if o.level == "group" and (o.org_code in kept or o.parent_code not in unseen)]
    groups = {o.org_code: o.parent_code for o in known}
    money_of = _money_came(frames, receipts, statements)
    looked = dict.fromkeys(groups, 1) if kept else {}
    told = say("money.no_group", frames.settings.language)
    reasons = {o.org_code: told for o in frames.organisations if o.org_code not in looked}
    if not kept:
        return Outcome((), looked, reasons)
    cases = []
    for org in sorted(set(groups) & set(money_of) - kept):
        ledger, field, rows = money_of[org]
        if not _booked_above(frames, books[0], groups[org], {r["named"] for r in rows if r["named"]}):
            shown, came = evidence(ledger, rows, (field,)), money(sum(r["came"] for r in rows))
            cases.append(Case(spec.rule, org, ledger, (org,), (org,), shown, field, came))
    return Outcome(tuple(cases), looked, reasons)


def _booked_above(frames: Frames, journal: str, village: str, named: set[str]) -> bool:
    """True when the books of the village speak of the group's account or contracts."""
    if not frames.has(journal) or not named:
        return False
    rows = frames.plain(journal).filter(nw.col("org_code") == village)
    return bool(frames.records(rows.filter(mentions(["summary", "detail"], sorted(named))).select("row_id").head(1)))


def _money_came(frames: Frames, receipts: str, statements: str) -> dict[str, tuple[str, str, list[Row]]]:
    """Organisation -> ledger, field and rows: receipts of money without a voucher, or else what its bank statement shows."""
    found: dict[str, tuple[str, str, list[Row]]] = {}
    for ledger, field, named in ((statements, "paid_in", "account_no"), (receipts, "amount_received", "contract_no")):
        if not frames.has(ledger):
            continue
        rows = frames.plain(ledger).filter(holds(nw.col(field) > 0))
        if ledger == receipts:
            rows = rows.filter(nw.col("voucher_no").is_null())
        chosen = rows.select("row_id", "org_code", nw.col(field).alias("came"), nw.col(named).alias("named"))
        found.update({org: (ledger, field, mine) for org, mine in by_org(frames.records(chosen)).items()})
    return found


def one_person_two_posts(frames: Frames, spec: CheckSpec) -> Outcome:
    """One person in two posts of an organisation; a group that is only in the register does not count. Arguments: posts."""
    ledger, *books = spec.ledgers
    one, other = spec.arguments["posts"]
    looked, reasons = applicable(frames, {ledger: [one, other]})
    rows = frames.rows(ledger).filter(~nw.col(one).is_null() & ~nw.col(other).is_null())
    rows = rows.filter(bare(one) == bare(other))
    empty = {o.org_code for o in frames.organisations if o.level == "group"}
    empty -= {org for book in books for org in frames.presence(book)}
    cases = [
        Case(
            spec.rule, row["org_code"] or "", ledger, (plain_name(row[one]),), (plain_name(row[one]),),
            evidence(ledger, [row], (other, one)), other, actual=row[one],
        )
        for row in frames.records(rows.select("row_id", "org_code", one))
        if row["org_code"] not in empty
    ]  # fmt: skip
    return Outcome(tuple(cases), looked, reasons)
