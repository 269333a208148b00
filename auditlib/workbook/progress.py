"""An audit with a bar: how far it is, in numbers and words, and how it is stopped between two steps."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..audit import Audit, Step, run_audit
from ..catalog.load import load_catalog
from ..words.errors import AuditlibError
from ..words.messages import say
from .places import default_out, default_workspace
from .state import chosen

if TYPE_CHECKING:
    from ipywidgets import HBox

# per cent of the bar at which a stage begins and ends, about as long as the stages take
_SHARES = {
    "intake": (0, 45), "checks": (45, 75), "matching": (75, 84), "findings": (84, 88), "register": (88, 92), "reports": (92, 99),
    "done": (100, 100),
}  # fmt: skip
KEPT = frozenset(("reports", "done"))  # from here on the register holds the run: the rest is finished, not stopped


class AuditCancelled(AuditlibError):
    """Somebody stopped the audit; the register and the reports are as they were."""


class Meter:
    """Turns steps into a position between 0 and 100 that never goes back."""

    def __init__(self) -> None:
        self._at = 0.0

    def position(self, step: Step) -> int:
        start, end = _SHARES.get(step.stage, (self._at, 99))
        if step.total:
            wanted = start + (end - start) * step.done / step.total
        else:  # nobody knows how many are to come: each takes a little of what is left
            wanted = max(self._at, start) + (end - max(self._at, start)) * 0.03
        self._at = min(100.0, max(self._at, wanted))
        return int(self._at)


def told(step: Step, language: str) -> str:
    """A step in words: the stage, how many of how many, and the ledger, rule or file at hand."""
    stage = say(f"audit.stage.{step.stage}", language)
    counted = say("workbook.counted", language, done=step.done, total=step.total) if step.total > 1 else ""
    return " ".join(part for part in (stage, counted, _at_hand(step.detail, language)) if part)


def _at_hand(detail: str, language: str) -> str:
    catalog = load_catalog() if detail else None
    if catalog and detail in catalog.ledgers:
        return catalog.ledgers[detail].label(language)
    if catalog and detail in catalog.rules:
        return f"{detail} {catalog.rules[detail].name[language]}"
    return detail


class Stop:
    """A wish to stop, given on one thread and met on another at the next step."""

    def __init__(self) -> None:
        self._wish = threading.Event()

    def ask(self) -> None:
        self._wish.set()

    def meet(self, step: Step, language: str) -> None:
        """Raises AuditCancelled when stopping was asked for and nothing has been registered yet."""
        if self._wish.is_set() and step.stage not in KEPT:
            raise AuditCancelled(say("workbook.cancelled", language))


def day_of(value: dt.date | str | None, language: str) -> dt.date | None:
    """A cut-off date given as a date or as 2026-01-31. Raises AuditlibError for anything else."""
    if value is None or value == "":
        return None
    if isinstance(value, dt.date):
        return value
    try:
        return dt.date.fromisoformat(str(value))
    except ValueError:
        raise AuditlibError(say("audit.bad_date", language, value=value)) from None


def bar_and_label() -> tuple[Any, Any, HBox]:
    """An empty bar, the label beside it, and the box that shows both."""
    from ipywidgets import HBox, IntProgress, Label, Layout

    bar = IntProgress(value=0, min=0, max=100, layout=Layout(width="320px"))
    label = Label(value="")
    return bar, label, HBox([bar, label])


def audit_at(
    workspace: Path, out: Path, as_of: dt.date | None, progress: Callable[[Step], None], *, at: dt.datetime,
    register: str | None = None, engine: str = "duckdb", values: Mapping[str, Any] | None = None, packs: Sequence[str] = (),
) -> Audit:  # fmt: skip
    """`run_audit` at the moment `at`, whose local day stands in for a cut-off date that nobody gave."""
    today = at.astimezone().date()
    return run_audit(
        workspace, out, today=today, at=at, register=register, as_of=as_of, engine=engine, progress=progress, packs=packs, chosen=values
    )


def run_with_bar(
    workspace: Path | str | None = None, out: Path | str | None = None, *, as_of: dt.date | str | None = None,
    register: str | None = None, engine: str = "duckdb", language: str = "zh", at: dt.datetime | None = None,
) -> Audit:  # fmt: skip
    """Audits a county while a bar moves under the cell, and returns when it is done.

    In: the county folder and the output folder (None: those of the environment, else those chosen on the start page, else what
    lies around), the cut-off date (None: the one chosen there, else the one in audit.toml), `at` (None: now). Parameters chosen
    on the start page hold. Raises an AuditlibError as `run_audit` does. The Stop button of JupyterLab interrupts it.
    """
    from IPython.display import display

    county = Path(workspace) if workspace else default_workspace()
    target = Path(out) if out else default_out(county)
    bar, label, box = bar_and_label()
    display(box)
    meter = Meter()

    def moved(step: Step) -> None:
        bar.value, label.value = meter.position(step), told(step, language)

    when = at or dt.datetime.now(dt.UTC)
    day = day_of(as_of, language) or chosen_day(target)
    return audit_at(county, target, day, moved, at=when, register=register, engine=engine, values=chosen_values(target))


def chosen_day(out: Path) -> dt.date | None:
    """The cut-off date that was chosen on the start page for the results in `out`."""
    try:
        return dt.date.fromisoformat(chosen(out, "as_of", str))
    except ValueError:
        return None


def chosen_values(out: Path) -> Mapping[str, Any]:
    """Parameters and the fiscal year chosen on the start page for the results in `out`, in the place of those of audit.toml."""
    year = chosen(out, "fiscal_year", int)
    return chosen(out, "parameters", dict) | ({"fiscal_year": year} if year else {})
