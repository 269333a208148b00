"""Who stands where: places ranked by how much was found, by the money, and by how much of it is settled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ..issues.digest import percent
from .blocks import text_of
from .figures import Figures, figures_of, grouped, yuan
from .markup import Safe, join, paragraph, table, tag
from .rollup import findings_of
from .view import SEVERITIES, CountyView, IssueLike

_JOINED = "joined"  # goes on as part of another issue, which is counted


@dataclass(frozen=True, slots=True)
class Place:
    """A township or village with all that is beneath it."""

    code: str
    organisations: int
    figures: Figures
    issues: int
    settled: int

    @property
    def closure(self) -> Decimal | None:
        """Settled of all, in percent; None where there is nothing."""
        return percent(self.settled, self.issues)


def place_of(view: CountyView, code: str, codes: Sequence[str]) -> Place:
    """`code` with the organisations `codes` that belong to it."""
    issues = [i for c in codes for i in view.listed.get(c, ()) if text_of(i.state) != _JOINED]
    return Place(code, len(codes), figures_of(findings_of(view, codes)), len(issues), sum(not _is_open(i) for i in issues))


def _is_open(issue: IssueLike) -> bool:
    return bool(issue.is_open)


def worst_first(places: Sequence[Place]) -> list[Place]:
    """By red, orange, yellow, blue findings, then money, then code."""
    return sorted(places, key=lambda p: (*(-p.figures.by_severity[s] for s in SEVERITIES), -p.figures.involved, p.code))


def _ranks(places: Sequence[Place], value: Callable[[Place], Any]) -> dict[str, int]:
    """1 for the highest value; equal values share their rank; who has no value has none."""
    known = [(place.code, value(place)) for place in places if value(place) is not None]
    return {code: 1 + sum(other > mine for _, other in known) for code, mine in known}


def ranking_table(view: CountyView, places: Sequence[Place], names: dict[str, Safe], caption: str, head: str) -> Safe:
    """One row a place, the worst first, with its rank by findings, money and share settled."""
    by_count, by_money = _ranks(places, lambda p: p.figures.total), _ranks(places, lambda p: p.figures.involved)
    by_closure = _ranks(places, lambda p: p.closure)
    rows = []
    for place in worst_first(places):
        counts = [grouped(place.figures.by_severity[s]) if place.figures.by_severity[s] else "·" for s in SEVERITIES]
        closed = "—" if place.closure is None else f"{grouped(place.settled)}/{grouped(place.issues)} = {place.closure}%"
        tail = [_with_rank(grouped(place.figures.total), by_count.get(place.code))]
        tail += [_with_rank(yuan(place.figures.involved), by_money.get(place.code)), _with_rank(closed, by_closure.get(place.code))]
        rows.append([names[place.code], grouped(place.organisations), *counts, *tail])
    columns = [(head, "head"), (view.t("cover.organisations"), "num"), *((view.term(f"severity.{s}"), "num") for s in SEVERITIES)]
    columns += [(view.t("column.count"), "num"), (view.t("figure.involved_yuan"), "num"), (view.t("column.closure"), "num")]
    return join((table(caption, columns, rows), paragraph(view.t("ranking.places"), "note")))


def _with_rank(value: str, rank: int | None) -> Safe:
    return join((value, tag("small", f"#{rank}") if rank else ""))
