"""The start page: choose the county, where the results go and the cut-off date; start, watch, stop; see what came of it."""

from __future__ import annotations

import asyncio
import datetime as dt
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..audit import Audit, Step
from ..reports.markup import paragraph
from ..words.errors import AuditlibError
from ..words.messages import say
from .places import default_out, default_workspace, find_counties
from .progress import KEPT, Meter, Stop, audit_at, bar_and_label, day_of, told
from .shown import framed
from .summary import report_link, summary_html

if TYPE_CHECKING:
    from ipywidgets import Button, VBox

_Choice = tuple[Path, Path, dt.date | None]


class StartView:
    """The controls of an audit and, afterwards, its summary; show it as the last line of a cell.

    In: county folder and output folder (None: those of the environment, else what lies around), cut-off date (None: the
    one in audit.toml), the language, and where to look for counties. The button audits on a thread of its own, so that the
    notebook stays alive, and `task` can be awaited; `result` audits at once, for a notebook that runs top to bottom.
    Afterwards `audit` holds the Audit, or `error` what went wrong.
    """

    def __init__(
        self, workspace: Path | str | None = None, out: Path | str | None = None, *, as_of: dt.date | str | None = None,
        language: str = "zh", roots: Sequence[Path] | None = None,
    ) -> None:  # fmt: skip
        self.language = language
        self.audit: Audit | None = None
        self.error: Exception | None = None
        self.task: asyncio.Task[None] | None = None
        self._done_for: _Choice | None = None
        self._stop, self._meter, self._lock, self._is_running = Stop(), Meter(), threading.Lock(), False
        self._home = _running_loop()  # callbacks may come on a thread whose loop ends with the page
        county = Path(workspace) if workspace else _default_or_none()
        self._suggested = str(default_out(county)) if county else ""
        self._make_widgets(find_counties(roots))
        self.county.value = str(county or "")
        self.out.value = str(out) if out else self._suggested
        self.cut_off.value = day_of(as_of, language)

    # ---- what is chosen

    @property
    def workspace(self) -> Path:
        """The county folder that is chosen. Raises AuditlibError when none is."""
        return self._path(self.county.value, "workbook.choose_county")

    @property
    def out_folder(self) -> Path:
        """The output folder that is chosen. Raises AuditlibError when none is."""
        return self._path(self.out.value, "workbook.choose_out")

    def _path(self, text: str, otherwise: str) -> Path:
        if not text.strip():
            raise AuditlibError(say(otherwise, self.language))
        return Path(text.strip()).expanduser()

    def _choice(self) -> _Choice:
        return self.workspace, self.out_folder, self.cut_off.value

    # ---- widgets

    def _make_widgets(self, counties: Sequence[Path]) -> None:
        import ipywidgets as w

        wide, style = w.Layout(width="640px"), {"description_width": "7em"}
        offered = [(self._say("found_none" if not counties else "found_choose"), ""), *((_label(p), str(p)) for p in counties)]
        self.found = w.Dropdown(options=offered, value="", description=self._say("found"), layout=wide, style=style)
        self.county = w.Text(description=self._say("county"), layout=wide, style=style, continuous_update=False)
        self.out = w.Text(description=self._say("out"), layout=wide, style=style, continuous_update=False)
        self.cut_off = w.DatePicker(description=self._say("as_of"), style=style)
        self.start = w.Button(description=self._say("start"), button_style="primary", icon="")
        self.cancel = w.Button(description=self._say("cancel"), disabled=True)
        self.bar, self.step, bar_box = bar_and_label()
        self.message, self.summary, self.link = w.HTML(), w.HTML(), w.Output()
        self.found.observe(self._on_found, "value")
        self.county.observe(self._on_county, "value")
        self.start.on_click(self._on_start)
        self.cancel.on_click(self._on_cancel)
        note, buttons = w.Label(self._say("as_of_note")), w.HBox([self.start, self.cancel])
        self.box: VBox = w.VBox([
            self.found, self.county, self.out, w.HBox([self.cut_off, note]), buttons, bar_box,
            self.message, self.summary, self.link,
        ])  # fmt: skip

    def _say(self, key: str, **values: object) -> str:
        return say(f"workbook.start.{key}", self.language, **values)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        return self.box._repr_mimebundle_(**kwargs)

    def _on_found(self, change: Any) -> None:
        if change["new"]:
            self.county.value = change["new"]

    def _on_county(self, change: Any) -> None:
        """A new county brings its own output folder, unless somebody chose one."""
        if change["new"].strip() and self.out.value in ("", self._suggested):
            self._suggested = str(default_out(Path(change["new"].strip()).expanduser()))
            self.out.value = self._suggested

    # ---- running

    def result(self) -> Audit:
        """The audit of what is chosen: the one that the button finished, else run here and now with the bar.

        Raises an AuditlibError when the audit cannot be made, or while the button's audit is still running.
        """
        choice = self._choice()
        if self.audit is not None and self._done_for == choice:
            return self.audit
        if not self._begin():
            raise AuditlibError(say("workbook.busy", self.language))
        try:
            self.audit, self._done_for = self._audited(choice, self._move), choice
        finally:
            self._end()
        return self.audit

    def _on_start(self, _: Button) -> None:
        loop = self._home if self._home and self._home.is_running() else _running_loop()
        if not self._begin():
            return
        if loop is None:  # plain Python: nothing to keep alive
            asyncio.run(self._work())
        elif loop is _running_loop():
            self.task = loop.create_task(self._work())
        else:
            loop.call_soon_threadsafe(self._start_at_home)

    def _start_at_home(self) -> None:
        self.task = asyncio.get_running_loop().create_task(self._work())

    def _on_cancel(self, _: Button) -> None:
        self._stop.ask()
        self.cancel.disabled = True
        self.step.value = self._say("stopping")

    def _begin(self) -> bool:
        """Takes the view for one audit; False when one is running."""
        with self._lock:
            if self._is_running:
                return False
            self._is_running = True
        self._stop, self._meter, self.audit, self.error, self._done_for = Stop(), Meter(), None, None, None
        self.start.disabled, self.cancel.disabled = True, False
        self.bar.value, self.bar.bar_style, self.step.value = 0, "", ""
        self.message.value, self.summary.value, self.link.outputs = "", "", ()
        return True

    def _end(self) -> None:
        self.start.disabled, self.cancel.disabled = False, True
        with self._lock:
            self._is_running = False

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            choice = self._choice()
            self.audit = await asyncio.to_thread(self._audited, choice, lambda step: loop.call_soon_threadsafe(self._move, step))
            self._done_for = choice
            self._show(self.audit)
        except asyncio.CancelledError:
            self._stop.ask()  # the thread ends at its next step
            raise
        except Exception as error:  # noqa: BLE001 - whatever it was, it stands on the page and the page stays usable
            self._refuse(error)
        finally:
            self._end()

    def _audited(self, choice: _Choice, move: Any) -> Audit:
        stop, language = self._stop, self.language

        def progress(step: Step) -> None:
            stop.meet(step, language)
            move(step)

        workspace, out, as_of = choice
        return audit_at(workspace, out, as_of, progress, at=dt.datetime.now(dt.UTC))

    def _move(self, step: Step) -> None:
        self.bar.value = self._meter.position(step)
        self.step.value = told(step, self.language)
        if step.stage in KEPT:
            self.cancel.disabled = True

    def _show(self, audit: Audit) -> None:
        self.bar.value, self.bar.bar_style = 100, "success"
        self.summary.value = summary_html(audit, self.language)
        self.link.append_display_data(report_link(audit, self.language))

    def _refuse(self, error: Exception) -> None:
        self.error, self.bar.bar_style, self.step.value = error, "danger", ""
        text = str(error) if isinstance(error, AuditlibError) else self._say("failed", error=f"{type(error).__name__}: {error}")
        self.message.value = framed(*(paragraph(line, "unrun") for line in text.splitlines()))


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _default_or_none() -> Path | None:
    try:
        return default_workspace()
    except AuditlibError:
        return None


def _label(county: Path) -> str:
    return f"{county.name} — {county}"
