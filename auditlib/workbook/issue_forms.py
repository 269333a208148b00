"""整改反馈表 from a page: write the form of a body, take a filled one back with its evidence, tell row by row what became of it."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..issues.issue import Issue
from ..issues.lists import issues_of
from ..issues.people import Person
from ..issues.returned import Returned, RowOutcome, take_back
from ..issues.signing import Signer
from ..reports.issue_workbook import return_form, workbook
from ..reports.markup import paragraph, table, tag
from ..words.errors import AuditlibError, UnreadableFile
from ..words.messages import catalogue, say
from ..words.records import Organisation
from .county_register import CountyRegister
from .issue_card import download
from .shown import framed, text_of

if TYPE_CHECKING:
    from ipywidgets import VBox

_STYLE = {"description_width": "7em"}
_OUTCOMES = ("taken", "known", "empty", "refused")


class IssueForms:
    """The part of the issues page that sends return forms out and takes them back."""

    def __init__(
        self, register: CountyRegister, person: Callable[[], Person | None], changed: Callable[[], None], *,
        now: Callable[[], dt.datetime], signer: Callable[[], Signer | None], language: str = "zh",
    ) -> None:  # fmt: skip
        import ipywidgets as w

        self.language = language
        self._register, self._person, self._changed, self._now, self._signer = register, person, changed, now, signer
        self.body = w.Dropdown(description=self._say("for"), style=_STYLE, layout=w.Layout(width="520px"))
        self.write = w.Button(description=self._say("write"))
        self.form = w.FileUpload(description=self._say("filled"), accept=".xlsx", multiple=False, icon="", layout=w.Layout(width="auto"))
        self.papers = w.FileUpload(description=self._say("papers"), multiple=True, icon="", layout=w.Layout(width="auto"))
        self.take = w.Button(description=self._say("take"), button_style="primary")
        self.written, self.outcome = w.HTML(), w.HTML()
        self.write.on_click(lambda _: self._write())
        self.take.on_click(lambda _: self._take())
        head = w.HTML(framed(tag("h3", self._say("title")), paragraph(self._say("note"), "note")))
        self.box: VBox = w.VBox([
            head, w.HBox([self.body, self.write]), self.written, w.HBox([self.form, self.papers, self.take]), self.outcome,
        ])  # fmt: skip

    def _say(self, key: str, **values: object) -> str:
        return say(f"workbook.forms.{key}", self.language, **values)

    def offer(self, every: Sequence[Issue], organisations: Sequence[Organisation]) -> None:
        """Offers the organisations that have open issues, of their own or beneath them."""
        kept = self.body.value
        counts = [(o, sum(i.is_open for i in issues_of(every, o.org_code, organisations))) for o in organisations]
        self.body.options = [(self._say("body", name=o.name, n=n), o.org_code) for o, n in counts if n]
        codes = [code for _, code in self.body.options]
        self.body.index = codes.index(kept) if kept in codes else 0 if codes else None

    def _write(self) -> None:
        """The form of the chosen body, as a link to save it."""
        day = self._register.clock.day_of(self._now())
        try:
            with self._register.opened() as register:
                organisations = register.organisations()
                chosen = next((o for o in organisations if o.org_code == self.body.value), None)
                if chosen is None:
                    raise AuditlibError(self._say("nobody"))
                issues = issues_of(register.issues(day), chosen.org_code, organisations)
                codes = frozenset(o.org_code for o in organisations)
                rules = self._register.catalog.rules
                form = return_form(register, chosen.org_code, chosen.name, issues, rules, as_of=day, codes=codes)
        except AuditlibError as error:
            self.written.value = framed(paragraph(text_of(error, self.language), "unrun"))
            return
        plain = "".join(c if c.isalnum() else "_" for c in chosen.name)[:60]
        name = say("return_form.file", self.language, org=plain, as_of=day.isoformat())
        told = self._say("ready", n=len(form.rows), to_fill=sum(row.is_to_fill for row in form.rows))
        self.written.value = framed(tag("div", paragraph(told, "note"), download(name, workbook(form)), role="status"))

    def _take(self) -> None:
        """Takes the uploaded form into the register, with the uploaded papers as its evidence."""
        person = self._person()
        if person is None or not self.form.value:
            self._refuse(say("workbook.issues.choose_person", self.language) if person is None else self._say("no_file"))
            return
        (file,) = self.form.value
        try:
            with tempfile.TemporaryDirectory(prefix="auditlib-") as scratch:
                found = self._taken_back(Path(scratch), file, person)
        except UnreadableFile as error:
            known = error.code in catalogue()
            self._refuse(say(error.code, self.language, file=file["name"], sheet="", detail=error.detail) if known else str(error))
            return
        except AuditlibError as error:
            self._refuse(text_of(error, self.language))
            return
        self.form.value = self.papers.value = ()
        self.outcome.value = framed(tag("div", *self._told(found), role="status"))
        self._changed()

    def _taken_back(self, scratch: Path, file: Any, person: Person) -> Returned:
        path, folder = scratch / _plain_name(file["name"]), scratch / "evidence"
        path.write_bytes(bytes(file["content"]))
        folder.mkdir()
        for paper in self.papers.value:
            (folder / _plain_name(paper["name"])).write_bytes(bytes(paper["content"]))
        with self._register.opened() as register:
            return take_back(
                register, path, evidence=folder, by=person.person_id, at=self._now(), clock=register.clock, signer=self._signer()
            )

    def _told(self, found: Returned) -> list[object]:
        counts = {name: found.count(name) for name in _OUTCOMES}
        parts: list[object] = [paragraph(say("returned.summary", self.language, file=found.file, **counts), "note")]
        rows = [self._row(row) for row in found.rows if row.outcome != "empty"]
        if rows:
            heads = [(self._say(name), kind) for name, kind in (("row", "num"), ("issue", "head"), ("outcome", "nowrap"), ("why", ""))]
            parts.append(table(self._say("rows"), heads, rows, "dense"))
        if found.unused_files:
            parts.append(paragraph(say("returned.unused", self.language, files="、".join(found.unused_files)), "unrun"))
        return parts

    def _row(self, row: RowOutcome) -> list[object]:
        between = say("issues.between", self.language)
        steps = between.join(say(f"issues.kind.{kind}", self.language) for kind in row.steps)
        told = steps or between.join(why.told(self.language) for why in row.why)
        return [row.row, row.issue_id, say(f"returned.outcome.{row.outcome}", self.language), told]

    def _refuse(self, text: str) -> None:
        self.outcome.value = framed(*(paragraph(line, "unrun") for line in text.splitlines()))


def _plain_name(name: str) -> str:
    """A browser sends a name, never a path; whatever comes with a path keeps its last part."""
    return name.replace("\\", "/").rsplit("/", 1)[-1].lstrip(".") or "file"
