"""The reconciliation page: two sides, what met and what did not and why, the bank statements, and names for a person to decide."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..audit import Audit, Step
from ..reports.bank_statement import bank_statements
from ..reports.figures import grouped
from ..reports.markup import Safe, paragraph, tag
from ..reports.match_groups import Item, items_of
from ..reports.reconciled import STATES, counts_table, title_of
from ..reports.results import packs_beside
from ..words.errors import AuditlibError
from ..words.messages import say
from ..words.records import Match
from .acting import ActingBar
from .bank_panel import BankPanel
from .county_register import county_register
from .frames import view_for
from .match_list import item_tables
from .names_panel import NamesPanel
from .progress import Meter, audit_at, bar_and_label, chosen_values, told
from .shown import framed, text_of, unlinked

if TYPE_CHECKING:
    from ipywidgets import VBox

OPEN, ALL = "open", ""  # filters of the state, beside the states themselves
PAGE = 30  # pairs and groups on one page
_ACCOUNTS = 3  # accounts whose statements are shown at once
_STYLE = {"description_width": "7em"}


def utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class ReconcileView:
    """Reconciliations of an audit; show it as the last line of a cell.

    In: the audit, county folder and output folder (None: as `last_audit` finds them), the language, and the moment (tests set
    it). Answers about names and about lines of the bank are written at once; `again` audits once more with them, and the page shows
    what came of it. `audit` is the one that is shown, `matches` what the filters leave of it, `items` the same with lines that could
    be exchanged in their groups, `task` the audit that is running.
    """

    def __init__(
        self, audit: Audit, workspace: Path | str | None = None, out: Path | str | None = None, *, language: str = "zh",
        now: Callable[[], dt.datetime] = utc_now,
    ) -> None:  # fmt: skip
        self.language, self.audit, self.page = language, audit, 0
        self.matches: tuple[Match, ...] = ()
        self.items: tuple[Item, ...] = ()
        self.task: asyncio.Task[None] | None = None
        self._now, self._is_filling = now, False
        self._register = county_register(workspace, out)
        self.acting = ActingBar(self._register.county, self._register.out, language=language)
        self.names = NamesPanel(self._register.county, lambda: self.acting.person, lambda: now().astimezone().date(), language=language)
        self.bank = BankPanel(self._register.county, lambda: self.acting.person, lambda: now().astimezone().date(), language=language)
        self._make_widgets()
        self._take(audit)

    def _say(self, key: str, **values: object) -> str:
        return say(f"workbook.reconcile.{key}", self.language, **values)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        return self.box._repr_mimebundle_(**kwargs)

    # ---- widgets

    def _make_widgets(self) -> None:
        import ipywidgets as w

        wide = w.Layout(width="420px")
        view = view_for(self.audit, self.language)
        states = [(self._say("open"), OPEN), (self._say("all"), ALL), *((view.t(f"column.{s}"), s) for s in STATES)]
        self.which = w.Dropdown(description=self._say("which"), style=_STYLE, layout=wide)
        self.org = w.Dropdown(description=self._say("org"), style=_STYLE, layout=wide)
        self.state = w.Dropdown(options=states, description=self._say("state"), style=_STYLE, layout=wide)
        self.text = w.Text(description=self._say("search"), continuous_update=False, style=_STYLE, layout=wide)
        self.back, self.on = w.Button(description=self._say("back")), w.Button(description=self._say("on"))
        self.again = w.Button(description=self._say("again"), button_style="primary", icon="")
        self.bar, self.step, bar_box = bar_and_label()
        self.counts, self.list, self.statements, self.message = (w.HTML() for _ in range(4))
        for each in (self.which, self.org, self.state, self.text):
            each.observe(self._on_filter, "value")
        self.back.on_click(lambda _: self._turn(-1))
        self.on.on_click(lambda _: self._turn(1))
        self.again.on_click(lambda _: self._on_again())
        titles = [w.HTML(framed(tag("h3", self._say(name)))) for name in ("sides", "statement", "bank", "names")]
        self.box: VBox = w.VBox([
            self.acting.box, w.HBox([self.which, self.state]), w.HBox([self.org, self.text]), titles[0], self.counts, self.list,
            w.HBox([self.back, self.on]), titles[1], self.statements, titles[2], self.bank.box, titles[3], self.names.box,
            w.HBox([self.again, bar_box]), self.message,
        ])  # fmt: skip

    def _take(self, audit: Audit) -> None:
        """Shows another audit; what was chosen stays chosen where there still is such a thing."""
        self.audit = audit
        view = view_for(audit, self.language)
        found = sorted({m.reconciliation for m in audit.run.matches}, key=lambda n: title_of(view, n))
        codes = [c for c in view.organisations if view.matches.get(c)]
        which, org = self.which.value, self.org.value
        self._is_filling = True
        self.which.options = [(self._say("all"), ""), *((title_of(view, name), name) for name in found)]
        self.org.options = [(self._say("all"), ""), *((view.name(code), code) for code in codes)]
        self.which.value, self.org.value = which if which in found else "", org if org in codes else ""
        self._is_filling = False
        self.names.show(audit)
        self.bank.show(audit)
        self._read()

    def _on_filter(self, _: Any) -> None:
        if not self._is_filling:
            self.page = 0
            self._read()

    def _turn(self, by: int) -> None:
        last = max((len(self.items) - 1) // PAGE, 0)
        self.page = min(max(self.page + by, 0), last)
        self._read()

    # ---- what is shown

    def _read(self) -> None:
        view = view_for(self.audit, self.language)
        here = [m for m in self.audit.run.matches if self.which.value in ("", m.reconciliation) and self.org.value in ("", m.org_code)]
        text = self.text.value.strip()
        fitting = (m for m in here if self._is_wanted(m) and (not text or text in m.left or text in m.right))
        self.matches = tuple(sorted(fitting, key=lambda m: (m.reconciliation, STATES.index(m.state) == 0, m.org_code, m.left, m.right)))
        self.items = items_of(self.matches, here)
        self.counts.value = framed(unlinked(counts_table(view, here, view.t("caption.reconciliations")))) if here else self._nothing()
        self.list.value = framed(self._list()) if here else ""
        self.statements.value = framed(*self._statements())

    def _nothing(self) -> str:
        return framed(paragraph(self._say("nothing"), "empty"))

    def _is_wanted(self, match: Match) -> bool:
        return match.state != "matched" if self.state.value == OPEN else self.state.value in (ALL, match.state)

    def _list(self) -> Safe:
        start = self.page * PAGE
        shown = self.items[start : start + PAGE]
        if not shown:
            return paragraph(self._say("none_of_these"), "empty")
        told = {"n": grouped(len(self.items)), "first": grouped(start + 1), "last": grouped(start + len(shown))}
        return item_tables(view_for(self.audit, self.language), shown, self._say("pairs", **told), self.language)

    def _statements(self) -> Sequence[Safe]:
        """The 调节表 of the accounts of the chosen organisation, each open item with what stopped a match."""
        every = [s for s in self.audit.run.statements if self.org.value in ("", s.org_code)]
        if not every:
            return (paragraph(self._say("no_statement"), "empty"),)
        accounts = list(dict.fromkeys((s.org_code, s.account_no) for s in every))
        kept = set(accounts[:_ACCOUNTS])
        view = view_for(self.audit, self.language)
        parts: list[Safe] = []
        for code in dict.fromkeys(code for code, _ in accounts[:_ACCOUNTS]):
            own = [s for s in every if s.org_code == code and (code, s.account_no) in kept]
            parts += [tag("h4", view.name(code)), bank_statements(view, own)]
        if len(accounts) > _ACCOUNTS:
            parts.append(paragraph(self._say("more_accounts", shown=_ACCOUNTS, n=len(accounts)), "cut"))
        return tuple(unlinked(p) for p in parts)

    # ---- once more, with the answers

    def _on_again(self) -> None:
        if self.task is not None and not self.task.done():
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # plain Python: nothing to keep alive
            asyncio.run(self._work())
            return
        self.task = loop.create_task(self._work())

    async def _work(self) -> None:
        loop, meter = asyncio.get_running_loop(), Meter()
        self.again.disabled, self.bar.value, self.message.value = True, 0, ""

        def moved(step: Step) -> None:
            self.bar.value, self.step.value = meter.position(step), told(step, self.language)

        try:
            fresh = await asyncio.to_thread(self._audited, lambda step: loop.call_soon_threadsafe(moved, step))
            self._take(fresh)
            self._tell(self._say("done"), "note")
        except Exception as error:  # noqa: BLE001 - whatever it was, it stands on the page and the page stays usable
            own = say("workbook.start.failed", self.language, error=f"{type(error).__name__}: {error}")
            self._tell(text_of(error, self.language) if isinstance(error, AuditlibError) else own, "unrun")
        finally:
            self.again.disabled, self.step.value = False, ""

    def _audited(self, moved: Callable[[Step], None]) -> Audit:
        """The same county, day, register and packs as before, with the limits chosen on the start page and the new answers."""
        at, before = self._register, self.audit
        packs = packs_beside(before.run, at.catalog)
        return audit_at(
            at.county, at.out, before.run.as_of, moved, at=self._now(), register=before.register, values=chosen_values(at.out), packs=packs
        )

    def _tell(self, text: str, kind: str) -> None:
        self.message.value = framed(tag("div", *(paragraph(line, kind) for line in text.splitlines()), role="status"))
