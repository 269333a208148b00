"""What may stand on a notice board: numbers masked, names of people cut, hardship and health left out.

Personal Information Protection Law, articles 6 and 28: no more than the purpose needs; identity and account numbers, health,
and what concerns minors are sensitive. What the list of names does not hold, a pattern looks for; people still read it over.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ..checks.persons import LONGEST_NAME, looks_personal, plain_name
from ..words.messages import say
from .masking import mask

_HOUSE = re.compile(r"\d+(?:[-－]\d+)?号(?:附\d+号)?(?:\d+(?:栋|幢|单元|室|户))*(?=$|[，,。；;、）)\s户家])")


@dataclass(frozen=True, slots=True)
class Veil:
    """How the texts of one county are masked for a notice board."""

    persons: Mapping[str, Any]  # expectations/words/persons.yaml
    words: Mapping[str, Any]  # expectations/words/notice_board.yaml
    codes: frozenset[str]  # of organisations: public, never masked
    is_by_surname: bool
    language: str

    def party(self, name: str | None) -> str:
        """The other side of a contract, claim or payment: a person by the family name, an organisation in full."""
        shown = mask(name or "", self.codes)
        return self._surname(shown) if looks_personal(plain_name(shown), self.persons) else shown

    def person(self, name: str | None) -> str:
        """The name of somebody who is known to be a person."""
        return self._surname(mask(name or "", self.codes))

    def text(self, text: str | None, names: Collection[str] = ()) -> str:
        """A summary; `names` are people of this organisation. Health, hardship and minors are not told at all."""
        if any(word in (text or "") for word in self.words["withheld"]):
            return say("publication.withheld", self.language)
        shown = _HOUSE.sub("", mask(text or "", self.codes))
        return self._unnamed(shown, names) if self.is_by_surname else shown

    def _surname(self, name: str) -> str:
        if not self.is_by_surname or not name:
            return name
        bare = plain_name(name)
        return (bare[:2] if bare[:2] in self.persons["compound_surnames"] else bare[:1]) + "某"

    def _unnamed(self, text: str, names: Collection[str]) -> str:
        for name in sorted((n for n in names if n in text), key=lambda n: (-len(n), n)):
            text = text.replace(name, self._surname(name))
        return _payee(tuple(self.words["paid_to"]), tuple(self.words["paid_for"])).sub(self._cut, text)

    def _cut(self, found: re.Match[str]) -> str:
        """付李桂芳误工费 -> 付李某误工费; the longest name that begins with a surname and is no organisation."""
        before, name, after = found.groups()
        return f"{before}{self._surname(name)}{after}" if looks_personal(name, self.persons) else found[0]


@lru_cache(maxsize=4)
def _payee(before: tuple[str, ...], after: tuple[str, ...]) -> re.Pattern[str]:
    first, last = ("|".join(map(re.escape, sorted(words, key=lambda w: -len(w)))) for words in (before, after))
    return re.compile(rf"({first})([\u4e00-\u9fff]{{2,{LONGEST_NAME}}}?)({last}|$)")


def people_named(names: Iterable[str | None], persons: Mapping[str, Any]) -> frozenset[str]:
    """The names among `names` that are names of people, without white space and brackets."""
    return frozenset(bare for name in names if name and looks_personal(bare := plain_name(name), persons))
