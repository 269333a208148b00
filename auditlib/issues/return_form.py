"""整改反馈表: the sheet that goes out to a village and comes back, as both sides know it.

Nothing is taken from a locked cell: the issue is known by its number and by the version that it had when the sheet was sent.
A copy of the locked cells and that version stand on a hidden sheet, to tell an edit.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from ..catalog.specs import RuleCard
from ..words.messages import LANGUAGES, say
from .closing import evidence_kinds, kinds_needed, kinds_shown
from .events import Kind
from .issue import Issue
from .standing import asked_back
from .transitions import Transitions

FORM = "auditlib-return/1"
ANSWERS = ("done", "ongoing", "not_true", "help")  # 已整改, 正在整改, 情况不属实, 需要帮助
LOCKED = ("no", "issue_id", "org", "matter", "amount", "deadline", "way")
FILLED = ("answer", "told", "done_on", "recovered", "booked", "voucher_no", "filled_by")
PROOF_LOCKED = ("issue_id", "matter", "kind")
PROOF_FILLED = ("files", "dated", "note")
_STEPS = (Kind.STARTED, Kind.HANDLED, Kind.REPORTED_BACK)


@dataclass(frozen=True, slots=True)
class SentRow:
    """One issue as it goes out: texts of the locked cells by column."""

    issue_id: str
    version: int
    cells: Mapping[str, str]
    is_to_fill: bool  # whether its state lets the village answer now
    proofs: tuple[Mapping[str, str], ...]  # locked cells of the rows for evidence


@dataclass(frozen=True, slots=True)
class ReturnForm:
    """A sheet as it goes out; what the hidden sheet holds follows from it."""

    register: str  # which register: the hash of its first event
    head: str  # its newest event when the sheet was made
    org_code: str
    org_name: str
    as_of: dt.date
    rows: tuple[SentRow, ...]


def label(part: str, name: str, language: str = "zh") -> str:
    """What stands over a column, or a word of a drop-down list."""
    return say(f"return_form.{part}.{name}", language)


def words_of(part: str, names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Every name with the words for it in all languages."""
    return {name: tuple(label(part, name, language) for language in LANGUAGES) for name in names}


def is_to_fill(issue: Issue, transitions: Transitions) -> bool:
    """Whether the village can answer now: any step of putting right may follow."""
    return any(issue.state in transitions.steps[kind].sources for kind in _STEPS if kind in transitions.steps)


def sent_row(no: int, issue: Issue, cards: Mapping[str, RuleCard], transitions: Transitions) -> SentRow:
    """`issue` as it goes out, unmasked."""
    card = cards.get(issue.rule)
    cells = {
        "no": str(no), "issue_id": issue.issue_id, "org": issue.org_name or issue.org_code,
        "matter": f"{issue.title}（{issue.basis}）" if issue.basis else issue.title,
        "amount": "" if issue.amount is None else f"{issue.amount:,.2f}", "deadline": issue.deadline.isoformat(),
        "way": (card.rectification["zh"] if card else "") + asked_back(issue.gone, "zh"),
    }  # fmt: skip
    kinds, shown = evidence_kinds(), kinds_shown(issue)
    proofs = tuple(
        MappingProxyType({"issue_id": issue.issue_id, "matter": issue.title, "kind": kinds[kind]["zh"]})
        for kind in kinds_needed(issue, cards)
        if kind not in shown and kind in kinds
    )
    return SentRow(issue.issue_id, issue.version, MappingProxyType(cells), is_to_fill(issue, transitions), proofs)


def seal(register: str, issue_id: str, version: int, cells: Mapping[str, str]) -> str:
    """A check sum over what was sent of an issue: tells accidents and careless edits, not a forger."""
    told = json.dumps([FORM, register, issue_id, version, dict(sorted(cells.items()))], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()


def hidden_rows(form: ReturnForm) -> list[list[str]]:
    """What the hidden sheet holds: who sent it, then one row an issue."""
    top = [FORM, form.register, form.head, form.org_code, form.as_of.isoformat()]
    return [top, *(_hidden_row(form.register, row) for row in form.rows)]


def _hidden_row(register: str, row: SentRow) -> list[str]:
    told = json.dumps(dict(row.cells), ensure_ascii=False)
    return [row.issue_id, str(row.version), seal(register, row.issue_id, row.version, row.cells), told]


@dataclass(frozen=True, slots=True)
class SentOut:
    """The hidden sheet as it was read back; nothing in it is trusted."""

    register: str
    head: str
    rows: Mapping[str, tuple[int, Mapping[str, str]]]  # issue -> version and locked cells; altered ones are left out


def read_hidden(rows: Sequence[Sequence[Any]]) -> SentOut | None:
    """What `hidden_rows` wrote; None when it is not such a sheet."""
    if not rows or len(rows[0]) < 5 or str(rows[0][0]) != FORM:
        return None
    register, found = str(rows[0][1]), {}
    for row in rows[1:]:
        try:
            issue_id, version, own_seal, cells = str(row[0]), int(str(row[1])), str(row[2]), json.loads(str(row[3]))
            told = {str(name): str(text) for name, text in cells.items()}
        except (ValueError, IndexError, AttributeError, RecursionError):
            continue
        if own_seal == seal(register, issue_id, version, told):
            found[issue_id] = (version, MappingProxyType(told))
    return SentOut(register, str(rows[0][2]), MappingProxyType(found))
