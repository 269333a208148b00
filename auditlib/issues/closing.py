"""What closing 销号 still lacks. Each part is asked for on its own, and each lack is named.

Needed are: evidence of every kind that the rule card asks for, one paper of it at least from after the finding; the money
recovered, booked or put on a schedule; and either a run that looked again by the same measure and no longer found it or, where no
ledger can show it, what the verifier saw on site. Where that run looked at fewer rows, or a record that the finding named is no
longer in the ledgers, the verifier says where they went: taken out or left out is not put right.
What was handed in or told of money after the verification has to be verified too.
That the verifier is neither who handled nor who reported back is judged with every step (see transitions).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

from ..catalog.load import load_catalog, read_yaml
from ..catalog.places import expectations
from ..catalog.specs import RuleCard
from ..words.errors import CatalogError
from ..words.messages import LANGUAGES, say
from .issue import MONEY, FindingRef, Issue
from .refusal import Reason, Words, reason

AS_THE_CARD_SAYS = "as_the_card_says"  # the one kind of evidence of a card that lists no kinds, or of a matter without card


@dataclass(frozen=True, slots=True)
class ClosingPolicy:
    """expectations/issues/closing.yaml; rule ids may be patterns such as `D*`."""

    no_money_rules: tuple[str, ...]
    stays_in_books: tuple[str, ...]
    recheck_percent: int
    schedule_days_at_most: int  # how long a schedule of instalments may run
    rows_may_go: tuple[str, ...]  # rules that are put right by taking a row out
    numbers_may_change: tuple[str, ...]  # rules that are put right by giving a row another number
    empty_words: tuple[str, ...]  # words that say nothing of what was seen, as `_bare` has them, the longest first

    def asks_for_money(self, rule: str) -> bool:
        return not any(fnmatchcase(rule, pattern) for pattern in self.no_money_rules)

    def may_go(self, rule: str) -> bool:
        """Whether it is put right by taking a row out, so that fewer rows need no explanation."""
        return any(fnmatchcase(rule, pattern) for pattern in self.rows_may_go)

    def number_may_go(self, rule: str) -> bool:
        """Whether the number of a record may be gone from the ledgers when it is put right."""
        return self.may_go(rule) or any(fnmatchcase(rule, pattern) for pattern in self.numbers_may_change)

    def stays(self, rule: str) -> bool:
        """Whether the books of that year will show it for ever, whatever is done."""
        return any(fnmatchcase(rule, pattern) for pattern in self.stays_in_books)


@cache
def load_closing(path: Path | None = None) -> ClosingPolicy:
    """The policy in `path`, or the shipped one. Raises CatalogError naming file, key and value."""
    path = path or expectations() / "issues" / "closing.yaml"
    return closing_of(read_yaml(path), path)


def closing_of(raw: Any, path: Path) -> ClosingPolicy:
    """The policy that `raw` describes; `path` is named in errors. Raises CatalogError."""
    lists = ("no_money_rules", "stays_in_books", "rows_may_go", "numbers_may_change", "says_nothing")
    keys = (*lists, "recheck_percent", "schedule_days_at_most")
    if not isinstance(raw, dict) or set(raw) != set(keys):
        raise CatalogError(f"{path}: needs exactly the keys {', '.join(keys)}")
    for key in lists:
        if not isinstance(raw[key], list) or not all(isinstance(word, str) for word in raw[key]):
            raise CatalogError(f"{path}: {key} = {raw[key]!r}: a list of texts is needed")
    for key, most in (("recheck_percent", 100), ("schedule_days_at_most", 36_500)):
        if type(raw[key]) is not int or not 0 < raw[key] <= most:
            raise CatalogError(f"{path}: {key} = {raw[key]!r}: a whole number from 1 to {most} is needed")
    words = tuple(sorted(map(_bare, raw["says_nothing"]), key=lambda word: (-len(word), word)))
    return ClosingPolicy(
        tuple(raw["no_money_rules"]), tuple(raw["stays_in_books"]), raw["recheck_percent"], raw["schedule_days_at_most"],
        tuple(raw["rows_may_go"]), tuple(raw["numbers_may_change"]), words,
    )  # fmt: skip


def with_words(policy: ClosingPolicy, other: ClosingPolicy) -> ClosingPolicy:
    """`policy` with the empty words of both."""
    words = {*policy.empty_words, *other.empty_words}
    return replace(policy, empty_words=tuple(sorted(words, key=lambda word: (-len(word), word))))


def _bare(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())


_LEAST = 4  # characters that have to be left of a statement without its empty words: 公示栏、转账凭证 …


def says_nothing(text: str, policy: ClosingPolicy) -> bool:
    """Whether a statement holds nothing but words such as 已整改, 属实, done."""
    return len(_without_empty_words(text, policy)) < _LEAST


def is_empty(text: str, policy: ClosingPolicy) -> bool:
    """Whether not even a short reason (农忙) is given, but only such words."""
    return not _without_empty_words(text, policy)


def _without_empty_words(text: str, policy: ClosingPolicy) -> str:
    rest = _bare(text)
    for word in policy.empty_words:
        rest = rest.replace(word, "")
    return rest


def kinds_needed(issue: Issue, cards: Mapping[str, RuleCard]) -> tuple[str, ...]:
    """The kinds of evidence that the cards of its rules ask for, each once."""
    kinds: dict[str, None] = {}
    for rule in dict.fromkeys(ref.rule for ref in issue.findings):
        kinds.update(dict.fromkeys(kinds_of_card(cards.get(rule))))
    return tuple(kinds)


def kinds_of_card(card: RuleCard | None) -> tuple[str, ...]:
    return (card.evidence_kinds if card else ()) or (AS_THE_CARD_SAYS,)


def kinds_shown(issue: Issue) -> frozenset[str]:
    """The kinds of evidence that stand: not those that were judged once and did not hold."""
    return frozenset(ref.kind for ref in issue.evidence if ref.version > issue.evidence_from)


def needs_no_rerun(issue: Issue, policy: ClosingPolicy) -> bool:
    """Whether no ledger can show that the matter is put right."""
    return all(not ref.ledger or policy.stays(ref.rule) for ref in issue.findings)


def money_open(issue: Issue, policy: ClosingPolicy) -> Decimal:
    """元 that are neither recovered, booked, avoided, on a schedule nor told to be not due."""
    asked = sum((_asked(ref, policy) for ref in issue.findings), Decimal(0))
    told: Decimal = sum((getattr(issue, name) for name in MONEY), Decimal(0))
    return max(Decimal(0), asked - told)


def _asked(ref: FindingRef, policy: ClosingPolicy) -> Decimal:
    return max(ref.amount or Decimal(0), Decimal(0)) if policy.asks_for_money(ref.rule) else Decimal(0)


def lacks(issue: Issue, policy: ClosingPolicy, cards: Mapping[str, RuleCard]) -> tuple[Reason, ...]:
    """What closing still needs, one reason each; nothing when all is there."""
    unseen = (reason("unseen", person=issue.verifier),) if issue.is_unseen else ()
    return (*_evidence(issue, cards), *_money(issue, policy), *_look_again(issue, policy), *unseen)


def _evidence(issue: Issue, cards: Mapping[str, RuleCard]) -> tuple[Reason, ...]:
    missing = [kind for kind in kinds_needed(issue, cards) if kind not in kinds_shown(issue)]
    if missing:
        return (reason("no_evidence", kinds=tuple(evidence_label(kind) for kind in missing)),)
    found_on = max(ref.as_of or issue.raised_on for ref in issue.findings)
    newest = max(ref.dated for ref in issue.evidence if ref.version > issue.evidence_from)
    return () if newest >= found_on else (reason("old_evidence", newest=newest.isoformat(), found_on=found_on.isoformat()),)


def evidence_kinds() -> Mapping[str, Mapping[str, str]]:
    """Every kind of evidence with its label in Chinese and English."""
    return {**load_catalog().evidence_kinds, AS_THE_CARD_SAYS: {lang: say("issues.evidence.as_the_card_says", lang) for lang in LANGUAGES}}


def evidence_label(kind: str) -> Words:
    return Words(kind, evidence_kinds().get(kind, {}))


def _money(issue: Issue, policy: ClosingPolicy) -> tuple[Reason, ...]:
    missing = money_open(issue, policy)
    return (reason("money_open", amount=f"{missing:.2f}"),) if missing else ()


def _look_again(issue: Issue, policy: ClosingPolicy) -> tuple[Reason, ...]:
    if issue.cleared_by and all(ref.ledger for ref in issue.findings):
        return (*_fewer(issue, policy), *_gone(issue))
    if not issue.cleared_by and not needs_no_rerun(issue, policy):
        return (_not_cleared(issue),)
    return () if issue.seen_on_site else (reason("not_seen"),)


def _fewer(issue: Issue, policy: ClosingPolicy) -> tuple[Reason, ...]:
    """A run that looked at fewer rows clears nothing by itself: somebody has to say where the others went."""
    if issue.cleared_fewer is None or issue.seen_on_site or all(policy.may_go(ref.rule) for ref in issue.findings):
        return ()
    before, now = issue.cleared_fewer
    return (reason("fewer_rows", before=before, now=now),)


def _gone(issue: Issue) -> tuple[Reason, ...]:
    """Neither does a run that no longer finds what was taken out of the ledger: somebody has to say why it is not there."""
    if not issue.gone or issue.seen_on_site:
        return ()
    return (reason("gone", records=tuple(each.told() for each in issue.gone)),)


def _not_cleared(issue: Issue) -> Reason:
    measured = {name: value for ref in issue.findings for name, value in ref.measured}
    if not measured:
        return reason("not_cleared")
    return reason("not_cleared_by", measured="; ".join(f"{name} = {value}" for name, value in measured.items()))
