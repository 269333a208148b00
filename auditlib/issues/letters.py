"""整改通知书, 监察建议书: sent from the open issues of a body, numbered per year and issuing body, tracked until answered.

The number is given inside the transaction that writes the letter into the register: none is left out, none is given twice.
What the letter said stays in its event, so that the same paper can be printed again.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ..words.errors import RegisterError
from . import acts, log, schema
from .acts import By, Desk
from .closing import says_nothing
from .events import LETTER, Draft, Event, Kind
from .issue import Issue
from .refusal import StepRefused, reason
from .signing import Signer
from .standing import asked_back
from .sweep import amount_text, writable

if TYPE_CHECKING:
    from .register import Register


@dataclass(frozen=True, slots=True)
class LetterItem:
    """One matter of a letter, as it stood when the letter was sent."""

    issue_id: str
    version: int
    org_name: str
    title: str
    basis: str
    amount: Decimal | None  # 元
    deadline: dt.date
    severity: str
    evidence: str  # what closing will need


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter as the register holds it."""

    letter_id: str
    letter: str  # which description in expectations/letters/
    issuer: str
    mark: str  # 发文机关代字, for example 青农经
    year: int
    serial: int
    to: str
    to_code: str  # code of an organisation; '' for a department
    sent_on: dt.date
    reply_by: dt.date
    items: tuple[LetterItem, ...]
    sent_by: str
    answered_on: dt.date | None = None
    answer: str = ""

    def days_left(self, as_of: dt.date) -> int | None:
        """Calendar days until the answer is due, negative when it is late; None once answered."""
        return None if self.answered_on else (self.reply_by - as_of).days


@dataclass(frozen=True, slots=True)
class Order:
    """A letter to be sent."""

    letter: str
    issuer: str
    mark: str
    to: str
    to_code: str
    reply_by: dt.date
    items: tuple[LetterItem, ...]
    needs_matters: bool = True  # a letter without any says nothing, but for the draft of a report that found nothing


def items_of(issues: Iterable[Issue], evidence: dict[str, str]) -> tuple[LetterItem, ...]:
    """The open ones of `issues` as a letter names them, worst first; `evidence` is what closing needs, by rule.

    Where records are gone from the ledgers, the letter asks for them too.
    """
    rank = {"red": 0, "orange": 1, "yellow": 2, "blue": 3}
    chosen = sorted((i for i in issues if i.is_open), key=lambda i: (rank[i.severity], i.org_code, i.deadline, i.issue_id))
    return tuple(
        LetterItem(
            i.issue_id, i.version, i.org_name or i.org_code, i.title, i.basis, i.amount, i.deadline, i.severity,
            "".join((evidence.get(i.rule, ""), asked_back(i.gone, "zh"))),
        )
        for i in chosen
    )  # fmt: skip


def send_letter(register: Register, order: Order, *, by: str, at: dt.datetime, signer: Signer | None = None) -> Letter:
    """Writes the letter into the register under the next number of its kind, issuing body and year.

    Raises RegisterError when it would say nothing or asks for an answer before it is sent, StepRefused when the person may not.
    """
    if order.needs_matters and not order.items:
        raise RegisterError.of("issues.letter.nothing", to=order.to)
    if not order.issuer.strip() or not order.mark.strip():
        raise RegisterError.of("issues.letter.no_issuer")
    event = register.together(lambda desk: _send(desk, order, By(by, at, signer)))
    return _sent(event)


def _send(desk: Desk, order: Order, by: By) -> Event:
    acts.refuse_off_duty(desk, Kind.LETTER_SENT, by)
    day = desk.clock.day_of(by.at)
    if order.reply_by < day:
        raise RegisterError.of("issues.letter.reply_past", reply_by=order.reply_by.isoformat(), sent_on=day.isoformat())
    serial = _next_serial(desk, order, day.year)
    payload = {
        "letter": order.letter, "issuer": writable(order.issuer.strip()), "mark": writable(order.mark.strip()), "year": day.year,
        "serial": serial, "to": writable(order.to), "to_code": order.to_code, "sent_on": day.isoformat(),
        "reply_by": order.reply_by.isoformat(), "items": [_item_payload(item) for item in order.items],
        **({} if order.needs_matters else {"is_for_comment": True}),
    }  # fmt: skip
    stream = f"{LETTER}{_series(order.issuer.strip(), order.letter)}-{day.year}-{serial:04d}"
    return acts.write(desk, Draft(stream, 1, Kind.LETTER_SENT, by.at, by.person_id, payload), by)


def _series(issuer: str, letter: str) -> str:
    """Letters of one kind from one body are numbered together."""
    return hashlib.sha256(f"auditlib-letter/1\n{issuer}\n{letter}".encode()).hexdigest()[:8]


def _next_serial(desk: Desk, order: Order, year: int) -> int:
    """One more than the highest number of the series; the lock of the transaction keeps others out meanwhile."""
    from sqlalchemy import func, select

    table = schema.table(schema.EVENTS)
    first = f"{LETTER}{_series(order.issuer.strip(), order.letter)}-{year}-"
    query = select(func.count()).where(table.c.issue_id > first, table.c.issue_id < first + ":", table.c.version == 1)
    return int(desk.connection.execute(query).scalar_one()) + 1


def _item_payload(item: LetterItem) -> dict[str, Any]:
    return {
        "issue_id": item.issue_id, "version": item.version, "org_name": item.org_name, "title": item.title, "basis": item.basis,
        "amount": amount_text(item.amount), "deadline": item.deadline.isoformat(), "severity": item.severity, "evidence": item.evidence,
    }  # fmt: skip


def answer_letter(register: Register, letter_id: str, answer: str, *, by: str, at: dt.datetime, signer: Signer | None = None) -> Letter:
    """Notes the answer to a letter. Raises RegisterError for a letter that is unknown or answered, or an empty answer."""
    if not answer.strip():
        raise RegisterError.of("issues.letter.empty_answer")
    events = register.together(lambda desk: _answer(desk, letter_id, answer.strip(), By(by, at, signer)))
    return _letter(events)


def _answer(desk: Desk, letter_id: str, answer: str, by: By) -> list[Event]:
    acts.refuse_off_duty(desk, Kind.LETTER_ANSWERED, by)
    known = list(log.events(desk.connection, desk.place, letter_id)) if letter_id.startswith(LETTER) else []
    if not known:
        raise RegisterError.of("issues.letter.unknown", letter=letter_id)
    if len(known) > 1:
        raise RegisterError.of("issues.letter.answered", letter=letter_id, on=known[1].payload["on"])
    _refuse_for_another(desk, known[0].payload["to_code"], by)
    # whoever is asked for comments may have none (无异议); whoever is asked to put something right has to say what was done
    if not known[0].payload.get("is_for_comment") and says_nothing(answer, desk.closing):
        raise StepRefused((reason("letter_says_nothing", answer=answer),))
    payload = {"on": desk.clock.day_of(by.at).isoformat(), "answer": writable(answer)}
    return [*known, acts.write(desk, Draft(letter_id, 2, Kind.LETTER_ANSWERED, by.at, by.person_id, payload), by)]


def _refuse_for_another(desk: Desk, to_code: str, by: By) -> None:
    """Raises StepRefused where the letter went to an organisation that is not the person's."""
    person = desk.person(by.person_id)
    if to_code and not person.covers(desk.upwards(to_code)):
        raise StepRefused((reason("scope", person=person.person_id, org_code=person.org_code, other=to_code),))


def letters_of(events: Iterable[Event]) -> tuple[Letter, ...]:
    """All letters of the register, by year, issuing body, kind and number."""
    streams: dict[str, list[Event]] = {}
    for event in events:
        if event.issue_id.startswith(LETTER):
            streams.setdefault(event.issue_id, []).append(event)
    return tuple(sorted(map(_letter, streams.values()), key=lambda x: (x.year, x.issuer, x.letter, x.serial)))


def _letter(events: Sequence[Event]) -> Letter:
    sent = _sent(events[0])
    if len(events) == 1:
        return sent
    told = events[1].payload
    return replace(sent, answered_on=dt.date.fromisoformat(told["on"]), answer=told["answer"])


def _sent(event: Event) -> Letter:
    told = json.loads(json.dumps(dict(event.payload), default=dict))
    return Letter(
        event.issue_id, told["letter"], told["issuer"], told["mark"], told["year"], told["serial"], told["to"], told["to_code"],
        dt.date.fromisoformat(told["sent_on"]), dt.date.fromisoformat(told["reply_by"]), tuple(map(_item, told["items"])), event.actor,
    )  # fmt: skip


def _item(told: dict[str, Any]) -> LetterItem:
    amount = None if told["amount"] is None else Decimal(told["amount"])
    return LetterItem(**{**told, "amount": amount, "deadline": dt.date.fromisoformat(told["deadline"])})
