"""The forms of organisations from the results of an audit, made in memory and then written: nothing is written when one may not be made."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..checks.frames import Frames
from ..words.errors import FormError
from ..words.messages import say
from .audit_report import NAMES, Stage, report_values, stage_of_final
from .county_figures import county_figures
from .coverage import keeps_ledgers
from .forms import Template, Values, fill, load_template
from .forms_filled import FILLED
from .output import write_outputs
from .paper import Paper, paper_html
from .paper_docx import paper_docx
from .results import Results
from .view import CountyView, view_of

if TYPE_CHECKING:
    from ..issues.issue import Issue
    from ..issues.letters import Letter

FOLDER = "forms"
REPORT = "audit-report"
KINDS = (*FILLED, REPORT)
FORMATS = ("html", "docx", "both")
_SHORT = 12  # digits of a manifest that people read


@dataclass(frozen=True, slots=True)
class Held:
    """What the register tells for the audit report."""

    issues: tuple[Issue, ...]
    letters: tuple[Letter, ...]


@dataclass(frozen=True, slots=True)
class FormsOrder:
    """Which forms, of whom and how: `chosen` are codes (None: everybody that keeps ledgers)."""

    kind: str
    chosen: Collection[str] | None
    language: str
    day: dt.date  # of the audit report
    issuer: str = ""
    is_final: bool = False


@dataclass(frozen=True, slots=True)
class MadeForm:
    code: str
    name: str
    paper: Paper
    stem: str  # of its files, without ending


def make_forms(results: Results, order: FormsOrder, held: Held | None) -> tuple[MadeForm, ...]:
    """The papers of `order`. `held` is what the register tells; a final report cannot do without.

    Raises FormError for a kind that there is not, nobody to make it of, or a report that may not be final yet (all of them named);
    WorkspaceError without kept ledgers, CatalogError for a template that is wrong.
    """
    if order.kind not in KINDS:
        raise FormError(say("forms.no_kind", order.language, kind=order.kind, candidates=", ".join(KINDS)))
    if order.is_final and held is None:
        raise FormError(say("forms.no_register", order.language, folder=results.out))
    template = load_template(order.kind, NAMES if order.kind == REPORT else FILLED[order.kind][0], results.catalog)
    with results.ledgers() as frames:
        view = view_of(results.run, results.catalog, (), order.language, None, county_figures(frames))
        codes = _codes(view, order)
        values = _report_values(view, codes, order, held) if order.kind == REPORT else _filled(view, codes, order.kind, frames)
        made = [(code, fill(template, said, view, issuer=order.issuer, trace=_trace(view, template))) for code, said in values]
    suffix = "-final" if order.is_final else ""
    return tuple(MadeForm(c, view.name(c), paper, f"{FOLDER}/{view.stems[c]}-{order.kind}{suffix}") for c, paper in made)


def _codes(view: CountyView, order: FormsOrder) -> list[str]:
    codes = [c for c in sorted(view.organisations) if keeps_ledgers(view, c) and (order.chosen is None or c in order.chosen)]
    if not codes:
        raise FormError(say("forms.nobody", order.language))
    return codes


def _filled(view: CountyView, codes: Sequence[str], kind: str, frames: Frames) -> Iterator[tuple[str, Values]]:
    _, values = FILLED[kind]
    return ((code, values(view, code, frames)) for code in codes)


def _report_values(view: CountyView, codes: Sequence[str], order: FormsOrder, held: Held | None) -> Iterator[tuple[str, Values]]:
    stages, refused = {}, []
    for code in codes:
        try:
            stages[code] = _stage(view, code, order, held)
        except FormError as error:
            refused.append(say("forms.final.refused", order.language, name=view.name(code), reason=str(error)))
    if refused:
        raise FormError("\n".join(refused))
    issues = held.issues if held else ()
    return ((code, report_values(view, code, stages[code], issues)) for code in codes)


def _stage(view: CountyView, code: str, order: FormsOrder, held: Held | None) -> Stage:
    if not order.is_final:
        return Stage(order.issuer, order.day)
    assert held is not None
    findings = view.findings.get(code, ())
    return stage_of_final(held.letters, held.issues, findings, code, order.day, order.issuer, order.language)


def _trace(view: CountyView, template: Template) -> str:
    told = {"name": template.content["name"][view.language], "county": view.run.county, "year": view.run.fiscal_year}
    manifest = view.run.manifest_id
    return say(
        "forms.trace", view.language, **told, as_of=view.run.as_of.isoformat(),
        manifest=say("forms.manifest", view.language, id=manifest[:_SHORT]) if manifest else "",
    )  # fmt: skip


_WRITERS: dict[str, Callable[[Paper], str | bytes]] = {"html": paper_html, "docx": paper_docx}


def write_forms(results: Results, forms: Sequence[MadeForm], form: str) -> tuple[tuple[str, ...], ...]:
    """Writes each paper as html, docx or both into forms/ of the output folder; returns the files of each. Raises OutputError."""
    endings = tuple(_WRITERS) if form == "both" else (form,)
    written = [{f"{made.stem}.{ending}": _WRITERS[ending](made.paper) for ending in endings} for made in forms]
    return tuple(write_outputs(results.out, contents) for contents in written)
