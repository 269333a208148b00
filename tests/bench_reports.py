"""Benchmark of the reports, printed as a table: `python tests/bench_reports.py [organisations]` (300 unless said otherwise).

A demo county is audited once and its organisations are multiplied to the number asked for, so that every book is a real one. Then
the whole site is written, and beside it, on a few pages and extrapolated: nbconvert's own HTMLExporter (one for every page, and one for
all), and a notebook executed for every village in a kernel of its own, as papermill does. Nothing is asserted.
"""

from __future__ import annotations

import dataclasses
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from audited_county import audited  # noqa: E402

from auditlib.reports.book import book_page  # noqa: E402
from auditlib.reports.county_figures import CountyFigures, kept_figures  # noqa: E402
from auditlib.reports.pages import write_reports  # noqa: E402
from auditlib.reports.render import render  # noqa: E402
from auditlib.reports.view import CountyView, view_of  # noqa: E402
from auditlib.words.records import AuditRun  # noqa: E402

_PAGES = 5  # of the slow ways


def timed(what: str, job: Callable[[], Any], scale: float = 1.0) -> tuple[Any, float]:
    start, busy = time.perf_counter(), time.process_time()
    result = job()
    seconds = (time.perf_counter() - start) * scale
    told = "" if scale == 1 else f"  (extrapolated from 1/{scale:.0f})"
    print(f"{what:<64} {seconds:9.2f} s {(time.process_time() - busy) * scale:9.2f} s of CPU{told}", flush=True)
    return result, seconds


def copies(items: Any, codes: dict[str, str]) -> list[Any]:
    """The items of the organisations in `codes`, under their new codes."""
    return [dataclasses.replace(i, org_code=codes[i.org_code]) for i in items if i.org_code in codes]


def multiplied(run: AuditRun, figures: CountyFigures, wanted: int) -> tuple[AuditRun, CountyFigures]:
    """A run of at least `wanted` villages and groups, each a copy of one of the demo county."""
    known = [o for o in run.organisations if o.level in ("village", "group")]
    above = [o for o in run.organisations if o.level not in ("village", "group")]
    parts: dict[str, list[Any]] = {name: [] for name in ("organisations", "sources", "findings", "checks", "matches", "statements")}
    of_figures: dict[str, dict[str, Any]] = {name: {} for name in ("ledgers", "balances", "handover")}
    for n in range(-(-wanted // len(known))):
        codes = {o.org_code: o.org_code if not n else f"{o.org_code}-{n}" for o in known}
        parts["organisations"] += [
            dataclasses.replace(o, org_code=codes[o.org_code], parent_code=codes.get(o.parent_code, o.parent_code)) for o in known
        ]
        for name in ("sources", "checks", "matches", "statements"):
            parts[name] += copies(getattr(run, name), codes)
        parts["findings"] += [dataclasses.replace(f, finding_id=f"{f.finding_id}{n:x}") for f in copies(run.findings, codes)]
        for name, found in of_figures.items():
            found |= {codes[c]: v for c, v in getattr(figures, name).items() if c in codes}
    parts["organisations"] = [*above, *parts["organisations"]]
    whole = dataclasses.replace(run, **{name: tuple(items) for name, items in parts.items()})
    return whole, dataclasses.replace(figures, **of_figures)


def notebook_of(view: CountyView, code: str) -> Any:
    """The sections of a book as a notebook of outputs: what any way of rendering starts from."""
    from nbformat.v4 import new_code_cell, new_notebook, new_output

    page = book_page(view, code)
    outputs = [new_output("display_data", data={"text/html": str(s.body)}) for s in page.sections]
    return new_notebook(cells=[new_code_cell(outputs=[o]) for o in outputs], metadata={"title": page.title})


def with_own_exporter(view: CountyView, codes: list[str]) -> None:
    from nbconvert import HTMLExporter

    for code in codes:
        HTMLExporter(template_name="lab").from_notebook_node(notebook_of(view, code))


def with_one_exporter(view: CountyView, codes: list[str]) -> None:
    from nbconvert import HTMLExporter

    exporter = HTMLExporter(template_name="lab")
    for code in codes:
        exporter.from_notebook_node(notebook_of(view, code))


def executed(view: CountyView, codes: list[str]) -> None:
    """A kernel for every village, as papermill starts one."""
    from nbclient import NotebookClient
    from nbconvert import HTMLExporter
    from nbformat.v4 import new_code_cell, new_notebook

    for code in codes:
        source = f"import pandas as pd\nfrom IPython.display import HTML\nHTML({render(book_page(view, code))!r})"
        notebook = new_notebook(cells=[new_code_cell(source)])
        NotebookClient(notebook, kernel_name="python3", timeout=120).execute()
        HTMLExporter(template_name="lab").from_notebook_node(notebook)


def main(wanted: int) -> None:
    done = audited()
    figures, _ = timed("ledgers in figures, demo county", lambda: kept_figures(done.audit.run, done.audit.catalog, done.out))
    assert figures is not None
    run, many = multiplied(done.audit.run, figures, wanted)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        _, ours = timed(
            f"the whole site, {wanted} organisations", lambda: write_reports(run, done.audit.catalog, (), out, "zh", None, many)
        )
        sizes = sorted(p.stat().st_size for p in (out / "organisations").glob("*.html"))
        print(f"{len(sizes)} books, largest {sizes[-1] // 1024} KB, all pages {sum(p.stat().st_size for p in out.rglob('*')) >> 20} MB")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"peak memory {peak} MB")
    view = view_of(run, done.audit.catalog, (), "zh", None, many)
    books = [c for c in many.balances if c in view.registered]
    some, scale = books[:_PAGES], len(books) / _PAGES
    render(book_page(view, books[0]))
    _, mine = timed("books alone, this way", lambda: [render(book_page(view, c)) for c in some], scale)
    ways = (
        ("books alone, nbconvert's HTMLExporter, one for all", with_one_exporter),
        ("books alone, nbconvert's HTMLExporter, one a page", with_own_exporter),
        ("books alone, a notebook executed for each (papermill's way)", executed),
    )
    for what, way in ways:
        _, seconds = timed(what, lambda way=way: way(view, some), scale)
        print(f"{'':<64} {seconds / mine:9.1f} times as long")
    print(f"site: {ours:.1f} s for {wanted} organisations, {1000 * ours / wanted:.0f} ms each")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
