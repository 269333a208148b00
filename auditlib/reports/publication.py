"""公开表: what one organisation puts on its notice board for one period, as values; pages and workbooks are made of it.

The law asks for it: 农村集体经济组织法 article 45, 村民委员会组织法 article 30, 村级财务公开规定 article 8. Everything is masked before
it gets here; every sum is tied to the books; what was not delivered is said to be not published.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import narwhals as nw

from ..checks.charts import of_other_chart
from ..checks.frames import Frames
from ..checks.publication import period_days, periods_expected, side_by_side
from ..issues.issue import Issue
from ..words.errors import WorkspaceError
from ..words.messages import say
from .coverage import keeps_ledgers
from .publication_books import Books, ChartWords, books_of, chart_words
from .publication_masking import Veil, people_named
from .publication_ties import Tie, differing, ties_of
from .results import Results
from .view import CountyView

REGISTERS = ("bank_accounts", "claims", "contracts", "receipts", "resources", "fixed_assets", "distributions")
_PEOPLE = {"cadres": "name", "members": "name", "distributions": "name", "contracts": "party_b", "claims": "counterparty"}
_YEAR = re.compile(r"\d{4}")


@dataclass(frozen=True, slots=True)
class Period:
    """The days that a sheet tells of: a month (2025-12), a quarter (2025Q4) or a year (2025)."""

    name: str
    first: dt.date
    last: dt.date

    def told(self, language: str) -> str:
        """2025年12月, 2025年第4季度, 2025年度."""
        kind = "quarter" if "Q" in self.name else "month" if "-" in self.name else "year"
        part = self.name.partition("Q" if kind == "quarter" else "-")[2].lstrip("0")
        return say(f"publication.period.{kind}", language, year=self.first.year, part=part)


@dataclass(frozen=True, slots=True)
class Objections:
    """When and to whom a member may object: not counted is the day of posting (民法典 article 201)."""

    posted_on: dt.date
    days: int
    to: str

    @property
    def first(self) -> dt.date:
        return self.posted_on + dt.timedelta(days=1)

    @property
    def last(self) -> dt.date:
        return self.posted_on + dt.timedelta(days=self.days)


@dataclass(frozen=True, slots=True)
class Shown:
    """A figure that the organisation published before, by its own register, with what the books say; 元."""

    item: str
    amount: Decimal
    booked: Decimal | None


@dataclass(frozen=True, slots=True)
class Board:
    """Everything on one sheet, masked. `reasons` say why it may not be posted; empty when it may."""

    org_code: str
    name: str
    period: Period
    books: Books
    words: ChartWords
    registers: Mapping[str, tuple[Mapping[str, Any], ...] | None]  # rows of each ledger; None: nothing was delivered
    matters: tuple[Issue, ...] | None  # audit and rectification; None: the register of issues was not there
    ties: tuple[Tie, ...]
    shown: tuple[Shown, ...]
    objections: Objections
    veil: Veil
    people: frozenset[str]  # names that its texts must not tell
    reasons: tuple[str, ...]


def period_of(text: str, fiscal_year: int, every: str, as_of: dt.date) -> Period:
    """The period that `text` names ('' : the last one that is over on `as_of`). Raises WorkspaceError with candidates."""
    names = [*periods_expected(fiscal_year, "month"), *periods_expected(fiscal_year, "quarter"), str(fiscal_year)]
    known = {name: _days(name) for name in names}
    if not text:
        over = [name for name in periods_expected(fiscal_year, every) if known[name][1] < as_of]
        text = over[-1] if over else periods_expected(fiscal_year, every)[0]
    if text not in known:
        values = {"given": text, "year": fiscal_year, "candidates": ", ".join(names)}
        raise WorkspaceError(say("publication.error.period", "zh", **values) + "\n" + say("publication.error.period", "en", **values))
    return Period(text, *known[text])


def _days(name: str) -> tuple[dt.date, dt.date]:
    if _YEAR.fullmatch(name):
        return dt.date(int(name), 1, 1), dt.date(int(name), 12, 31)
    found = period_days(name)
    assert found is not None, "the periods of a year are known"
    return found


def boards(
    results: Results, view: CountyView, codes: Sequence[str], period: Period, posted_on: dt.date, issues: Sequence[Issue] | None
) -> list[Board]:
    """The sheets of `codes` in their order; who delivered neither journal nor trial balance has none.

    `issues` are those of the register as they stand, None where there is none. Raises WorkspaceError where the folder keeps no ledgers.
    """
    told = dict(results.run.parameters)
    words = chart_words(results.catalog, results.run.fiscal_year)
    veil = Veil(
        results.catalog.words["persons"], results.catalog.words["notice_board"], frozenset(view.organisations),
        told.get("published_names", "surname") != "full", view.language,
    )  # fmt: skip
    with results.ledgers() as frames:
        books = books_of(frames, codes, words, period.first, period.last)
        kept = {name: _rows(frames, name, codes) for name in REGISTERS}
        shown = _shown(frames, period)
        people = _people(frames, codes, veil)
        other_charts = of_other_chart(frames)
    made = []
    for code in codes:
        if code not in books:
            continue
        ties = ties_of(books[code], words, view.matches.get(code, ()), view.language)
        registers = {name: rows.get(code) if rows is not None else None for name, rows in kept.items()}
        matters = None if issues is None else tuple(i for i in issues if i.org_code == code)
        made.append(Board(
            code, view.name(code), period, books[code], words, registers, matters, ties, tuple(shown.get(code, ())),
            Objections(posted_on, int(Decimal(told.get("objection_days", "7"))), _to_whom(view, code, told.get("objection_to", ""))),
            veil, people.get(code, frozenset()), _reasons(view, period, books[code], ties, other_charts.get(code, "")),
        ))  # fmt: skip
    return made


def _rows(frames: Frames, ledger: str, codes: Collection[str]) -> dict[str, tuple[Mapping[str, Any], ...]] | None:
    """The rows of a ledger by organisation, in the order of the sheet; None where nobody delivered it."""
    if not frames.has(ledger):
        return None
    found: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in frames.records(frames.rows(ledger).filter(nw.col("org_code").is_in(sorted(codes)))):
        found[row["org_code"]].append(row)
    return {code: tuple(rows) for code, rows in found.items()}


def _people(frames: Frames, codes: Collection[str], veil: Veil) -> dict[str, frozenset[str]]:
    """The names of people that the ledgers of each organisation hold."""
    named: dict[str, list[str | None]] = defaultdict(list)
    for ledger, field in _PEOPLE.items():
        if frames.has(ledger):
            rows = frames.rows(ledger).filter(nw.col("org_code").is_in(sorted(codes))).select("org_code", field).unique()
            for row in frames.records(rows, ["org_code", field]):
                named[row["org_code"]].append(row[field])
    return {code: people_named(names, veil.persons) for code, names in named.items()}


def _shown(frames: Frames, period: Period) -> dict[str, list[Shown]]:
    """What the register of disclosures holds of this period, beside the books."""
    if not (frames.has("disclosures") and frames.has("journal")):
        return {}
    found: dict[str, list[Shown]] = defaultdict(list)
    for code, row, booked in side_by_side(frames, ("disclosures", "journal", "trial_balance")):
        if row["days"] == (period.first, period.last):
            amounts = [None if fen is None else Decimal(fen).scaleb(-2) for fen in (row["amount"], booked)]
            found[code].append(Shown(row["item"], amounts[0] or Decimal(0), amounts[1]))
    return found


def _to_whom(view: CountyView, code: str, setting: str) -> str:
    if setting:
        return setting
    township = view.township_of.get(code, "")
    return say("publication.objection.to", view.language, township=view.name(township) if township else view.run.county)


def _reasons(view: CountyView, period: Period, books: Books, ties: Iterable[Tie], other_chart: str) -> tuple[str, ...]:
    """Why the sheet may not be posted, a sentence each. `other_chart` names the system that the books follow instead of ours."""
    lang, told = view.language, []
    if other_chart:
        told.append(say("publication.reason.other_chart", lang, chart=other_chart))
    if not books.has_journal:
        told.append(say("publication.reason.no_journal", lang))
    if period.last > view.run.as_of:
        told.append(say("publication.reason.not_over", lang, last=period.last.isoformat(), as_of=view.run.as_of.isoformat()))
    if books.unplaced:
        told.append(say("publication.reason.unplaced", lang, n=books.unplaced))
    for tie in differing(ties):
        values = {"label": tie.label, "against": say(f"publication.against.{tie.against}", lang), "difference": f"{tie.difference:,.2f}"}
        told.append(say("publication.reason.differs", lang, **values))
    return tuple(told)


def publishers(view: CountyView, chosen: Collection[str] | None) -> tuple[str, ...]:
    """The organisations that have to publish: who keeps ledgers, of `chosen` where some were named."""
    return tuple(c for c in sorted(view.registered) if keeps_ledgers(view, c) and (chosen is None or c in chosen))
