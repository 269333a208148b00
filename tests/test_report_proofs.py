"""Proofs over every page that an audit and its commands leave in the output folder, whatever kinds of page there are.

Outside authorities: html5lib (the parsing rules of the HTML standard), axe-core (WCAG 2 A and AA) in a real Chromium with the network
cut, findings.csv and the issue register for the figures.
"""

from __future__ import annotations

import csv
import io
import re
import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from audited_county import AT, audited
from reports_sample import CATALOG, ISSUES, RUN, SCRIPT

from auditlib.reports.forms_written import KINDS, FormsOrder, make_forms, write_forms
from auditlib.reports.pages import write_reports
from auditlib.reports.results import open_results

_CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
_ANCHORS = re.compile(r'\sid="([^"]+)"')
_LINKS = re.compile(r'\shref="([^"]+)"')


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything of an audit, with a form of each kind for one village."""
    out = tmp_path_factory.mktemp("proofs") / "out"
    shutil.copytree(audited().out, out)
    results = open_results(out)
    code = next(o.org_code for o in results.run.organisations if o.level == "village")
    for kind in KINDS:
        write_forms(results, make_forms(results, FormsOrder(kind, {code}, "zh", AT.date()), None), "both")
    return out


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages of a county whose every text is hostile."""
    return write_reports(RUN, CATALOG, ISSUES, tmp_path_factory.mktemp("hostile") / "out", "zh").parent


def pages(folder: Path) -> list[Path]:
    found = sorted(folder.rglob("*.html"))
    assert found
    return found


def kinds(site: Path) -> list[Path]:
    """One page of each kind: the largest of every folder, and every page beside the index."""
    by_kind: dict[str, Path] = {}
    for page in pages(site):
        folder = page.parent.relative_to(site).as_posix()
        kind = re.sub(r"^[0-9x-]+", "", page.stem) if folder == "forms" else "" if folder != "." else page.stem
        key = f"{folder}/{kind}"
        if key not in by_kind or page.stat().st_size > by_kind[key].stat().st_size:
            by_kind[key] = page
    return list(by_kind.values())


def test_every_kind_of_page_parses_without_an_error(site: Path, hostile: Path) -> None:
    import html5lib

    chosen = [*kinds(site), *kinds(hostile)]
    assert len(chosen) >= 10
    for page in chosen:
        parser = html5lib.HTMLParser()
        parser.parse(page.read_text(encoding="utf-8"))
        assert parser.errors == [], (page.name, [(e[0], e[1]) for e in parser.errors[:3]])


def links(page: Path) -> Iterator[str]:
    yield from (link.replace("&amp;", "&") for link in _LINKS.findall(page.read_text(encoding="utf-8")))


def test_every_link_and_anchor_of_the_whole_site_resolves(site: Path) -> None:
    anchors = {page: frozenset(_ANCHORS.findall(page.read_text(encoding="utf-8"))) for page in pages(site)}
    looked = 0
    for page in pages(site):
        for link in set(links(page)):
            parts = urlsplit(link)
            assert not parts.scheme and not parts.netloc, (page.name, link)
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            assert target.is_file() and target.is_relative_to(site.resolve()), (page.relative_to(site), link)
            if parts.fragment and target.suffix == ".html":
                known = anchors.get(target) or anchors[next(p for p in anchors if p.resolve() == target)]
                assert unquote(parts.fragment) in known, (page.relative_to(site), link)
            looked += 1
    assert looked > 200


def test_no_anchor_stands_twice_on_a_page(site: Path) -> None:
    for page in pages(site):
        found = _ANCHORS.findall(page.read_text(encoding="utf-8"))
        assert len(found) == len(set(found)), page.name


def test_hostile_text_stays_text_on_every_page(hostile: Path) -> None:
    for page in pages(hostile):
        text = page.read_text(encoding="utf-8")
        assert SCRIPT not in text and not re.search(r"<(script|iframe|svg|form|img(?! src=\"data:))", text), page.name


@pytest.mark.browser
@pytest.mark.skipif(_CHROMIUM is None, reason="no chromium on this machine: pages were not opened in a browser")
def test_every_kind_of_page_is_accessible_and_asks_for_nothing_outside(site: Path) -> None:
    """axe-core without serious or critical violations; not one request but for the page itself."""
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import sync_playwright

    chosen, axe = kinds(site), Axe()
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=_CHROMIUM, args=["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND"])
        context = browser.new_context(bypass_csp=True)  # axe is a script; the pages themselves allow none
        for path in chosen:
            page, asked = context.new_page(), []
            page.on("request", lambda request, asked=asked: asked.append(request.url))
            page.goto(path.as_uri())
            assert asked == [path.as_uri()], path.name
            found = axe.run(page, options={"runOnly": ["wcag2a", "wcag2aa"]}).response["violations"]
            bad = [(v["id"], v["nodes"][0]["html"][:120]) for v in found if v["impact"] in ("serious", "critical")]
            assert bad == [], (path.relative_to(site), bad)
            page.close()
        browser.close()


# Figures


def amounts_in(page: str, pattern: str) -> list[Decimal]:
    return [Decimal(found.replace(",", "")) for found in re.findall(pattern, page)]


def findings(site: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((site / "findings.csv").read_text(encoding="utf-8-sig"), newline="")))


def test_findings_and_money_in_the_books_add_up_to_findings_csv(site: Path) -> None:
    rows, shown = findings(site), {}
    for book in sorted((site / "organisations").glob("*.html")):
        text = book.read_text(encoding="utf-8")
        for article in re.findall(r'<article id="f-([0-9a-f]+)" class="finding [a-z]+">(.*?)</article>', text, re.DOTALL):
            amount = re.search(r'<dt>金额</dt><dd><span class="yuan">([-\d,.]+)</span>', article[1])
            shown[article[0]] = Decimal(amount[1].replace(",", "")) if amount else None
    known = {row["finding_id"]: Decimal(row["amount"]) if row["amount"] else None for row in rows if row["org_code"]}
    assert known.keys() <= shown.keys() and {k: shown[k] for k in known} == known


def test_totals_of_the_books_are_the_sums_of_findings_csv(site: Path) -> None:
    for book in sorted((site / "organisations").glob("*.html")):
        rows = [row for row in findings(site) if row["org_code"] == book.stem]
        head = book.read_text(encoding="utf-8").split('<dl class="figures">', 1)[1].split("</dl>", 1)[0]
        count, *_ = (int(n.replace(",", "")) for n in re.findall(r"<dd>([\d,]+)</dd>", head))
        assert count == len(rows)
        involved, differences = amounts_in(head, r'class="yuan">([-\d,.]+)<')
        sums = {kind: sum((Decimal(r["amount"] or 0) for r in rows if (r["rule"][0] == "D") == (kind == "D")), Decimal(0)) for kind in "FD"}
        assert (involved, differences) == (sums["F"], sums["D"])


def test_the_lists_of_the_books_are_those_of_the_register(site: Path) -> None:
    issues = {issue.issue_id for issue in audited().audit.issues}
    listed: set[str] = set()
    for book in sorted((site / "organisations").glob("*.html")):
        section = book.read_text(encoding="utf-8").split('<section id="lists"', 1)[1].split("</section>", 1)[0]
        listed |= set(re.findall(r'<th scope="row">(W[^<]+)</th>', section)) or {i for i in issues if f">{i}<" in section}
    assert listed == issues


# Golden text


def plain(page: str) -> list[str]:
    """The lines that a person reads in the text of a page: without markup, blanks and hashes."""
    body = page.split('<main id="main">', 1)[1].split("</main>", 1)[0]
    text = re.sub(r"</(?:p|h\d|tr|li|caption|div|dt|dd)>", "\n", body)
    text = re.sub(r"<[^>]+>", " ", text)
    text = re.sub(r"\b[0-9a-f]{12,64}\b", "…", text)
    return [line for raw in text.splitlines() if (line := re.sub(r"\s+", " ", raw).strip())]


def test_the_book_of_the_sample_village_reads_as_it_did(hostile: Path) -> None:
    """The lines of the book that has no findings, word for word, beside the test."""
    lines = plain((hostile / "organisations" / "100000100202.html").read_text(encoding="utf-8"))
    golden = Path(__file__).parent / "golden" / "book.txt"
    assert lines == golden.read_text(encoding="utf-8").splitlines()
