"""Looks along the chain of a register and names the first event that does not fit, or that its author did not sign."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from .events import GENESIS, Kind, Verification, chain_hash, content_digest, event_id_of
from .people import stream_of
from .signing import is_good

_KEY_EVENTS = frozenset((Kind.KEY_REGISTERED.value, Kind.KEY_REVOKED.value))


def verify_rows(rows: Iterable[Any], printed_head: str | None) -> Verification:
    """`rows` are the events as they are stored (`log.COLUMNS`), in the order of `seq`; nothing in them is trusted."""
    seq, head, versions, keys = 0, GENESIS, dict[str, int](), dict[str, dict[str, str]]()
    is_there = printed_head is None or printed_head == GENESIS
    for row in rows:
        problem = _problem(row, seq + 1, head, versions, keys)
        if problem:
            return Verification(seq, head, seq + 1, problem)
        seq, head = seq + 1, row[9]
        is_there = is_there or head == printed_head
    return Verification(seq, head) if is_there else Verification(seq, head, seq + 1, "issues.chain.cut_off")


def _problem(row: Any, seq: int, previous_hash: str, versions: dict[str, int], keys: dict[str, dict[str, str]]) -> str:
    """Key of the message that says what is wrong with `row`; '' when it fits, and then its version is noted."""
    event_id, issue_id, own_seq, version, kind, at, actor, payload, own_previous, own_hash, signature = row
    if own_seq != seq:
        return "issues.chain.missing"
    if own_previous != previous_hash:
        return "issues.chain.order"
    if version != versions.get(issue_id, 0) + 1:
        return "issues.chain.version"
    # A line feed would let one field run over into the next; no number or blob stands where a text should.
    if "\n" in f"{issue_id}{actor}{payload}{signature}":
        return "issues.chain.altered"
    content = content_digest(issue_id, version, kind, at, actor, payload)
    if event_id != event_id_of(content) or own_hash != chain_hash(seq, previous_hash, content, signature):
        return "issues.chain.altered"
    versions[issue_id] = version
    if (signature or kind in _KEY_EVENTS or actor in keys) and not _is_signed_rightly(row, content, keys):
        return "issues.chain.forged"
    return ""


def _is_signed_rightly(row: Any, content: str, keys: dict[str, dict[str, str]]) -> bool:
    """Whether the author's own key signed, where the author has one; takes the keys over that the event brings.

    A first key vouches for itself. Every later word about the keys of a person who has one needs somebody's good
    signature, else whoever can write to the file could put a key of his own in another's place.
    """
    issue_id, kind, actor, payload, signature = row[1], row[4], row[6], row[7], row[10]
    in_force = keys.get(actor, {})
    is_signed = any(is_good(signature, content, key) for key in in_force.values())
    if kind not in _KEY_EVENTS:
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
