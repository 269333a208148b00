"""Names that are only alike: a person says whether they mean the same, and the answer is written at once, with who and when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ..audit import Audit
from ..issues.people import Person
from ..matching.name_decisions import read_decisions, remember
from ..matching.names_asked import NamesAsked, names_asked
from ..reports.markup import paragraph, table, tag
from ..words.errors import AuditlibError
from ..words.messages import say
from .shown import framed

if TYPE_CHECKING:
    from ipywidgets import VBox

_SHOWN = 200  # pairs in the table and in the list to choose from
_STYLE = {"description_width": "7em"}


class NamesPanel:
    """The pairs of an audit, those without an answer first, and the two buttons.

    In: the county's folder, who is acting now, the day that is written, the language. `show` lays out the pairs of an audit;
    an answer goes through the same function as `auditlib names` and is followed by the next audit. `asked` holds the pairs.
    """

    def __init__(self, county: Path, person: Callable[[], Person | None], today: Callable[[], dt.date], *, language: str = "zh") -> None:
        import ipywidgets as w

        self.language = language
        self.asked: tuple[NamesAsked, ...] = ()
        self._county, self._person, self._today = county, person, today
        self._audit: Audit | None = None
        wide = w.Layout(width="840px", max_width="100%")
        self.pair = w.Dropdown(description=self._say("pair"), style=_STYLE, layout=wide)
        self.why = w.Text(description=self._say("why"), placeholder=self._say("why_note"), style=_STYLE, layout=wide)
        self.same, self.different = (w.Button(description=say(f"names.state.{s}", language), icon="") for s in ("same", "different"))
        self.list, self.message = w.HTML(), w.HTML()
        self.same.on_click(lambda _: self._decide(True))
        self.different.on_click(lambda _: self._decide(False))
        self._answering = w.VBox([self.pair, self.why, w.HBox([self.same, self.different])])
        self.box: VBox = w.VBox([self.list, self._answering, self.message])

    def _say(self, key: str, **values: object) -> str:
        return say(f"workbook.reconcile.{key}", self.language, **values)

    def show(self, audit: Audit) -> None:
        """Lays out the pairs of `audit` with the answers as they stand in the county's folder now."""
        self._audit = audit
        try:
            self.asked = names_asked(audit.run.matches, read_decisions(self._county))
        except AuditlibError as error:
            self._tell(str(error), "unrun")
            return
        names = {o.org_code: o.name for o in audit.run.organisations}
        self.pair.options = [(self._label(a, names), i) for i, a in enumerate(self.asked[:_SHOWN])]
        self.pair.value = 0 if self.asked else None
        self._answering.layout.display = "" if self.asked else "none"
        self.list.value = framed(self._table(names))

    @property
    def waiting(self) -> int:
        """How many pairs nobody has answered."""
        return sum(a.answer is None for a in self.asked)

    def _label(self, a: NamesAsked, names: dict[str, str]) -> str:
        where = "、".join(names.get(code, code) for code in a.org_codes)
        return f"{a.left} ？ {a.right}" + (f" · {where}" if where else "") + f" · {say(f'names.state.{a.state}', self.language)}"

    def _table(self, names: dict[str, str]) -> object:
        if not self.asked:
            return paragraph(say("names.none", self.language), "empty")
        heads = [(say(f"names.head.{h}", self.language), "") for h in ("left", "right", "state", "where", "who")]
        rows = [
            (a.left, a.right, say(f"names.state.{a.state}", self.language), "、".join(names.get(code, code) for code in a.org_codes),
             " · ".join(x for x in (a.answer.by, a.answer.on, a.answer.why) if x) if a.answer else "")
            for a in self.asked[:_SHOWN]
        ]  # fmt: skip
        caption = self._say("names_caption", n=len(self.asked), waiting=self.waiting, shown=len(rows))
        return table(caption, heads, rows, "dense")

    def _decide(self, is_same: bool) -> None:
        person, at, why = self._person(), self.pair.value, self.why.value.strip()
        if at is None or self._audit is None:
            return
        if person is None or not why:
            self._tell(self._say("choose_person") if person is None else self._say("why_first"), "unrun")
            return
        asked = self.asked[at]
        try:
            remember(self._county, asked.left, asked.right, same=is_same, by=person.person_id, on=self._today(), why=why)
        except AuditlibError as error:
            self._tell(str(error), "unrun")
            return
        self.show(self._audit)
        self.why.value = ""
        answer = say(f"names.state.{'same' if is_same else 'different'}", self.language)
        self._tell(self._say("kept", left=asked.left, right=asked.right, answer=answer, person=person.name or person.person_id), "note")

    def _tell(self, text: str, kind: str) -> None:
        self.message.value = framed(tag("div", *(paragraph(line, kind) for line in text.splitlines()), role="status"))
