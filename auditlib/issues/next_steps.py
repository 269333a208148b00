"""What a person may do next on an issue, before anything is said with the step; and what stands against every other step."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from .acts import Desk
from .events import Kind
from .refusal import Reason
from .register import Register
from .transitions import Judged, Transition, Transitions, judge

# Conditions on what is said with the step: they can only be judged when it is taken.
OF_WHAT_IS_SAID = frozenset((
    "later_than_the_old_deadline", "moves_no_deadline_back", "gives_a_reason", "not_who_asked", "not_too_far_ahead", "not_for_ever",
    "betters_no_answer", "names_each_matter", "knows_what_it_covers",
    "other_is_open", "dated_not_after_received", "known_kind_of_evidence", "file_is_in_the_store",
    "money_is_told_whole", "says_what_was_seen", "not_shown_before",
))  # fmt: skip


@dataclass(frozen=True, slots=True)
class NextStep:
    """One kind of step as it stands for one person and one issue."""

    step: Transition
    against: tuple[Reason, ...]  # nothing when it may be taken

    @property
    def kind(self) -> Kind:
        return self.step.kind

    @property
    def is_open(self) -> bool:
        return not self.against


def next_steps(register: Register, issue_id: str, person_id: str, at: dt.datetime) -> tuple[NextStep, ...]:
    """Every step of transitions.yaml, in its order, judged by state, role, scope and the issue's past; nothing is written.

    A step that is open here can still be refused for what is said with it. Raises StepRefused for an issue or person
    that is unknown.
    """
    rules = register.rules
    table = rules.transitions
    before = _before_it_is_said(table)
    with register.reading() as connection:
        desk = Desk(connection, register.place, rules.clock, table, rules.closing, register.files, lambda: rules.cards)
        day = register.clock.day_of(at)
        issue, _ = desk.issue(issue_id, day)
        case = Judged(
            issue, desk.person(person_id), day, MappingProxyType({}), desk.upwards(issue.org_code), None, before, rules.closing,
            desk.cards, desk.files.has, desk.known,
        )  # fmt: skip
        return tuple(NextStep(step, judge(kind, case)) for kind, step in table.steps.items())


def _before_it_is_said(table: Transitions) -> Transitions:
    def without(step: Transition) -> Transition:
        return replace(step, conditions=tuple(c for c in step.conditions if c not in OF_WHAT_IS_SAID))

    steps: Mapping[Kind, Transition] = MappingProxyType({kind: without(step) for kind, step in table.steps.items()})
    return replace(table, steps=steps)
