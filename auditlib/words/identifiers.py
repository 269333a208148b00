"""Check digits of the numbers that people and organisations carry."""

from __future__ import annotations

import datetime as dt
import re

_CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CITIZEN_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def credit_code_check(body: str) -> str:
    """The 18th character for the first 17 of a unified social credit code (GB 32100-2015).

    Raises ValueError for a character outside the code's alphabet.
    """
    total = sum(_CREDIT.index(c) * pow(3, i, 31) for i, c in enumerate(body))
    return _CREDIT[(31 - total % 31) % 31]


def credit_code_is_valid(code: str) -> bool:
    """Whether `code` is 18 characters with the right check character (GB 32100-2015)."""
    return len(code) == 18 and all(c in _CREDIT for c in code) and credit_code_check(code[:17]) == code[17]


def citizen_id_check(body: str) -> str:
    """The 18th character for the first 17 digits of a citizen's identity number (GB 11643-1999)."""
    return "10X98765432"[sum(int(d) * w for d, w in zip(body, _CITIZEN_WEIGHTS, strict=True)) % 11]


def citizen_id_is_valid(number: str) -> bool:
    """Whether an 18-digit number has a real birth date and the right check character, or a 15-digit one a real date."""
    if re.fullmatch(r"\d{15}", number):
        return _is_date("19" + number[6:12])
    if not re.fullmatch(r"\d{17}[\dX]", number):
        return False
    return _is_date(number[6:14]) and citizen_id_check(number[:17]) == number[17]


def _is_date(digits: str) -> bool:
    try:
        dt.datetime.strptime(digits, "%Y%m%d")
    except ValueError:
        return False
    return True
