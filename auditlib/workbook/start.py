"""The start page: choose county, output, cut-off date and parameters; start, watch, stop; see what came of it.

Every choice is written at once, and what was audited last is shown again: a reload loses nothing.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..audit import Audit, Step
from ..catalog.packs import county_catalog
from ..catalog.settings import load_settings
from ..reports.markup import bullets, paragraph, tag
from ..words.errors import AuditlibError
from ..words.messages import say
from .finding_charts import FindingCharts
from .last_audit import NotAudited, changed_since, last_audit
from .places import default_out, default_workspace, find_counties, is_attended, remember_places
from .progress import KEPT, Meter, Stop, audit_at, bar_and_label, chosen_day, chosen_values, day_of, told
from .shown import framed, show, text_of
from .state import remember
from .summary import report_link, summary_html

if TYPE_CHECKING:
    from ipywidgets import Button, VBox

    from ..catalog.specs import Catalog

_Choice = tuple[Path, Path, dt.date | None, tuple[tuple[str, Any], ...]]
_CHANGED_SHOWN = 8  # files named that changed since the audit


class StartView:
    """The controls of an audit; show it as the last line of a cell. `outcome` and `section` show what came of it.

    In: county folder and output folder (None: those of the environment, else those chosen last, else what lies around),
    cut-off date (None: the one chosen last, else the one in audit.toml), the language, and where to look for counties. The
    button audits on a thread of its own, so that the notebook stays alive, and `task` can be awaited; `result` audits at
    once. Where somebody sits before the page nothing is audited until the button is pressed, and what was audited last is
    shown; a notebook that runs from top to bottom without a reader audits by `unattended`. `audit` holds the Audit, or
    `error` what went wrong.
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
        self._sections: list[Section] = []
        self._is_filling = True
        county = Path(workspace) if workspace else _default_or_none()
        self._suggested = str(default_out(county)) if county else ""
        self._make_widgets(find_counties(roots))
        self.county.value = str(county or "")
        self.out.value = str(out) if out else self._suggested
        self.cut_off.value = day_of(as_of, language)
        self._recall()

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
        return self.workspace, self.out_folder, self.cut_off.value, tuple(sorted(self.values().items()))

    def values(self) -> Mapping[str, Any]:
        """Parameters and the fiscal year that stand in the place of those of audit.toml; raises AuditlibError for a wrong year."""
        given = {name: box.value.strip() for name, box in self.parameters.items() if box.value.strip()}
        year = self.year.value.strip()
        if year and not (year.isascii() and year.isdigit() and len(year) == 4):
            raise AuditlibError(self._say("bad_year", value=year))
        return given | ({"fiscal_year": int(year)} if year else {})

    # ---- what is remembered

    def _recall(self) -> None:
        """Fills in what was chosen last for this output folder, and shows what was audited last."""
        self._is_filling = True
        self._fill_limits()
        out = Path(self.out.value.strip() or ".").expanduser()
        if self.out.value.strip():
            self.cut_off.value = self.cut_off.value or chosen_day(out)
            values = chosen_values(out)
            self.year.value = str(values.get("fiscal_year", ""))
            for name, box in self.parameters.items():
                box.value = str(values.get(name, ""))
        self._is_filling = False
        self._show_last()

    def _on_choice(self, change: Any) -> None:
        """Writes the choice at once; the results on the page are those of the choice before, and say so."""
        if self._is_filling:
            return
        try:
            values = dict(self.values())
            remember(self.out_folder, "as_of", self.cut_off.value.isoformat() if self.cut_off.value else "")
            remember(self.out_folder, "fiscal_year", values.pop("fiscal_year", 0))
            remember(self.out_folder, "parameters", values)
            self.message.value = framed(paragraph(self._say("chosen_anew"), "note")) if self.audit else ""
        except (AuditlibError, OSError) as error:
            self._tell(error)

    def _show_last(self) -> None:
        """Shows the last audit of the chosen county, if there is one; says which files changed since."""
        if not is_attended() or not self.county.value.strip() or not self.out.value.strip():
            return
        try:
            self.audit = last_audit(self.workspace, self.out_folder, language=self.language)
            self._show(self.audit)
            self._tell_changed(changed_since(self.workspace, self.audit))
        except NotAudited:
            self._clear()
        except (AuditlibError, OSError) as error:
            self._clear()
            self._tell(error)

    def _tell_changed(self, files: Sequence[str]) -> None:
        run = self.audit.run if self.audit else None
        lines = [paragraph(self._say("last", as_of=run.as_of if run else ""), "note")]
        if files:
            lines += [paragraph(self._say("files_changed", n=len(files)), "unrun"), bullets(files[:_CHANGED_SHOWN])]
        self.message.value = framed(*lines)

    # ---- widgets

    def _make_widgets(self, counties: Sequence[Path]) -> None:
        import ipywidgets as w

        wide, style = w.Layout(width="640px"), {"description_width": "7em"}
        offered = [(self._say("found_none" if not counties else "found_choose"), ""), *((_label(p), str(p)) for p in counties)]
        self.found = w.Dropdown(options=offered, value="", description=self._say("found"), layout=wide, style=style)
        self.county = w.Text(description=self._say("county"), layout=wide, style=style, continuous_update=False)
        self.out = w.Text(description=self._say("out"), layout=wide, style=style, continuous_update=False)
        self.cut_off = w.DatePicker(description=self._say("as_of"), style=style)
        self.year = w.Text(description=self._say("year"), placeholder=self._say("year_note"), style=style, continuous_update=False)
        self.parameters: dict[str, Any] = {}
        self._limits = w.VBox(layout=w.Layout(display="none"))
        self.more = w.ToggleButton(description=self._say("parameters"), icon="", layout=w.Layout(width="320px"))
        self.more.observe(self._on_more, "value")
        self.start = w.Button(description=self._say("start"), button_style="primary", icon="")
        self.cancel = w.Button(description=self._say("cancel"), disabled=True)
        self.bar, self.step, bar_box = bar_and_label()
        self.message, self.summary, self.link = w.HTML(), w.HTML(), w.Output()
        self.found.observe(self._on_found, "value")
        self.county.observe(self._on_county, "value")
        self.out.observe(self._on_out, "value")
        for box in (self.cut_off, self.year):
            box.observe(self._on_choice, "value")
        self.start.on_click(self._on_start)
        self.cancel.on_click(self._on_cancel)
        note, buttons = w.Label(self._say("as_of_note")), w.HBox([self.start, self.cancel])
        self.box: VBox = w.VBox([
            self.found, self.county, self.out, w.HBox([self.cut_off, note]), self.year, self.more, self._limits, buttons, bar_box,
            self.message,
        ])  # fmt: skip
        self.outcome: VBox = w.VBox([self.summary, self.link])
        self.charts = FindingCharts(language=self.language)

    def _fill_limits(self) -> None:
        """A field for each of the county's parameters, packs included; its own value stands in it greyed until another is written."""
        import ipywidgets as w

        layout, style = w.Layout(width="480px"), {"description_width": "16em"}
        catalog, own = _limits_of(self.county.value)
        self.parameters = {
            name: w.Text(
                description=p.zh if self.language == "zh" else p.en,
                placeholder=_with_unit(own.get(name, p.default), p.unit, self.language),
                tooltip=name, layout=layout, style=style, continuous_update=False,
            )
            for name, p in catalog.parameters.items()
        }  # fmt: skip
        for box in self.parameters.values():
            box.observe(self._on_choice, "value")
        self._limits.children = (w.Label(self._say("parameters_note")), *self.parameters.values())

    def _say(self, key: str, **values: object) -> str:
        return say(f"workbook.start.{key}", self.language, **values)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        return self.box._repr_mimebundle_(**kwargs)

    def _on_more(self, change: Any) -> None:
        self._limits.layout.display = "" if change["new"] else "none"

    def _on_found(self, change: Any) -> None:
        if change["new"]:
            self.county.value = change["new"]

    def _on_county(self, change: Any) -> None:
        """A new county brings its own output folder, unless somebody chose one; both are kept for the next opening."""
        if not change["new"].strip() or self._is_filling:
            return
        if self.out.value in ("", self._suggested):
            self._suggested = str(default_out(Path(change["new"].strip()).expanduser()))
            self.out.value = self._suggested
        self._keep_places()

    def _on_out(self, _: Any) -> None:
        if not self._is_filling:
            self._keep_places()

    def _keep_places(self) -> None:
        """Writes county and output folder, and shows what is known of them."""
        try:
            if self.workspace.is_dir():
                remember_places(self.workspace, self.out_folder)
        except (AuditlibError, OSError) as error:
            self._tell(error)
            return
        self._is_filling = True  # else the day that goes would be written as a choice for the new county, with the limits of the old
        self.audit, self.cut_off.value = None, None
        self._recall()

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
            self._show(self.audit)
        finally:
            self._end()
        return self.audit

    def unattended(self) -> None:
        """Audits where nobody can press the button; where somebody can, nothing happens. Raises as `result` does."""
        if not is_attended():
            self.result()

    def section(self, verb: Callable[..., Any], title: str = "", *asked: object) -> Section:
        """A place on the page for `verb(audit, *asked, language=...)`: filled now if there is an audit, and after each new one.

        `verb` gives a DataFrame, shown under `title`, or a Shown. Until there is an audit the place says so.
        """
        made = Section(verb, title, asked, self.language)
        self._sections.append(made)
        made.fill(self.audit)
        return made

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
        self._stop, self._meter, self.error = Stop(), Meter(), None
        self.start.disabled, self.cancel.disabled = True, False
        self.bar.value, self.bar.bar_style, self.step.value = 0, "", ""
        self.message.value = ""
        self._clear()
        return True

    def _clear(self) -> None:
        self.audit, self._done_for = None, None
        self.summary.value, self.link.outputs = framed(paragraph(say("workbook.not_yet", self.language), "empty")), ()
        self.charts.show(None)
        for each in self._sections:
            each.fill(None)

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

        workspace, out, as_of, values = choice
        return audit_at(workspace, out, as_of, progress, at=dt.datetime.now(dt.UTC), values=dict(values))

    def _move(self, step: Step) -> None:
        self.bar.value = self._meter.position(step)
        self.step.value = told(step, self.language)
        if step.stage in KEPT:
            self.cancel.disabled = True

    def _show(self, audit: Audit) -> None:
        self.bar.value, self.bar.bar_style = 100, "success"
        self.summary.value = summary_html(audit, self.language)
        self.link.outputs = ()
        self.link.append_display_data(report_link(audit, self.language))
        self.charts.show(audit)
        for each in self._sections:
            each.fill(audit)

    def _refuse(self, error: Exception) -> None:
        self.error, self.bar.bar_style, self.step.value = error, "danger", ""
        self._show_last()  # nothing was written: what was there still holds
        self.bar.value, self.bar.bar_style = 0, "danger"
        self._tell(error)

    def _tell(self, error: Exception) -> None:
        own = self._say("failed", error=f"{type(error).__name__}: {error}")
        text = text_of(error, self.language) if isinstance(error, AuditlibError) else own
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


def _limits_of(county: str) -> tuple[Catalog, Mapping[str, Any]]:
    """The county's catalogue with its packs, and the parameters of its audit.toml; the shipped ones where they cannot be read."""
    from ..catalog.load import load_catalog

    folder = Path(county.strip()).expanduser()
    try:
        catalog = county_catalog(folder) if county.strip() and folder.is_dir() else load_catalog()
        return catalog, load_settings(folder, catalog, today=dt.date.today()).parameters if county.strip() else {}
    except AuditlibError:
        return load_catalog(), {}  # the audit itself tells what is wrong with the pack or the settings


def _with_unit(value: object, unit: str, language: str) -> str:
    return str(value) if unit == "word" else f"{value} {say(f'rules.unit.{unit}', language)}"


class Section:
    """A block of the page that waits for an audit. `value` is its HTML."""

    def __init__(self, verb: Callable[..., Any], title: str, asked: Sequence[object], language: str) -> None:
        from ipywidgets import HTML

        self._verb, self._title, self._asked, self._language = verb, title, asked, language
        self.box = HTML()

    @property
    def value(self) -> str:
        return str(self.box.value)

    def fill(self, audit: Audit | None) -> None:
        """Shows what the verb makes of the audit, or that there is none yet."""
        if audit is None:
            title = [tag("p", tag("strong", self._title))] if self._title else []
            self.box.value = framed(*title, paragraph(say("workbook.not_yet", self._language), "empty"))
            return
        made = self._verb(audit, *self._asked, language=self._language)
        block = made if hasattr(made, "html") else show(made, self._title, language=self._language)
        self.box.value = block.html

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """The widget, and its HTML for a page that has no widgets: a report or a printed notebook."""
        shown = self.box._repr_mimebundle_(**kwargs)
        return {**shown, "text/html": self.value} if isinstance(shown, dict) else shown


def _label(county: Path) -> str:
    return f"{county.name} — {county}"
