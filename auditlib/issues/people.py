"""The people of a register: who they are, their role, their organisation and their keys, as events tell it.

A person is known by `person_id` (what stands as actor in the events). A person may act on the issues of the own
organisation and of all beneath it; with no organisation ('') on all of the register.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from ..intake.values import simplified
from .events import PERSON, Kind, Told

LEAD = "lead"
PROGRAM = "auditlib"  # who stands in the events of a run; no person may be called so


# Small letters of Cyrillic and Greek and digits -> the Latin letter that they look like, in small or in capitals; i, l and 1 are one.
_LOOKS_LIKE = str.maketrans("авекмнорстухѕіјԁһԛԝ" "αβεζηικμνορτυχ" "01i", "abekmhopctyxsljdhqw" "abezhlkmnoptyx" "oll")
# Parts of characters that look like a whole one (⺠ for 民) and characters of nobody's alphabet: not in a name
_NOT_IN_NAMES = re.compile("[\u2e80-\u2fdf\ue000-\uf8ff\U000f0000-\U0010fffd]")


@dataclass(frozen=True, slots=True)
class Person:
    person_id: str
    version: int
    name: str
    role: str  # auditor | lead | township | village | department | reader
    org_code: str  # '' for the whole register
    login: str  # database role on PostgreSQL; '' elsewhere
    keys: Mapping[str, str]  # key id -> public key (64 hex digits), those in force
    is_active: bool
    added_by: str

    @property
    def read_as(self) -> frozenset[str]:
        """What id and name of the person read like (see `alike`)."""
        return frozenset(filter(None, (alike(self.person_id), alike(self.name))))

    def covers(self, upwards: Collection[str]) -> bool:
        """Whether an organisation is in the person's scope; `upwards` are its code and those of all above it."""
        return not self.org_code or self.org_code in upwards


def alike(text: str) -> str:
    """`text` as somebody reads it who does not look closely: width, case, blanks, marks and the old forms of characters left out.

    Letters of other alphabets and digits that look like a Latin letter count as that letter (Unicode Technical Standard 39,
    confusables). Two spellings that read alike are taken for one person wherever two have to act.
    """
    plain = "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())
    return simplified(plain.translate(_LOOKS_LIKE))


def is_readable_name(text: str) -> bool:
    """Whether a name or an id is written in characters that everybody reads as what they are."""
    return not _NOT_IN_NAMES.search(text)


def stream_of(person_id: str) -> str:
    return PERSON + person_id


def take(facts: dict[str, Any] | None, event: Told) -> dict[str, Any]:
    """Facts of a person with what `event` adds; see `issue.take`."""
    facts = {"keys": {}, "state": "active", "org_code": "", "login": "", "added_by": event.actor} if facts is None else facts
    told = event.payload
    if event.kind in (Kind.PERSON_ADDED, Kind.PERSON_CHANGED):
        facts.update({name: told[name] for name in ("name", "role", "org_code", "login") if name in told}, state="active")
    elif event.kind == Kind.PERSON_LEFT:
        facts["state"] = "left"
    elif event.kind == Kind.KEY_REGISTERED:
        facts["keys"][told["key_id"]] = told["public_key"]
    elif event.kind == Kind.KEY_REVOKED:
        facts["keys"].pop(told["key_id"], None)
    return facts


def person_of(stream: str, version: int, facts: Mapping[str, Any]) -> Person:
    return Person(
        stream.removeprefix(PERSON), version, facts.get("name", ""), facts.get("role", "reader"), facts["org_code"], facts["login"],
        dict(facts["keys"]), facts["state"] == "active", facts["added_by"],
    )  # fmt: skip
