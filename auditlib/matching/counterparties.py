"""Organisation against organisation: what one of the county says it is owed, the other must say that it owes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..catalog.specs import CheckSpec
from ..checks.frames import Frames
from ..checks.outcome import Outcome, applicable
from ..checks.parameters import number
from ..checks.shown import yuan
from ..words.messages import say
from ..words.records import Match, Organisation
from .names import SUGGESTED, Decisions, compare_names, folded, key_of
from .reconciliation import KEY, ONE_SIDED, Reconciled, name_of

Row = Mapping[str, Any]
_SHORTEST, _SUGGESTED = 3, 3  # letters of a name that may be only alike; candidates told
_LOOKED_AT = 60  # per cent of letters from which two names are compared by letter and sound
CLAIM, DEBT = "债权", "债务"


def claims_and_debts(frames: Frames, spec: CheckSpec) -> Reconciled:
    """For every two organisations of the county the sum of claims of one against the sum of debts of the other.

    A counterparty is an organisation when its name, without the words that say what kind of body it is, is the name of one:
    of the same township first; one name for several organisations is told and not guessed. A name that is only alike is
    suggested, and taken or left once a person has said which. The match stands with the creditor.
    """
    ledger = spec.ledgers[0]
    looked, reasons = applicable(frames, {ledger: ["kind", "counterparty", "amount"]})
    words = frames.catalog.words["matching"]
    who = Directory(frames.organisations, frames.catalog.words["organisation_names"]["village_suffixes"])
    owed: dict[tuple[str, str], int] = defaultdict(int)
    owing: dict[tuple[str, str], int] = defaultdict(int)
    unclear: list[tuple[str, str, int]] = []
    weak: set[tuple[str, str, str]] = set()
    rows = frames.rows(ledger).select("row_id", "org_code", "kind", "counterparty", "amount")
    for row in frames.records(rows):
        org = row["org_code"] or ""
        text = row["counterparty"] or ""
        others = who.named(text, org) or who.decided(text, org, frames.inputs.name_decisions)
        if org in looked and not others:
            weak |= {(org, text, name) for name in who.alike(text, org, words, frames.inputs.name_decisions)}
        if org not in looked or not others or row["amount"] is None:
            continue
        if len(others) > 1:
            unclear.append((org, row["counterparty"], row["amount"] * (1 if row["kind"] == CLAIM else -1)))
        elif row["kind"] == CLAIM:
            owed[org, others[0]] += row["amount"]
        elif row["kind"] == DEBT:
            owing[others[0], org] += row["amount"]
    tolerance = number("value_tolerance", frames.catalog, frames.settings)
    matches = list(_pairs(name_of(spec), owed, owing, who, tolerance))
    matches += [Match(name_of(spec), org, name, "", "several names (choice)", yuan(amount)) for org, name, amount in unclear]
    matches += [Match(name_of(spec), org, text, name, "suggested (choice)", None, 1, 0) for org, text, name in sorted(weak)]
    reasons = {**reasons, **_nothing(frames, looked, {m.org_code for m in matches})}
    return Reconciled(Outcome((), {o: n for o, n in looked.items() if o not in reasons}, reasons), tuple(matches))


def _nothing(frames: Frames, looked: Mapping[str, int], met: set[str]) -> dict[str, str]:
    """Nothing stands between these and another organisation: the reconciliation says nothing about them."""
    told = say("reconciled.no_internal", frames.settings.language)
    return {org: told for org in looked if org not in met}


def _pairs(
    name: str, owed: Mapping[tuple[str, str], int], owing: Mapping[tuple[str, str], int], who: Directory, tolerance: int
) -> Iterator[Match]:
    for creditor, debtor in sorted(owed.keys() | owing.keys()):
        mine, theirs = owed.get((creditor, debtor)), owing.get((creditor, debtor))
        left = "" if mine is None else f"{who.name(debtor)} {CLAIM}"
        right = "" if theirs is None else f"{who.name(debtor)} {DEBT}"
        off = (mine or 0) - (theirs or 0)
        how = ONE_SIDED if mine is None or theirs is None else KEY
        yield Match(name, creditor, left, right, how, yuan(off) if abs(off) > tolerance else None)


class Directory:
    """The organisations of the county by the names under which others know them."""

    def __init__(self, organisations: Sequence[Organisation], kinds: Sequence[str]) -> None:
        self._of = {o.org_code: o for o in organisations}
        self._kinds = sorted((folded(k) for k in kinds), key=lambda k: (-len(k), k))
        self._codes: dict[str, list[str]] = defaultdict(list)
        for organisation in organisations:
            self._codes[self._bare(organisation.name)].append(organisation.org_code)

    def name(self, code: str) -> str:
        known = self._of.get(code)
        return known.name if known else code

    def named(self, text: str, asking: str) -> tuple[str, ...]:
        """Codes that `text` may mean to the organisation `asking`, itself left out; of its own township alone where there is one."""
        found = [c for c in self._codes.get(self._bare(text), ()) if c != asking]
        near = [c for c in found if self._of[c].parent_code == (self._of[asking].parent_code if asking in self._of else None)]
        return tuple(near or found)

    def decided(self, text: str, asking: str, decisions: Decisions) -> tuple[str, ...]:
        """Codes of the organisations that a person said `text` means."""
        if not decisions:
            return ()
        means = [c for c, o in self._of.items() if (d := decisions.get(key_of(text, o.name))) is not None and d.same and c != asking]
        return tuple(means)

    def alike(self, text: str, asking: str, words: Mapping[str, Sequence[str]], decisions: Decisions) -> tuple[str, ...]:
        """Names of organisations that `text` might mean and about which nobody has decided."""
        from rapidfuzz import fuzz, process

        bare = self._bare(text)
        if len(bare) < _SHORTEST:
            return ()
        near = process.extract(bare, list(self._codes), scorer=fuzz.ratio, score_cutoff=_LOOKED_AT, limit=_SUGGESTED)
        found = []
        for other, _, _ in near:
            if compare_names(bare, other, words).status == SUGGESTED:
                found += [self._of[c].name for c in self._codes[other] if c != asking]
        return tuple(n for n in found if key_of(text, n) not in decisions)

    def _bare(self, text: str) -> str:
        """A name without the words for its kind of body and without the township or county before it."""
        name = folded(text)
        for kind in self._kinds:
            if name.endswith(kind) and len(name) > len(kind) + 1:
                name = name[: -len(kind)]
                break
        for above in "县市区镇乡":
            head, found, rest = name.partition(above)
            if found and len(rest) > 1 and len(head) > 1:
                name = rest
        return name
