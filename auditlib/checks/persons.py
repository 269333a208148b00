"""Names of people: who is a cadre, who a near relative, and what looks like a person's name at all."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw

from .frames import Frames

_ASIDE = re.compile(r"[(（\[【].*?[)）\]】]")
_CHINESE = re.compile(r"[\u4e00-\u9fff]+(?:·[\u4e00-\u9fff]+)*")
LONGEST_NAME = 4  # characters of a Chinese name, a double surname included


def plain_name(text: str | None) -> str:
    """A name without white space and without what stands in brackets: 彭志民（理事长） -> 彭志民."""
    bare = "".join((text or "").split())
    return _ASIDE.sub("", bare) or bare


def looks_personal(name: str, words: Mapping[str, Any]) -> bool:
    """True for two to four Chinese characters that begin with a surname and hold nothing that organisations are called."""
    if not _CHINESE.fullmatch(name) or any(mark in name for mark in words["organisation_marks"]):
        return False
    if "·" in name:
        return True
    surname = name[0] in words["surnames"] or name[:2] in words["compound_surnames"]
    return surname and 2 <= len(name) <= LONGEST_NAME


@dataclass(frozen=True, slots=True)
class Person:
    """One line of the roster of cadres and near relatives."""

    row_id: int
    name: str
    role: str
    related_to: str
    relative: bool


class Roster:
    """The cadres and near relatives of every organisation."""

    def __init__(self, people: Mapping[str, Sequence[Person]], words: Mapping[str, Any]) -> None:
        self._people, self._words = people, words

    @classmethod
    def read(cls, frames: Frames, ledger: str) -> Roster:
        """The roster as the ledger gives it; an empty one when nobody has it."""
        words = frames.catalog.words["persons"]
        found: dict[str, list[Person]] = defaultdict(list)
        if frames.has(ledger):
            rows = frames.rows(ledger).filter(~nw.col("name").is_null())
            for row in frames.records(rows.select("row_id", "org_code", "name", "role", "related_to")):
                role, related = row["role"] or "", plain_name(row["related_to"])
                relative = bool(related) or _has(role, words["relative_roles"])
                found[row["org_code"] or ""].append(Person(row["row_id"], plain_name(row["name"]), role, related, relative))
        return cls(found, words)

    def of(self, org: str) -> Sequence[Person]:
        return self._people.get(org, ())

    def is_cadre(self, org: str, name: str) -> bool:
        """A cadre of the organisation itself, not a relative of one."""
        return any(p.name == plain_name(name) and not p.relative for p in self.of(org))

    def names(self) -> frozenset[str]:
        """Everybody in the roster."""
        return frozenset(p.name for people in self._people.values() for p in people)

    def supervises(self, person: Person) -> bool:
        return _has(person.role, self._words["supervisor_roles"])

    def directs(self, person: Person) -> bool:
        """A director or one of the finance staff, and no supervisor."""
        return _has(person.role, self._words["director_roles"]) and not self.supervises(person)


def _has(text: str, words: Iterable[str]) -> bool:
    return any(word in text for word in words)
