"""Which accounts stand for what in the chart of a year: checks ask for `cash` or `wages`, never for a number.

`expectations/charts/*.yaml` gives the accounts of every role under `roles`; in a check {$ACCOUNTS: cash}, or a list of roles,
stands for them, and {$ACCOUNT: construction} for the first one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..catalog.specs import Catalog
from ..words.errors import CatalogError


class NoAccounts(CatalogError):
    """The chart of the year has no accounts of a role, or no chart was in force: what goes by them does not apply."""

    def __init__(self, year: int, role: str, known: Sequence[str]) -> None:
        self.year, self.role = year, role
        super().__init__(f"charts: no accounts for '{role}' in {year}; candidates: {', '.join(sorted(known)) or '-'}")


def chart_of(catalog: Catalog, year: int) -> Mapping[str, Any]:
    """The chart of collectives in force in a year. Raises NoAccounts for a year before the first."""
    for _, chart in sorted(catalog.charts.items(), reverse=True):
        if chart["valid_from"].year <= year and (not chart.get("valid_to") or year <= chart["valid_to"].year):
            return chart
    raise NoAccounts(year, "", ())


def accounts_of(catalog: Catalog, year: int, *roles: str) -> tuple[str, ...]:
    """The first digits of the accounts of these roles in the chart of the year; () for a role that it says nobody has.

    Raises NoAccounts for a role that the chart does not name.
    """
    known = chart_of(catalog, year).get("roles") or {}
    for role in roles:
        if role not in known:
            raise NoAccounts(year, role, tuple(known))
    return tuple(str(code) for role in roles for code in known[role])
