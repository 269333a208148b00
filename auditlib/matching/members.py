"""The roster of members against what was distributed: every share gives the same amount, and every member once."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..catalog.specs import CheckSpec
from ..checks.frames import Frames
from ..checks.outcome import Outcome, applicable
from ..checks.shown import yuan
from ..words.records import Match
from .keyed import meet
from .reconciliation import Reconciled, name_of

Row = Mapping[str, Any]
_SHARES = 10_000  # shares are held in ten-thousandths


def roster_and_distribution(frames: Frames, spec: CheckSpec) -> Reconciled:
    """Members by number: what the share of the roster gives at the usual amount a share, against what was paid.

    The usual amount is the one that most members got; a fen of rounding is none. Arguments: out (statuses of members who
    have no claim). Ledgers: members, distributions.
    """
    (members, paid), out = spec.ledgers, set(spec.arguments.get("out", ()))
    needs = {paid: ["member_no", "amount"], members: ["member_no", "shares"]}
    looked, reasons = applicable(frames, needs)
    roster = _by_org(frames, members, ("member_no", "shares", "status"))
    got = _by_org(frames, paid, ("fiscal_year", "member_no", "amount"))
    year = frames.settings.fiscal_year
    matches: list[Match] = []
    sides = {}
    for org in sorted(looked):
        theirs = [r for r in got.get(org, ()) if r["fiscal_year"] in (None, year)]
        paid_to = {r["member_no"] for r in theirs}
        mine = [r for r in roster.get(org, ()) if r["status"] not in out or r["member_no"] in paid_to]
        sides[org] = (len(mine), len(theirs))
        matches += _of_org(name_of(spec), org, mine, theirs, frames.settings.language)
    return Reconciled(Outcome((), looked, reasons), tuple(matches), sides=sides)


def _by_org(frames: Frames, ledger: str, fields: Sequence[str]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in frames.records(frames.rows(ledger).select("row_id", "sheet_row", "org_code", *fields)):
        found[row["org_code"] or ""].append(row)
    return found


def _of_org(name: str, org: str, mine: Sequence[Row], theirs: Sequence[Row], language: str) -> Iterator[Match]:
    shares = {r["member_no"]: r["shares"] for r in mine if r["member_no"]}
    rate = usual_amount((shares.get(r["member_no"]), r["amount"]) for r in theirs)
    due = {no: None if held is None or rate is None else round(held * rate[0] / rate[1]) for no, held in shares.items()}
    given = {r["member_no"]: r["amount"] for r in theirs}
    for match in meet(name, org, (mine, "member_no"), (theirs, "member_no"), (), language):
        want, got = due.get(match.left), given.get(match.right)
        if match.how != "key" or want is None or got is None or abs(want - got) <= 1:
            yield match
        else:
            yield Match(name, org, match.left, match.right, match.how, yuan(want - got))


def usual_amount(paid: Any) -> tuple[int, int] | None:
    """(fen, shares in ten-thousandths) of the amount a share that most payments agree with; of equals the larger. None without any.

    In: (shares, amount) of each payment.
    """
    rates: Counter[int] = Counter()
    known: dict[int, tuple[int, int]] = {}
    for shares, amount in paid:
        if shares and amount and shares > 0 and amount > 0:
            rate = amount * _SHARES // shares  # fen a share
            rates[rate] += 1
            if rate not in known or shares > known[rate][1]:
                known[rate] = (amount, shares)
    return known[max(rates, key=lambda r: (rates[r], r))] if rates else None
