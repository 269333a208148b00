"""What travels is masked: identity numbers, telephone and account numbers, by their shape.

Personal Information Protection Law, articles 6 and 28: financial accounts are sensitive, and no more is
shown than the purpose needs. Working papers keep full data; county, township and index pages do not.
"""

from __future__ import annotations

import re
from collections.abc import Collection

_PHONE = re.compile(r"(?<!\d)(1[3-9]\d)[ -]?\d{4}[ -]?(\d{4})(?!\d)")
_LONG = re.compile(r"(?<!\d)(?:\d{17}[Xx\uff38\uff58]|\d{12,32}(?!\d)|\d{4}(?:[ -]\d{4}){2,6}(?:[ -]\d{1,4})?(?!\d))")
_BETWEEN = re.compile(r"[ -]")


def mask(text: str, keep: Collection[str] = ()) -> str:
    """`text` with telephone numbers as 138****1234 and every other number of 12 to 32 digits cut to its last four.

    Numbers in `keep` (codes of organisations, which are public) stay.
    """

    def hide(found: re.Match[str]) -> str:
        return found[0] if found[0] in keep else f"****{_BETWEEN.sub('', found[0])[-4:]}"

    return _PHONE.sub(r"\1****\2", _LONG.sub(hide, text))
