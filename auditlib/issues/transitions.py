"""Which step may follow which state, who may take it and what it needs: expectations/issues/transitions.yaml, judged."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ..catalog.load import read_yaml
from ..catalog.places import expectations
from ..catalog.specs import RuleCard
from ..words.errors import CatalogError
from ..words.messages import catalogue
from .closing import ClosingPolicy, evidence_kinds, evidence_label, is_empty, kinds_needed, lacks, says_nothing
from .events import Kind
from .issue import STATE_AFTER, WAIVING, Issue, State
from .matters import matters_of, reason_for, unexplained, unnamed
from .people import LEAD, Person, alike
from .refusal import Label, Reason, StepRefused, reason

TYPES = frozenset(("text", "date", "day_ahead", "day_past", "money", "whole"))


@dataclass(frozen=True, slots=True)
class Transition:
    """One kind of step. `needs` and `may`: name of a field -> its type, or the words that it may be."""

    kind: Kind
    sources: frozenset[State]
    who: tuple[str, ...]
    needs: Mapping[str, str | tuple[str, ...]]
    may: Mapping[str, str | tuple[str, ...]]
    conditions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Transitions:
    roles: Mapping[str, Mapping[str, str]]  # role -> label by language
    steps: Mapping[Kind, Transition]
    register: Mapping[Kind, tuple[str, ...]]  # steps on people and draws -> roles
    extensions_at_most: int
    days_ahead_at_most: Mapping[Kind, int]  # with a step of this kind
    lead_after: Mapping[str, int]  # returns, continued_days: from when on a lead has to take the step
    entered_later_days: int  # a step that judges, entered so many days behind the register, goes without a remark
    ends: frozenset[State]
    guarded: frozenset[Kind]  # steps that judge: no pack gives them to further roles

    def allowed(self, state: State, role: str) -> tuple[Kind, ...]:
        """The steps that `role` may take now, as far as state and role decide."""
        return tuple(kind for kind, step in self.steps.items() if state in step.sources and role in step.who)


@dataclass(frozen=True, slots=True)
class Judged:
    """All that a step is judged by: the issue as it stands on the day of the step, who, when, and what is said."""

    issue: Issue
    person: Person
    day: dt.date
    what: Mapping[str, Any]
    upwards: Collection[str]  # code of the issue's organisation and of all above it
    other: Issue | None  # joined: the issue that goes on
    transitions: Transitions
    closing: ClosingPolicy
    cards: Callable[[], Mapping[str, RuleCard]]
    has_file: Callable[[str], bool]  # by its hash, in the evidence store
    known: Callable[[str], Person | None] = lambda person_id: None  # a person of the register by id
    kind: Kind = Kind.SEEN  # the step: `judge` sets it

    def one_of(self, people: Iterable[str]) -> str:
        """The one of `people` (ids, or names as they were written) that is the person who acts, under whatever spelling; '' for none."""
        mine = self.person.read_as
        for each in people:
            person = self.known(each)
            if each == self.person.person_id or mine & (person.read_as if person else {alike(each)}):
                return each
        return ""


def _handled_it(case: Judged) -> Reason | None:
    return _by_another(case, "handled_it", (*case.issue.handlers, *case.issue.reporters, *case.issue.helpers))


def _waived_it(case: Judged) -> Reason | None:
    return _by_another(case, "waived_it", case.issue.waivers)


def _verified_it(case: Judged) -> Reason | None:
    return _by_another(case, "verified_it", filter(None, (case.issue.verifier,)))


def _second_person(case: Judged) -> Reason | None:
    return _by_another(case, "same_person", case.issue.askers or filter(None, (case.issue.asked_by,)))


def _by_another(case: Judged, key: str, people: Iterable[str]) -> Reason | None:
    """Refuses somebody who is one of `people`; told are both names where they are spelt in two ways."""
    person = case.person.person_id
    found = case.one_of(people)
    if found in ("", person):
        return reason(key, person=person) if found else None
    return reason("one_person", person=person, other=found, reason=reason(key, person=found))


def _says_something(case: Judged) -> Reason | None:
    seen = case.what.get("seen_on_site", "")
    return reason("says_nothing", text=seen) if seen and says_nothing(seen, case.closing) else None


def _not_shown_before(case: Judged) -> Reason | None:
    fallen = {ref.sha256 for ref in case.issue.evidence if ref.version <= case.issue.evidence_from}
    return reason("shown_before", name=case.what["name"]) if case.what["sha256"] in fallen else None


def _gives_a_reason(case: Judged) -> Reason | None:
    given = case.what["reason"]
    return reason("no_reason", text=given) if is_empty(given, case.closing) else None


def _not_who_asked(case: Judged) -> Reason | None:
    """Who asks for more time does not give it to himself."""
    return _by_another(case, "asked_it", filter(None, (case.what.get("asked_by"),)))


def _not_too_far_ahead(case: Judged) -> Reason | None:
    days = case.transitions.days_ahead_at_most[case.kind]
    last = case.day + dt.timedelta(days=days)
    asked = case.what["deadline"]
    return reason("too_far_ahead", asked=asked, last=last.isoformat(), days=days) if asked > last.isoformat() else None


def _not_for_ever(case: Judged) -> Reason | None:
    """Sent back and forth, or put right over time, again and again: from some time on a lead has to say so."""
    issue, after = case.issue, case.transitions.lead_after
    if case.person.role == LEAD:
        return None
    if case.kind is Kind.RETURNED:
        return reason("returned_often", count=issue.returned) if issue.returned >= after["returns"] else None
    days = after["continued_days"]
    last = issue.raised_on + dt.timedelta(days=days)
    return reason("continued_long", last=last.isoformat(), days=days) if case.what["deadline"] > last.isoformat() else None


def _betters_no_answer(case: Judged) -> Reason | None:
    known, told = case.issue.satisfaction, case.what["satisfaction"]
    if not known or _ANSWERS.index(told) >= _ANSWERS.index(known):
        return None
    return reason("answer_bettered", known=Label(f"issues.word.{known}"), told=Label(f"issues.word.{told}"))


_ANSWERS = ("satisfied", "fairly", "not")  # the best first


def _names_each_matter(case: Judged) -> Reason | None:
    """A false alarm is one of every matter that was joined: each is named, and a grave one of another kind has its own reason."""
    matters, given = matters_of(case.issue), case.what["reason"]
    if says_nothing(reason_for(None, given), case.closing):
        return reason("says_nothing_declined", text=given)
    if missing := unnamed(matters[1:], given):
        return reason("matters_unnamed", count=len(matters), matters=tuple(each.told() for each in missing))
    if lacking := unexplained(matters, given, lambda text: says_nothing(text, case.closing)):
        return reason("matters_unexplained", matters=tuple(each.told() for each in lacking))
    return None


def _knows_what_it_covers(case: Judged) -> Reason | None:
    """Who confirms a false alarm of several matters says how many they are: it is told, and has to be read."""
    matters = matters_of(case.issue)
    if len(matters) < 2 or case.what.get("covers") == len(matters):
        return None
    return reason("covers", count=len(matters), matters=tuple(each.told() for each in matters))


def _later(case: Judged) -> Reason | None:
    is_later = dt.date.fromisoformat(case.what["deadline"]) > case.issue.deadline
    return None if is_later else reason("not_later", deadline=case.issue.deadline.isoformat())


def _moves_nothing_back(case: Judged) -> Reason | None:
    """A date that was set is moved back by who may extend it, and counted; giving the work to another does not move it."""
    issue, asked = case.issue, case.what["deadline"]
    if issue.set_deadline is None or issue.state is State.ACCEPTED or dt.date.fromisoformat(asked) <= issue.set_deadline:
        return None
    return reason("moved_back", deadline=issue.set_deadline.isoformat(), asked=asked)


def _too_often(case: Judged) -> Reason | None:
    most = case.transitions.extensions_at_most
    return reason("too_often", count=case.issue.extensions, most=most) if case.issue.extensions >= most else None


def _other_is_open(case: Judged) -> Reason | None:
    into = case.what["into"]
    if case.other is None or case.other.issue_id == case.issue.issue_id or not case.other.is_open:
        return reason("not_joinable", into=into)
    if case.other.state is State.VERIFIED or (case.other.cleared_by and not case.issue.cleared_by):
        return reason("joins_settled", into=into)
    if case.other.state is State.DECLINE_ASKED:
        return reason("joins_declining", into=into)
    if _would_delay(case.issue, case.other):
        own, later = case.issue.deadline.isoformat(), case.other.deadline.isoformat()
        return reason("joins_later", issue_id=case.issue.issue_id, into=into, own=own, later=later)
    if len({case.closing.stays(ref.rule) for ref in (*case.issue.findings, *case.other.findings) if ref.ledger}) > 1:
        return reason("joins_unlike", into=into)
    return None


def _would_delay(issue: Issue, other: Issue) -> bool:
    """Whether `issue` would have longer as part of `other`. Dates that nobody set follow from the worst severity of both."""
    is_proposed = issue.set_deadline is None and other.set_deadline is None
    return other.deadline > issue.deadline and not (is_proposed and other.raised_on <= issue.raised_on)


def _dated(case: Judged) -> Reason | None:
    dated, received = case.what["dated"], case.what["received"]
    return reason("dated_later", dated=dated, received=received) if not dated <= received <= case.day.isoformat() else None


def _known_evidence(case: Judged) -> Reason | None:
    needed = kinds_needed(case.issue, case.cards())
    if case.what["kind"] in evidence_kinds():
        return None
    return reason("unknown_evidence", kind=case.what["kind"], candidates=tuple(evidence_label(kind) for kind in needed))


def _in_store(case: Judged) -> Reason | None:
    return None if case.has_file(case.what["sha256"]) else reason("not_in_store", sha256=case.what["sha256"])


def _money_told(case: Judged) -> Reason | None:
    what, told = case.what["what"], case.what
    if what == "scheduled" and told.get("until", "") <= case.day.isoformat():
        return reason("no_schedule")
    if what in WAIVING and not told.get("reason"):
        return reason("not_due_why", what=Label(f"issues.word.{what}"))
    if what == "scheduled" and told["until"] > (last := case.day + dt.timedelta(days=case.closing.schedule_days_at_most)).isoformat():
        return reason("schedule_too_long", until=told["until"], last=last.isoformat())
    if what in WAIVING and case.person.role not in case.transitions.steps[Kind.VERIFIED].who:
        return reason("not_due_who", what=Label(f"issues.word.{what}"))
    if what in WAIVING and says_nothing(told["reason"], case.closing):
        return reason("says_nothing", text=told["reason"])
    if what != "scheduled" and told.get("booked_on", "") > case.day.isoformat():
        return reason("money_ahead", on=told["booked_on"])
    return _on_paper(case)


def _on_paper(case: Judged) -> Reason | None:
    """Money rests on a paper: the number of a voucher, a receipt or an agreement, or a file that was handed in for this issue."""
    told = case.what
    if told.get("paper") and not case.issue.papers_named(told["paper"]):
        names = tuple(dict.fromkeys(ref.name for ref in case.issue.papers))
        return reason("no_such_paper", paper=told["paper"], candidates=names)
    if told["what"] in WAIVING or told.get("paper"):
        return None
    if not any(character.isnumeric() for character in told.get("voucher_no", "")):
        return reason("no_voucher", what=Label(f"issues.word.{told['what']}"), voucher_no=told.get("voucher_no", ""))
    return None


def _closing(case: Judged) -> Reason | None:
    missing = lacks(case.issue, case.closing, case.cards())
    return reason("cannot_close", lacks=missing) if missing else None


CONDITIONS: Mapping[str, Callable[[Judged], Reason | None]] = MappingProxyType({
    "neither_handled_nor_reported": _handled_it, "not_the_verifier": _verified_it, "second_person": _second_person,
    "not_who_waived": _waived_it, "says_what_was_seen": _says_something, "not_shown_before": _not_shown_before,
    "gives_a_reason": _gives_a_reason, "not_who_asked": _not_who_asked, "not_too_far_ahead": _not_too_far_ahead,
    "not_for_ever": _not_for_ever, "betters_no_answer": _betters_no_answer, "names_each_matter": _names_each_matter,
    "knows_what_it_covers": _knows_what_it_covers,
    "later_than_the_old_deadline": _later, "moves_no_deadline_back": _moves_nothing_back,
    "not_too_often": _too_often, "other_is_open": _other_is_open,
    "dated_not_after_received": _dated, "known_kind_of_evidence": _known_evidence, "file_is_in_the_store": _in_store,
    "money_is_told_whole": _money_told, "closing": _closing,
})  # fmt: skip


def judge(kind: Kind, case: Judged) -> tuple[Reason, ...]:
    """What stands against the step; nothing when it may be taken. `case.what` is in its stored form (see `fields`)."""
    step = case.transitions.steps.get(kind)
    case = replace(case, kind=kind)
    if step is None:
        return (reason("no_step", kind=kind_label(kind)),)
    if not case.person.is_active:
        return (reason("left", person=case.person.person_id),)
    allowed = tuple(kind_label(each) for each in case.transitions.allowed(case.issue.state, case.person.role))
    if case.person.role not in step.who:
        roles = tuple(Label(f"issues.role.{role}") for role in step.who)
        return (reason("role", kind=kind_label(kind), role=Label(f"issues.role.{case.person.role}"), roles=roles, allowed=allowed),)
    if not case.person.covers(case.upwards):
        return (reason("scope", person=case.person.person_id, org_code=case.person.org_code, other=case.issue.org_code),)
    if case.issue.state not in step.sources:
        return (reason("state", kind=kind_label(kind), state=Label(f"issues.state.{case.issue.state}"), allowed=allowed),)
    return tuple(found for name in step.conditions if (found := CONDITIONS[name](case)) is not None)


def kind_label(kind: Kind) -> Label:
    return Label(f"issues.kind.{kind}")


def field_label(name: str) -> Label | str:
    """What a field is called; a field that a county added has no other name than its own."""
    return Label(f"issues.field.{name}") if f"issues.field.{name}" in catalogue() else name


def fields(step: Transition, what: Mapping[str, Any], day: dt.date) -> dict[str, Any]:
    """`what` as it will be stored. Raises StepRefused naming every field that is missing, strange or unreadable."""
    known = {**step.needs, **step.may}
    given = {name: value for name, value in what.items() if value is not None and value != ""}
    problems = [reason("unknown_field", field=name, candidates=tuple(known)) for name in given if name not in known]
    problems += [reason("missing_field", field=name, meaning=field_label(name)) for name in step.needs if name not in given]
    stored: dict[str, Any] = {}
    for name in (n for n in given if n in known):
        try:
            stored[name] = _stored(known[name], given[name], day)
        except (ValueError, InvalidOperation, ArithmeticError):
            problems.append(reason("bad_field", field=name, value=given[name], wanted=_wanted(known[name])))
    if problems:
        raise StepRefused(problems)
    return stored


def _stored(form: str | tuple[str, ...], value: Any, day: dt.date) -> Any:
    if isinstance(form, tuple):
        if value not in form:
            raise ValueError(value)
        return str(value)
    if form in ("date", "day_ahead", "day_past"):
        date = value if isinstance(value, dt.date) and not isinstance(value, dt.datetime) else dt.date.fromisoformat(str(value))
        if (form == "day_ahead" and date < day) or (form == "day_past" and date > day):
            raise ValueError(value)
        return date.isoformat()
    if form == "money":
        return _money(value)
    if form == "whole":
        return int(value)
    text = str(value).strip()
    if not text:
        raise ValueError(value)
    return text


def _money(value: Any) -> str:
    amount = Decimal(str(value).replace(",", ""))
    if not amount.is_finite() or amount <= 0 or amount != amount.quantize(Decimal("0.01")):
        raise ValueError(value)
    return f"{amount:.2f}"


def _wanted(form: str | tuple[str, ...]) -> Any:
    return form if isinstance(form, tuple) else Label(f"issues.wanted.{form}")


# Reading the table


@cache
def load_transitions(path: Path | None = None) -> Transitions:
    """The table in `path`, or the shipped one. Raises CatalogError naming file, key and value."""
    path = path or expectations() / "issues" / "transitions.yaml"
    return transitions_of(read_yaml(path), path)


def transitions_of(raw: Any, path: Path) -> Transitions:
    """The table that `raw` describes; `path` is named in errors. Raises CatalogError."""
    keys = {"roles", "ends", "extensions_at_most", "days_ahead_at_most", "lead_after", "entered_later_days", "guarded", "steps", "register"}
    if not isinstance(raw, dict) or set(raw) != keys:
        raise CatalogError(f"{path}: needs exactly the keys {', '.join(sorted(keys))}")
    ends = frozenset(_one(path, "ends", State, end) for end in raw["ends"])
    steps = {_one(path, "steps", Kind, name): _step(path, name, entry, raw["roles"], ends) for name, entry in raw["steps"].items()}
    register = {
        _one(path, "register", Kind, name): _roles(path, f"register.{name}", who, raw["roles"]) for name, who in raw["register"].items()
    }
    most, behind = (_whole(path, key, raw[key]) for key in ("extensions_at_most", "entered_later_days"))
    roles = MappingProxyType({name: MappingProxyType(labels) for name, labels in raw["roles"].items()})
    guarded = frozenset(_one(path, "guarded", Kind, name) for name in raw["guarded"])
    ahead = {Kind(name): days for name, days in _limits(path, "days_ahead_at_most", raw, _DATED).items()}
    after = _limits(path, "lead_after", raw, _LEAD_AFTER)
    return Transitions(
        roles, MappingProxyType(steps), MappingProxyType(register), most, MappingProxyType(ahead), MappingProxyType(after), behind, ends,
        guarded,
    )  # fmt: skip


def _whole(path: Path, key: str, told: Any) -> int:
    if type(told) is not int or told < 0:
        raise CatalogError(f"{path}: {key} = {told!r}: a whole number is needed")
    return told


_DATED = tuple(map(str, (Kind.ASSIGNED, Kind.RETURNED, Kind.EXTENDED, Kind.CONTINUED)))
_LEAD_AFTER = ("returns", "continued_days")


def _limits(path: Path, key: str, raw: Mapping[str, Any], names: Collection[str]) -> dict[str, int]:
    """The whole numbers under `key`, one for each of `names`."""
    told = raw[key]
    if not isinstance(told, dict) or set(told) != set(names) or not all(type(each) is int and each > 0 for each in told.values()):
        raise CatalogError(f"{path}: {key} = {told!r}: needs a whole number above 0 for each of {', '.join(names)}")
    return told


def _one(path: Path, key: str, words: Any, value: Any) -> Any:
    try:
        return words(value)
    except ValueError:
        raise CatalogError(f"{path}: {key}: {value!r} is not known; candidates: {', '.join(words)}") from None


def _roles(path: Path, key: str, who: Any, roles: Mapping[str, Any]) -> tuple[str, ...]:
    for role in who:
        if role not in roles:
            raise CatalogError(f"{path}: {key}: role {role!r} is not known; candidates: {', '.join(roles)}")
    return tuple(who)


def _step(path: Path, name: str, entry: Mapping[str, Any], roles: Mapping[str, Any], ends: frozenset[State]) -> Transition:
    where, kind = f"steps.{name}", Kind(name)
    if not {"from", "who"} <= set(entry) <= {"from", "to", "who", "needs", "may", "conditions"}:
        raise CatalogError(f"{path}: {where}: needs from and who; known besides: to, needs, may, conditions")
    opened = frozenset(state for state in State if state not in ends)
    sources = opened if entry["from"] == "open" else frozenset(_one(path, f"{where}.from", State, each) for each in entry["from"])
    after = State.JOINED if kind is Kind.JOINED else STATE_AFTER.get(kind)
    if entry.get("to") != (None if after is None else after.value):
        raise CatalogError(f"{path}: {where}.to = {entry.get('to')!r}: this step leads to {after or 'no other state'}")
    for condition in entry.get("conditions", ()):
        if condition not in CONDITIONS:
            raise CatalogError(f"{path}: {where}.conditions: {condition!r} is not known; candidates: {', '.join(CONDITIONS)}")
    needs, may = (_fields(path, f"{where}.{part}", entry.get(part, {})) for part in ("needs", "may"))
    return Transition(kind, sources, _roles(path, where, entry["who"], roles), needs, may, tuple(entry.get("conditions", ())))


def _fields(path: Path, where: str, entries: Mapping[str, Any]) -> Mapping[str, str | tuple[str, ...]]:
    for name, form in entries.items():
        if not isinstance(form, list) and form not in TYPES:
            raise CatalogError(f"{path}: {where}.{name} = {form!r}: not known; candidates: {', '.join(sorted(TYPES))}, or a list of words")
    return MappingProxyType({name: tuple(form) if isinstance(form, list) else form for name, form in entries.items()})
