"""An issue as its events tell it.

What the events say is folded, event by event, into *facts*: a plain mapping that JSON can hold, free of any clock, so
that the register can keep it beside the events and need not fold them anew. `issue_of` reads facts as they stand on a
day: days, overdue and colour follow from the clock and are never stored.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from .events import ISSUE, Event, Kind, Told, time_of, time_text, told_of
from .policy import SEVERITIES, Clock, Shade
from .standing import Gone

Facts = dict[str, Any]  # what JSON holds: texts, whole numbers, lists, mappings; a key that is missing has its default


class State(StrEnum):
    """Where an issue stands."""

    RAISED = "raised"  # 待受理
    ACCEPTED = "accepted"  # 已受理
    ASSIGNED = "assigned"  # 已指派
    IN_HAND = "in_hand"  # 处置中
    HANDLED = "handled"  # 已处置
    REPORTED_BACK = "reported_back"  # 已反馈
    FOR_VERIFICATION = "for_verification"  # 待核查
    VERIFIED = "verified"  # 已核查
    RETURNED = "returned"  # 已退回
    REOPENED = "reopened"  # 重新打开
    TRANSFERRED = "transferred"  # 已移送
    CONTINUED = "continued"  # 持续整改
    DECLINE_ASKED = "decline_asked"  # 待认定误报
    CLOSED = "closed"  # 已销号
    DECLINED = "declined"  # 误报
    JOINED = "joined"  # 已并案: goes on as part of another issue


ENDED = frozenset((State.CLOSED, State.DECLINED, State.JOINED))

# The state after an event; kinds that stand not here leave the state as it is. JOINED says it itself (see `_joined`).
STATE_AFTER: Mapping[Kind, State] = MappingProxyType({
    Kind.RAISED: State.RAISED, Kind.ACCEPTED: State.ACCEPTED, Kind.ASSIGNED: State.ASSIGNED, Kind.STARTED: State.IN_HAND,
    Kind.HANDLED: State.HANDLED, Kind.REPORTED_BACK: State.REPORTED_BACK, Kind.PUT_FORWARD: State.FOR_VERIFICATION,
    Kind.VERIFIED: State.VERIFIED, Kind.CLOSED: State.CLOSED, Kind.RETURNED: State.RETURNED, Kind.REOPENED: State.REOPENED,
    Kind.DECLINE_ASKED: State.DECLINE_ASKED, Kind.DECLINED: State.DECLINED, Kind.TRANSFERRED: State.TRANSFERRED,
    Kind.CONTINUED: State.CONTINUED,
})  # fmt: skip

MONEY = ("recovered", "booked", "loss_avoided", "scheduled", "not_due")  # 追回, 入账, 避免损失, 约定分期, 无需追缴
WAIVING = ("not_due", "loss_avoided")  # words that take money off without any coming in: said with a reason, by who may verify
_BY_A_RUN: frozenset[str] = frozenset((Kind.RAISED, Kind.SEEN, Kind.PUT_FORWARD, Kind.REOPENED))


@dataclass(frozen=True, slots=True)
class FindingRef:
    """A finding that an issue is about, with what is needed to tell whether a later run looked for it."""

    finding_id: str
    rule: str
    org_code: str
    ledger: str  # '' when no run found it: entered by hand, a complaint, another audit
    fiscal_year: int | None  # the newest year in which it was found; None when the run did not say
    severity: str
    amount: Decimal | None  # 元
    line: str
    org_name: str
    as_of: dt.date | None = None  # by which day's ledgers it was found last; None when no run found it
    county: str = ""  # of the run that found it last
    measured: tuple[tuple[str, str], ...] = ()  # the parameters of its rule by which it was found last; empty: not told
    population: int | None = None  # rows that its check looked at then; None: not told
    standing: tuple[tuple[str, str, int], ...] = ()  # ledger, record, rows that bore its number then (see standing); empty: not told


@dataclass(frozen=True, slots=True)
class EvidenceRef:
    """A file in the evidence store, as an issue names it."""

    kind: str
    sha256: str
    dated: dt.date  # the date of the paper itself
    received: dt.date
    name: str  # file name as it came; for people only, never a path
    version: int  # of the event that brought it


@dataclass(frozen=True, slots=True)
class Extension:
    """One prolongation: the old date is kept."""

    old_deadline: dt.date
    deadline: dt.date
    approved_by: str


@dataclass(frozen=True, slots=True)
class Issue:
    """One matter that is followed until it is done, as it stands on `as_of`."""

    issue_id: str
    version: int  # how many events it has
    state: State
    findings: tuple[FindingRef, ...]
    rule: str
    org_code: str
    org_name: str
    severity: str  # red | orange | yellow | blue
    title: str
    title_en: str
    amount: Decimal | None  # 元, involved
    basis: str
    records: tuple[str, ...]
    line: str  # 行业监管 | 属地管理 | 村级自治: who leads by the rule card
    assigned_to: str  # '' until assigned
    raised_on: dt.date
    accepted_on: dt.date | None
    assigned_on: dt.date | None
    reported_on: dt.date | None
    verified_on: dt.date | None
    closed_on: dt.date | None
    set_deadline: dt.date | None  # None until somebody set one
    deadline: dt.date  # the one set, else the one proposed by severity
    extensions: int
    reopened: int  # how often
    days_left: int  # to the deadline on as_of; negative: overdue
    colour: str  # red | orange | yellow | blue | green
    level: int  # 4 worst .. 0
    raised_at: dt.datetime | None = None
    first_response_at: dt.datetime | None = None  # the first step that a person took
    handled_on: dt.date | None = None
    followed_up_on: dt.date | None = None
    satisfaction: str = ""  # satisfied | fairly | not; '' until somebody asked
    returned: int = 0  # how often it was sent back
    false_closures: int = 0  # how often it was opened again after it had been closed
    source: str = "audit"  # audit | hand | complaint | hotline | inspection | other_audit …
    source_no: str = ""  # number that the source itself gave
    cleared_by: str = ""  # the run that looked and no longer found it, while that is the newest word
    cleared_fewer: tuple[int, int] | None = None  # rows looked at when it was found and by that run, where those were fewer
    handlers: tuple[str, ...] = ()  # everybody who ever handled it
    reporters: tuple[str, ...] = ()
    helpers: tuple[str, ...] = ()  # who began to put it right, and the names under which forms were filled in
    waivers: tuple[str, ...] = ()  # who said that money is not due or that a loss was avoided
    askers: tuple[str, ...] = ()  # who asks for it to be declined, and under which name
    verifier: str = ""
    seen_on_site: str = ""  # the verifier's statement, where no ledger can show it
    asked_by: str = ""  # who asked for it to be declined
    joined_into: str = ""
    transferred_to: str = ""
    extended: tuple[Extension, ...] = ()
    evidence: tuple[EvidenceRef, ...] = ()
    evidence_from: int = 0  # evidence of this version and earlier was judged once and did not hold
    is_unseen: bool = False  # evidence or money was told of after the verification: the verifier has not seen it
    gone: tuple[Gone, ...] = ()  # records that the run which no longer found it did not find in the ledgers any more
    recovered: Decimal = Decimal(0)  # 元, here and below
    booked: Decimal = Decimal(0)
    loss_avoided: Decimal = Decimal(0)
    scheduled: Decimal = Decimal(0)
    not_due: Decimal = Decimal(0)
    colour_zh: str = ""  # what the place calls the level
    colour_en: str = ""

    @property
    def finding_ids(self) -> tuple[str, ...]:
        return tuple(ref.finding_id for ref in self.findings)

    @property
    def papers(self) -> tuple[EvidenceRef, ...]:
        """The evidence that stands: not what was judged once and did not hold."""
        return tuple(ref for ref in self.evidence if ref.version > self.evidence_from)

    def papers_named(self, name: str) -> tuple[EvidenceRef, ...]:
        """Those of them that came under this file name, or whose hash begins so (eight digits at least)."""
        return tuple(ref for ref in self.papers if name == ref.name or (len(name) >= 8 and ref.sha256.startswith(name.lower())))

    @property
    def owner(self) -> str:
        """Who answers for it: the one assigned, until then the line that the rule card names."""
        return self.assigned_to or self.line

    @property
    def is_open(self) -> bool:
        return self.state not in ENDED

    def title_in(self, language: str) -> str:
        return self.title if language == "zh" else self.title_en or self.title


# Folding events into facts


def fen(amount: str) -> int:
    """An amount in 元 as events hold it ('1234.50') as integer fen."""
    if amount[-3:-2] == ".":
        return int(amount[:-3] + amount[-2:])
    return int(Decimal(amount).scaleb(2).to_integral_exact())


def _found(facts: Facts, event: Told) -> None:
    """Takes over what is said of a finding (raised, seen, reopened); the first finding names the issue."""
    told = event.payload
    ref = [
        told["finding_id"], told["rule"], told["org_code"], told["ledger"], told["fiscal_year"], told["severity"],
        told["amount"], told["owner"], told["org_name"], told.get("as_of", ""), told.get("county", ""),
    ]  # fmt: skip
    if "measured" in told or "population" in told or "standing" in told:
        ref += [told.get("measured", {}), told.get("population")]
    if "standing" in told:
        ref.append(told["standing"])
    refs = facts.setdefault("findings", [])
    place = next((n for n, old in enumerate(refs) if old[0] == ref[0]), len(refs)) if refs else 0
    refs[place : place + 1] = [ref]
    if place == 0:
        facts.update(
            rule=ref[1], org_code=ref[2], org_name=ref[8], line=ref[7], title=told["title_zh"], title_en=told["title_en"],
            basis=told["basis"], records=list(told["records"]),
        )  # fmt: skip
    if len(refs) == 1 and ref[5] in SEVERITIES:
        facts.update(amount=None if ref[6] is None else fen(ref[6]), severity=ref[5])
    else:
        _weigh(facts)


def _weigh(facts: Facts) -> None:
    """Amount and severity of all findings together."""
    amounts = [fen(ref[6]) for ref in facts["findings"] if ref[6] is not None]
    facts["amount"] = sum(amounts) if amounts else None
    facts["severity"] = min((ref[5] for ref in facts["findings"]), key=SEVERITIES.index)


def happened_at(event: Event) -> dt.datetime:
    """When it happened: a complaint's clock runs from the moment when its office received it, not from its entry."""
    return time_of(_happened(time_text(event.at), event.payload))


def _happened(at: str, told: Mapping[str, Any]) -> str:
    received_at = told["told"].get("received_at") if "told" in told else None
    if not received_at or received_at >= at:
        return at
    try:
        time_of(received_at)
    except ValueError:
        return at
    return str(received_at)


def _raised(facts: Facts, event: Told) -> None:
    _found(facts, event)
    if event.payload.get("source"):
        facts.update(source=event.payload["source"], source_no=event.payload.get("source_no", ""))
    facts["raised_at"] = _happened(event.at, event.payload)


_UNDONE = (  # what holds no longer when an issue is opened again
    "cleared_by", "cleared_fewer", "verified_at", "closed_at", "verifier", "seen_on_site", "joined_into", "followed_up_at", "satisfaction",
    "is_unseen", "is_unfounded", "gone",
)  # fmt: skip


def _reopened(facts: Facts, event: Told) -> None:
    if "finding_id" in event.payload:
        _found(facts, event)
    _count(facts, "reopened")
    if facts["state"] == State.CLOSED:
        _count(facts, "false_closures")
    if facts["state"] in (State.CLOSED, State.VERIFIED):
        facts["evidence_from"] = event.version  # what was shown then did not hold
    for name in _UNDONE:
        facts.pop(name, None)


def _count(facts: Facts, name: str) -> None:
    facts[name] = facts.get(name, 0) + 1


def _note(facts: Facts, name: str, value: Any) -> None:
    known = facts.setdefault(name, [])
    if value not in known:
        known.append(value)


def _deadline(facts: Facts, event: Told) -> None:
    if event.payload.get("deadline"):
        facts["deadline"] = event.payload["deadline"]


def _assigned(facts: Facts, event: Told) -> None:
    if event.payload.get("owner"):
        facts["assigned_to"] = event.payload["owner"]
    _deadline(facts, event)


def _extended(facts: Facts, event: Told) -> None:
    if event.payload.get("old_deadline"):
        facts.setdefault("extended", []).append([event.payload["old_deadline"], event.payload["deadline"], event.actor])
    _count(facts, "extensions")
    _deadline(facts, event)


def _returned(facts: Facts, event: Told) -> None:
    _count(facts, "returned")
    for name in ("verified_at", "verifier", "seen_on_site", "asked_by", "askers", "is_unseen"):
        facts.pop(name, None)
    _deadline(facts, event)


def _verified(facts: Facts, event: Told) -> None:
    facts["verifier"] = event.actor
    facts.pop("is_unseen", None)
    facts.pop("seen_on_site", None)  # what was seen at an earlier verification says nothing of this one
    if event.payload.get("seen_on_site"):
        facts["seen_on_site"] = event.payload["seen_on_site"]


def _joined(facts: Facts, event: Told) -> None:
    """On the issue that goes: where to. On the one that stays: the findings that it takes over."""
    if event.payload.get("into"):
        facts.update(joined_into=event.payload["into"], state=State.JOINED.value)
        return
    for name in event.payload.get("hands", ()):
        _note(facts, "helpers", name)
    known = {ref[0] for ref in facts["findings"]}
    facts["findings"].extend(list(ref) for ref in event.payload.get("findings", ()) if ref[0] not in known)
    _weigh(facts)


def _evidence(facts: Facts, event: Told) -> None:
    told = event.payload
    _unseen(facts)
    facts.setdefault("evidence", []).append(
        [told["kind"], told["sha256"], told["dated"], told["received"], told["name"], event.version]
    )


def _closed(facts: Facts, event: Told) -> None:
    """Marks a closure to which no steps led: written past auditlib, it stands in the chain and counts all the same, but `check` names it.

    Asked is only what every version of auditlib asked for and no county can do without.
    """
    get = facts.get
    hands = {*get("handlers", ()), *get("reporters", ()), *get("helpers", ())}
    has_evidence = any(entry[5] > get("evidence_from", 0) for entry in get("evidence", ()))
    was_looked_at = get("cleared_by") or get("seen_on_site")
    if facts["state"] != State.VERIFIED or hands & {event.actor, get("verifier", "")} or not (has_evidence and was_looked_at):
        facts["is_unfounded"] = True


def _declined(facts: Facts, event: Told) -> None:
    """As `_closed`, for a false alarm that no second person confirmed."""
    if facts["state"] != State.DECLINE_ASKED or event.actor in facts.get("askers", ()):
        facts["is_unfounded"] = True


def is_unfounded(facts: Mapping[str, Any]) -> bool:
    """Whether an issue is called closed or a false alarm though its steps do not lead there."""
    return bool(facts.get("is_unfounded")) and facts["state"] in (State.CLOSED, State.DECLINED)


def _unseen(facts: Facts) -> None:
    if facts["state"] == State.VERIFIED:
        facts["is_unseen"] = True


def _money(facts: Facts, event: Told) -> None:
    _unseen(facts)
    sums = facts.setdefault("money", {})
    sums[event.payload["what"]] = sums.get(event.payload["what"], 0) + fen(event.payload["amount"])
    if event.payload["what"] in WAIVING:
        _note(facts, "waivers", event.actor)


def _named(name: str, key: str) -> Callable[[Facts, Told], None]:
    """Takes the text `key` of the event over as `name`."""

    def take_over(facts: Facts, event: Told) -> None:
        if event.payload.get(key):
            facts[name] = event.payload[key]

    return take_over


def _actor_as(name: str) -> Callable[[Facts, Told], None]:
    def note(facts: Facts, event: Told) -> None:
        _note(facts, name, event.actor)
        if event.payload.get("filled_by"):
            _note(facts, "helpers", event.payload["filled_by"])

    return note


def _cleared(facts: Facts, event: Told) -> None:
    facts["cleared_by"] = event.payload.get("run_id") or event.event_id
    if event.payload.get("fewer"):
        facts["cleared_fewer"] = event.payload["fewer"]
    if event.payload.get("gone"):
        facts["gone"] = event.payload["gone"]


def _seen(facts: Facts, event: Told) -> None:
    _found(facts, event)
    for name in ("cleared_by", "cleared_fewer", "gone"):
        facts.pop(name, None)


def _asked(facts: Facts, event: Told) -> None:
    facts["asked_by"] = event.actor
    facts["askers"] = [event.actor]
    if event.payload.get("filled_by"):
        _note(facts, "askers", event.payload["filled_by"])


_TAKE: Mapping[Kind, Callable[[Facts, Told], None]] = MappingProxyType({
    Kind.RAISED: _raised, Kind.SEEN: _seen, Kind.REOPENED: _reopened, Kind.PUT_FORWARD: _cleared, Kind.ASSIGNED: _assigned,
    Kind.EXTENDED: _extended, Kind.RETURNED: _returned, Kind.CONTINUED: _deadline, Kind.HANDLED: _actor_as("handlers"),
    Kind.REPORTED_BACK: _actor_as("reporters"), Kind.VERIFIED: _verified, Kind.JOINED: _joined, Kind.EVIDENCE: _evidence,
    Kind.MONEY: _money, Kind.FOLLOWED_UP: _named("satisfaction", "satisfaction"), Kind.TRANSFERRED: _named("transferred_to", "body"),
    Kind.DECLINE_ASKED: _asked, Kind.STARTED: _actor_as("helpers"), Kind.CLOSED: _closed, Kind.DECLINED: _declined,
})  # fmt: skip

_TIME_OF: Mapping[Kind, str] = MappingProxyType({
    Kind.ACCEPTED: "accepted_at", Kind.ASSIGNED: "assigned_at", Kind.HANDLED: "handled_at", Kind.REPORTED_BACK: "reported_at",
    Kind.VERIFIED: "verified_at", Kind.CLOSED: "closed_at", Kind.FOLLOWED_UP: "followed_up_at",
})  # fmt: skip

# What an event of each kind does to the facts: takes over, state after it, which time it is, whether a person answered by it.
# One plain look-up an event: a register of years is folded in a few seconds.
_Effect = tuple[Callable[[Facts, Told], None] | None, str, str, bool]
_NO_EFFECT: _Effect = (None, "", "", True)  # the state says it all
_EFFECTS: dict[str, _Effect] = {
    str(kind): (_TAKE.get(kind), str(STATE_AFTER.get(kind, "")), _TIME_OF.get(kind, ""), kind not in _BY_A_RUN) for kind in Kind
}


def take(facts: Facts | None, event: Told) -> Facts:
    """`facts` (None before the first event) with what `event` adds; the mapping given is changed and returned."""
    at = event.at
    if facts is None:
        facts = {"state": State.RAISED.value, "raised_at": at}
    take_over, state, time_name, is_response = _EFFECTS.get(event.kind, _NO_EFFECT)
    if take_over is not None:
        take_over(facts, event)
    if state:
        facts["state"] = state
    if time_name:
        facts[time_name] = at
    if is_response and "first_response_at" not in facts:
        facts["first_response_at"] = at
    if at > facts.get("last_at", ""):
        facts["last_at"] = at
    return facts


# Reading facts on a day


def _yuan(amount: int | None) -> Decimal | None:
    """Fen as 元, with two decimals; nothing stays a plain 0."""
    return None if amount is None else Decimal(amount).scaleb(-2) if amount else _ZERO


_ZERO = Decimal(0)
_NO_MONEY = (_ZERO,) * len(MONEY)


_NOTHING: Mapping[str, int] = MappingProxyType({})
_NOTHING_STOOD: Mapping[str, Mapping[str, int]] = MappingProxyType({})


class Reader:
    """Reads facts as they stand on `as_of`; remembers the moments, days and deadlines that it has worked out."""

    def __init__(self, clock: Clock, as_of: dt.date) -> None:
        self._clock, self._as_of = clock, as_of
        self._moments, self._days, self._proposed = dict[str, dt.datetime](), dict[str, dt.date](), dict[tuple[dt.date, str], dt.date]()
        self._left = dict[tuple[str, str, str | None], int]()

    def _moment(self, text: str) -> dt.datetime:
        moment = self._moments.get(text)
        if moment is None:
            moment = self._moments[text] = time_of(text)
        return moment

    def _day(self, text: str | None) -> dt.date | None:
        return None if text is None else self._days.get(text) or self._new_day(text)

    def _new_day(self, text: str) -> dt.date:
        day = self._days[text] = self._clock.day_of(self._moment(text))
        return day

    def _proposal(self, raised_on: dt.date, severity: str) -> dt.date:
        known = self._proposed.get((raised_on, severity))
        if known is None:
            known = self._proposed[raised_on, severity] = self._clock.proposed_deadline(raised_on, severity)
        return known

    def days_left(self, raised_at: str, severity: str, deadline: str | None) -> int:
        """Days to the deadline that was set, else to the one proposed by severity."""
        known = self._left.get((raised_at, severity, deadline))
        if known is None:
            due = _date(deadline) or self._proposal(self._new_day(raised_at), severity)
            known = self._left[raised_at, severity, deadline] = self._clock.days_left(due, self._as_of)
        return known

    def issue(self, issue_id: str, version: int, facts: Mapping[str, Any]) -> Issue:
        """The issue that `facts` tell."""
        get, day = facts.get, self._day
        state, money, severity = State(facts["state"]), get("money") or _NOTHING, facts["severity"]
        raised_at = self._moment(facts["raised_at"])
        raised_on, closed_on, set_deadline = day(facts["raised_at"]), day(get("closed_at")), _date(get("deadline"))
        assert raised_on is not None
        deadline = set_deadline or self._proposal(raised_on, severity)
        days_left = self._clock.days_left(deadline, self._as_of)
        shade = self._shade(facts, state, closed_on, deadline, days_left)
        return Issue(
            issue_id, version, state, tuple([_ref(ref) for ref in facts["findings"]]), facts["rule"], facts["org_code"],
            facts["org_name"], severity, facts["title"], facts["title_en"], _yuan(facts["amount"]), facts["basis"],
            tuple(facts["records"]), facts["line"], get("assigned_to", ""), raised_on, day(get("accepted_at")),
            day(get("assigned_at")), day(get("reported_at")), day(get("verified_at")), closed_on, set_deadline, deadline,
            get("extensions", 0), get("reopened", 0), days_left, shade.colour, shade.level, raised_at,
            self._moment(facts["first_response_at"]) if "first_response_at" in facts else None, day(get("handled_at")),
            day(get("followed_up_at")), get("satisfaction", ""), get("returned", 0), get("false_closures", 0),
            get("source", "audit"), get("source_no", ""), get("cleared_by", ""), _fewer(get("cleared_fewer")), tuple(get("handlers", ())),
            tuple(get("reporters", ())), tuple(get("helpers", ())), tuple(get("waivers", ())), tuple(get("askers", ())),
            get("verifier", ""), get("seen_on_site", ""), get("asked_by", ""),
            get("joined_into", ""), get("transferred_to", ""), tuple(map(_extension, get("extended", ()))),
            tuple(map(_evidence_ref, get("evidence", ()))), get("evidence_from", 0), get("is_unseen", False),
            tuple([Gone(*each) for each in get("gone", ())]),
            *([_yuan(money.get(name, 0)) for name in MONEY] if money else _NO_MONEY),
            shade.zh, shade.en,
        )  # fmt: skip

    def _shade(self, facts: Mapping[str, Any], state: State, closed_on: dt.date | None, deadline: dt.date, days_left: int) -> Shade:
        """Colour and level; an issue that ended without a closure warns of nothing."""
        if state in (State.DECLINED, State.JOINED):
            return self._clock.in_time
        if state is State.CLOSED and closed_on is not None:
            return self._clock.closed_shade(closed_on, deadline)
        get = facts.get
        return self._clock.open_shade(days_left, get("extensions", 0), get("returned", 0), get("false_closures", 0))


@dataclass(frozen=True, slots=True)
class Known:
    """What a run has to know of an issue: a part of `Issue`, read without any clock."""

    issue_id: str
    version: int
    state: State
    findings: tuple[FindingRef, ...]
    cleared_by: str
    seen_on_site: str


def known_of(issue_id: str, version: int, facts: Mapping[str, Any]) -> Known:
    return Known(
        issue_id, version, State(facts["state"]), tuple([_ref(ref) for ref in facts["findings"]]), facts.get("cleared_by", ""),
        facts.get("seen_on_site", ""),
    )  # fmt: skip


def _date(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _ref(ref: Sequence[Any]) -> FindingRef:
    finding_id, rule, org_code, ledger, fiscal_year, severity, amount, line, org_name, *run = ref
    as_of, county, *looked = run or ("", "")  # what was joined before these were kept has neither
    measured, population, *stood = looked or ({}, None)
    return FindingRef(
        finding_id, rule, org_code, ledger, fiscal_year, severity, None if amount is None else Decimal(amount), line, org_name,
        _date(as_of), county, tuple(sorted(measured.items())), population, _standing(*stood),
    )  # fmt: skip


def _standing(told: Mapping[str, Mapping[str, int]] = _NOTHING_STOOD) -> tuple[tuple[str, str, int], ...]:
    return tuple((ledger, record, rows) for ledger, stood in sorted(told.items()) for record, rows in sorted(stood.items()))


def _fewer(rows: Sequence[int] | None) -> tuple[int, int] | None:
    return (rows[0], rows[1]) if rows else None


def _extension(entry: Sequence[str]) -> Extension:
    return Extension(dt.date.fromisoformat(entry[0]), dt.date.fromisoformat(entry[1]), entry[2])


def _evidence_ref(entry: Sequence[Any]) -> EvidenceRef:
    kind, sha256, dated, received, name, version = entry
    return EvidenceRef(kind, sha256, dt.date.fromisoformat(dated), dt.date.fromisoformat(received), name, version)


def fold(events: Sequence[Event], *, clock: Clock, as_of: dt.date) -> Issue:
    """The issue that `events` (all of one issue, in order, the first one raised) tell, as it stands on `as_of`."""
    facts: Facts | None = None
    for event in events:
        facts = take(facts, told_of(event))
    assert facts is not None, "an issue has at least one event"
    return Reader(clock, as_of).issue(events[0].issue_id, len(events), facts)


def fold_all(events: Iterable[Event], *, clock: Clock, as_of: dt.date) -> tuple[Issue, ...]:
    """All issues of `events` (in the order of the register; other streams are passed over), in the order of `in_order`."""
    by_issue: dict[str, list[Event]] = {}
    for event in events:
        if event.issue_id.startswith(ISSUE):
            by_issue.setdefault(event.issue_id, []).append(event)
    return in_order(fold(own, clock=clock, as_of=as_of) for own in by_issue.values())


def in_order(issues: Iterable[Issue]) -> tuple[Issue, ...]:
    """`issues` by organisation, worst severity, rule and id."""
    rank = {severity: place for place, severity in enumerate(SEVERITIES)}
    return tuple(sorted(issues, key=lambda i: (i.org_code, rank[i.severity], i.rule, i.issue_id)))
