"""What a county decided about its issues: the shipped tables of expectations/issues with what its packs set otherwise.

What closing 销号 needs is a floor: a pack may ask for more than what is shipped, never for less. Judging steps (`guarded` in
transitions.yaml) keep at most the roles that are shipped, every step keeps its states, its needs and its conditions, and a rule
that is shipped keeps its rerun and its money. Only for rules of its own a pack says itself what closing needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from ..catalog.documents import both
from ..catalog.load import load_catalog
from ..catalog.specs import Catalog, RuleCard
from ..words.errors import CatalogError
from ..words.records import PackUse
from .closing import ClosingPolicy, closing_of, load_closing, with_words
from .policy import Clock, county_clock, county_policy, load_clock
from .transitions import Transition, Transitions, load_transitions, transitions_of


@dataclass(frozen=True, slots=True)
class CountyRules:
    """By what the issues of a county are judged."""

    clock: Clock
    transitions: Transitions
    closing: ClosingPolicy
    own_cards: Mapping[str, RuleCard] | None = None  # None: the shipped ones, read only when they are asked for
    packs: tuple[str, ...] = ()  # names of the county packs that they come from

    @property
    def cards(self) -> Mapping[str, RuleCard]:
        """The rule cards that closing asks by: what evidence each rule needs."""
        return load_catalog().rules if self.own_cards is None else self.own_cards


def shipped_rules() -> CountyRules:
    """As shipped, without any pack."""
    return CountyRules(load_clock(), load_transitions(), load_closing())


def rules_of(catalog: Catalog) -> CountyRules:
    """Those of a county. Raises CatalogError naming the file and what it asks less for than what is shipped."""
    return CountyRules(county_clock(catalog), county_transitions(catalog), county_closing(catalog), catalog.rules, packs_of(catalog.packs))


def packs_of(packs: Iterable[PackUse]) -> tuple[str, ...]:
    """The names by which packs are told apart, in their order."""
    return tuple(pack.name for pack in packs)


def county_closing(catalog: Catalog) -> ClosingPolicy:
    """The closing policy of a county, never looser than the shipped one. Raises CatalogError."""
    shipped = load_closing()
    if not catalog.issue_policy.get("closing"):
        return shipped
    raw, path = county_policy(catalog, "closing")
    policy = closing_of(raw, path)
    own = set(catalog.rules) - set(load_catalog().rules)
    for key in ("no_money_rules", "stays_in_books", "rows_may_go", "numbers_may_change"):
        _refuse_looser(path, key, (r for r in getattr(policy, key) if r not in own and not _is_among(r, getattr(shipped, key))))
    _refuse_looser(path, "recheck_percent", [policy.recheck_percent] if policy.recheck_percent < shipped.recheck_percent else [])
    longest = policy.schedule_days_at_most
    _refuse_looser(path, "schedule_days_at_most", [longest] if longest > shipped.schedule_days_at_most else [])
    return with_words(policy, shipped)


def _is_among(rule: str, patterns: Iterable[str]) -> bool:
    """Whether a rule id (or a pattern that is shipped as it stands) is among `patterns`."""
    is_pattern = any(mark in rule for mark in "*?[")
    return any(rule == pattern or (not is_pattern and fnmatchcase(rule, pattern)) for pattern in patterns)


def county_transitions(catalog: Catalog) -> Transitions:
    """The table of steps of a county, never looser than the shipped one. Raises CatalogError."""
    shipped = load_transitions()
    if not catalog.issue_policy.get("transitions"):
        return shipped
    raw, path = county_policy(catalog, "transitions")
    table = transitions_of(raw, path)
    _refuse_looser(path, "steps", set(table.steps) ^ set(shipped.steps))
    _refuse_looser(path, "ends", table.ends ^ shipped.ends)
    _refuse_looser(path, "guarded", shipped.guarded - table.guarded)
    for key in ("days_ahead_at_most", "lead_after"):
        own, most = getattr(table, key), getattr(shipped, key)
        _refuse_looser(path, key, (f"{name}: {number}" for name, number in own.items() if number > most[name]))
    behind = table.entered_later_days
    _refuse_looser(path, "entered_later_days", [behind] if behind > shipped.entered_later_days else [])
    for kind, step in table.steps.items():
        _refuse_looser_step(path, step, shipped.steps[kind], kind in shipped.guarded)
    for kind, roles in table.register.items():
        known = shipped.register.get(kind, ())
        _refuse_looser(path, f"register.{kind}", set(roles) - set(known) if kind in shipped.guarded or not known else ())
    return table


def _refuse_looser_step(path: Path, step: Transition, shipped: Transition, is_guarded: bool) -> None:
    where = f"steps.{step.kind}"
    _refuse_looser(path, f"{where}.from", step.sources - shipped.sources)
    _refuse_looser(path, f"{where}.needs", (n for n, form in shipped.needs.items() if step.needs.get(n) != form))
    _refuse_looser(path, f"{where}.conditions", (c for c in shipped.conditions if c not in step.conditions))
    _refuse_looser(path, f"{where}.who", set(step.who) - set(shipped.who) if is_guarded else ())
    _refuse_looser(path, f"{where}.who", ["[]"] if not step.who else ())


def _refuse_looser(path: Path, key: str, entries: Iterable[object]) -> None:
    if told := ", ".join(sorted(map(str, entries))):
        raise CatalogError(both("packs.looser", file=path, key=key, value=told))
