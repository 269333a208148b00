"""What people do to issues, each judged against the state that stands, and written, in one transaction."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from . import evidence, log, projection, row_security, runs, schema
from .closing import ClosingPolicy, says_nothing
from .events import ISSUE, PERSON, Draft, Event, Kind, time_of, time_text
from .evidence import EvidenceStore
from .issue import WAIVING, Issue, Reader, State
from .papers import also_shown, is_same_paper
from .people import LEAD, PROGRAM, Person, alike, is_readable_name, person_of, stream_of
from .places import Place
from .policy import SEVERITIES, Clock
from .refusal import Conflict, Label, Reason, StepRefused, reason
from .signing import Signer, signed_with
from .sweep import amount_text, new_issue_id, writable
from .transitions import Judged, Transitions, field_label, fields, judge, kind_label
from .verify import content_if_sealed

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select

    from ..catalog.specs import RuleCard


@dataclass(frozen=True, slots=True)
class By:
    """Who acts, when (aware), and with which key."""

    person_id: str
    at: dt.datetime
    signer: Signer | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    """One open transaction and what judging needs beside it."""

    connection: Connection
    place: Place
    clock: Clock
    transitions: Transitions
    closing: ClosingPolicy
    files: EvidenceStore
    cards: Callable[[], Mapping[str, RuleCard]]
    packs: tuple[str, ...] = ()  # names of the county packs by which is judged

    def issue(self, issue_id: str, day: dt.date) -> tuple[Issue, dict[str, Any]]:
        found = projection.read(self.connection, issue_id) if issue_id.startswith(ISSUE) else None
        if found is None:
            raise StepRefused((reason("unknown_issue", issue_id=issue_id),))
        return Reader(self.clock, day).issue(issue_id, *found), found[1]

    def person(self, person_id: str) -> Person:
        found = self.known(person_id)
        if found is None:
            raise StepRefused((reason("unknown_person", person=person_id),))
        return found

    def known(self, person_id: str) -> Person | None:
        found = projection.read(self.connection, stream_of(person_id))
        return person_of(stream_of(person_id), *found) if found else None

    def upwards(self, org_code: str) -> tuple[str, ...]:
        """`org_code` and the codes of all organisations above it."""
        codes = [org_code]
        while True:
            parent = self.connection.execute(_parent(), {"asked": codes[-1]}).scalar()
            if not parent or parent in codes:
                return tuple(codes)
            codes.append(parent)


@cache
def _parent() -> Select[Any]:
    from sqlalchemy import bindparam, select

    table = schema.table(schema.ORGANISATIONS)
    return select(table.c.parent_code).where(table.c.org_code == bindparam("asked"))


def act(desk: Desk, issue_id: str, kind: Kind, by: By, what: Mapping[str, Any], expected_version: int | None) -> Event:
    """One step on an issue. Raises StepRefused with every reason, Conflict when the issue has moved on since."""
    if kind is Kind.JOINED:
        return _join(desk, issue_id, by, what, expected_version)
    draft = _judged(desk, issue_id, kind, by, what, expected_version)
    return write(desk, draft, by)


def _judged(desk: Desk, issue_id: str, kind: Kind, by: By, what: Mapping[str, Any], expected_version: int | None) -> Draft:
    day = desk.clock.day_of(by.at)
    issue, facts = desk.issue(issue_id, day)
    if expected_version is not None and expected_version != issue.version:
        raise Conflict((_moved_on(desk, issue, expected_version),))
    person = desk.person(by.person_id)
    step = desk.transitions.steps.get(kind)
    stored = fields(step, _without_strange_characters(what), day) if step else {}
    other = _other(desk, stored, day) if kind is Kind.JOINED else None
    case = Judged(
        issue, person, day, stored, desk.upwards(issue.org_code), other, desk.transitions, desk.closing, desk.cards, desk.files.has,
        desk.known,
    )  # fmt: skip
    against = (*judge(kind, case), *_too_early(desk, facts, by))
    if not against:
        against = (*_without_its_packs(desk, kind, issue), *_unfounded(desk, kind, issue, facts), *_told_twice(desk, kind, issue, stored))
    if against:
        raise StepRefused(against)
    kept = {**_kept(desk, kind, issue, stored), **_entered_later(desk, kind, by)}
    return Draft(issue_id, issue.version + 1, kind, by.at, by.person_id, {**stored, **kept})


def _without_its_packs(desk: Desk, kind: Kind, issue: Issue) -> tuple[Reason, ...]:
    """A step that judges is judged by the county's own rules: by every pack of the last audit, whoever calls from wherever."""
    if kind not in desk.transitions.guarded:
        return ()
    told = runs.newest(desk.connection, {ref.county for ref in issue.findings if ref.county})
    lacking = [name for name in str((told or {}).get("packs", "")).splitlines() if name not in desk.packs]
    return (reason("pack_missing", packs="、".join(lacking)),) if lacking else ()


def _unfounded(desk: Desk, kind: Kind, issue: Issue, facts: Mapping[str, Any]) -> tuple[Reason, ...]:
    """What a step that judges would rest on without being so: a kept state that the events do not tell, a run or a paper that is not there.

    Whoever can write to a register's file can write a state of his own beside the events: before anything is called done
    the events themselves are asked.
    """
    if kind not in desk.transitions.guarded:
        return ()
    rows = list(log.rows(desk.connection, issue.issue_id))
    if not _tells(rows, facts):
        return (reason("altered", issue_id=issue.issue_id),)
    if kind not in (Kind.VERIFIED, Kind.CLOSED):
        return ()
    cleared = next((row for row in reversed(rows) if row[4] == Kind.PUT_FORWARD), None)
    problems = []
    if issue.cleared_by and (cleared is None or not runs.brought(desk.connection, issue.cleared_by, cleared[2])):
        problems.append(reason("no_such_run", run=issue.cleared_by))
    standing = ((ref.sha256, issue.issue_id, ref.name) for ref in issue.evidence if ref.version > issue.evidence_from)
    problems += [reason("paper_lost", name=lost.name, problem=Label(lost.problem)) for lost in evidence.lost(desk.files, standing)]
    return tuple(problems)


def _tells(rows: list[Any], facts: Mapping[str, Any]) -> bool:
    """Whether the events in `rows` (all of one issue) are sealed, one after the other, and add up to `facts`."""
    told: dict[str, Any] | None = None
    for version, row in enumerate(rows, 1):
        if content_if_sealed(row) is None or row[3] != version:
            return False
        told = projection.take(told, log.told_of_row(row))
    return told == facts


def _told_twice(desk: Desk, kind: Kind, issue: Issue, stored: Mapping[str, Any]) -> tuple[Reason, ...]:
    """The money of one paper is told once: told again it would count twice. Another part of it is told with a note that says which."""
    if kind is not Kind.MONEY:
        return ()
    stored = {**stored, **_paper(issue, stored)}
    for event in log.events(desk.connection, desk.place, issue.issue_id):
        if event.kind is Kind.MONEY and (against := _against_again(desk, event, stored)):
            return (against,)
    return ()


def _against_again(desk: Desk, before: Event, stored: Mapping[str, Any]) -> Reason | None:
    told = {"amount": before.payload["amount"], "person": before.actor, "at": _on_the_clock(desk, before.at)}
    is_same_amount = before.payload["amount"] == stored["amount"]
    if is_same_paper(before.payload, stored):
        paper = stored.get("voucher_no") or stored.get("paper_name", "")
        if is_same_amount:
            return reason("told_twice", voucher_no=paper, **told)
        return reason("paper_told", paper=paper, **told) if says_nothing(stored.get("note", ""), desk.closing) else None
    is_same_reason = stored["what"] in WAIVING and alike(before.payload.get("reason", "")) == alike(stored["reason"])
    return reason("money_told_twice", **told) if is_same_reason and is_same_amount else None


def _paper(issue: Issue, stored: Mapping[str, Any]) -> dict[str, Any]:
    """The evidence on which money rests, by its hash and its name."""
    named = issue.papers_named(stored["paper"]) if stored.get("paper") else ()
    return {"paper": named[-1].sha256, "paper_name": named[-1].name} if named else {}


def _without_strange_characters(what: Mapping[str, Any]) -> dict[str, Any]:
    return {name: writable(value) if isinstance(value, str) else value for name, value in what.items()}


def _kept(desk: Desk, kind: Kind, issue: Issue, stored: Mapping[str, Any]) -> dict[str, Any]:
    """What the register adds of its own: the old deadline beside the new one; the paper on which money rests; for which other
    issues the papers judged were shown.
    """
    if kind is Kind.EXTENDED:
        return {"old_deadline": issue.deadline.isoformat()}
    if kind is Kind.MONEY:
        return _paper(issue, stored)
    if kind not in (Kind.VERIFIED, Kind.CLOSED):
        return {}
    shown = [[paper.name, [other.issue_id for other in paper.others]] for paper in also_shown(desk.connection, issue) if paper.others]
    return {"also_shown": shown} if shown else {}


def _entered_later(desk: Desk, kind: Kind, by: By) -> dict[str, str]:
    """How far the register had got when a step that judges was given an earlier day: a deadline can be met on paper afterwards."""
    if kind not in desk.transitions.guarded:
        return {}
    newest = desk.connection.execute(_newest_at()).scalar()
    without_a_word = dt.timedelta(days=desk.transitions.entered_later_days)
    return {"entered_later": newest} if newest and time_of(newest) - by.at > without_a_word else {}


@cache
def _newest_at() -> Select[Any]:
    from sqlalchemy import select

    table = schema.table(schema.EVENTS)
    return select(table.c.at).order_by(table.c.seq.desc()).limit(1)


def _other(desk: Desk, stored: Mapping[str, Any], day: dt.date) -> Issue | None:
    found = projection.read(desk.connection, str(stored.get("into", "")))
    return Reader(desk.clock, day).issue(stored["into"], *found) if found and stored["into"].startswith(ISSUE) else None


def _too_early(desk: Desk, facts: Mapping[str, Any], by: By) -> tuple[Reason, ...]:
    at = time_text(by.at)
    if at >= facts.get("last_at", at):
        return ()
    now, last = (_on_the_clock(desk, time, "seconds") for time in (by.at, time_of(facts["last_at"])))
    return (reason("too_early", at=now, last=last),)


def _on_the_clock(desk: Desk, at: dt.datetime, to: str = "minutes") -> str:
    """`at` by the county's clock, as the time line of the issue shows it."""
    return at.astimezone(desk.clock.zone).replace(tzinfo=None).isoformat(" ", to)


def _moved_on(desk: Desk, issue: Issue, expected_version: int) -> Reason:
    since = [e for e in log.events(desk.connection, desk.place, issue.issue_id) if e.version > expected_version]
    changes = tuple(reason("change", kind=kind_label(e.kind), actor=e.actor, at=_on_the_clock(desk, e.at)) for e in since)
    return reason(
        "conflict", issue_id=issue.issue_id, expected=expected_version, version=issue.version,
        state=Label(f"issues.state.{issue.state}"), changes=changes,
    )  # fmt: skip


def _signed(desk: Desk, draft: Draft, by: By) -> Draft:
    """`draft` with the author's signature. Who has a key must sign; nobody signs with another's."""
    found = projection.read(desk.connection, stream_of(by.person_id))
    keys = found[1]["keys"] if found else {}
    if by.signer is None:
        if keys:
            raise StepRefused((reason("sign", person=by.person_id),))
        return draft
    signed = by.signer.sign(draft)
    if signed_with(signed.signature) not in keys:
        raise StepRefused((reason("other_key", person=by.person_id, key=by.signer.key_id),))
    return signed


def _join(desk: Desk, issue_id: str, by: By, what: Mapping[str, Any], expected_version: int | None) -> Event:
    """Two events: on the issue that goes, where to; on the one that stays, the findings that it takes over."""
    draft = _judged(desk, issue_id, Kind.JOINED, by, what, expected_version)
    into = draft.payload["into"]
    found = projection.read(desk.connection, into)
    _, facts = desk.issue(issue_id, desk.clock.day_of(by.at))
    assert found is not None, "judged before"
    if early := _too_early(desk, found[1], by):
        raise StepRefused(early)
    hands = {name for part in ("handlers", "reporters", "helpers") for name in facts.get(part, ())}
    payload = {"from": issue_id, "reason": draft.payload["reason"], "findings": facts["findings"], "hands": sorted(hands)}
    taken = Draft(into, found[0] + 1, Kind.JOINED, by.at, by.person_id, payload)
    return log.append_all(desk.connection, [_signed(desk, draft, by), _signed(desk, taken, by)])[0]


# Matters that no run found


@dataclass(frozen=True, slots=True)
class Matter:
    """What a person, a complaint or another audit brings. `source` and `source_no` are its identity where it has a number."""

    title: str
    org_code: str
    severity: str
    source: str = "hand"  # hand | complaint | hotline | inspection | other_audit …
    source_no: str = ""
    org_name: str = ""
    rule: str = ""  # a rule id where it is of a known type
    amount: str | None = None  # 元
    basis: str = ""
    line: str = "属地管理"  # 行业监管 | 属地管理 | 村级自治
    title_en: str = ""
    records: tuple[str, ...] = ()
    more: tuple[tuple[str, str], ...] = ()  # what else the source told, by name


def identity_of(matter: Matter, by: By) -> str:
    """The finding id of a matter: by its number at the source, else by all that tells it from another."""
    told = (matter.source_no,) if matter.source_no else (matter.org_code, matter.title, time_text(by.at), by.person_id)
    digest = hashlib.sha256("\n".join((matter.source, *told)).encode("utf-8", "replace")).hexdigest()
    return f"{matter.source}-{digest[:24]}"


def raise_matter(desk: Desk, matter: Matter, by: By) -> tuple[str, Event | None]:
    """Makes an issue of `matter`; returns its id, and no event when the register has it already (the same source and number)."""
    finding_id = identity_of(matter, by)
    issue_id = new_issue_id(finding_id, ())
    if projection.read(desk.connection, issue_id) is not None:
        return issue_id, None
    _check_matter(desk, matter, by)
    facts = {
        "finding_id": finding_id, "rule": matter.rule, "severity": matter.severity, "org_code": matter.org_code,
        "org_name": matter.org_name or _name_of(desk, matter.org_code), "ledger": "", "records": [writable(r) for r in matter.records],
        "amount": amount_text(_decimal(matter)), "title_zh": writable(matter.title), "title_en": writable(matter.title_en),
        "basis": writable(matter.basis), "owner": matter.line, "fiscal_year": None, "source": matter.source,
        "source_no": writable(matter.source_no), "told": {writable(name): writable(value) for name, value in matter.more},
    }  # fmt: skip
    draft = Draft(issue_id, 1, Kind.RAISED, by.at, by.person_id, facts)
    return issue_id, write(desk, draft, by)


def _decimal(matter: Matter) -> Any:
    from decimal import Decimal, InvalidOperation

    try:
        return None if matter.amount in (None, "") else Decimal(str(matter.amount).replace(",", ""))
    except InvalidOperation:
        raise StepRefused((reason("bad_field", field="amount", value=matter.amount, wanted=Label("issues.wanted.money")),)) from None


def _check_matter(desk: Desk, matter: Matter, by: By) -> None:
    person, problems = desk.person(by.person_id), []
    problems += _not_on_duty(desk, Kind.RAISED, person)
    upwards = desk.upwards(matter.org_code)
    if not person.covers(upwards):
        problems.append(reason("scope", person=person.person_id, org_code=person.org_code, other=matter.org_code))
    if len(upwards) == 1 and not _name_of(desk, matter.org_code) and not matter.org_name:
        problems.append(reason("unknown_org", org_code=matter.org_code))
    if matter.severity not in SEVERITIES:
        problems.append(reason("bad_field", field="severity", value=matter.severity, wanted=SEVERITIES))
    if not matter.title.strip():
        problems.append(reason("missing_field", field="title", meaning=Label("issues.field.title")))
    try:
        _decimal(matter)
    except StepRefused as error:
        problems += error.reasons
    if problems:
        raise StepRefused(problems)


def _name_of(desk: Desk, org_code: str) -> str:
    from sqlalchemy import select

    table = schema.table(schema.ORGANISATIONS)
    return desk.connection.execute(select(table.c.name).where(table.c.org_code == org_code)).scalar() or ""


def _not_on_duty(desk: Desk, kind: Kind, person: Person) -> list[Reason]:
    """What stands against a step of the register itself: the person left, or has another role."""
    roles = desk.transitions.register[kind]
    if not person.is_active:
        return [reason("left", person=person.person_id)]
    if person.role not in roles:
        who = tuple(Label(f"issues.role.{role}") for role in roles)
        return [reason("role", kind=kind_label(kind), role=Label(f"issues.role.{person.role}"), roles=who, allowed=())]
    return []


# People and keys


def people(desk: Desk) -> tuple[Person, ...]:
    return tuple(sorted((person_of(*row) for row in projection.read_family(desk.connection, "person")), key=lambda p: p.person_id))


def add_person(desk: Desk, person_id: str, told: Mapping[str, str], by: By) -> Event:
    """Adds a person, or changes one (also one that left). The first person of a register adds himself, as lead.

    `told` holds name, role, org_code and login. Raises StepRefused.
    """
    told = {name: writable(value).strip() for name, value in told.items()}
    known = projection.read(desk.connection, stream_of(person_id))
    kind = Kind.PERSON_CHANGED if known else Kind.PERSON_ADDED
    problems = _check_person(desk, person_id, told)
    if not known and (other := next((p for p in people(desk) if alike(p.person_id) == alike(person_id)), None)):
        problems.append(reason("alike_person", person=person_id, other=other.person_id))
    problems += [
        reason("login_taken", login=p.login, other=p.person_id)
        for p in people(desk) if told["login"] and p.login == told["login"] and p.is_active and p.person_id != person_id
    ]  # fmt: skip
    if projection.counts(desk.connection, "person"):
        actor = desk.person(by.person_id)
        problems += _not_on_duty(desk, kind, actor)
        if actor.org_code and not (told["org_code"] and actor.covers(desk.upwards(told["org_code"]))):
            problems.append(reason("scope_of_person", person=actor.person_id, org_code=actor.org_code))
        if known and told["role"] != LEAD and not _other_leads(desk, person_id):
            problems.append(reason("last_lead", person=person_id))
    elif by.person_id != person_id or told["role"] != LEAD:
        problems.append(reason("first_person", person=by.person_id))
    if problems:
        raise StepRefused(problems)
    if desk.place.path is None:
        before = known[1]["login"] if known else ""
        if before and before != told["login"]:
            row_security.revoke(desk.connection, before)
        if told["login"]:
            row_security.grant(desk.connection, told["login"], told["role"])
    draft = Draft(stream_of(person_id), (known[0] if known else 0) + 1, kind, by.at, by.person_id, told)
    return write(desk, draft, by)


def _other_leads(desk: Desk, person_id: str) -> bool:
    return any(p.role == LEAD and p.is_active and p.person_id != person_id for p in people(desk))


def _check_person(desk: Desk, person_id: str, told: Mapping[str, str]) -> list[Reason]:
    problems = []
    is_one_line = bool(person_id.strip()) and person_id == person_id.strip() and person_id.isprintable()
    if not is_one_line or not is_readable_name(person_id) or len(person_id) > 64 or person_id.casefold() == PROGRAM:
        problems.append(reason("bad_field", field="person", value=person_id, wanted=Label("issues.wanted.person")))
    if not is_readable_name(told["name"]):
        problems.append(reason("bad_field", field="name", value=told["name"], wanted=Label("issues.wanted.person")))
    if told["role"] not in desk.transitions.roles:
        problems.append(reason("bad_field", field="role", value=told["role"], wanted=tuple(desk.transitions.roles)))
    if told["org_code"] and not _name_of(desk, told["org_code"]):
        problems.append(reason("unknown_org", org_code=told["org_code"]))
    return problems


def remove_person(desk: Desk, person_id: str, by: By) -> Event:
    """Notes that a person left; what was done under the name stays. The last lead cannot leave. Raises StepRefused."""
    person, actor = desk.person(person_id), desk.person(by.person_id)
    problems = _not_on_duty(desk, Kind.PERSON_LEFT, actor)
    if not _other_leads(desk, person_id):
        problems.append(reason("last_lead", person=person_id))
    if not person.is_active:
        problems.append(reason("left", person=person_id))
    if problems:
        raise StepRefused(problems)
    event = write(desk, Draft(stream_of(person_id), person.version + 1, Kind.PERSON_LEFT, by.at, by.person_id, {}), by)
    if person.login and desk.place.path is None:
        row_security.revoke(desk.connection, person.login)
    return event


def register_key(desk: Desk, person_id: str, new: Signer, by: By) -> Event:
    """A person's public key. The first one vouches for itself; a further one has to be signed by a key in force."""
    person, actor = desk.person(person_id), desk.person(by.person_id)
    problems = _not_on_duty(desk, Kind.KEY_REGISTERED, actor)
    if person_id != by.person_id and actor.role != LEAD:
        problems.append(reason("key_of_another", person=person_id))
    if owner := next((p.person_id for p in people(desk) if new.public_key in p.keys.values()), ""):
        problems.append(reason("key_taken", key=new.key_id, person=owner))
    if not actor.keys and (person_id != by.person_id or person.keys):
        problems.append(reason("key_first", person=by.person_id))
    if problems:
        raise StepRefused(problems)
    payload = {"key_id": new.key_id, "public_key": new.public_key}
    draft = Draft(PERSON + person_id, person.version + 1, Kind.KEY_REGISTERED, by.at, by.person_id, payload)
    signed = _signed(desk, draft, by) if actor.keys else new.sign(draft)
    return log.append_all(desk.connection, [signed])[0]


def revoke_key(desk: Desk, person_id: str, key_id: str, by: By) -> Event:
    """A key that is lost or no longer trusted: from now on it signs nothing. The word of a lead with a key of his own."""
    person, actor = desk.person(person_id), desk.person(by.person_id)
    problems = _not_on_duty(desk, Kind.KEY_REVOKED, actor)
    if key_id not in person.keys:
        problems.append(reason("bad_field", field="key", value=key_id, wanted=tuple(person.keys)))
    if not actor.keys:
        problems.append(reason("key_first", person=by.person_id))
    if problems:
        raise StepRefused(problems)
    draft = Draft(stream_of(person_id), person.version + 1, Kind.KEY_REVOKED, by.at, by.person_id, {"key_id": key_id})
    return write(desk, draft, by)


# A second look at closed issues


def draw_rechecks(desk: Desk, seed: str, by: By) -> Event:
    """Draws the share of closed issues that closing.yaml names, by `seed`; anybody can draw them again (see draws)."""
    from .draws import draft_of

    problems = _not_on_duty(desk, Kind.DRAWN, desk.person(by.person_id))
    if not seed.strip():
        raise StepRefused((*problems, reason("missing_field", field="seed", meaning=field_label("seed"))))
    closed = [row[0] for row in projection.read_family(desk.connection, "issue", state=State.CLOSED)]
    draft = draft_of(seed, closed, desk.closing.recheck_percent, by.person_id, by.at)
    if own := _verified_by(desk, by.person_id):
        problems.append(reason("draws_own", person=by.person_id, count=own))
    if not closed:
        problems.append(reason("nothing_closed"))
    elif projection.read(desk.connection, draft.issue_id) is not None:
        problems.append(reason("drawn_before", seed=seed))
    if problems:
        raise StepRefused(problems)
    return write(desk, draft, by)


def _verified_by(desk: Desk, person_id: str) -> int:
    """How many of the closed issues this person verified, under whatever spelling."""
    mine = desk.person(person_id).read_as
    rows = projection.read_family(desk.connection, "issue", state=State.CLOSED)
    return sum(bool(mine & {alike(facts.get("verifier", ""))}) for _, _, facts in rows)


# Streams of other modules


def refuse_off_duty(desk: Desk, kind: Kind, by: By) -> None:
    """Raises StepRefused unless the person may take a step of the register itself."""
    problems = _not_on_duty(desk, kind, desk.person(by.person_id))
    if problems:
        raise StepRefused(problems)


def write(desk: Desk, draft: Draft, by: By) -> Event:
    """Writes a step of the register itself, signed where its author has a key."""
    return log.append_all(desk.connection, [_signed(desk, draft, by)])[0]
