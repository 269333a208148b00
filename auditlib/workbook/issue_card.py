"""One issue on a page: how it stands, what happened, and every step that the acting person may take next.

A step is judged and written by the register (`Register.act`); this page only asks. Steps that may not be taken are no
buttons; they stand below with what is against them.
"""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ..issues.events import Event, Kind
from ..issues.issue import Issue
from ..issues.next_steps import NextStep, next_steps
from ..issues.people import Person
from ..issues.refusal import Conflict, Reason
from ..issues.register import Register
from ..issues.signing import Signer
from ..reports.markup import Safe, bullets, join, paragraph, tag
from ..words.errors import AuditlibError
from ..words.messages import say
from .county_register import CountyRegister
from .issue_facts import clocks_of, facts_of, lacks_of, papers_of, rerun_told, time_line
from .shown import framed, text_of
from .step_form import StepForm

if TYPE_CHECKING:
    from ipywidgets import VBox

_OTHERS = 200  # open issues that are offered to join with


class IssueCard:
    """The card of one issue. `show` puts an issue on it; `changed` is called after every step that was written.

    In: the county's register, who is acting now, what to call after a step, the moment (tests set it), the key that the acting
    person signs with, the language.
    """

    def __init__(
        self, register: CountyRegister, person: Callable[[], Person | None], changed: Callable[[], None], *,
        now: Callable[[], dt.datetime], signer: Callable[[], Signer | None], language: str = "zh",
    ) -> None:  # fmt: skip
        import ipywidgets as w

        self.language = language
        self.issue: Issue | None = None
        self.form: StepForm | None = None
        self._register, self._person, self._changed, self._now, self._signer = register, person, changed, now, signer
        self.head, self.message, self.absent, self.story, self.paper = (w.HTML() for _ in range(5))
        self.buttons = w.HBox(layout=w.Layout(flex_flow="row wrap"))
        self.fields = w.VBox()
        self.papers = w.Dropdown(description=self._say("paper"), style={"description_width": "7em"}, layout=w.Layout(width="520px"))
        self.fetch = w.Button(description=self._say("fetch"))
        self.fetch.on_click(lambda _: self._fetch())
        self._papers = w.HBox([self.papers, self.fetch])
        self.box: VBox = w.VBox([self.head, self.message, self.buttons, self.fields, self.absent, self._papers, self.paper, self.story])
        self.clear()

    def _say(self, key: str, **values: object) -> str:
        return say(f"workbook.issues.{key}", self.language, **values)

    # ---- what stands on the card

    def clear(self) -> None:
        """Takes the issue off the card."""
        self.issue = None
        self._close_form()
        self.buttons.children, self._papers.layout.display = (), "none"
        for part in (self.absent, self.story, self.paper, self.message):
            part.value = ""
        self.head.value = framed(paragraph(self._say("none_chosen"), "empty"))

    def show(self, issue_id: str) -> None:
        """Reads the issue anew and shows it, with the steps of the acting person; what was being filled in is put away."""
        try:
            with self._register.opened() as register:
                self._show(register, issue_id)
        except AuditlibError as error:
            self.clear()
            self._tell(text_of(error, self.language), "unrun")

    def _show(self, register: Register, issue_id: str) -> None:
        at = self._now()
        issue = register.issue(issue_id, register.clock.day_of(at))
        if issue is None:
            raise AuditlibError(self._say("gone", issue_id=issue_id))
        events, runs = register.events(issue_id), register.runs()
        if self.issue is None or self.issue.issue_id != issue_id:
            self.message.value = self.paper.value = ""
        self.issue = issue
        self._close_form()
        rerun = paragraph(self._say("rerun", told=rerun_told(issue, runs, events, register.rules, self.language)), "note")
        clocks = clocks_of(events, register.clock, at, self.language)
        papers = papers_of(register.also_shown(issue), self.language)
        self.head.value = framed(facts_of(issue, self.language), clocks, rerun, lacks_of(issue, register.rules, self.language), papers)
        self.story.value = framed(time_line(events, register.clock, self.language))
        self._offer_papers(issue)
        self._offer_steps(register, issue, at)

    def _offer_papers(self, issue: Issue) -> None:
        self.papers.options = [(f"{e.name} · {e.dated.isoformat()}", (e.sha256, e.name)) for e in issue.evidence]
        self.papers.index = len(issue.evidence) - 1 if issue.evidence else None  # the newest
        self._papers.layout.display = "" if issue.evidence else "none"

    def _offer_steps(self, register: Register, issue: Issue, at: dt.datetime) -> None:
        import ipywidgets as w

        person = self._person()
        if person is None:
            self.buttons.children = ()
            self.absent.value = framed(paragraph(self._say("choose_person"), "unrun"))
            return
        steps = next_steps(register, issue.issue_id, person.person_id, at)
        made = []
        for each in (s for s in steps if s.is_open):
            button = w.Button(description=self._do(each.kind), icon="")
            button.on_click(lambda _, step=each: self._ask(step))
            made.append(button)
        self.buttons.children = tuple(made)
        against = [join((tag("strong", self._do(s.kind)), self._say("between"), self._why(s))) for s in steps if not s.is_open]
        title = tag("summary", self._say("absent", n=len(against), person=person.name or person.person_id))
        self.absent.value = framed(tag("details", title, bullets(against), class_="note")) if against else ""

    def _kind(self, kind: Kind) -> str:
        """A step that was taken."""
        return say(f"issues.kind.{kind}", self.language)

    def _do(self, kind: Kind) -> str:
        """A step as something to do: what a button says."""
        return self._say(f"do.{kind}")

    def _why(self, step: NextStep) -> Safe:
        """What stands against a step, shorter than the register says it, where the card shows the rest anyway."""
        return join([self._reason(step, reason) for reason in step.against], " ")

    def _reason(self, step: NextStep, reason: Reason) -> str:
        between = say("issues.between", self.language)
        if reason.key == "issues.refused.state":
            states = between.join(sorted(say(f"issues.state.{s}", self.language) for s in step.step.sources))
            return self._say("only_from", states=states)
        if reason.key == "issues.refused.role":
            return self._say("only_by", roles=between.join(say(f"issues.role.{r}", self.language) for r in step.step.who))
        return reason.told(self.language)

    # ---- taking a step

    def _ask(self, step: NextStep) -> None:
        """Opens the form of a step."""
        import ipywidgets as w

        if self.issue is None:
            return
        today = self._register.clock.day_of(self._now())
        self.form = StepForm(
            step.step, self.issue, self._others() if step.kind is Kind.JOINED else (), today, self._register.catalog.rules, self.language
        )
        confirm = w.Button(description=self._say("confirm", step=self._do(step.kind)), button_style="primary")
        cancel = w.Button(description=self._say("cancel"))
        confirm.on_click(lambda _: self._take())
        cancel.on_click(lambda _: self._close_form())
        title = w.HTML(framed(tag("h5", self._do(step.kind)), paragraph(self._say("marked"), "note")))
        self.fields.children = (title, *self.form.widgets, w.HBox([confirm, cancel]))

    def _close_form(self) -> None:
        self.form, self.fields.children = None, ()

    def _others(self) -> Sequence[Issue]:
        with self._register.opened() as register:
            every = register.issues(register.clock.day_of(self._now()))
        assert self.issue is not None
        mine = self.issue
        others = (i for i in every if i.is_open and i.issue_id != mine.issue_id)
        return sorted(others, key=lambda i: (i.org_code != mine.org_code, i.org_code, i.issue_id))[:_OTHERS]

    def _take(self) -> None:
        """Asks the register for the step as filled in; a refusal leaves the form as it is."""
        form, issue, person = self.form, self.issue, self._person()
        if form is None or issue is None or person is None:
            return
        try:
            with self._register.opened() as register:
                self._write(register, form, issue, person)
        except AuditlibError as error:
            told = text_of(error, self.language)
            if isinstance(error, Conflict):
                self.show(issue.issue_id)
                self._changed()
                told = f"{told}\n{self._say('after_conflict')}"
            self._tell(told, "unrun")
            return
        done = self._say("done", step=self._kind(form.step.kind), person=person.name or person.person_id)
        self.show(issue.issue_id)
        self._changed()
        self._tell(done, "note")

    def _write(self, register: Register, form: StepForm, issue: Issue, person: Person) -> Event:
        at, what, version = self._now(), dict(form.what), issue.version
        if form.file is None:
            return register.act(
                issue.issue_id, form.step.kind, by=person.person_id, at=at, expected_version=version, signer=self._signer(), **what
            )
        if not form.file.value or "dated" not in what:
            raise AuditlibError(self._say("file_and_date"))
        (file,) = form.file.value
        return register.hand_in(
            issue.issue_id, bytes(file["content"]), kind=what["kind"], dated=what["dated"], name=file["name"], by=person.person_id,
            at=at, received=what.get("received"), note=what.get("note", ""), expected_version=version, signer=self._signer(),
        )  # fmt: skip

    def _fetch(self) -> None:
        """A link to the chosen paper, out of the evidence store."""
        if self.papers.value is None:
            return
        sha256, name = self.papers.value
        try:
            with self._register.opened() as register:
                content = register.evidence(sha256)
        except AuditlibError as error:
            self._tell(text_of(error, self.language), "unrun")
            return
        missing = paragraph(say("issues.evidence.missing", self.language), "unrun")
        self.paper.value = framed(missing if content is None else download(name, content))

    def _tell(self, text: str, kind: str) -> None:
        self.message.value = framed(tag("div", *(paragraph(line, kind) for line in text.splitlines()), role="status"))


def download(name: str, content: bytes) -> Safe:
    """A link that saves `content` as a file called `name`; nothing is opened by it."""
    data = base64.b64encode(content).decode("ascii")
    return tag("p", tag("a", name, href=f"data:application/octet-stream;base64,{data}", download=name))
