"""Records of the same person or thing in lists without a common key, or twice in one list.

The model is Fellegi and Sunter's (1969): every field adds log2(how often it agrees so for one person / how often by chance).
By chance is counted in the data: a rare name that agrees says more than a common one. For one person a field agrees exactly in
EXACT, nearly in NEAR and not at all in the rest of cases: what careful typing gives, not fitted to any list. Fields that follow
from each other (street, place, postcode) are one kind of evidence, and no kind is enough alone: at most it singles out one record
among all and gives half of the odds, so that those who share a house are not taken for one. A pair is told when the odds for it,
against all pairs that are none, reach ODDS to 1.

Candidates are pairs that agree in one value that few records have, or in two values at once.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import log2
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

EXACT, NEAR = 0.75, 0.20  # for one person; the rest, 0.05, does not agree at all
ODDS = 1000  # to 1, before a pair is told
ALIKE = 0.8  # likeness (normalised Indel similarity) of two texts that are nearly the same
_EDITS = 2  # of codes and dates that are nearly the same: a wrong digit, or two that changed places
LARGEST_BLOCK = 40  # records with one value, beyond which it makes no candidates
_DRAWN = 50_000  # random pairs from which chance is counted


@dataclass(frozen=True, slots=True)
class Field:
    """A column: `kind` is 'text', or 'code' for numbers and dates; fields of one `evidence` follow from each other.

    The values of fields of one `swapped` group may stand in each other's place (family and given name).
    """

    name: str
    kind: str
    evidence: str
    swapped: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """Two records, by their place in the list, and how many bits speak for them beyond all that speaks against."""

    first: int
    second: int
    bits: float


def link(records: Sequence[Mapping[str, str]], fields: Sequence[Field], seed: int = 1969) -> tuple[Link, ...]:
    """Every pair of records that is of one person or thing, in order. Values are compared as they are given; '' is missing."""
    import numpy as np

    if len(records) < 2:
        return ()
    columns = {f.name: [str(r.get(f.name) or "") for r in records] for f in fields}
    pairs = _candidates(columns, fields)
    if not len(pairs):
        return ()
    draw = random.Random(seed)
    drawn = np.array([draw.sample(range(len(records)), 2) for _ in range(_DRAWN)], dtype=np.int64)
    bits = _bits(columns, fields, pairs, drawn) - _needed(len(records))
    told = np.flatnonzero(bits >= 0)
    return tuple(Link(int(pairs[i, 0]), int(pairs[i, 1]), round(float(bits[i]), 2)) for i in told)


def groups(links: Iterable[Link]) -> tuple[tuple[int, ...], ...]:
    """Records that hang together by links, directly or through others."""
    root: dict[int, int] = {}

    def top(record: int) -> int:
        while root.setdefault(record, record) != record:
            root[record] = root[root[record]]
            record = root[record]
        return record

    for one in links:
        a, b = sorted((top(one.first), top(one.second)))
        root[b] = a
    found: dict[int, list[int]] = defaultdict(list)
    for record in sorted(root):
        found[top(record)].append(record)
    return tuple(tuple(members) for _, members in sorted(found.items()))


def _needed(records: int) -> float:
    """Bits that a pair needs: about as many pairs are true as there are records, of all pairs."""
    return log2(ODDS * (records - 1) / 2) if records > 2 else log2(ODDS)


def _candidates(columns: Mapping[str, Sequence[str]], fields: Sequence[Field]) -> np.ndarray:
    """Pairs (first < second) that agree in one rare value, or in two values; each once, in order."""
    import numpy as np

    found: set[tuple[int, int]] = set()
    names = [f.name for f in fields]
    for keys in [*((n,) for n in names), *combinations(names, 2)]:
        blocks: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for row, values in enumerate(zip(*(columns[n] for n in keys), strict=True)):
            if all(values):
                blocks[values].append(row)
        for rows in blocks.values():
            if 1 < len(rows) <= LARGEST_BLOCK:
                found.update(combinations(rows, 2))
    found.update(_swapped(columns, fields))
    return np.array(sorted(found), dtype=np.int64).reshape(-1, 2)


def _swapped(columns: Mapping[str, Sequence[str]], fields: Sequence[Field]) -> Iterator[tuple[int, int]]:
    """Pairs whose values stand in each other's place."""
    for one, other in _swaps(fields):
        where: dict[tuple[str, str], list[int]] = defaultdict(list)
        for row, values in enumerate(zip(columns[one], columns[other], strict=True)):
            if all(values):
                where[values].append(row)
        for (a, b), rows in where.items():
            turned = where.get((b, a), ()) if a < b else ()
            if len(rows) * len(turned) <= LARGEST_BLOCK**2:
                yield from ((min(x, y), max(x, y)) for x in rows for y in turned)


def _swaps(fields: Sequence[Field]) -> list[tuple[str, str]]:
    return [(a.name, b.name) for a, b in combinations(fields, 2) if a.swapped and a.swapped == b.swapped]


def _bits(columns: Mapping[str, Sequence[str]], fields: Sequence[Field], pairs: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """Bits of each pair; one kind of evidence gives at most what singles out one record among all and half of the odds."""
    import numpy as np

    own = {f.name: _field_bits(columns[f.name], columns[f.name], f, pairs, drawn) for f in fields}
    for one, other in _swaps(fields):
        kinds = {f.name: f for f in fields}
        across = _field_bits(columns[one], columns[other], kinds[one], pairs, drawn)
        across = across + _field_bits(columns[other], columns[one], kinds[other], pairs, drawn)
        turned = across > own[one] + own[other]
        own[one], own[other] = np.where(turned, across, own[one]), np.where(turned, 0.0, own[other])
    evidence: dict[str, np.ndarray] = {}
    for f in fields:
        evidence[f.evidence] = evidence.get(f.evidence, 0.0) + own[f.name]
    most = log2(len(next(iter(columns.values())))) + log2(ODDS) / 2
    return sum(np.minimum(bits, most) for bits in evidence.values())  # type: ignore[return-value]


def _field_bits(left: Sequence[str], right: Sequence[str], field: Field, pairs: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """Bits that one field of the first record against one field of the second speaks for each pair."""
    import numpy as np

    level, chance = _levels(left, right, field, pairs), _levels(left, right, field, drawn)
    known = max(int((chance >= 0).sum()), 1)
    near, differ = (max(int((chance == n).sum()), 1) / known for n in (1, 0))
    counts = Counter(v for v in right if v)
    total = max(sum(counts.values()), 1)
    by_value = np.array([log2(EXACT * total / counts[v]) if counts.get(v) else 0.0 for v in left])
    bits = np.zeros(len(pairs))
    bits = np.where(level == 2, by_value[pairs[:, 0]], bits)
    bits = np.where(level == 1, log2(NEAR / near) if near < NEAR else 0.0, bits)
    return np.where(level == 0, log2((1 - EXACT - NEAR) / differ), bits)


def _levels(left: Sequence[str], right: Sequence[str], field: Field, pairs: np.ndarray) -> np.ndarray:
    """2 the same, 1 nearly, 0 not, -1 unknown because one is missing."""
    import numpy as np
    from rapidfuzz import process
    from rapidfuzz.distance import OSA, Indel

    a, b = np.array(left, dtype=object)[pairs[:, 0]], np.array(right, dtype=object)[pairs[:, 1]]
    level = np.where(a == b, 2, 0)
    unlike = np.flatnonzero((level == 0) & (a != "") & (b != ""))
    if field.kind == "text":
        near = process.cpdist(a[unlike], b[unlike], scorer=Indel.normalized_similarity) >= ALIKE
    else:
        near = process.cpdist(a[unlike], b[unlike], scorer=OSA.distance, score_cutoff=_EDITS) <= _EDITS
    level[unlike[near]] = 1
    return np.where((a == "") | (b == ""), -1, level)
