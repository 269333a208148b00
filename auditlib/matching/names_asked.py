"""Names that a run found only alike, and what a person has answered since: the list that waits for somebody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..words.records import Match
from .names import Decision, Decisions, folded, key_of

HOW = "suggested (choice)"  # how a match says that its two names are only alike


@dataclass(frozen=True, slots=True)
class NamesAsked:
    """Two names that are alike, where they met, and the answer of a person where there is one."""

    left: str  # as a ledger writes it
    right: str  # as the other side has it
    reconciliations: tuple[str, ...]
    org_codes: tuple[str, ...]  # whose ledgers hold the left name
    answer: Decision | None

    @property
    def state(self) -> str:
        """'suggested' | 'same' | 'different'"""
        return "suggested" if self.answer is None else "same" if self.answer.same else "different"


def names_asked(matches: Sequence[Match], decisions: Decisions) -> tuple[NamesAsked, ...]:
    """Every two names that the run of `matches` suggested, once, those without an answer first; then all answers about others.

    An answer that the run already followed is no suggestion any more; it stands here with the names as they are kept.
    """
    met: dict[tuple[str, str], list[Match]] = {}
    for match in matches:
        if match.how == HOW:
            met.setdefault(key_of(match.left, match.right), []).append(match)
    asked = [_asked(found, decisions.get(key)) for key, found in met.items()]
    asked += [NamesAsked(*key, (), (), answer) for key, answer in decisions.items() if key not in met]
    return tuple(sorted(asked, key=lambda a: (a.answer is not None, a.left, a.right)))


def _asked(found: Sequence[Match], answer: Decision | None) -> NamesAsked:
    places = tuple(tuple(sorted({getattr(m, name) for m in found})) for name in ("reconciliation", "org_code"))
    return NamesAsked(found[0].left, found[0].right, *places, answer)


def is_one_name(left: str, right: str) -> bool:
    """Whether there is nothing to decide: one of the names is empty, or both are the same but for form."""
    return not folded(left) or not folded(right) or folded(left) == folded(right)
