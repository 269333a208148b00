"""{"$PARAMETER": ...} in an expectation or a check, resolved to what the integer columns hold; {"$ACCOUNTS": …} to account numbers.

`cash_limit` is a parameter of the county, `year_start`, `year_end`, `as_of` and `fiscal_year` come from its settings, and
`year_end - stale_years` is the date so long before. Yuan become fen, mu millionths, ratios ten-thousandths, dates
yyyymmdd.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from ..catalog.settings import Settings
from ..catalog.specs import SCALES, Catalog
from ..words.errors import CatalogError
from .roles import NoAccounts, accounts_of

_SCALE = {"yuan": 10 ** SCALES["money"], "mu": 10 ** SCALES["area"], "ratio": 10 ** SCALES["ratio"]}
_DATES = ("year_start", "year_end", "as_of")
_EXPRESSION = re.compile(r"(\w+)(?:\s*([-+])\s*(\w+))?")


def number(name: str, catalog: Catalog, settings: Settings) -> int:
    """A county parameter as the integer columns hold it. Raises CatalogError when it is not known or no number."""
    spec = catalog.parameters.get(name)
    if spec is None or spec.unit == "word":
        raise CatalogError(
            f"$PARAMETER '{name}' is not known; candidates: {', '.join([*_DATES, 'fiscal_year', *catalog.parameters])}"
        )
    return int(settings.parameters[name] * _SCALE.get(spec.unit, 1))


def _moved(date: dt.date, sign: int, amount: int, unit: str) -> dt.date:
    if unit == "days":
        return date + dt.timedelta(days=sign * amount)
    months = sign * amount * (12 if unit == "years" else 1) + date.year * 12 + date.month - 1
    year, month = divmod(months, 12)
    last = (dt.date(year + (month == 11), (month + 1) % 12 + 1, 1) - dt.timedelta(days=1)).day
    return dt.date(year, month + 1, min(date.day, last))


def value(expression: str, catalog: Catalog, settings: Settings) -> int:
    """What a $PARAMETER stands for. Raises CatalogError for an expression that cannot be read."""
    found = _EXPRESSION.fullmatch(expression.strip())
    if found is None:
        raise CatalogError(
            f"$PARAMETER '{expression}': write a name, or a date plus or minus a parameter of days, months or years"
        )
    name, sign, by = found.groups()
    if name in _DATES:
        date: dt.date = getattr(settings, name)
        if by:
            date = _moved(date, 1 if sign == "+" else -1, number(by, catalog, settings), catalog.parameters[by].unit)
        return date.year * 10_000 + date.month * 100 + date.day
    if by:
        raise CatalogError(f"$PARAMETER '{expression}': only {', '.join(_DATES)} can be moved")
    return settings.fiscal_year if name == "fiscal_year" else number(name, catalog, settings)


def resolve(entry: Any, catalog: Catalog, settings: Settings) -> Any:
    """`entry` with every {"$PARAMETER": …}, {"$ACCOUNTS": …} and {"$ACCOUNT": …} in it replaced by its value.

    Raises CatalogError for what is not known, NoAccounts (one of these) where the chart of the year has no such accounts.
    """
    if isinstance(entry, Mapping):
        if set(entry) == {"$PARAMETER"}:
            return value(str(entry["$PARAMETER"]), catalog, settings)
        if set(entry) == {"$ACCOUNTS"} or set(entry) == {"$ACCOUNT"}:
            asked = next(iter(entry.values()))
            found = list(accounts_of(catalog, settings.fiscal_year, *([asked] if isinstance(asked, str) else asked)))
            if "$ACCOUNTS" in entry:
                return found
            if not found:
                raise NoAccounts(settings.fiscal_year, asked, ())
            return found[0]
        return {k: resolve(v, catalog, settings) for k, v in entry.items()}
    if isinstance(entry, (list, tuple)):
        return [resolve(v, catalog, settings) for v in entry]
    return entry
