"""Numbers that belong to nobody but whose check digits are right.

Sources: GB 11643-1999 (citizen identity number), GB 32100-2015 and GB 11714-1997 (unified social credit
code and the organisation code inside it). All carry the region 9904.., which no place has.
"""

from __future__ import annotations

import datetime as dt
import random

REGION = "990408"
_CREDIT_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_INNER_SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_INNER_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_CITIZEN_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def citizen_check(body: str) -> str:
    """Check character of the first 17 digits of an identity number (GB 11643)."""
    return "10X98765432"[sum(int(d) * w for d, w in zip(body, _CITIZEN_WEIGHTS, strict=True)) % 11]


def credit_check(body: str) -> str:
    """Check character of the first 17 characters of a unified social credit code (GB 32100)."""
    total = sum(_CREDIT_SIGNS.index(c) * pow(3, i, 31) for i, c in enumerate(body))
    return _CREDIT_SIGNS[(31 - total % 31) % 31]


def inner_check(body: str) -> str:
    """Check character of the 8 characters of an organisation code (GB 11714)."""
    rest = 11 - sum(_INNER_SIGNS.index(c) * w for c, w in zip(body, _INNER_WEIGHTS, strict=True)) % 11
    return {10: "X", 11: "0"}.get(rest, str(rest))


def citizen_id(rng: random.Random, born: dt.date) -> str:
    """An identity number of a region without people."""
    body = f"{REGION}{born:%Y%m%d}{rng.randrange(1, 1000):03d}"
    return body + citizen_check(body)


def credit_code(rng: random.Random, kind: str) -> str:
    """A unified social credit code; `kind` is its first two characters (N1 group, N2 village, 91 firm ...)."""
    inner = f"{rng.randrange(10**8):08d}"
    body = f"{kind}{REGION}{inner}{inner_check(inner)}"
    return body + credit_check(body)


def account_no(rng: random.Random) -> str:
    """A 19-digit bank account number of an issuer that does not exist."""
    return f"9904{rng.randrange(10**15):015d}"


def telephone(rng: random.Random) -> str:
    """An 11-digit number in a range that is not given to mobile telephones."""
    return f"120{rng.randrange(10**8):08d}"
