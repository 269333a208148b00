"""What an issue is about where several were joined into it (并案): each matter by the number under which it was raised.

A matter that was joined does not vanish in another: who calls the whole a false alarm names every one of them, and a grave one (red or
orange) of another rule or another organisation is given its own reason, behind its number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .issue import FindingRef, Issue
from .people import alike
from .refusal import Label, Reason
from .sweep import new_issue_id

GRAVE = frozenset(("red", "orange"))
_NUMBER = re.compile(r"WT-[0-9a-f]{12,64}")


@dataclass(frozen=True, slots=True)
class Matter:
    """One matter of an issue; `number` is that of the issue as which it was raised."""

    number: str
    ref: FindingRef

    def told(self) -> Reason:
        amount = "-" if self.ref.amount is None else f"{self.ref.amount:,.2f}"
        values = {"number": self.number, "rule": self.ref.rule or "-", "org": self.ref.org_name or self.ref.org_code, "amount": amount}
        return Reason("issues.matter", {**values, "severity": Label(f"issues.colour.{self.ref.severity}")})


def matters_of(issue: Issue) -> tuple[Matter, ...]:
    """The matters of `issue`, first the one that it was raised for."""
    return tuple(Matter(new_issue_id(ref.finding_id, ()), ref) for ref in issue.findings)


def unnamed(matters: Sequence[Matter], text: str) -> list[Matter]:
    """Those of `matters` whose number does not stand in `text`."""
    return [each for each in matters if each.number not in text]


def reason_for(number: str | None, text: str) -> str:
    """What `text` says behind a number, up to the next one; None: what it says of the issue itself, before any number."""
    found = list(_NUMBER.finditer(text))
    ends = [match.start() for match in found] + [len(text)]
    if number is None:
        return text[: ends[0]]
    return " ".join(text[match.end() : ends[n]] for n, match in enumerate(found, 1) if match.group().startswith(number))


def unexplained(matters: Sequence[Matter], text: str, says_nothing: Callable[[str], bool]) -> list[Matter]:
    """The grave ones of another rule or organisation than the first that `text` gives no reason of their own."""
    first, *joined = matters
    own = (first.ref.rule, first.ref.org_code)
    asked = [each for each in joined if each.ref.severity in GRAVE and (each.ref.rule, each.ref.org_code) != own]
    given, lacking = {alike(reason_for(None, text))}, []
    for each in asked:
        told = reason_for(each.number, text)
        if says_nothing(told) or alike(told) in given:
            lacking.append(each)
        given.add(alike(told))
    return lacking
