"""Lines of the books and of the bank: a person says which are one, which are not, or puts a note on a line; written at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ..audit import Audit
from ..issues.people import Person
from ..matching.bank_asked import RECONCILIATION, bank_asked, lines_of_side
from ..matching.bank_decisions import DIFFERENT, NOTE, SAME, BankDecision, decide, read_bank_decisions
from ..reports.markup import paragraph, table, tag
from ..words.errors import AuditlibError
from ..words.messages import say
from .shown import framed

if TYPE_CHECKING:
    from ipywidgets import VBox

_SHOWN = 300  # lines of one side to choose from
_ROWS = 8
_STYLE = {"description_width": "7em"}


class BankPanel:
    """The lines of one organisation that can be chosen on either side, and three buttons.

    In: the county's folder, who is acting now, the day that is written, the language. `show` lays out the lines of an audit;
    a decision goes through the same function as `auditlib bank` and is followed by the next audit. `waiting` says how many
    lines of the audit wait for a person.
    """

    def __init__(self, county: Path, person: Callable[[], Person | None], today: Callable[[], dt.date], *, language: str = "zh") -> None:
        import ipywidgets as w

        self.language, self.waiting = language, 0
        self._county, self._person, self._today = county, person, today
        self._audit: Audit | None = None
        half, wide = (w.Layout(width=width, max_width="100%") for width in ("420px", "840px"))
        self.org = w.Dropdown(description=say("workbook.reconcile.org", language), style=_STYLE, layout=wide)
        self.book, self.bank = (
            w.SelectMultiple(description=say(f"bank.head.{side}", language), rows=_ROWS, style=_STYLE, layout=half)
            for side in ("book", "bank")
        )
        self.why = w.Text(description=say("bank.why", language), style=_STYLE, layout=wide)
        self.same, self.different, self.note = (
            w.Button(description=say(f"bank.answer.{answer}", language), icon="") for answer in (SAME, DIFFERENT, NOTE)
        )
        self.list, self.message = w.HTML(), w.HTML()
        self.org.observe(lambda _: self._fill(), "value")
        for button, answer in ((self.same, SAME), (self.different, DIFFERENT), (self.note, NOTE)):
            button.on_click(lambda _, answer=answer: self._decide(answer))
        self._choosing = w.VBox([self.org, w.HBox([self.book, self.bank]), self.why, w.HBox([self.same, self.different, self.note])])
        self.box: VBox = w.VBox([self.list, self._choosing, self.message])

    def show(self, audit: Audit) -> None:
        """Lays out the lines of `audit`, those that wait for a person first, and the decisions in the county's folder."""
        self._audit = audit
        waiting = bank_asked(audit.run.matches)
        self.waiting = len(waiting)
        names, chosen = {o.org_code: o.name for o in audit.run.organisations}, self.org.value
        codes = list(dict.fromkeys((*(m.org_code for m in waiting), *(m.org_code for m in self._matches()))))
        self.org.options = [(names.get(code, code), code) for code in codes]
        self.org.value = chosen if chosen in codes else codes[0] if codes else None
        self._choosing.layout.display = "" if codes else "none"
        self._fill()
        self._list(names)

    def _matches(self) -> list:  # type: ignore[type-arg]
        return [m for m in self._audit.run.matches if m.reconciliation == RECONCILIATION] if self._audit else []

    def _fill(self) -> None:
        mine = [m for m in self._matches() if m.org_code == self.org.value]
        ordered = [*bank_asked(mine), *mine]
        for widget, side in ((self.book, "left"), (self.bank, "right")):
            lines = dict.fromkeys(line for m in ordered for line in lines_of_side(getattr(m, side)))
            widget.options, widget.value = list(lines)[:_SHOWN], ()

    def _list(self, names: dict[str, str]) -> None:
        try:
            decisions = read_bank_decisions(self._county)
        except AuditlibError as error:
            self._tell(str(error), "unrun")
            return
        told = paragraph(say("bank.waiting_here" if self.waiting else "bank.none", self.language, n=self.waiting), "empty")
        heads = [(say(f"bank.head.{h}", self.language), "") for h in ("org", "book", "bank", "answer", "who")]
        rows = []
        for d in decisions:
            lines = ("; ".join(side) or "—" for side in (d.book, d.bank))
            rows.append((names.get(d.org_code, d.org_code), *lines, say(f"bank.answer.{d.answer}", self.language), d.told))
        parts = (told, table(say("bank.decisions", self.language, n=len(rows)), heads, rows, "dense")) if rows else (told,)
        self.list.value = framed(*parts)

    def _decide(self, answer: str) -> None:
        person, why = self._person(), self.why.value.strip()
        if self._audit is None or self.org.value is None:
            return
        if person is None:
            self._tell(say("workbook.reconcile.choose_person", self.language), "unrun")
            return
        made = BankDecision(
            self.org.value, tuple(self.book.value), tuple(self.bank.value), answer, person.person_id, self._today().isoformat(), why
        )
        try:
            path = decide(self._county, made)
        except AuditlibError as error:
            self._tell(str(error), "unrun")
            return
        self.show(self._audit)
        self.why.value = ""
        lines = "; ".join((*made.book, *made.bank))
        self._tell(say("bank.kept", self.language, lines=lines, answer=say(f"bank.answer.{answer}", self.language), file=path.name), "note")

    def _tell(self, text: str, kind: str) -> None:
        self.message.value = framed(tag("div", *(paragraph(line, kind) for line in text.splitlines()), role="status"))
