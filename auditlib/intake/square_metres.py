"""Areas in ㎡ that were 亩 before: offices multiply by 666.67, so that 30 亩 come as 20,000.10 ㎡ and pass a limit of 30 by a hair.

1 亩 is 2000/3 ㎡. A figure with decimal places that is just what a whole number of hundredths of a 亩 comes out as, by one of the
rounded factors in use, is read as that; what this moves it by is less than five parts in a million.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import floor

IN_MU = Decimal("0.0015")  # what 1 ㎡ is in 亩, without any remainder
_PLACE = Decimal("0.01")  # to which both areas are written
_HALF = Fraction(1, 2)


def in_mu(value: Decimal, factors: Sequence[str]) -> Decimal:
    """`value` in ㎡ as 亩. `factors`: what offices take 1 亩 for, in ㎡."""
    return value * IN_MU if (hundredths := _hundredths(value, factors)) is None else hundredths * _PLACE


def rounding(values: Iterable[Decimal], factors: Sequence[str]) -> Decimal:
    """By how much, in 亩, a sum of `values` in ㎡ may be off where most of them were 亩 before; 0 where they were measured so.

    Each was rounded to a hundredth by itself, and moved by the factor.
    """
    written = list(values)
    was_mu = [h is not None for h in (_hundredths(v, factors) for v in written if v != v.to_integral_value())]
    if 2 * sum(was_mu) <= len(was_mu):
        return Decimal(0)
    return sum((abs(in_mu(v, factors) - v * IN_MU) + _PLACE / 2 * IN_MU for v in written), Decimal(0))


def _hundredths(value: Decimal, factors: Sequence[str]) -> Decimal | None:
    """The hundredths of a 亩 that were written as `value` ㎡; None for whole square metres and where no factor gives them."""
    if not value.is_finite() or value == value.to_integral_value() or abs(value) >= 10**15:
        return None
    found = (value * IN_MU / _PLACE).quantize(Decimal(1), ROUND_HALF_UP)
    written = abs(value) / _PLACE
    return found if any(floor(abs(int(found)) * Fraction(f) + _HALF) == written for f in factors) else None
