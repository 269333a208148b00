"""Which ledger a table is and which of its columns is which field, with how sure that is and what else it could be."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from ..catalog.specs import SCALES, Catalog, FieldSpec, LedgerSpec
from ..words.records import ColumnUse
from .assignment import best_pairs
from .cell_kinds import CUT
from .header_forms import HeaderForms
from .layout import PATH, header_key, is_blank, is_number
from .values import LONGEST_VALUE, may_be_day, parse_date, simplified, squeeze

if TYPE_CHECKING:
    from .wide import Spread

SURE = 0.52  # below this the sheet goes to the list of what was not recognised
TAKEN_FROM = 0.44  # what a column must be worth to be a field's: only alike by name, and of other values, is not enough
GIVEN_WAY_TO = 0.7  # how sure a column must be a field's for another to give way to it
MOST_IS_MISSING = 0.7  # worth of a table without most of what makes the ledger: a chart of accounts is no trial balance
MOST_COLUMNS = 256  # no ledger has more; what stands further right is listed as not understood
ALIKE = 0.88  # what a header is worth that means the same as a known one
MOST_SHAPES, MOST_WEIGHED, MOST_TITLES, MOST_SCORED = 4096, 1 << 16, 4096, 1 << 17  # heads and texts that are remembered
MOST_KEPT = 4  # vocabularies that are remembered
SAMPLE = 60  # cells of a column whose shape is looked at
_JOINT = re.compile(r"(?<=[\u4e00-\u9fff])[_/·.-](?=[\u4e00-\u9fff])")  # between the parts of a header
GAP = "..."  # in a title's word, its width folded: anything may stand here


_NO_WORDS: Mapping[str, Any] = {"nil": (), "open_ended": ()}


@dataclass(frozen=True, slots=True)
class Guess:
    ledger: str
    score: float  # 0..1
    columns: tuple[ColumnUse, ...]


@dataclass(frozen=True, slots=True)
class Recognition:
    ledger: str  # '' below the threshold
    confidence: float
    columns: tuple[ColumnUse, ...]
    candidates: tuple[Guess, ...]  # best first, the taken one included
    form: str = ""  # number of the printed form that the table is
    fixed: tuple[tuple[str, str], ...] = ()  # fields whose value the form itself gives to every row
    spread: Spread | None = None  # how the records of a publication are spread over its columns


@dataclass(frozen=True, slots=True)
class Shape:
    """What the sampled cells of a column look like, whatever it is called."""

    is_filled: bool
    is_numeric: bool  # at least half of the filled cells are numbers
    is_dated: bool  # at least half are dates
    is_figures: bool  # nearly all are numbers, typed ones among them

    @staticmethod
    def of(cells: Sequence[Any]) -> Shape:
        told = _distinct(cells)
        filled = sum(told.values())
        if not filled:
            return Shape(False, False, False, False)
        numbers = sum(n for (_, c), n in told.items() if is_number(c))
        some = dict(list(told.items())[:20])
        dated = sum(n for (_, c), n in some.items() if _is_date(c))
        has_floats = any(kind is float for kind, _ in told)
        return Shape(True, 2 * numbers >= filled, 2 * dated >= sum(some.values()), has_floats and numbers > 0.8 * filled)


def _distinct(cells: Sequence[Any]) -> dict[tuple[type, Any], int]:
    """How often each cell that is not blank stands, in the order of first use; 1 and '1' are two cells."""
    found: dict[tuple[type, Any], int] = {}
    for cell in cells:
        if cell != "":
            key = (cell.__class__, cell)
            found[key] = found.get(key, 0) + 1
    return {k: n for k, n in found.items() if not is_blank(k[1])}


def _is_date(cell: Any) -> bool:
    if isinstance(cell, float):
        return may_be_day(cell) and _is_read_as_date(cell)
    return _is_read_as_date(cell if not isinstance(cell, str) or len(cell) <= LONGEST_VALUE else "")


@lru_cache(maxsize=1 << 15, typed=True)
def _is_read_as_date(cell: Any) -> bool:
    return parse_date(cell, 2025, _NO_WORDS)[0] is not None


class Vocabulary:
    """Every header that expectations/ knows, looked up by its folded key."""

    def __init__(self, catalog: Catalog, form_heads: frozenset[str] = frozenset()) -> None:
        self._catalog, self._form_heads = catalog, form_heads
        self._common = catalog.words["common_columns"]
        self._scored: dict[tuple[str, str], dict[str, float]] = {}  # offices repeat their heads village after village
        self._guessed: dict[Any, list[Guess]] = {}
        self._weighed: dict[str, float] = {}
        self._titled: dict[tuple[str, str], dict[str, int]] = {}
        self._beside: dict[str, frozenset[str]] = {}

    @cached_property
    def fields(self) -> dict[str, dict[str, dict[str, float]]]:
        """header key -> ledger -> field -> weight; a ledger's first names weigh most."""
        found: dict[str, dict[str, dict[str, float]]] = {}
        for ledger in self._catalog.ledgers.values():
            for spec in ledger.fields.values():
                self._enter(found, ledger.name, spec.name, spec.headers)
            for name, entry in self._common["organisation"].items():
                if name not in ledger.fields:
                    self._enter(found, ledger.name, name, entry["headers"])
        return found

    @staticmethod
    def _enter(found: dict[str, Any], ledger: str, name: str, headers: Sequence[str]) -> None:
        for rank, header in enumerate(headers):
            by_field = found.setdefault(header_key(header), {}).setdefault(ledger, {})
            by_field[name] = max(by_field.get(name, 0.0), 1.0 - 0.005 * min(rank, 10))

    @cached_property
    def titles(self) -> dict[str, tuple[str, ...]]:
        """Ledger -> what its sheets are called, without blanks."""
        return {n: tuple(map(squeeze, s.titles)) for n, s in self._catalog.ledgers.items()}

    def title_lengths(self, text: str, whole: str) -> dict[str, int]:
        """Ledger -> signs of its longest title word in `text`, of the words with a gap in `whole`; offices repeat their titles."""
        if (found := self._titled.get((text, whole))) is None:
            found = {n: max((_told_by(w, whole if GAP in w else text) for w in named), default=0) for n, named in self.titles.items()}
            if len(self._titled) < MOST_TITLES:
                self._titled[text, whole] = found
        return found

    @cached_property
    def ignored(self) -> frozenset[str]:
        return frozenset(header_key(h) for e in self._common["ignored"].values() for h in e["headers"])

    def giving_way(self, ledger: str) -> Mapping[str, frozenset[str]]:
        """Field -> header keys that are its own only where no other column is."""
        told = self._catalog.words["folds"]["gives_way"].get(ledger, {})
        return {name: frozenset(map(header_key, headers)) for name, headers in told.items()}

    def beside(self, ledger: str) -> frozenset[str]:
        """Header keys of the columns from which a ledger takes nothing: those that any may carry, and its own."""
        if ledger not in self._beside:
            own = (header_key(h) for e in self._common["beside"] if ledger in e["ledgers"] for h in e["headers"])
            self._beside[ledger] = self.ignored.union(own)
        return self._beside[ledger]

    def superseded(self, headers: Sequence[str], ledger: str) -> frozenset[int]:
        """Columns that say for a part of the year what other columns say for the year."""
        how = self._catalog.words["folds"]["superseded"].get(ledger)
        plain = [header_key(h.replace(PATH, "")) for h in headers] if how else []
        if not how or not all(any(word in h for h in plain) for word in how["by"]):
            return frozenset()
        words = re.compile("|".join((*how["by"], *how["columns"], *how["beside"])))
        year = {words.sub("", h) for h in plain if any(w in h for w in how["by"])}
        part = {
            i: words.sub("", h) for i, h in enumerate(plain) if any(w in h for w in how["columns"]) and not any(w in h for w in how["by"])
        }
        return frozenset(i for i, rest in part.items() if rest in year)

    @cached_property
    def organisation_fields(self) -> frozenset[str]:
        return frozenset(self._common["organisation"])

    def weigh(self, text: str) -> float:
        """How sure a text is a header at all: 1 for a field's, 0.9 for a printed form's, 0.5 for a column that is known and ignored."""
        found = self._weighed.get(text)
        if found is None:
            key = header_key(text)
            found = 1.0 if key in self.fields else 0.9 if key in self._form_heads else 0.5 if key in self.ignored else 0.0
            if not found and _JOINT.sub("", key) in self.fields:  # 期初余额_借方, as programs join a head of two rows
                found = 0.9
            if len(text) <= CUT and len(self._weighed) < MOST_WEIGHED:
                self._weighed[text] = found
        return found

    def scores(self, path: str, ledger: str) -> dict[str, float]:
        """The fields of `ledger` that a header path may be, each with its score."""
        found = self._scored.get((path, ledger))
        if found is None:
            if len(self._scored) > MOST_SCORED:
                self._scored.clear()
            found = self._scored[path, ledger] = self._score(path, ledger)
        return found

    def knows(self, text: str, ledger: str) -> bool:
        """Whether a text is a header of a ledger, or means the same as one."""
        return text not in self.ignored and max(self.scores(text, ledger).values(), default=0.0) >= ALIKE

    def guesses(self, headers: tuple[str, ...], shapes: tuple[Shape, ...], bonus: tuple[tuple[str, float], ...]) -> list[Guess]:
        """Every ledger as an explanation of these headers, best first; sheets of one shape are weighed once."""
        key = (headers, shapes, bonus)
        if key not in self._guessed:
            if len(self._guessed) > MOST_SHAPES:
                self._guessed.clear()
            by_title = dict(bonus)
            found = [_guess(self, ledger, headers, shapes, by_title.get(ledger.name, 0.0)) for ledger in self._catalog.ledgers.values()]
            # of two that explain a sheet alike the plainer one
            self._guessed[key] = sorted(found, key=lambda g: (-g.score, len(g.ledger), g.ledger))
        return self._guessed[key]

    def _score(self, path: str, ledger: str) -> dict[str, float]:
        whole = header_key(path.replace(PATH, ""))
        parts = [header_key(p) for p in path.split(PATH)]
        tries = [(whole, 1.0)]
        if len(parts) > 1:
            tries += [(parts[-1], 0.8), (parts[0], 0.65)] + [(a + b, 0.9) for a in parts for b in parts if a != b]
        found: dict[str, float] = {}
        for key, worth in tries:
            for name, weight in self.fields.get(key, {}).get(ledger, {}).items():
                found[name] = max(found.get(name, 0.0), weight * worth)
        if max(found.values(), default=0.0) < ALIKE:  # 年初数 › 借 means 年初数借方; its upper part alone would say less
            found = self._alike(whole, ledger) or {**found, **self._alike(parts[-1], ledger)}
        return found or self._near(whole, ledger)

    def _alike(self, key: str, ledger: str) -> dict[str, float]:
        """The one field whose headers mean the same as this one; nothing where they are those of several."""
        for ways in self._forms.readings(key) if key not in self.ignored else ():
            meant = {self._by_form.get(ledger, {}).get(form, frozenset()) for form in ways}
            if len(meant) == 1 and len(names := meant.pop()) == 1:
                return {next(iter(names)): ALIKE}
        return {}

    @cached_property
    def _forms(self) -> HeaderForms:
        return HeaderForms(self._catalog.words["headers"])

    @cached_property
    def _by_form(self) -> dict[str, dict[str, frozenset[str]]]:
        """Ledger -> form of a header -> the fields that are headed so."""
        found: dict[str, dict[str, set[str]]] = {}
        for key, ledgers in self.fields.items():
            for ledger, names in ledgers.items():
                if form := self._forms.form(key):
                    found.setdefault(ledger, {}).setdefault(form, set()).update(names)
        return {ledger: {f: frozenset(names) for f, names in forms.items()} for ledger, forms in found.items()}

    def _near(self, key: str, ledger: str) -> dict[str, float]:
        """Headers that hold a known one or differ from it by a character or two."""
        if len(key) < 2 or key in self.ignored:
            return {}
        from rapidfuzz import fuzz

        found: dict[str, float] = {}
        for known, names in self._of_ledger(ledger):
            if len(known) >= 3 and (known in key or key in known) and min(len(known), len(key)) * 2 >= max(len(known), len(key)):
                score = 0.6 * min(len(known), len(key)) / max(len(known), len(key)) + 0.15
            elif len(key) >= 4 and fuzz.ratio(known, key, score_cutoff=80):
                score = 0.6
            else:
                continue
            for name in names:
                if not (name in self.organisation_fields and len(key) < len(known)):  # 编号 is the number of anything, not of an office
                    found[name] = max(found.get(name, 0.0), score)
        return found

    def _of_ledger(self, ledger: str) -> list[tuple[str, tuple[str, ...]]]:
        return self._by_ledger.get(ledger, [])

    @cached_property
    def _by_ledger(self) -> dict[str, list[tuple[str, tuple[str, ...]]]]:
        listed: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
        for key, ledgers in self.fields.items():
            for ledger, names in ledgers.items():
                listed.setdefault(ledger, []).append((key, tuple(names)))
        return listed


_KEPT: list[tuple[Catalog, frozenset[str], Vocabulary]] = []


def vocabulary_of(catalog: Catalog, form_heads: frozenset[str] = frozenset()) -> Vocabulary:
    """The vocabulary of a catalogue: the last few are kept, for one takes longer to make than most files to read."""
    for kept, heads, vocabulary in _KEPT:
        if kept is catalog and heads == form_heads:
            return vocabulary
    vocabulary = Vocabulary(catalog, form_heads)
    _KEPT[:] = [(catalog, form_heads, vocabulary), *_KEPT[: MOST_KEPT - 1]]
    return vocabulary


def recognise(
    vocabulary: Vocabulary, headers: Sequence[str], samples: Sequence[Sequence[Any]], titles: Sequence[str]
) -> Recognition:
    """The ledger whose fields explain the headers best.

    `samples`: some cells of each column; `titles`: what names the sheet, strongest first (title rows, sheet, file).
    """
    beyond = tuple(ColumnUse(i, h, None, 0.0) for i, h in enumerate(headers[MOST_COLUMNS:], MOST_COLUMNS))
    headers, samples = headers[:MOST_COLUMNS], samples[:MOST_COLUMNS]
    bonus = _title_bonus(vocabulary, [t[:500] for t in titles])
    guesses = vocabulary.guesses(tuple(headers), tuple(map(Shape.of, samples)), tuple(sorted(bonus.items())))
    best = guesses[0]
    kept = tuple(g for g in guesses[:4] if g.score > 0.1)
    if best.score < SURE:
        return Recognition("", round(best.score, 3), tuple(ColumnUse(i, h, None, 0.0) for i, h in enumerate(headers)) + beyond, kept)
    return Recognition(best.ledger, round(min(best.score, 1.0), 3), best.columns + beyond, kept)


def _title_bonus(vocabulary: Vocabulary, titles: Sequence[str]) -> dict[str, float]:
    """Up to 0.3 for the ledger with the longest title word in the strongest text that names any.

    The parts of a word with a gap (代理…余额表) stand one after another, in one text or over several: the file says whose
    books they are, the sheet or the title what kind of table.
    """
    found: dict[str, float] = {}
    texts = [simplified(squeeze(t)) for t in titles]
    broadest_first = GAP.join(reversed(texts))
    for rank, text in enumerate(texts):
        lengths = vocabulary.title_lengths(text, broadest_first if rank == 0 else text)
        longest = max(lengths.values(), default=0)
        for name, length in lengths.items():
            if length:
                found[name] = max(found.get(name, 0.0), 0.3 * 0.8**rank * (length / longest) ** 2)
    return found


def _told_by(word: str, text: str) -> int:
    """How many signs of a title's word stand in a text; 0 where one of its parts is missing or stands before the part left of it."""
    if GAP not in word:
        return len(word) if word in text else 0
    at = 0
    for part in word.split(GAP):
        at = text.find(part, at) + len(part)
        if at < len(part):
            return 0
    return len(word.replace(GAP, ""))


def _guess(vocabulary: Vocabulary, ledger: LedgerSpec, headers: Sequence[str], shapes: Sequence[Shape], bonus: float) -> Guess:
    scores = [_shaped(vocabulary.scores(h, ledger.name) if h else {}, ledger, s) for h, s in zip(headers, shapes, strict=True)]
    passed = vocabulary.superseded(headers, ledger.name)
    scores = [{} if i in passed else s for i, s in enumerate(scores)]
    for field, keys in vocabulary.giving_way(ledger.name).items():
        ways = [header_key(h) in keys for h in headers]
        if any(s.get(field, 0.0) >= GIVEN_WAY_TO and not way for s, way in zip(scores, ways, strict=True)):
            scores = [{n: v for n, v in s.items() if n != field} if way else s for s, way in zip(scores, ways, strict=True)]
    if sum(map(bool, scores)) < 2:
        return Guess(ledger.name, 0.0, ())
    taken = _assign([{n: v for n, v in s.items() if v >= TAKEN_FROM} for s in scores], list(ledger.fields))
    known = vocabulary.beside(ledger.name)
    columns = tuple(ColumnUse(i, h, "") if i in passed else _use(i, h, scores[i], taken.get(i), known) for i, h in enumerate(headers))
    own = [c for c in columns if c.field in ledger.fields]
    if len(own) < 2:
        return Guess(ledger.name, 0.0, columns)
    told = sum(
        1
        for c in columns
        if c.header
        and c.index not in passed
        and header_key(c.header) not in vocabulary.ignored
        and (c.field or not {header_key(c.header), header_key(c.header.replace(PATH, ""))} & known)
        and c.field not in vocabulary.organisation_fields - set(ledger.fields)
    )
    explained = sum(c.confidence for c in own) / max(told, 1)
    weights = {n: 2.0 if n in ledger.key else 1.0 for n, f in ledger.fields.items() if not f.is_auxiliary}
    present = min(1.0, sum(weights.get(c.field, 1.0) * c.confidence for c in own if c.field) / sum(weights.values()))
    balance = 2 * explained * present / (explained + present) if explained + present else 0.0
    found = {c.field for c in own}
    essential = sum(any(n in found for n in group) for group in ledger.essential) / len(ledger.essential)
    held = (0.7 + 0.3 * essential) * (1.0 if essential >= 0.5 else MOST_IS_MISSING)
    return Guess(
        ledger.name, held * (0.35 + 0.65 * balance) * min(1.0, 3 * balance) + bonus * min(1.0, 2 * balance), columns
    )


def _use(index: int, header: str, scores: Mapping[str, float], taken: str | None, known: frozenset[str]) -> ColumnUse:
    """`known`: header keys of columns from which the ledger takes nothing."""
    from .units import unit_in

    others = tuple(n for n, _ in sorted(scores.items(), key=lambda s: (-s[1], s[0])) if n != taken)[:3]
    if taken is None:
        ignored = header_key(header) in known or header_key(header.replace(PATH, "")) in known
        return ColumnUse(index, header, "" if ignored else None, 1.0 if ignored else 0.0, others)
    return ColumnUse(index, header, taken, round(scores[taken], 3), others, unit_in(header))


def _assign(scores: Sequence[Mapping[str, float]], order: Sequence[str]) -> dict[int, str]:
    """One field a column and one column a field, by the best total score; columns that score alike keep the fields' order."""
    best = {i: max(s, key=lambda n: (s[n], n)) for i, s in enumerate(scores) if s}
    if len(set(best.values())) == len(best):
        return best
    rows = [i for i, s in enumerate(scores) if s]
    names = sorted({n for s in scores for n in s})
    place = {n: p / max(len(order), 1) for p, n in enumerate(order)}
    gain = [[scores[i].get(n, 0.0) - 1e-3 * abs(i / len(scores) - place.get(n, 0.0)) - 1e-6 * k for n in names] for k, i in enumerate(rows)]
    return {rows[a]: names[b] for a, b in best_pairs(gain) if scores[rows[a]].get(names[b])}


def _shaped(scores: dict[str, float], ledger: LedgerSpec, shape: Shape) -> dict[str, float]:
    """Scores lowered where the cells do not look like the field's type."""
    if not scores or not shape.is_filled:
        return scores
    return {n: s * _fit(ledger.fields.get(n), shape) for n, s in scores.items()}


def _fit(spec: FieldSpec | None, shape: Shape) -> float:
    if spec is None:
        return 1.0
    if spec.type in SCALES:
        return 1.0 if shape.is_numeric else 0.75
    if spec.type == "date":
        return 1.0 if shape.is_dated else 0.6
    if spec.type in ("text", "person", "choice", "boolean") and shape.is_figures:
        return 0.85
    return 1.0
