"""Looks along the chain of a register and names the first event that does not fit, or that its author did not sign."""

from __future__ import annotations

import json
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from .events import FORM, GENESIS, Kind, Verification
from .people import stream_of
from .signing import is_good

# A line feed within a field would let it run over into the next; a blob where a text should stand is written otherwise.
_LINE_FEEDS = 6  # before the payload, which has none
KEY_EVENTS = frozenset((Kind.KEY_REGISTERED.value, Kind.KEY_REVOKED.value))


def content_if_sealed(row: Any) -> str | None:
    """The content digest of the event in `row` (`log.COLUMNS`); None where its id or its hash does not follow from what stands there.

    Its place in the chain is not judged: `previous_hash` is taken as it stands.
    """
    event_id, issue_id, seq, version, kind, at, actor, payload, previous_hash, own_hash, signature = row
    # What content_digest and chain_hash do, written out: over hundreds of thousands of events each call counts, and so does
    # putting the long payload, mostly Chinese, together with the rest.
    about, told = f"{FORM}\n{issue_id}\n{version}\n{kind}\n{at}\n{actor}\n", f"{payload}"
    digest = sha256(about.encode())
    digest.update(told.encode())
    content = digest.hexdigest()
    if (
        event_id == f"EV-{content[:24]}" and about.count("\n") == _LINE_FEEDS and "\n" not in told
        and own_hash == sha256(f"{FORM}\n{seq}\n{previous_hash}\n{content}\n{signature}".encode()).hexdigest()
    ):  # fmt: skip
        return content
    return None


def verify_rows(rows: Iterable[Any], printed_head: str | None) -> Verification:
    """`rows` are the events as they are stored (`log.COLUMNS`), in the order of `seq`; nothing in them is trusted."""
    seq, head, versions, keys = 0, GENESIS, dict[str, int](), dict[str, dict[str, str]]()
    is_there = printed_head is None or printed_head == GENESIS
    for row in rows:
        _, issue_id, own_seq, version, kind, _, actor, _, previous_hash, own_hash, signature = row
        content = content_if_sealed(row)
        if content is None or own_seq != seq + 1 or previous_hash != head or version != versions.get(issue_id, 0) + 1:
            return Verification(seq, head, seq + 1, _problem(row, seq + 1, head, versions))
        if signature or kind in KEY_EVENTS or actor in keys:
            if "\n" in f"{signature}":
                return Verification(seq, head, seq + 1, "issues.chain.altered")
            if not _is_signed_rightly(row, content, keys):
                return Verification(seq, head, seq + 1, "issues.chain.forged")
        versions[issue_id] = version
        seq, head = own_seq, own_hash
        is_there = is_there or head == printed_head
    return Verification(seq, head) if is_there else Verification(seq, head, seq + 1, "issues.chain.cut_off")


def are_signed_rightly(rows: Iterable[Any]) -> bool:
    """Whether every event of `rows` that must be signed is; `rows` as for `verify_rows`, those that no key touches may be missing."""
    keys: dict[str, dict[str, str]] = {}
    for row in rows:
        content = content_if_sealed(row)
        if content is None or "\n" in f"{row[10]}" or not _is_signed_rightly(row, content, keys):
            return False
    return True


def _problem(row: Any, seq: int, previous_hash: str, versions: dict[str, int]) -> str:
    """Key of the message that says what is wrong with `row`, which does not fit."""
    if row[2] != seq:
        return "issues.chain.missing"
    if row[8] != previous_hash:
        return "issues.chain.order"
    return "issues.chain.version" if row[3] != versions.get(row[1], 0) + 1 else "issues.chain.altered"


def _is_signed_rightly(row: Any, content: str, keys: dict[str, dict[str, str]]) -> bool:
    """Whether the author's own key signed, where the author has one; takes the keys over that the event brings.

    A first key vouches for itself. Every later word about the keys of a person who has one needs somebody's good
    signature, else whoever can write to the file could put a key of his own in another's place.
    """
    issue_id, kind, actor, payload, signature = row[1], row[4], row[6], row[7], row[10]
    in_force = keys.get(actor, {})
    is_signed = any(is_good(signature, content, key) for key in in_force.values())
    if kind not in KEY_EVENTS:
        return is_signed if in_force else not signature
    told = json.loads(payload)
    person = issue_id.removeprefix(stream_of(""))
    if in_force:
        is_right = is_signed
    else:
        is_first = kind == Kind.KEY_REGISTERED and actor == person and not keys.get(person)
        is_right = is_first and is_good(signature, content, told["public_key"])
    if is_right and kind == Kind.KEY_REGISTERED:
        keys.setdefault(person, {})[told["key_id"]] = told["public_key"]
    elif is_right:
        keys.get(person, {}).pop(told["key_id"], None)
    return is_right
