"""Looks along the chain of a register and names the first event that does not fit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .events import GENESIS, Verification, chain_hash, content_digest, event_id_of

# The order in which `verify_rows` takes the columns of an event.
COLUMNS = (
    "event_id", "issue_id", "seq", "version", "kind", "at", "actor", "payload", "previous_hash", "hash", "signature",
)  # fmt: skip


def verify_rows(rows: Iterable[Any], printed_head: str | None) -> Verification:
    """`rows` are the events as they are stored (`COLUMNS`), in the order of `seq`; nothing in them is trusted."""
    seq, head, versions, heads = 0, GENESIS, dict[str, int](), {GENESIS}
    for row in rows:
        problem = _problem(row, seq + 1, head, versions)
        if problem:
            return Verification(seq, head, seq + 1, problem)
        seq, head = seq + 1, row[9]
        heads.add(head)
    if printed_head is not None and printed_head not in heads:
        return Verification(seq, head, seq + 1, "issues.chain.cut_off")
    return Verification(seq, head)


def _problem(row: Any, seq: int, previous_hash: str, versions: dict[str, int]) -> str:
    """Key of the message that says what is wrong with `row`; '' when it fits, and then its version is noted."""
    event_id, issue_id, own_seq, version, kind, at, actor, payload, own_previous, own_hash, signature = row
    if own_seq != seq:
        return "issues.chain.missing"
    if own_previous != previous_hash:
        return "issues.chain.order"
    if version != versions.get(issue_id, 0) + 1:
        return "issues.chain.version"
    if any("\n" in str(text) for text in (issue_id, actor, payload, signature)):
        return "issues.chain.altered"  # a line feed would let one field run over into the next
    content = content_digest(issue_id, version, kind, at, actor, payload)
    if event_id != event_id_of(content) or own_hash != chain_hash(seq, previous_hash, content, signature):
        return "issues.chain.altered"
    versions[issue_id] = version
    return ""
