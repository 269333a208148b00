"""How a case is judged: how much it weighs, and by which rules, those in force on the day of the act."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ..catalog.settings import Settings
from ..catalog.specs import RuleCard, SeverityBand
from ..words.messages import say
from ..words.records import Case


@dataclass(frozen=True, slots=True)
class Act:
    """The act that a case is about. A balance at a year's end has no day of its own: it belongs to the audited year."""

    is_dated: bool  # whether its ledger says on which day such an act was done
    on: dt.date | None  # that day, None where it could not be read


def severity_of(card: RuleCard, case: Case, settings: Settings) -> str:
    """red, orange, yellow or blue: of the first band of the card that describes the case, else the card's own."""
    return next((band.severity for band in card.bands if _describes(band, case, settings)), card.severity)


def _describes(band: SeverityBand, case: Case, settings: Settings) -> bool:
    if band.variants and case.variant not in band.variants or band.ledgers and case.ledger not in band.ledgers:
        return False
    low, high = (_yuan(limit, settings) for limit in (band.amount_over, band.amount_up_to))
    if low is None and high is None:
        return True
    return case.amount is not None and (low is None or case.amount > low) and (high is None or case.amount <= high)


def _yuan(limit: Any, settings: Settings) -> Decimal | None:
    """An amount in 元: a number, or the county's own parameter of that name."""
    if limit is None:
        return None
    return Decimal(str(settings.parameters[limit] if isinstance(limit, str) else limit))


def basis_of(card: RuleCard, case: Case, act: Act, settings: Settings) -> str:
    """Law and article of what was in force on the day of the act, joined with ；.

    Where the day is not known, or nothing of that time is on the card, what was in force in the audited year, and that is said.
    """
    laws = [law for law in card.basis if not law.get("variants") or case.variant in law["variants"]]
    if act.on and (cited := _cited(laws, act.on, act.on)):
        return cited
    in_year = _cited(laws, settings.year_start, settings.year_end)
    if act.on:
        return in_year + say("checks.basis_not_of_then", "zh", day=act.on.isoformat(), year=settings.fiscal_year)
    return in_year + say("checks.basis_of_year", "zh", year=settings.fiscal_year) if act.is_dated else in_year


def _cited(laws: Iterable[Mapping[str, Any]], first: dt.date, last: dt.date) -> str:
    """Everything in force on some day from `first` to `last`."""
    texts = []
    for law in laws:
        begins, ends = _day(law.get("valid_from")), _day(law.get("valid_to"))
        if (begins is None or begins <= last) and (ends is None or ends >= first):
            texts.append(f"{law.get('law_zh') or law.get('law', '')}{law.get('article', '')}")
    return "；".join(dict.fromkeys(t for t in texts if t))


def _day(text: str | dt.date | None) -> dt.date | None:
    if not text:
        return None
    return text if isinstance(text, dt.date) else dt.date.fromisoformat(text)
