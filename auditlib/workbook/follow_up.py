"""Following up: what was reported back and what the rerun says, what is due this week, what waits for a visit; one card at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ..issues.closing import lacks
from ..issues.digest import Digest, Period, digest
from ..issues.events import Kind
from ..issues.issue import Issue, State
from ..issues.register import Register, RunRecord
from ..reports.markup import bullets, paragraph, table, tag
from ..words.errors import AuditlibError
from ..words.messages import say
from .acting import ActingBar
from .chart_panel import ChartPanel
from .charts import ageing, closure_curve
from .county_register import CountyRegister, county_register, utc_now
from .issue_board import PAGE
from .issue_card import IssueCard
from .issue_facts import amount_of, colour_of, due_of, organisation_of, rerun_told, state_of
from .shown import framed, text_of

if TYPE_CHECKING:
    from ipywidgets import VBox

_ANSWERED = frozenset((State.REPORTED_BACK, State.FOR_VERIFICATION, State.VERIFIED, State.DECLINE_ASKED))
_STYLE = {"description_width": "7em"}


def _ends_this_week(issue: Issue, day: dt.date) -> bool:
    return issue.is_open and day <= issue.deadline <= Period.WEEKLY.around(day)[1]


# What is looked through, in the order of the day: name -> whether an issue belongs to it on a day.
QUEUES: Mapping[str, Callable[[Issue, dt.date], bool]] = MappingProxyType({
    "answered": lambda issue, day: issue.state in _ANSWERED,
    "this_week": _ends_this_week,
    "overdue": lambda issue, day: issue.is_open and issue.days_left < 0,
    "to_visit": lambda issue, day: issue.state is State.CLOSED and issue.followed_up_on is None,
})  # fmt: skip


class FollowUpView:
    """The follow-up page; show it as the last line of a cell. In: as `IssueBoard`."""

    def __init__(
        self, workspace: Path | str | None = None, out: Path | str | None = None, *, language: str = "zh",
        now: Callable[[], dt.datetime] = utc_now,
    ) -> None:  # fmt: skip
        self.language, self.page = language, 0
        self.issues: tuple[Issue, ...] = ()  # those of the queue, the most pressing first
        self._now, self._is_filling = now, False
        self._register: CountyRegister = county_register(workspace, out)
        self.acting = ActingBar(workspace, out, language=language)
        self.card = IssueCard(
            self._register, lambda: self.acting.person, self._read, now=now, signer=lambda: self.acting.signer, language=language
        )
        self.charts = ChartPanel(lambda _: self._first_page(), language=language)
        self._make_widgets()
        self.refresh()

    def _say(self, key: str, **values: object) -> str:
        return say(f"workbook.follow_up.{key}", self.language, **values)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        return self.box._repr_mimebundle_(**kwargs)

    def _make_widgets(self) -> None:
        import ipywidgets as w

        queues = [(self._say(name), name) for name in QUEUES]
        self.queue = w.Dropdown(options=queues, description=self._say("queue"), style=_STYLE, layout=w.Layout(width="520px"))
        self.again = w.Button(description=say("workbook.issues.refresh", self.language), icon="")
        self.back = w.Button(description=say("workbook.issues.back", self.language))
        self.on = w.Button(description=say("workbook.issues.on", self.language))
        self.week, self.list = w.HTML(), w.HTML()
        self.pick = w.Dropdown(description=say("workbook.issues.pick", self.language), style=_STYLE, layout=w.Layout(width="840px"))
        self.queue.observe(lambda _: self._first_page(), "value")
        self.pick.observe(self._on_pick, "value")
        self.acting.who.observe(lambda _: self._card_again(), "value")
        self.again.on_click(lambda _: self.refresh())
        self.back.on_click(lambda _: self._turn(-1))
        self.on.on_click(lambda _: self._turn(1))
        buttons = w.HBox([self.again, self.back, self.on])
        self.box: VBox = w.VBox([
            self.acting.box, self.week, self.charts.box, self.queue, buttons, self.list, self.pick, self.card.box,
        ])  # fmt: skip

    # ---- what is shown

    def refresh(self) -> None:
        """Reads register, people and the open card anew."""
        self.acting.read_again()
        self._read()
        self._card_again()

    def _card_again(self) -> None:
        if self.card.issue is not None:
            self.card.show(self.card.issue.issue_id)

    def _first_page(self) -> None:
        self.page = 0
        self._read()

    def _turn(self, by: int) -> None:
        self.page = max(0, self.page + by)
        self._read()

    def _read(self) -> None:
        day = self._register.clock.day_of(self._now())
        try:
            with self._register.opened() as register:
                self._show(register, day)
        except AuditlibError as error:
            self.week.value = framed(*(paragraph(line, "unrun") for line in text_of(error, self.language).splitlines()))

    def _show(self, register: Register, day: dt.date) -> None:
        every = register.issues(day)
        self.charts.show((ageing(every, self.language), closure_curve(every, day, self.language)))
        belongs, opened = QUEUES[self.queue.value], self.charts.opened
        named = frozenset(opened.ids) if opened else frozenset()
        chosen = (i for i in every if (i.issue_id in named if opened else belongs(i, day)))
        self.issues = tuple(sorted(chosen, key=lambda i: (i.deadline, i.org_code, i.issue_id)))
        pages = max(1, -(-len(self.issues) // PAGE))
        self.page = min(self.page, pages - 1)
        here = self.issues[self.page * PAGE : (self.page + 1) * PAGE]
        start, end = Period.WEEKLY.around(day)
        self.week.value = framed(*self._week(every, day, digest(register.events(), clock=register.clock, start=start, end=min(end, day))))
        self.list.value = framed(self._table(register, here, pages)) if here else framed(paragraph(self._say("none"), "empty"))
        self.back.disabled, self.on.disabled = self.page == 0, self.page + 1 >= pages
        self._offer_pick(here)

    def _week(self, every: Sequence[Issue], day: dt.date, told: Digest) -> list[object]:
        counts = [self._say("count", queue=self._say(name), n=sum(belongs(i, day) for i in every)) for name, belongs in QUEUES.items()]
        done = self._say(
            "week", start=told.start.isoformat(), end=told.end.isoformat(), new=told.new, closed=told.closed, returned=told.returned,
            reopened=told.reopened, recovered=amount_of(told.recovered),
        )  # fmt: skip
        return [tag("h3", self._say("title", day=day.isoformat())), bullets(counts), paragraph(done, "note")]

    def _table(self, register: Register, here: Sequence[Issue], pages: int) -> Any:
        runs = register.runs()
        named = [("issue_id", "head"), ("org", ""), ("title", "wide")]
        heads = [(say(f"issues.column.{name}", self.language), kind) for name, kind in named]
        heads += [(self._say(name), "wide") for name in ("said", "rerun", "lacks")]
        heads += [(say("issues.column.deadline", self.language), "nowrap"), (say("issues.column.state", self.language), "nowrap")]
        queue = self.charts.opened.name if self.charts.opened else self._say(self.queue.value)
        caption = self._say("caption", queue=queue, n=len(self.issues), page=self.page + 1, pages=pages)
        return table(caption, heads, [self._row(register, runs, issue) for issue in here], "dense")

    def _row(self, register: Register, runs: Sequence[RunRecord], issue: Issue) -> list[object]:
        language, events = self.language, register.events(issue.issue_id)
        answers = [e for e in events if e.kind in (Kind.REPORTED_BACK, Kind.DECLINE_ASKED)]
        said = self._say("answer", who=answers[-1].actor, text=_answer(answers[-1].payload)) if answers else ""
        missing = lacks(issue, register.rules.closing, register.rules.cards) if issue.is_open else ()
        due = tag("span", due_of(issue, language), " ", colour_of(issue, language))
        needed = bullets(reason.told(language) for reason in missing) if missing else ""
        rerun = rerun_told(issue, runs, events, register.rules, language)
        return [
            issue.issue_id, organisation_of(issue), issue.title_in(language), said, rerun, needed, due, state_of(issue, language),
        ]  # fmt: skip

    def _offer_pick(self, here: Sequence[Issue]) -> None:
        self._is_filling = True
        open_one = self.card.issue.issue_id if self.card.issue else ""
        named = [(f"{i.issue_id} · {organisation_of(i)} · {i.title_in(self.language)}"[:110], i.issue_id) for i in here]
        self.pick.options = [(say("workbook.issues.pick_one", self.language), ""), *named]
        self.pick.value = open_one if open_one in {value for _, value in named} else ""
        self._is_filling = False

    def _on_pick(self, change: Any) -> None:
        if not self._is_filling and change["new"]:
            self.card.show(change["new"])


def _answer(payload: Mapping[str, Any]) -> str:
    return str(payload.get("result") or payload.get("reason") or "")
