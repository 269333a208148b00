"""Whose rows they are: organisations found by code or by any of the names that offices give them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..words.numerals import chinese_integer
from ..words.records import Organisation
from .values import raw_text, simplified, squeeze

LONGEST_PREFIX = 16  # signs of province, city and county before the name of a place
MOST_LOOKED_AT = 2000  # cells of a column, evenly over it
MOST_ARE_KNOWN = 0.8  # of the different texts of a column that names organisations; the others are told as unknown


@dataclass(frozen=True, slots=True)
class Name:
    """A name taken apart: the village's own name (新寨村) and the number of a group in it, 0 for the village itself."""

    base: str
    group: int = 0


class Resolver:
    """Finds organisations of one county's register by code or name."""

    def __init__(
        self,
        organisations: Sequence[Organisation],
        words: Mapping[str, Any],
        unnamed: str = "",
        credit_codes: Mapping[str, str] | None = None,
    ) -> None:
        """`unnamed` is the code that rows get that say nothing of whose they are; '' where such rows are not to be used.
        `credit_codes`: unified social credit code -> code of the organisation, for offices that name it so."""
        self.unnamed = unnamed
        self._credit_codes = dict(credit_codes or {})
        self.organisations = {o.org_code: o for o in organisations}
        self._suffixes = sorted(words["village_suffixes"], key=len, reverse=True)
        self._endings = sorted(words["account_set_endings"], key=len, reverse=True)
        self._numbered = re.compile(words["group_pattern"])
        self._group = re.compile(f"{words['group_pattern']}(?:{'|'.join(map(re.escape, words['group_endings']))})?$")
        self._place_endings, self._province = words["place_endings"], re.compile(words["province"])
        self._name_endings = words["name_endings"]
        self._places = [_plain(o.name) for o in organisations if o.level in ("county", "township")]
        self._by_name: dict[Name, list[str]] = {}
        for o in organisations:
            self._by_name.setdefault(self._registered(o), []).append(o.org_code)
        for o in organisations:
            if (short := self._own_name(o)) and short not in self._by_name:
                self._by_name[short] = [o.org_code]
        self._bases = sorted({n.base for n in self._by_name if n.base}, key=lambda b: (-len(b), b))

    def _registered(self, o: Organisation) -> Name:
        if o.level in ("county", "township"):
            return Name(_plain(o.name))
        name = self.name_of(o.name)
        parent = self.organisations.get(o.parent_code)
        if o.level == "group" and parent is not None and parent.level == "village":
            village, number = self.name_of(parent.name).base, name.group or self._lone_group(o.name)
            return Name(village, number) if number or name.base == village else name
        return name

    def _own_name(self, o: Organisation) -> Name | None:
        """What is left of a group's name without its village's, where it is named and not counted: 新寨村东头经济合作社 is 东头 too."""
        name, parent = self._registered(o), self.organisations.get(o.parent_code)
        village = self.name_of(parent.name).base if o.level == "group" and parent is not None and parent.level == "village" else ""
        return Name(rest) if village and not name.group and name.base.startswith(village) and (rest := name.base[len(village) :]) else None

    def _lone_group(self, text: str) -> int:
        found = self._group.search(_plain(text))
        return _number(found[1]) if found else 0

    def name_of(self, text: str) -> Name:
        """青禾县云溪镇新寨村第三村民小组 -> (新寨村, 3); 新寨股份经济合作联合社 -> (新寨村, 0)."""
        bare = _BETWEEN.sub("", _plain(text))
        for ending in self._endings:
            bare = bare.removesuffix(ending)
        bare = self._without_places(bare)
        group = 0
        if (found := self._group.search(bare)) and (found.start() > 0 or found.end() == len(bare)):
            group, bare = _number(found[1]), bare[: found.start()]
        for suffix in self._suffixes:
            if bare.endswith(suffix) and len(bare) > len(suffix):
                bare = bare[: -len(suffix)]
                break
        if bare and bare[-1] not in self._name_endings:
            bare += self._name_endings[0]
        return Name(bare, group)

    def _without_places(self, bare: str) -> str:
        """赣江市青禾县云溪镇新寨村 -> 新寨村: the county's own names and what stands before them, in whatever order they are registered."""
        for place in self._places:
            at = bare.find(place)
            if bare != place and (at == 0 or 0 < at <= LONGEST_PREFIX and bare[at - 1] in self._place_endings):
                bare = bare[at + len(place) :]
        return self._province.sub("", bare)

    def by_code(self, code: str) -> str | None:
        return code if code in self.organisations else None

    def resolve(self, text: str, near: str = "") -> str | None:
        """The code of the organisation that `text` (a code or a name) means, or None.

        `near` is an organisation of the surroundings: it settles names that stand in two townships and
        completes a group's bare number (三组).
        """
        bare = _plain(text)
        if not bare:
            return None
        if bare in self.organisations:
            return bare
        if bare in self._credit_codes:
            return self._credit_codes[bare]
        name = self.name_of(bare)
        if not name.base and near:
            return self._group_of(self.village_of(near), name.group)
        return self._pick(self._by_name.get(name) or self._by_name.get(Name(bare)) or [], near)

    def _pick(self, codes: Sequence[str], near: str) -> str | None:
        if len(codes) == 1:
            return codes[0]
        same = [c for c in codes if near and self.township_of(c) == self.township_of(near)]
        return same[0] if len(same) == 1 else None

    def _group_of(self, village: str, number: int) -> str | None:
        if not village or not number:
            return None
        base = self._registered(self.organisations[village]).base
        near = self._by_name.get(Name(base, number), [])
        return next((c for c in near if self.village_of(c) == village), None)

    def mentioned(self, text: str, near: str = "") -> str | None:
        """The organisation that a longer text (title, file name, folder) names, the longest name first."""
        bare = _plain(text)
        for code in re.findall(r"\d{6,20}", bare):
            if code in self.organisations:
                return code
        for base in self._bases:
            short = base.removesuffix(self._name_endings[0])
            if short not in bare:  # every form begins with it
                continue
            for form in self._forms(base):
                at = bare.find(form)
                if at >= 0:
                    return self._at(base, bare[at + len(form) :], near)
            if len(short) > 1 and (at := bare.find(short)) >= 0 and (code := self._group_at(base, bare[at + len(short) :], near)):
                return code
        return None

    def _forms(self, base: str) -> Iterable[str]:
        yield base
        if base.endswith("村") and len(base) > 2:
            yield from (base[:-1] + suffix for suffix in self._suffixes)

    def _at(self, base: str, rest: str, near: str) -> str | None:
        """A group's number may follow the village's name at once (新寨村三组, 新寨村村民委员会第三村民小组)."""
        for suffix in self._suffixes:
            rest = rest.removeprefix(suffix)
        return self._group_at(base, rest, near) or self._pick(self._by_name.get(Name(base), []), near)

    def _group_at(self, base: str, rest: str, near: str) -> str | None:
        """The group of the village `base` that `rest` begins with: 第三经济社 of 新寨第三经济社2025年账簿."""
        followed = self._numbered.match(_BETWEEN.sub("", rest))
        return self._pick(self._by_name.get(Name(base, _number(followed[1])), []), near) if followed else None

    def village_of(self, code: str) -> str:
        """The village of a group, a village itself, else ''."""
        o = self.organisations.get(code)
        if o is not None and o.level == "group":
            o = self.organisations.get(o.parent_code)
        return o.org_code if o is not None and o.level == "village" else ""

    def township_of(self, code: str) -> str:
        seen: set[str] = set()
        while code in self.organisations and code not in seen:
            seen.add(code)
            if self.organisations[code].level == "township":
                return code
            code = self.organisations[code].parent_code
        return ""

    def from_path(self, folders: Sequence[str], stem: str) -> tuple[str, str]:
        """(organisation of the folders, organisation of the file name); '' where nothing is named."""
        place = ""
        for folder in folders:
            place = self.resolve(folder, place) or self.mentioned(folder, place) or place
        return place, self.resolve(stem, place) or self.mentioned(stem, place) or ""


_BETWEEN = re.compile(r"(?<!\d)[/\\\-_>›»·|]+(?!\d)")  # between the levels of a path: 云溪镇/新寨村/第三村民小组


def _plain(text: str) -> str:
    """Without blanks and in simplified signs, as names are compared: 前營村 is 前营村."""
    return simplified(squeeze(text))


def _number(text: str) -> int:
    return int(text) if text.isdigit() else chinese_integer(text) or 0


def names_owners(resolver: Resolver, cells: Sequence[Any]) -> bool:
    """Whether a column holds organisations of the county, by whatever head it goes: nearly every different text in it is the code, the
    credit code or the name of one."""
    told = {t for c in cells[:: len(cells) // MOST_LOOKED_AT + 1] if (t := squeeze(raw_text(c)))}
    known = sum(resolver.resolve(t) is not None for t in told)
    return known > 0 and known >= MOST_ARE_KNOWN * len(told)


def folder_organisations(paths: Sequence[tuple[str, ...]], county: str) -> list[Organisation]:
    """A stand-in register from the folders (township/village) of a county that sent none."""
    found = {"": Organisation("00", county, "county")}
    for folders in sorted(set(paths)):
        for depth, level in ((1, "township"), (2, "village")):
            if len(folders) >= depth:
                key, parent = "/".join(folders[:depth]), "/".join(folders[: depth - 1])
                found.setdefault(key, Organisation(key, folders[depth - 1], level, found[parent].org_code))
    return list(found.values())
