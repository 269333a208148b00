"""One ledger of one village put before Great Expectations itself, beside the scan that the audit uses."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from ..audit import Audit
from ..catalog.settings import load_settings
from ..catalog.specs import Catalog
from ..checks.frames import Frames, RunInputs
from ..checks.single import run_suite
from ..checks.suites import Expectation, expectations_of
from ..reports.markup import paragraph, tag
from ..words.errors import AuditlibError
from ..words.messages import say
from ..words.records import AuditRun
from .frames import framed_columns
from .places import default_workspace, is_attended
from .shown import framed, show
from .village_cut import village

if TYPE_CHECKING:
    import narwhals as nw
    import pandas as pd
    from ipywidgets import VBox

_COLUMNS = ("ledger", "rule", "rule_name", "expectation", "fields", "scan", "gx", "agreement", "sheet_rows")
_NAMED_ROWS = 10  # sheet rows named in one cell
_SETTINGS = (".toml", ".yaml", ".yml")


class _Cut(Frames):
    """The ledgers of some organisations only; `codes` is set before the first ledger is asked for."""

    codes: tuple[str, ...] = ()

    def plain(self, ledger: str) -> nw.LazyFrame | None:
        import narwhals as nw

        whole = super().plain(ledger)
        return None if whole is None else whole.filter(nw.col("org_code").is_in(list(self.codes)))


def second_opinion(
    audit: Audit, workspace: Path | str | None = None, name_or_code: str | None = None, ledger: str | None = None,
    language: str = "zh",
) -> pd.DataFrame:  # fmt: skip
    """Validates one ledger of a village and its groups with Great Expectations, now, on the files that were audited.

    In: the county's audit and folder, the village as `village` takes it, the ledger's canonical name (None: the one whose
    own suite found most, else the longest). Out: a row an expectation, with the rows that fail by the compiled scan and by
    Great Expectations, whether both agree, and the rows of the sheet that Great Expectations calls unexpected. Raises
    AuditlibError when a file is gone or no longer the one that was audited, or the village has no such ledger.
    """
    catalog, cut = audit.catalog, village(audit, name_or_code)
    wanted = ledger or _ledger_worth_a_look(cut.run, catalog)
    if wanted is None:
        raise AuditlibError(say("workbook.no_ledger_here", language))
    if wanted not in catalog.ledgers:
        known = ", ".join(sorted(catalog.ledgers))
        raise AuditlibError(say("workbook.no_such_ledger", language, ledger=wanted, candidates=known))
    county = Path(workspace) if workspace else default_workspace()
    with tempfile.TemporaryDirectory(prefix="auditlib-") as scratch:
        copy = Path(scratch) / "county"
        _copy_audited(county, copy, audit.run, cut.run, language)
        rows = _compared(copy, Path(scratch) / "frames", catalog, cut.run, wanted, language)
    return framed_columns(_COLUMNS, rows, language)


class SecondOpinion:
    """Choose a ledger of the village, press the button, and see what Great Expectations says; show it as the last line of a cell.

    In: as `second_opinion`. Where nobody sits before the page the ledger worth a look is validated at once. `frame` is what came
    of it, None until then.
    """

    def __init__(
        self, audit: Audit, workspace: Path | str | None = None, name_or_code: str | None = None, *, language: str = "zh"
    ) -> None:
        import ipywidgets as w

        self.language = language
        self.frame: pd.DataFrame | None = None
        self._asked = (audit, workspace, name_or_code)
        run, ledgers = village(audit, name_or_code).run, audit.catalog.ledgers
        there = [n for n in ledgers if ledgers[n].expectations and any(s.ledger == n and s.rows_read for s in run.sources)]
        style, wide = {"description_width": "7em"}, w.Layout(width="420px")
        options = [(ledgers[n].label(language), n) for n in there]
        self.ledger = w.Dropdown(options=options, description=say("workbook.gx_ledger", language), style=style, layout=wide)
        self.look = w.Button(description=say("workbook.gx_look", language), button_style="primary", icon="")
        self.outcome = w.HTML()
        self.look.on_click(lambda _: self._tell())
        self.box: VBox = w.VBox([w.HBox([self.ledger, self.look]), self.outcome])
        worth = _ledger_worth_a_look(run, audit.catalog)
        if worth in there:  # a village whose rows all lie in tables of the county has none of its own
            self.ledger.value = worth
        if not is_attended():
            self._tell()

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        shown = self.box._repr_mimebundle_(**kwargs)
        return {**shown, "text/html": self.outcome.value} if isinstance(shown, dict) else shown

    def _tell(self) -> None:
        self.look.disabled = True
        self.outcome.value = framed(tag("p", say("workbook.gx_looking", self.language), class_="note", role="status"))
        try:
            self.frame = second_opinion(*self._asked, self.ledger.value, self.language)
            self.outcome.value = show(self.frame, "Great Expectations", language=self.language).html
        except AuditlibError as error:
            self.outcome.value = framed(*(paragraph(line, "unrun") for line in str(error).splitlines()))
        finally:
            self.look.disabled = False


def _ledger_worth_a_look(run: AuditRun, catalog: Catalog) -> str | None:
    with_suite = {name: spec for name, spec in catalog.ledgers.items() if spec.expectations}
    suites = {n: {str((e.get("meta") or {}).get("rule")) for e in s.expectations} for n, s in with_suite.items()}
    found = Counter(f.ledger for f in run.findings if f.rule in suites.get(f.ledger, ()))
    length: Counter[str] = Counter()
    for source in run.sources:
        if source.ledger in suites and source.org_code:
            length[source.ledger] += source.rows_read
    return min({*found, *length}, key=lambda name: (-found[name], -length[name], name), default=None)


def _copy_audited(county: Path, copy: Path, whole: AuditRun, cut: AuditRun, language: str) -> None:
    """Settings, registers, shared tables and the village's own files, each still the one that was audited."""
    codes = {"", *(o.org_code for o in cut.organisations)}
    digests = {s.file: s.sha256 for s in whole.sources if s.sha256 and (s.org_code in codes or s.ledger == "organisations")}
    copy.mkdir()
    for settings in sorted(p for p in county.glob("*") if p.is_file() and p.suffix in _SETTINGS):
        shutil.copyfile(settings, copy / settings.name)
    if (county / "mappings").is_dir():  # what a person settled decides how the files are read
        shutil.copytree(county / "mappings", copy / "mappings")
    for file, digest in sorted(digests.items()):
        _copy_one(county, copy, PurePosixPath(file), digest, language)


def _copy_one(county: Path, copy: Path, file: PurePosixPath, digest: str, language: str) -> None:
    from ..intake.sheets import fingerprint

    source, target = county / file, copy / file
    if not source.is_file() or fingerprint(source) != digest:
        raise AuditlibError(say("workbook.changed", language, file=file))
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def _compared(copy: Path, scratch: Path, catalog: Catalog, run: AuditRun, ledger: str, language: str) -> list[dict[str, Any]]:
    from ..engine import open_engine
    from ..intake.workspace import read_workspace

    of_the_run = {**dict(run.parameters), "fiscal_year": run.fiscal_year}
    settings = load_settings(copy, catalog, today=run.as_of, as_of=run.as_of, chosen=of_the_run)
    intake = read_workspace(copy, scratch, catalog, settings)
    engine = open_engine("duckdb")
    try:
        frames = _Cut(RunInputs(scratch, catalog, settings, intake.organisations, intake.sources, engine))
        frames.codes = tuple(o.org_code for o in run.organisations)
        if not frames.presence(ledger):
            raise AuditlibError(say("workbook.not_delivered", language, ledger=catalog.ledgers[ledger].label(language)))
        return list(_each(frames, ledger, language))
    finally:
        engine.close()


def _each(frames: Frames, ledger: str, language: str) -> Iterable[dict[str, Any]]:
    expectations = expectations_of(frames, ledger)
    scanned = run_suite(frames, ledger, expectations).failing
    places = {r["row_id"]: r["sheet_row"] for r in frames.records(frames.rows(ledger).select("row_id", "sheet_row"))}
    for e in expectations:
        ours = frozenset(row["row_id"] for row in scanned[e.position])
        yield _row(frames.catalog, ledger, e, language) | _opinion(frames, ledger, e, ours, places, language)


def _row(catalog: Catalog, ledger: str, e: Expectation, language: str) -> dict[str, Any]:
    spec, card = catalog.ledgers[ledger], catalog.rules.get(e.rule)
    fields = [spec.fields[f].label(language) for f in sorted(e.fields) if f in spec.fields]
    return {
        "ledger": spec.label(language), "rule": e.rule, "rule_name": card.name[language] if card else "", "expectation": e.type,
        "fields": _listed(fields, language),
    }  # fmt: skip


def _opinion(
    frames: Frames, ledger: str, e: Expectation, ours: frozenset[int], places: Mapping[int, int], language: str
) -> dict[str, Any]:
    from ..checks.oracle import failing_rows

    try:
        theirs = failing_rows(frames, ledger, e)
    except RuntimeError as error:  # Great Expectations could not evaluate it: told in its place, the others go on
        told = say("workbook.gx_raised", language, error=str(error).splitlines()[0])
        return {"scan": len(ours), "gx": None, "agreement": told, "sheet_rows": ""}
    agreement = say("workbook.agree" if theirs == ours else "workbook.disagree", language)
    rows = sorted(places[i] for i in theirs if i in places)
    more = say("workbook.more", language, n=len(rows) - _NAMED_ROWS) if len(rows) > _NAMED_ROWS else ""
    named = _listed(map(str, rows[:_NAMED_ROWS]), language) + more
    return {"scan": len(ours), "gx": len(theirs), "agreement": agreement, "sheet_rows": named}


def _listed(items: Iterable[str], language: str) -> str:
    return ("、" if language == "zh" else ", ").join(items)
