"""A 整改反馈表 that came back: each row becomes steps in the register, in one transaction, or is refused with its reason.

What is taken: who says so, the answer, the day, money, and evidence files from one folder. The file is hostile until judged:
nothing of a locked cell is used, a file name is never a path, and the register judges every step as if it were typed in.
"""

from __future__ import annotations

import datetime as dt
import difflib
import hashlib
import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ..intake.sheets import RawSheet, read_sheets
from ..intake.values import raw_text, squeeze
from ..words.errors import AuditlibError, RegisterError
from ..words.messages import say
from . import acts
from .acts import By, Desk, Matter
from .closing import evidence_kinds
from .events import Kind
from .evidence import Stored
from .forms import FormColumn, FormRow, read_form_sheet
from .issue import Issue
from .policy import Clock
from .refusal import StepRefused
from .register import Register
from .return_form import (
    ANSWERS,
    FILLED,
    LOCKED,
    PROOF_FILLED,
    PROOF_LOCKED,
    SentOut,
    read_hidden,
    words_of,
)  # fmt: skip
from .signing import Signer
from .sources import REQUEST

MOST_FILES = 20  # of one row
_BETWEEN = "；;、\n"


@dataclass(frozen=True, slots=True)
class Why:
    """Why a row was refused: a key of the catalogue with its values, or a text that the register said."""

    key: str
    values: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def told(self, language: str) -> str:
        refused = self.values.get("refused")
        if isinstance(refused, StepRefused):
            return refused.told(language)
        return say(self.key, language, **{name: _in(value, language) for name, value in self.values.items()})


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """What became of one row: 'taken' | 'known' (it was taken before) | 'empty' (nothing filled in) | 'refused'."""

    sheet: str
    row: int  # 1-based
    issue_id: str
    outcome: str
    steps: tuple[Kind, ...] = ()
    why: tuple[Why, ...] = ()


@dataclass(frozen=True, slots=True)
class Returned:
    """What became of a file."""

    file: str
    rows: tuple[RowOutcome, ...]
    unused_files: tuple[str, ...]  # in the folder, but named by no row

    def count(self, outcome: str) -> int:
        return sum(row.outcome == outcome for row in self.rows)


class _Refused(Exception):
    def __init__(self, *why: Why) -> None:
        super().__init__()
        self.why = why


@dataclass(frozen=True, slots=True)
class _Proof:
    kind: str
    dated: dt.date
    names: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True)
class _Answer:
    """One filled row with its evidence."""

    row: FormRow
    issue: Issue
    version: int  # when the sheet was sent
    values: Mapping[str, Any]
    proofs: tuple[_Proof, ...]
    digest: str


@dataclass(frozen=True, slots=True)
class _Book:
    sent: SentOut
    rows: tuple[FormRow, ...]
    proofs: Mapping[str, tuple[FormRow, ...]]  # by issue


def take_back(
    register: Register, path: Path, *, evidence: Path | None, by: str, at: dt.datetime, clock: Clock, signer: Signer | None = None
) -> Returned:
    """Reads the file at `path` into the register; `evidence` is the folder with the files that it names.

    Raises RegisterError for a file that is no 整改反馈表 or was made for another register, UnreadableFile. A row that is
    refused changes nothing and stops no other.
    """
    book = _book(path, clock)
    _refuse_strange(register, book.sent, path)
    issues = {issue.issue_id: issue for issue in register.issues(clock.day_of(at))}
    files = _files(evidence)
    used: set[str] = set()
    outcomes = []
    for row in book.rows:
        try:
            outcomes.append(_one(register, book, row, issues, files, used, By(by, at, signer), clock))
        except _Refused as refused:
            outcomes.append(RowOutcome(row.sheet, row.row, _id_in(row), "refused", why=refused.why))
        except StepRefused as refused:
            outcomes.append(RowOutcome(row.sheet, row.row, _id_in(row), "refused", why=(Why("", {"refused": refused}),)))
        except AuditlibError as error:
            outcomes.append(RowOutcome(row.sheet, row.row, _id_in(row), "refused", why=(Why("returned.told", {"reason": str(error)}),)))
    known = {_id_in(row) for row in book.rows}
    outcomes += [
        RowOutcome(row.sheet, row.row, issue_id, "refused", why=(Why("returned.proof_alone"),))
        for issue_id, rows in book.proofs.items() if issue_id not in known for row in rows if _is_filled(row, PROOF_FILLED)
    ]  # fmt: skip
    return Returned(path.name, tuple(outcomes), tuple(sorted(set(files) - used)))


# Reading the file


def _columns(part: str, locked: Sequence[str], filled: Sequence[str], types: Mapping[str, str]) -> tuple[FormColumn, ...]:
    words = words_of(part, (*locked, *filled))
    answers = {squeeze(word): name for name, told in words_of("answer", ANSWERS).items() for word in (name, *told)}
    needed = {"issue_id", "answer", "files"}
    return tuple(
        FormColumn(
            name, tuple(map(squeeze, words[name])), types.get(name, "text"), name in needed,
            MappingProxyType(answers if name == "answer" else {}),
        )
        for name in (*locked, *filled)
    )  # fmt: skip


def _book(path: Path, clock: Clock) -> _Book:
    sent: SentOut | None = None
    answers: list[FormRow] = []
    proofs: dict[str, list[FormRow]] = {}
    types = {"answer": "word", "done_on": "date", "recovered": "money", "booked": "money"}
    main = _columns("column", LOCKED, FILLED, types)
    proof = _columns("proof", PROOF_LOCKED, PROOF_FILLED, {"dated": "date"})
    for sheet in read_sheets(path):
        sent = sent or _hidden(sheet)
        answers += read_form_sheet(path.name, sheet, main, clock.zone).rows
        for row in read_form_sheet(path.name, sheet, proof, clock.zone).rows:
            proofs.setdefault(_id_in(row), []).append(row)
    if sent is None or not answers:
        raise RegisterError.of("returned.no_form", file=path.name)
    return _Book(sent, tuple(answers), MappingProxyType({key: tuple(rows) for key, rows in proofs.items()}))


def _hidden(sheet: RawSheet) -> SentOut | None:
    return read_hidden([[raw_text(cell) for cell in row] for row in sheet.rows])


def _refuse_strange(register: Register, sent: SentOut, path: Path) -> None:
    """A sheet made from another register, or from a copy that went another way, is refused whole."""
    if sent.register != register.identity():
        raise RegisterError.of("returned.other_register", file=path.name, shown=register.shown)
    if not register.holds(sent.head):
        raise RegisterError.of("returned.other_branch", file=path.name, shown=register.shown)


def _id_in(row: FormRow) -> str:
    return squeeze(str(row.values.get("issue_id", "")))


def _is_filled(row: FormRow, names: Sequence[str]) -> bool:
    return any(name in row.values or any(p.field == name and p.code != "blank" for p in row.problems) for name in names)


def _files(folder: Path | None) -> dict[str, Path]:
    """Plain files of the folder by name; links and folders are none."""
    if folder is None:
        return {}
    if not folder.is_dir():
        raise RegisterError.of("returned.no_folder", folder=folder)
    plain = (p for p in sorted(folder.iterdir()) if p.is_file() and not p.is_symlink())
    return {_plain(p.name): p for p in plain if not p.name.startswith((".", "~$"))}


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name).strip()


# Judging a row


def _one(
    register: Register, book: _Book, row: FormRow, issues: Mapping[str, Issue], files: Mapping[str, Path], used: set[str], by: By,
    clock: Clock,
) -> RowOutcome:  # fmt: skip
    issue_id = _id_in(row)
    proofs = book.proofs.get(issue_id, ())
    if not _is_filled(row, FILLED) and not any(_is_filled(proof, PROOF_FILLED) for proof in proofs):
        _refuse_edits(book.sent, row, issue_id)
        return RowOutcome(row.sheet, row.row, issue_id, "empty")
    if issue_id not in issues or issue_id not in book.sent.rows:
        raise _Refused(Why("returned.not_sent", {"issue_id": issue_id}))
    _refuse_edits(book.sent, row, issue_id)
    _refuse_other_matter(book.sent, issues[issue_id])
    day = clock.day_of(by.at)
    answer = _answer(book.sent, row, issues[issue_id], _proofs(proofs, day), day)
    used.update(_plain(name) for proof in answer.proofs for name in proof.names)
    if any(event.payload.get("sheet") == answer.digest for event in register.events(issue_id)):
        return RowOutcome(row.sheet, row.row, issue_id, "known")
    kept = _kept(register, answer, files)
    steps = register.together(lambda desk: _take(desk, answer, kept, by))
    return RowOutcome(row.sheet, row.row, issue_id, "taken", tuple(steps))


def _refuse_edits(sent: SentOut, row: FormRow, issue_id: str) -> None:
    """Locked cells that say something else than what was sent are named."""
    if issue_id not in sent.rows:
        if issue_id:
            raise _Refused(Why("returned.not_sent", {"issue_id": issue_id}))
        return
    _, cells = sent.rows[issue_id]
    edited = [name for name in LOCKED if squeeze(str(row.values.get(name, ""))) != _as_read(cells.get(name, ""))]
    if edited:
        raise _Refused(Why("returned.edited", {"columns": tuple(f"return_form.column.{name}" for name in edited)}))


def _refuse_other_matter(sent: SentOut, issue: Issue) -> None:
    """What the sheet says of the matter must be said of it by the register too: else ids were moved from row to row.

    What went out masked or shortened lacks letters of the register's own words, but has none that are not in them.
    """
    version, cells = sent.rows[issue.issue_id]
    if version != issue.version:
        return  # it moved on since: refused for that, and told what happened
    amount = "" if issue.amount is None else f"{issue.amount:,.2f}"
    if cells.get("amount", "") != amount or not _is_part_of(cells.get("matter", ""), f"{issue.title}（{issue.basis}）"):
        raise _Refused(Why("returned.other_matter", {"issue_id": issue.issue_id, "matter": issue.title[:60]}))


def _is_part_of(told: str, own: str) -> bool:
    letters = iter(own)
    return all(letter in letters for letter in told if letter.isalpha())


def _as_read(text: str) -> str:
    """A text that was sent, as it comes back from a cell."""
    return squeeze(" ".join(text.split()))


def _answer(sent: SentOut, row: FormRow, issue: Issue, proofs: tuple[_Proof, ...], day: dt.date) -> _Answer:
    problems = [
        Why(f"forms.{p.code}", {"field": f"return_form.column.{p.field}", "value": p.raw})
        for p in row.problems
        if p.field in FILLED
    ]
    told = {name: row.values[name] for name in FILLED if name in row.values}
    if "answer" in told:
        lacking = (name for name in _needed(told["answer"]) if name not in told)
        problems += [Why("returned.missing", {"field": f"return_form.column.{name}"}) for name in lacking]
    if told.get("done_on", day) > day:
        problems.append(Why("returned.ahead", {"value": told["done_on"].isoformat()}))
    problems += [
        Why("returned.not_above_nought", {"field": f"return_form.column.{name}"})
        for name in ("recovered", "booked") if name in told and told[name] <= 0
    ]  # fmt: skip
    if "recovered" in told and told["recovered"] == told.get("booked"):
        problems.append(Why("returned.same_money", {"amount": f"{told['booked']:,.2f}"}))
    if problems:
        raise _Refused(*problems)
    version = sent.rows[issue.issue_id][0]
    return _Answer(row, issue, version, MappingProxyType(told), proofs, _digest(sent, issue.issue_id, version, told, proofs))


def _needed(answer: str) -> tuple[str, ...]:
    return ("told", "done_on") if answer == "done" else ("told",)


def _digest(sent: SentOut, issue_id: str, version: int, told: Mapping[str, Any], proofs: Sequence[_Proof]) -> str:
    """The row as it came: the same row again is the same digest."""
    shown = [sent.register, issue_id, version, {k: str(v) for k, v in sorted(told.items())}]
    shown.append([[p.kind, p.dated.isoformat(), list(p.names), p.note] for p in proofs])
    return hashlib.sha256(json.dumps(shown, ensure_ascii=False).encode("utf-8", "replace")).hexdigest()


def _proofs(rows: Sequence[FormRow], day: dt.date) -> tuple[_Proof, ...]:
    kinds = {squeeze(text): kind for kind, texts in evidence_kinds().items() for text in texts.values()}
    found = []
    for row in (r for r in rows if _is_filled(r, PROOF_FILLED)):
        if bad := [p for p in row.problems if p.field in PROOF_FILLED and p.code != "blank"]:
            raise _Refused(*(Why(f"forms.{p.code}", {"field": f"return_form.proof.{p.field}", "value": p.raw}) for p in bad))
        kind = kinds.get(squeeze(str(row.values.get("kind", ""))))
        names = tuple(_names(str(row.values.get("files", ""))))
        if kind is None:
            raise _Refused(Why("returned.strange_kind", {"value": str(row.values.get("kind", "")), "row": row.row}))
        if not names or "dated" not in row.values:
            raise _Refused(Why("returned.proof_half", {"row": row.row}))
        if row.values["dated"] > day:
            raise _Refused(Why("returned.ahead", {"value": row.values["dated"].isoformat()}))
        found.append(_Proof(kind, row.values["dated"], names, str(row.values.get("note", ""))))
    return tuple(found)


def _names(text: str) -> list[str]:
    for mark in _BETWEEN:
        text = text.replace(mark, "\n")
    return [name for part in text.split("\n") if (name := _plain(part))]


def _kept(register: Register, answer: _Answer, files: Mapping[str, Path]) -> list[tuple[_Proof, str, Stored]]:
    """Every file that the row names, in the store. Refused are paths, files that are not there, and too many."""
    named = [(proof, name) for proof in answer.proofs for name in proof.names]
    if len(named) > MOST_FILES:
        raise _Refused(Why("returned.too_many", {"most": MOST_FILES, "count": len(named)}))
    for _, name in named:
        if "/" in name or "\\" in name or name in (".", ".."):
            raise _Refused(Why("returned.path", {"name": name}))
        if name not in files:
            near = difflib.get_close_matches(name, list(files), n=3, cutoff=0.4) or sorted(files)[:3]
            raise _Refused(Why("returned.no_file", {"name": name, "candidates": "、".join(near) or say("issues.none")}))
    return [(proof, name, register.keep_file(_read(files[name]), name)) for proof, name in named]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _Refused(Why("returned.unreadable", {"name": path.name, "error": error.strerror or ""})) from error


# Writing a row


def _take(desk: Desk, answer: _Answer, kept: Sequence[tuple[_Proof, str, Stored]], by: By) -> list[Kind]:
    """All steps of one row; a refused one takes the others with it."""
    taken: list[Kind] = []
    expected: list[int | None] = [answer.version]

    def step(kind: Kind, /, **what: Any) -> None:
        acts.act(desk, answer.issue.issue_id, kind, by, what, expected.pop() if expected else None)
        taken.append(kind)

    told = answer.values
    mark = {"sheet": answer.digest, "filled_by": told.get("filled_by", "")}
    text = str(told.get("told", ""))
    if told.get("answer") == "not_true":
        step(Kind.DECLINE_ASKED, reason=text, **mark)
    elif told.get("answer") != "done":
        step(Kind.STARTED, note=text, **mark)
    else:
        _begin(desk, answer, by, step)
    _proof_steps(kept, desk, by, step)
    _money_steps(told, kept, step)
    if told.get("answer") == "done":
        step(Kind.REPORTED_BACK, result=text, **mark)
    if told.get("answer") == "help":
        taken += _ask_for_help(desk, answer, text, by)
    return taken


def _begin(desk: Desk, answer: _Answer, by: By, step: Any) -> None:
    """Begins what was not begun yet and says what was done, as far as the state asks for it."""
    steps = desk.transitions.steps
    if answer.issue.state not in steps[Kind.HANDLED].sources and answer.issue.state not in steps[Kind.REPORTED_BACK].sources:
        step(Kind.STARTED)
    if answer.issue.state not in steps[Kind.REPORTED_BACK].sources or answer.issue.state in steps[Kind.HANDLED].sources:
        step(
            Kind.HANDLED, done=str(answer.values["told"]), done_on=answer.values.get("done_on"),
            filled_by=answer.values.get("filled_by", ""),
        )  # fmt: skip


def _proof_steps(kept: Sequence[tuple[_Proof, str, Stored]], desk: Desk, by: By, step: Any) -> None:
    received = desk.clock.day_of(by.at)
    for proof, name, stored in kept:
        step(
            Kind.EVIDENCE, kind=proof.kind, sha256=stored.sha256, dated=proof.dated, received=received, name=name, size=stored.size,
            type=stored.type, note=proof.note,
        )  # fmt: skip


def _money_steps(told: Mapping[str, Any], kept: Sequence[tuple[_Proof, str, Stored]], step: Any) -> None:
    """Money by its voucher; where the row names none, by the first of the files that came with it."""
    rests_on = {"voucher_no": told.get("voucher_no", "")}
    if not rests_on["voucher_no"] and kept:
        rests_on = {"paper": kept[0][1]}
    for what in ("recovered", "booked"):
        if what in told:
            step(Kind.MONEY, what=what, amount=told[what], note=str(told.get("told", "")), **rests_on)


def _ask_for_help(desk: Desk, answer: _Answer, text: str, by: By) -> list[Kind]:
    """村社吹哨: what the village cannot do alone becomes a request of its own."""
    issue = answer.issue
    matter = Matter(
        title=text, org_code=issue.org_code, severity="blue", source=REQUEST, source_no=f"{issue.issue_id}-{answer.digest[:8]}",
        org_name=issue.org_name, line="属地管理", records=(issue.issue_id,),
        more=(("asked_by", str(answer.values.get("filled_by", "")) or by.person_id), ("about", issue.issue_id)),
    )  # fmt: skip
    _, event = acts.raise_matter(desk, matter, by)
    return [Kind.RAISED] if event is not None else []


def _in(value: Any, language: str) -> Any:
    if isinstance(value, tuple):
        return ("、" if language == "zh" else ", ").join(say(key, language) for key in value)
    return say(value, language) if isinstance(value, str) and value.startswith("return_form.") else value
