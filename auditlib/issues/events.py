"""Events of the issue register: what each one says, its identity, and the chain that seals it.

An event has two identities, and both stay as they are for good:

* `event_id` follows from the **content** alone: issue, number within the issue, kind, time, actor and payload. The
  number within the issue is the state that the event was judged against. The same step sent twice is therefore the
  same event, in whatever register it stands.
* `hash` follows from the content, the **place** in the register (`seq`), the hash of the event before it and the
  signature. Changing, removing or moving an event breaks the chain at that event.

Both are SHA-256 (FIPS 180-4) over UTF-8 lines, so that any other program can check a register; `⏎` is one line feed,
and none stands inside a field:

    content = sha256( auditlib-event/1 ⏎ issue_id ⏎ version ⏎ kind ⏎ at ⏎ actor ⏎ payload )      event_id = EV- + 24 digits of it
    hash    = sha256( auditlib-event/1 ⏎ seq ⏎ previous_hash ⏎ content ⏎ signature )
    the first event has before it   sha256( auditlib-event/1 ⏎ genesis )

`at` is written 2026-01-31T08:00:00.000000Z. `payload` is JSON in one line: keys sorted, no blanks, no escapes but those
that JSON needs; texts, whole numbers within ±(2^53 - 1), true, false, null, lists and mappings only; amounts are texts.
The first line names the form, so that another can follow one day.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from types import MappingProxyType
from typing import Any, NamedTuple

FORM = "auditlib-event/1"
ISSUE, PERSON, DRAW, LETTER, RUN = "WT-", "REN-", "CHOU-", "HAN-", "RUN-"  # what the name of a stream begins with: 问题, 人, 抽, 函, a run
GENESIS = hashlib.sha256(f"{FORM}\ngenesis".encode()).hexdigest()  # what the first event has before it
_LARGEST = 2**53 - 1  # whole numbers that every JSON reader keeps exactly
_CONTROL = re.compile("[\x00-\x1f\x7f]")  # what would let a field run over into the next line


class Kind(StrEnum):
    """What happened. An audit writes the first four; people write the others, each as transitions.yaml allows."""

    RAISED = "raised"  # 提出: a run found it
    SEEN = "seen"  # 再次发现: a run found it again and its facts (amount, severity, year …) are others than before
    PUT_FORWARD = "put_forward"  # 提请核查: a run that looked no longer finds it; evidence, not a closure
    REOPENED = "reopened"  # 重新打开: found again after it was put forward, verified or closed, or opened by a person
    ACCEPTED = "accepted"  # 受理
    ASSIGNED = "assigned"  # 指派
    STARTED = "started"  # 开始处置
    HANDLED = "handled"  # 处置
    REPORTED_BACK = "reported_back"  # 反馈
    VERIFIED = "verified"  # 核查
    CLOSED = "closed"  # 销号
    FOLLOWED_UP = "followed_up"  # 回访
    RETURNED = "returned"  # 退回
    EXTENDED = "extended"  # 延期
    DECLINE_ASKED = "decline_asked"  # 提请认定误报: one person says so, a second one has to confirm
    DECLINED = "declined"  # 认定为误报
    TRANSFERRED = "transferred"  # 移送
    CONTINUED = "continued"  # 持续整改
    JOINED = "joined"  # 并案
    EVIDENCE = "evidence"  # 佐证: a file was put into the evidence store for this issue
    MONEY = "money"  # 资金: recovered, booked, scheduled …, each part its own event
    RECHECKED = "rechecked"  # 抽查复核: a closed issue was looked at again and the closure stands
    # Not about an issue: who the people are, their keys, and which closed issues were drawn
    PERSON_ADDED = "person_added"
    PERSON_CHANGED = "person_changed"
    PERSON_LEFT = "person_left"
    KEY_REGISTERED = "key_registered"
    KEY_REVOKED = "key_revoked"
    DRAWN = "drawn"
    # Letters 整改通知书, 监察建议书: numbered when they are sent, tracked until answered
    LETTER_SENT = "letter_sent"
    LETTER_ANSWERED = "letter_answered"
    # A run with all that it looked at, after the events that it brought (see runs)
    RUN_TAKEN_IN = "run_taken_in"


@dataclass(frozen=True, slots=True)
class Event:
    """One sealed event. `at` is an aware time in UTC; `signature` is '' when nobody signed."""

    event_id: str
    issue_id: str  # the stream: an issue, or a person, a draw, a letter, a run (see ISSUE, PERSON …)
    seq: int  # place in the register, from 1, no gaps
    version: int  # number within its issue, from 1, no gaps
    kind: Kind
    at: dt.datetime
    actor: str
    payload: Mapping[str, Any] = field(hash=False)
    previous_hash: str
    hash: str
    signature: str = ""


class Told(NamedTuple):
    """What an event says, as it is read in bulk: `at` still as text, `kind` a plain text, the seal left out."""

    event_id: str
    issue_id: str
    version: int
    kind: str
    at: str
    actor: str
    payload: Mapping[str, Any]


as_told = partial(tuple.__new__, Told)  # a Told of its fields in their order, where hundreds of thousands are made


class Stored(NamedTuple):
    """A sealed event as the database holds it: `at` and the canonical payload as texts."""

    event_id: str
    issue_id: str
    seq: int
    version: int
    kind: str
    at: str
    actor: str
    payload: str
    previous_hash: str
    hash: str
    signature: str


def told_of(event: Event) -> Told:
    return Told(event.event_id, event.issue_id, event.version, event.kind, time_text(event.at), event.actor, event.payload)


@dataclass(frozen=True, slots=True)
class Draft:
    """An event that has no place in the register yet. `version` is the number that it will have in its issue."""

    issue_id: str
    version: int
    kind: Kind
    at: dt.datetime
    actor: str
    payload: Mapping[str, Any] = field(hash=False)
    signature: str = ""


def canonical(value: Any) -> str:
    """The canonical JSON text of `value`. Raises ValueError for what the canonical form does not know."""
    _check(value, "payload")
    text = text_of(value)
    _check_encodable(text, "payload")
    return text


_CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), check_circular=False, default=dict)
# JSONEncoder.encode makes its inner encoder anew for every value; where the interpreter has one in C, it is made once.
_encoded = (
    json.encoder.c_make_encoder(None, dict, json.encoder.encode_basestring, None, ":", ",", True, False, True)  # type: ignore[attr-defined]
    if json.encoder.c_make_encoder  # type: ignore[attr-defined]
    else lambda value, _: [_CANONICAL.encode(value)]
)


def text_of(value: Any) -> str:
    """As `canonical`, of what is known to be canonical: the same value is the same text."""
    return "".join(_encoded(value, 0))


def _check(value: Any, where: str) -> None:
    if value is None or isinstance(value, (str, bool)):
        return
    if isinstance(value, Mapping):
        for key, entry in value.items():
            if not isinstance(key, str):
                raise ValueError(f"{where}: the key {key!r} cannot stand in an event; keys are texts")
            _check(entry, f"{where}.{key}")
    elif isinstance(value, (list, tuple)):
        for place, entry in enumerate(value):
            _check(entry, f"{where}[{place}]")
    elif not isinstance(value, int):
        raise ValueError(
            f"{where}: {value!r} cannot stand in an event; only text, whole numbers, true, false, null, lists, mappings"
        )
    elif abs(value) > _LARGEST:
        raise ValueError(f"{where}: {value} is too large for an event; write it as text")


def _check_encodable(text: str, where: str) -> None:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        around = text[max(0, error.start - 20) : error.start + 20]
        raise ValueError(
            f"{where}: {around!r} holds half a character (a lone surrogate) and cannot be written as UTF-8"
        ) from None


def time_text(at: dt.datetime) -> str:
    """`at` as it is stored and hashed: '2026-01-31T08:00:00.000000Z'. Raises ValueError when it has no time zone."""
    if at.tzinfo is None or at.utcoffset() is None:
        raise ValueError(f"at = {at.isoformat()}: a time with its time zone is needed")
    return f"{at.astimezone(dt.UTC).isoformat(timespec='microseconds')[:26]}Z"


def time_of(text: str) -> dt.datetime:
    """The time that `time_text` wrote. Raises ValueError."""
    if len(text) != 27 or not text.endswith("Z"):
        raise ValueError(f"{text!r} is no time in the form of the register")
    return dt.datetime.fromisoformat(text)


def content_digest(issue_id: str, version: int, kind: str, at: str, actor: str, payload: str) -> str:
    """SHA-256 over the content as it is stored: what `event_id` is cut from and what a person would sign."""
    return hashlib.sha256(f"{FORM}\n{issue_id}\n{version}\n{kind}\n{at}\n{actor}\n{payload}".encode()).hexdigest()


def chain_hash(seq: int, previous_hash: str, content: str, signature: str) -> str:
    """SHA-256 that seals the event with content digest `content` at place `seq`."""
    return hashlib.sha256(f"{FORM}\n{seq}\n{previous_hash}\n{content}\n{signature}".encode()).hexdigest()


def event_id_of(content: str) -> str:
    return f"EV-{content[:24]}"


def seal(draft: Draft, seq: int, previous_hash: str) -> Event:
    """`draft` at place `seq` after the event with `previous_hash`. Raises ValueError (see `canonical`, `time_text`)."""
    return unsealed(stored(draft, seq, previous_hash))


def stored(draft: Draft, seq: int, previous_hash: str) -> Stored:
    """As `seal`, in the form in which the database holds it."""
    for name in ("issue_id", "actor", "signature"):
        _check_line(getattr(draft, name), name)
    payload, at, kind = canonical(draft.payload), time_text(draft.at), str(draft.kind)
    content = content_digest(draft.issue_id, draft.version, kind, at, draft.actor, payload)
    return Stored(
        event_id_of(content), draft.issue_id, seq, draft.version, kind, at, draft.actor, payload, previous_hash,
        chain_hash(seq, previous_hash, content, draft.signature), draft.signature,
    )  # fmt: skip


def unsealed(row: Sequence[Any]) -> Event:
    """The event that is stored as `row` (the fields of `Stored`). Raises ValueError and TypeError for one that cannot be read."""
    event_id, issue_id, seq, version, kind, at, actor, payload, previous_hash, own_hash, signature = row
    told = MappingProxyType(json.loads(payload))
    return Event(event_id, issue_id, seq, version, Kind(kind), time_of(at), actor, told, previous_hash, own_hash, signature)


def _check_line(value: str, name: str) -> None:
    _check_encodable(value, name)
    if _CONTROL.search(value):
        raise ValueError(f"{name}: {value!r} holds a control character; write it in one line")


def stored_all(drafts: Sequence[Draft], seq: int, previous_hash: str) -> list[Stored]:
    """`drafts` in their order after event number `seq`, whose hash is `previous_hash`."""
    sealed: list[Stored] = []
    for draft in drafts:
        seq += 1
        sealed.append(stored(draft, seq, previous_hash))
        previous_hash = sealed[-1].hash
    return sealed


@dataclass(frozen=True, slots=True)
class Verification:
    """What a look along the whole chain showed. `bad_seq` is the first event that does not fit, None when all do."""

    events: int  # how many were looked at
    head: str  # hash of the last event that fits; GENESIS for an empty register
    bad_seq: int | None = None
    problem: str = ""  # key of the message catalogue: 'issues.chain.…'

    @property
    def is_whole(self) -> bool:
        return not self.problem
