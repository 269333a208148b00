"""The issues of a county: the three lists with filters, one card at a time, steps on many at once, return forms out and in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..issues.events import Kind
from ..issues.issue import Issue, State
from ..issues.lists import Answerable, deadline_list, issues_of, problem_list, responsibility_list, sums_of
from ..reports.markup import Safe, bullets, paragraph, table, tag
from ..words.errors import AuditlibError
from ..words.messages import catalogue, say
from ..words.records import Organisation
from .acting import ActingBar
from .chart_panel import ChartPanel
from .charts import ageing, closure_curve, value_by_status
from .county_register import CountyRegister, county_register, utc_now
from .issue_card import IssueCard
from .issue_facts import amount_of, colour_of, due_of, organisation_of, state_of
from .issue_forms import IssueForms
from .shown import framed, text_of

if TYPE_CHECKING:
    from ipywidgets import VBox

LISTS = ("deadline", "problem", "responsibility")
OPEN, ALL = "open", "all"  # filters of the state, beside the states themselves
PAGE = 20  # issues on one page
MANY = 500  # issues that are offered for a step on many at once
_TOGETHER = (Kind.ACCEPTED, Kind.ASSIGNED)  # steps that are taken on many at once
_STYLE = {"description_width": "7em"}


class IssueBoard:
    """The issues page; show it as the last line of a cell.

    In: county folder and output folder (None: as `last_audit` finds them), the language, and the moment (tests set it).
    Deadlines are counted to that day. Nothing is kept in the page: every look reads the register anew, every step is
    written there at once. `refresh` shows what others did meanwhile.
    """

    def __init__(
        self, workspace: Path | str | None = None, out: Path | str | None = None, *, language: str = "zh",
        now: Callable[[], dt.datetime] = utc_now,
    ) -> None:  # fmt: skip
        self.language, self.page = language, 0
        self.issues: tuple[Issue, ...] = ()  # those that the filters leave, in the order of the list
        self._organisations: tuple[Organisation, ...] = ()
        self._now, self._is_filling = now, False
        self._register: CountyRegister = county_register(workspace, out)
        self.acting = ActingBar(workspace, out, language=language)
        self.card = IssueCard(
            self._register, lambda: self.acting.person, self._read, now=now, signer=lambda: self.acting.signer, language=language
        )
        self.forms = IssueForms(
            self._register, lambda: self.acting.person, self.refresh, now=now, signer=lambda: self.acting.signer, language=language
        )
        self.charts = ChartPanel(self._on_filter, language=language)
        self._make_widgets()
        self.refresh()

    def _say(self, key: str, **values: object) -> str:
        return say(f"workbook.issues.{key}", self.language, **values)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        return self.box._repr_mimebundle_(**kwargs)

    # ---- widgets

    def _make_widgets(self) -> None:
        import ipywidgets as w

        wide = w.Layout(width="420px")
        lists = [(self._say(f"list.{name}"), name) for name in LISTS]
        self.which = w.Dropdown(options=lists, description=self._say("which"), style=_STYLE, layout=wide)
        self.org = w.Dropdown(options=[(self._say("every_org"), "")], description=self._say("org"), style=_STYLE, layout=wide)
        each_state = ((say(f"issues.state.{s}", self.language), str(s)) for s in State)
        states = [(self._say("still_open"), OPEN), (self._say("every_state"), ALL), *each_state]
        self.state = w.Dropdown(options=states, description=say("issues.column.state", self.language), style=_STYLE, layout=wide)
        self.text = w.Text(description=self._say("search"), continuous_update=False, style=_STYLE, layout=wide)
        self.again = w.Button(description=self._say("refresh"), icon="")
        self.back, self.on = w.Button(description=self._say("back")), w.Button(description=self._say("on"))
        self.sums, self.list, self.told = w.HTML(), w.HTML(), w.HTML()
        self.pick = w.Dropdown(description=self._say("pick"), style=_STYLE, layout=w.Layout(width="840px"))
        for each in (self.which, self.org, self.state, self.text):
            each.observe(self._on_filter, "value")
        self.pick.observe(self._on_pick, "value")
        self.acting.who.observe(lambda _: self._on_person(), "value")
        self.again.on_click(lambda _: self.refresh())
        self.back.on_click(lambda _: self._turn(-1))
        self.on.on_click(lambda _: self._turn(1))
        filters = w.VBox([w.HBox([self.which, self.state]), w.HBox([self.org, self.text])])
        self.box: VBox = w.VBox([
            self.acting.box, self.charts.box, filters, w.HBox([self.again, self.back, self.on]), self.sums, self.list, self.told, self.pick,
            self.card.box, *self._many_widgets(), self.forms.box,
        ])  # fmt: skip

    def _many_widgets(self) -> list[Any]:
        import ipywidgets as w

        style = {"description_width": "11em"}
        wide, owners, deadlines = (w.Layout(width="640px") for _ in range(3))  # one each: only some of them are put out of sight
        steps = [(say(f"issues.kind.{kind}", self.language), str(kind)) for kind in _TOGETHER]
        self.many = w.SelectMultiple(rows=8, description=self._say("chosen"), style=_STYLE, layout=w.Layout(width="840px"))
        self.step = w.Dropdown(options=steps, description=self._say("step"), style=_STYLE, layout=wide)
        self.owner = w.Text(description=say("issues.field.owner", self.language), style=style, layout=owners)
        self.deadline = w.DatePicker(description=say("issues.field.deadline", self.language), style=style, layout=deadlines)
        self.all = w.Button(description=self._say("choose_all"))
        self.do = w.Button(description=self._say("do_many"), button_style="primary")
        self.outcome = w.HTML()
        self.step.observe(lambda _: self._offer_many(), "value")
        self.all.on_click(lambda _: setattr(self.many, "value", tuple(v for _, v in self.many.options)))
        self.do.on_click(lambda _: self.take_together())
        head = w.HTML(framed(tag("h3", self._say("many_title")), paragraph(self._say("many_note"), "note")))
        return [head, self.step, self.many, self.owner, self.deadline, w.HBox([self.all, self.do]), self.outcome]

    # ---- what is shown

    def refresh(self) -> None:
        """Reads register and people anew, and the card that is open: what others did stands there."""
        self.acting.read_again()
        self._read()
        if self.card.issue is not None:
            self.card.show(self.card.issue.issue_id)

    def _read(self) -> None:
        """Reads the lists anew; the card stays as it is."""
        day = self._register.clock.day_of(self._now())
        try:
            with self._register.opened() as register:
                self._organisations, every = register.organisations(), register.issues(day)
        except AuditlibError as error:
            self._tell(text_of(error, self.language))
            return
        self.told.value = ""
        self._is_filling = True
        kept = self.org.value
        named = {o.org_code for o in self._organisations}
        self.org.options = [(self._say("every_org"), ""), *((f"{o.name} {o.org_code}", o.org_code) for o in self._organisations)]
        self.org.value = kept if kept in named else ""
        self._is_filling = False
        mine = issues_of(every, self.org.value, self._organisations) if self.org.value else tuple(every)
        self.charts.show((ageing(mine, self.language), closure_curve(mine, day, self.language), value_by_status(mine, self.language)))
        self.issues = self._ordered(self._filtered(mine))
        self._show(day)
        self._offer_many()
        self.forms.offer(every, self._organisations)

    def _filtered(self, mine: Sequence[Issue]) -> tuple[Issue, ...]:
        """Those that the fields leave; while a cell of a chart is open, its issues in whatever state."""
        wanted, text, opened = self.state.value, self.text.value.strip(), self.charts.opened
        if opened is not None:
            named = frozenset(opened.ids)
            mine = tuple(i for i in mine if i.issue_id in named)
        elif wanted != ALL:
            mine = tuple(i for i in mine if (i.is_open if wanted == OPEN else i.state == wanted))
        return tuple(i for i in mine if not text or text in f"{i.issue_id} {i.rule} {organisation_of(i)} {i.title} {i.owner}")

    def _ordered(self, issues: Sequence[Issue]) -> tuple[Issue, ...]:
        if self.which.value != "deadline":
            return tuple(issues)
        return tuple(sorted(issues, key=lambda i: (not i.is_open, i.days_left, i.org_code, i.issue_id)))

    def _show(self, day: dt.date) -> None:
        pages = max(1, -(-len(self.issues) // PAGE))
        self.page = min(self.page, pages - 1)
        here = self.issues[self.page * PAGE : (self.page + 1) * PAGE]
        sums = sums_of(self.issues)
        told = self._say(
            "sums", as_of=day.isoformat(), n=sums.issues, open=sums.open, overdue=sums.overdue, closed=sums.closed,
            involved=amount_of(sums.involved), recovered=amount_of(sums.recovered), page=self.page + 1, pages=pages,
        )  # fmt: skip
        self.sums.value = framed(tag("p", told, role="status"))
        self.list.value = framed(self._table(here)) if here else framed(paragraph(self._say("none"), "empty"))
        self.back.disabled, self.on.disabled = self.page == 0, self.page + 1 >= pages
        self._offer_pick(here)

    def _offer_pick(self, here: Sequence[Issue]) -> None:
        self._is_filling = True
        open_one = self.card.issue.issue_id if self.card.issue else ""
        choices = [(self._say("pick_one"), ""), *((_named(i, self.language), i.issue_id) for i in here)]
        self.pick.options = choices
        self.pick.value = open_one if open_one in {v for _, v in choices} else ""
        self._is_filling = False

    def _table(self, here: Sequence[Issue]) -> Safe:
        columns = _COLUMNS[self.which.value]
        heads = [(say(f"issues.column.{name}", self.language), kind) for name, kind in columns]
        rows = self._rows(here)
        return table(self._say(f"list.{self.which.value}"), heads, [[row[name] for name, _ in columns] for row in rows], "dense")

    def _rows(self, here: Sequence[Issue]) -> list[Mapping[str, object]]:
        """One row an issue with everything that the three lists show of it, by column."""
        cards = self._register.catalog.rules
        problems = {r.issue_id: r for r in problem_list(here, cards)}
        owners = {r.issue_id: r for r in responsibility_list(here, cards, self._organisations)}
        dates = {r.issue_id: r for r in deadline_list(here)}
        return [self._row(i, problems[i.issue_id], owners[i.issue_id], dates[i.issue_id]) for i in here]

    def _row(self, issue: Issue, problem: Any, owner: Any, dates: Any) -> Mapping[str, object]:
        language = self.language
        return {
            "issue_id": issue.issue_id, "org": organisation_of(issue), "title": issue.title_in(language),
            "state": state_of(issue, language), "amount": amount_of(issue.amount),
            "type": f"{issue.rule} {problem.type_zh if language == 'zh' else problem.type_en}",
            "severity": say(f"issues.colour.{issue.severity}", language), "basis": issue.basis,
            "evidence": problem.evidence_zh if language == "zh" else problem.evidence_en, "lead": _line(owner.lead, language),
            "industry": _answerable(owner.industry), "territory": _answerable(owner.territory), "village": _answerable(owner.village),
            "assigned_to": owner.assigned_to, "deadline": due_of(issue, language), "colour": colour_of(issue, language),
            "extensions": dates.extensions, "reported_on": dates.reported_on, "closed_on": dates.closed_on,
        }  # fmt: skip

    def _turn(self, by: int) -> None:
        self.page = max(0, self.page + by)
        self._show(self._register.clock.day_of(self._now()))

    def _on_filter(self, _: Any) -> None:
        if not self._is_filling:
            self.page = 0
            self._read()

    def _on_pick(self, change: Any) -> None:
        if not self._is_filling and change["new"]:
            self.card.show(change["new"])

    def _on_person(self) -> None:
        if self.card.issue is not None:
            self.card.show(self.card.issue.issue_id)

    # ---- many at once

    def _offer_many(self) -> None:
        kind = Kind(self.step.value)
        sources = self._register.rules.transitions.steps[kind].sources
        can = [i for i in self.issues if i.state in sources][:MANY]
        self.many.options = [(_named(i, self.language), (i.issue_id, i.version)) for i in can]
        for each in (self.owner, self.deadline):
            each.layout.display = "" if kind is Kind.ASSIGNED else "none"

    def take_together(self) -> None:
        """The step on every issue that is chosen, one by one: what is refused stops no other and is told with its reason."""
        person, chosen, kind = self.acting.person, tuple(self.many.value), Kind(self.step.value)
        if person is None or not chosen:
            self._say_outcome([self._say("choose_person" if person is None else "choose_issues")], "unrun")
            return
        what = {"owner": self.owner.value, "deadline": self.deadline.value} if kind is Kind.ASSIGNED else {}
        refused: list[str] = []
        try:
            with self._register.opened() as register:
                for issue_id, version in chosen:
                    try:
                        register.act(
                            issue_id, kind, by=person.person_id, at=self._now(), expected_version=version, signer=self.acting.signer, **what
                        )
                    except AuditlibError as error:
                        refused.append(self._say("refused_one", issue_id=issue_id, why=text_of(error, self.language)))
        except AuditlibError as error:
            self._say_outcome([text_of(error, self.language)], "unrun")
            return
        self.refresh()
        step = say(f"issues.kind.{kind}", self.language)
        self._say_outcome([self._say("done_many", step=step, done=len(chosen) - len(refused), refused=len(refused)), *refused], "note")

    def _say_outcome(self, lines: Sequence[str], kind: str) -> None:
        rest = [bullets(lines[1:])] if len(lines) > 1 else []
        self.outcome.value = framed(tag("div", paragraph(lines[0], kind), *rest, role="status"))

    def _tell(self, text: str) -> None:
        self.told.value = framed(*(paragraph(line, "unrun") for line in text.splitlines()))


_COLUMNS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "deadline": (
        ("issue_id", "head"), ("org", ""), ("title", "wide"), ("colour", "nowrap"), ("deadline", "nowrap"), ("state", "nowrap"),
        ("extensions", "num"), ("reported_on", "nowrap"), ("closed_on", "nowrap"),
    ),
    "problem": (
        ("issue_id", "head"), ("org", ""), ("severity", "nowrap"), ("type", ""), ("title", "wide"), ("amount", "num"), ("state", "nowrap"),
        ("basis", "wide"), ("evidence", "wide"),
    ),
    "responsibility": (
        ("issue_id", "head"), ("org", ""), ("title", "wide"), ("lead", "nowrap"), ("industry", ""), ("territory", ""), ("village", ""),
        ("assigned_to", ""), ("state", "nowrap"),
    ),
}  # fmt: skip


def _named(issue: Issue, language: str) -> str:
    return f"{issue.issue_id} · {state_of(issue, language)} · {organisation_of(issue)} · {issue.title_in(language)}"[:110]


def _answerable(value: Answerable) -> str:
    return " ".join(part for part in (value.unit, value.person) if part) or "—"


def _line(line: str, language: str) -> str:
    key = f"issues.line.{line}"
    return say(key, language) if key in catalogue() else line
