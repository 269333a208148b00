"""What people are paid for days and posts: more days than the calendar has, pay twice, pay over the approved sum."""

from __future__ import annotations

import calendar
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import narwhals as nw

from ..catalog.specs import CheckSpec
from ..kernels.terms import total
from ..words.messages import say
from ..words.records import Case
from .across import Check, Row, evidence
from .frames import Frames
from .outcome import Outcome, applicable
from .payments import bare, lines, lines_of, mentions, money, needs_of, taken_back, vouchers
from .persons import Roster, looks_personal, plain_name
from .shown import plain

_DAYS = re.compile(r"(\d+(?:\.\d+)?)个?(?:天|工日|日工|个工)")
_MONTHS = re.compile(r"(?<!\d)(\d{1,2})(?:月份?)?(?:至|到|-|~|～|—)(\d{1,2})月")
_MONTH = re.compile(r"(?<!\d)(\d{1,2})月(?!\d*日)")
_YEAR = re.compile(r"(?<!\d)(\d{4})年")
_PERIOD = re.compile(r"\d{1,2}月|[一二三四1-4]季度|[上下]半年|\d{4}年|全年")


@dataclass(frozen=True, slots=True)
class Paid:
    """One payment to one person, as its summary says it."""

    person: str
    said: str
    amount: int  # fen
    lines: tuple[Row, ...]

    def is_of(self, year: int) -> bool:
        """Whether the days were worked in `year`: no other year is named, nor a month that lay ahead when it was paid."""
        named = {int(y) for y in _YEAR.findall(self.said)}
        paid_in = int(self.lines[0]["day"]) % 10_000 // 100
        return named <= {year} and max(months_of(self.said), default=0) <= paid_in

    @property
    def voucher(self) -> str:
        return str(self.lines[0]["voucher_no"])


def days_of(text: str) -> Fraction | None:
    """The days that a summary names; None where it names none, or several."""
    found = _DAYS.findall(text)
    return Fraction(found[0]) if len(found) == 1 else None


def months_of(text: str) -> tuple[int, ...]:
    """The months that a summary names: 3月, 1至3月; () where it names none."""
    if span := _MONTHS.search(text):
        first, last = int(span[1]), int(span[2])
    elif one := _MONTH.search(text):
        first = last = int(one[1])
    else:
        return ()
    return tuple(range(first, last + 1)) if 1 <= first <= last <= 12 else ()


def _payments(frames: Frames, journal: str, words: Mapping[str, Sequence[str]]) -> dict[str, list[Paid]]:
    """Organisation -> payments out of cash or bank whose summary has the words, to one named party."""
    rows = lines(frames, journal)
    said = mentions(["summary"], words["any"]) & ~mentions(["summary"], words["but"])
    spent = nw.when(said).then(nw.col("spent")).otherwise(nw.lit(0))
    sums = vouchers(rows, total(spent).alias("worded"))
    failing = sums.filter((nw.col("worded") > 0) & (nw.col("paid") > 0) & (nw.col("red") == 0))
    chosen = rows.filter(said & (nw.col("spent") > 0)).with_columns(bare("summary").alias("said"))
    met = lines_of(frames, chosen, failing, (), ("payee", "said", "spent"), taken_back(frames, journal))
    found: dict[str, list[Paid]] = defaultdict(list)
    for key, mine in sorted(met.items(), key=lambda e: (str(e[0][0]), e[0][2], e[0][1])):
        by_text: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for row in mine:
            if row["payee"] and row["said"]:
                by_text[plain_name(row["payee"]), row["said"]].append(row)
        found[key[0] or ""] += [Paid(who, text, sum(r["spent"] for r in of), tuple(of)) for (who, text), of in by_text.items()]
    return found


# --- F16: days --------------------------------------------------------------------------------------------------------


def days_beyond_calendar(frames: Frames, spec: CheckSpec) -> Outcome:
    """One person paid for more days of labour in a month (or in the year) than it has.

    Only what the summaries of paid vouchers say is known: a person, days, and the month. Arguments: words.
    """
    journal, year = spec.ledgers[0], frames.settings.fiscal_year
    _, reasons = applicable(frames, needs_of(spec))
    looked, cases = {}, list[Case]()
    for org, paid in sorted(_payments(frames, journal, frames.catalog.words["rules"][spec.arguments["words"]]).items()):
        told = [p for p in paid if days_of(p.said) is not None and looks_personal(p.person, frames.catalog.words["persons"])]
        if told:
            looked[org] = len(told)
            cases += _over_days(spec, org, told, year)
    lacking = say("checks.needs.work_sheets", frames.settings.language)
    rest = {o.org_code: reasons.get(o.org_code, lacking) for o in frames.organisations if o.org_code not in looked}
    return Outcome(tuple(cases), looked, rest)


def _over_days(spec: CheckSpec, org: str, paid: Iterable[Paid], year: int) -> Iterator[Case]:
    by_month: dict[tuple[str, tuple[int, ...]], list[Paid]] = defaultdict(list)
    by_year: dict[str, list[Paid]] = defaultdict(list)
    for p in paid:
        if not p.is_of(year):
            continue
        by_year[p.person].append(p)
        if months := months_of(p.said):
            by_month[p.person, months].append(p)
    seen: set[str] = set()
    for (person, months), mine in sorted(by_month.items()):
        there = sum(calendar.monthrange(year, m)[1] for m in months)
        if (case := _days_case(spec, org, person, mine, there, f"{year}-{months[0]:02d}", months[-1])) is not None:
            seen.add(person)
            yield case
    for person, mine in sorted(by_year.items()):
        case = _days_case(spec, org, person, mine, 366 if calendar.isleap(year) else 365, str(year), 12)
        if person not in seen and case is not None:
            yield case


def _days_case(spec: CheckSpec, org: str, person: str, paid: Sequence[Paid], there: int, period: str, last: int) -> Case | None:
    days = sum((days_of(p.said) or Fraction(0) for p in paid), Fraction(0))
    if days <= there:
        return None
    journal, together = spec.ledgers[0], sum(p.amount for p in paid)
    over = round(together * (days - there) / days)
    shown = evidence(journal, [r for p in paid for r in p.lines], ("summary", "counterparty", "debit"))
    numbers = tuple(dict.fromkeys(p.voucher for p in paid))
    return Case(
        spec.rule, org, journal, (person, period, str(last)), numbers, shown, "summary", money(over), str(there), f"{float(days):g}",
        period, detail=person,
    )  # fmt: skip


# --- F17: pay ---------------------------------------------------------------------------------------------------------


def pay_beyond_rate(frames: Frames, spec: CheckSpec) -> Outcome:
    """Pay of one period paid to a cadre twice, or more in the year than the county's rate allows (0: no rate was given).

    Twice is: two vouchers to one cadre with the same words, which name a period, and the same amount. Ledgers: journal, cadres.
    Arguments: words, cap.
    """
    a, (journal, cadres) = spec.arguments, spec.ledgers
    looked, reasons = applicable(frames, needs_of(spec))
    roster, cases = Roster.read(frames, cadres), list[Case]()
    for org, paid in sorted(_payments(frames, journal, frames.catalog.words["rules"][a["words"]]).items()):
        mine = [p for p in paid if roster.is_cadre(org, p.person)]
        if org in looked:
            cases += _twice(spec, org, mine)
            cases += _over_cap(spec, org, mine, a["cap"], str(frames.settings.fiscal_year)) if a["cap"] else ()
    if not a["cap"]:
        reasons |= dict.fromkeys(looked, say("checks.needs.pay_rate", frames.settings.language))
    return Outcome(tuple(cases), looked, reasons)


def _twice(spec: CheckSpec, org: str, paid: Iterable[Paid]) -> Iterator[Case]:
    alike: dict[tuple[str, str, int], list[Paid]] = defaultdict(list)
    for p in paid:
        if _PERIOD.search(p.said):
            alike[p.person, p.said, p.amount].append(p)
    for (person, said, amount), mine in sorted(alike.items()):
        if len(mine) > 1:
            yield _pay_case(spec, org, (person, said), mine, amount * (len(mine) - 1), ("", said), "twice")


def _over_cap(spec: CheckSpec, org: str, paid: Iterable[Paid], cap: int, year: str) -> Iterator[Case]:
    of: dict[str, list[Paid]] = defaultdict(list)
    for p in paid:
        of[p.person].append(p)
    for person, mine in sorted(of.items()):
        together = sum(p.amount for p in mine)
        if together > cap:
            yield _pay_case(spec, org, (person, year), mine, together - cap, (plain(cap, 2), plain(together, 2)), "rate")


def _pay_case(
    spec: CheckSpec, org: str, key: tuple[str, str], paid: Sequence[Paid], over: int, told: tuple[str, str], variant: str
) -> Case:
    journal = spec.ledgers[0]
    shown = evidence(journal, [r for p in reversed(paid) for r in p.lines], ("summary", "counterparty", "debit"))
    numbers = tuple(dict.fromkeys(p.voucher for p in paid))
    return Case(
        spec.rule, org, journal, (*key, variant), numbers, shown, "summary", money(over), *told, variant=variant, detail=paid[0].person
    )


CHECKS: dict[str, Check] = {"days_beyond_calendar": days_beyond_calendar, "pay_beyond_rate": pay_beyond_rate}
