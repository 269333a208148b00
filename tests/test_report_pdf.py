"""Pages as PDF, judged by pypdf: A4, page numbers, bookmarks, tags (PDF/UA), Chinese that can be searched, nothing from outside."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from reports_sample import CATALOG, RUN
from typer.testing import CliRunner

from auditlib.cli.main import app_of
from auditlib.reports import printed
from auditlib.reports.pages import write_reports
from auditlib.reports.printed import find_browser, print_pdf
from auditlib.reports.printed_text import written
from auditlib.words.errors import PrintError


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pdf") / "out"
    write_reports(RUN, CATALOG, (), folder, "zh")
    return folder


@pytest.fixture(scope="module")
def paper(out: Path) -> Any:
    if find_browser() is None:
        pytest.skip("no chromium, Chrome or Edge on this machine: nothing was printed")
    import pypdf

    return pypdf.PdfReader(print_pdf(out / "papers" / "F31.html", out.parent / "F31.pdf"))


def titles_of(outline: list[Any]) -> Iterator[str]:
    for item in outline:
        if isinstance(item, list):
            yield from titles_of(item)
        else:
            yield item.title


def test_a4_tagged_in_chinese_with_bookmarks(paper: Any) -> None:
    root = paper.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] and "/StructTreeRoot" in root and str(root["/Lang"]).startswith("zh")
    width, height = (float(n) / 72 * 25.4 for n in paper.pages[0].mediabox[2:])
    assert (round(width), round(height)) == (210, 297)
    titles = list(titles_of(paper.outline))
    assert {"一、审计目标", "六、例外事项和证据", "八、编制与复核"} <= set(titles)


def test_every_page_has_its_number(paper: Any) -> None:
    n = len(paper.pages)
    assert n >= 2
    for number, page in enumerate(paper.pages, 1):
        assert f"第{number}页共{n}页" in "".join(page.extract_text().split())


def test_chinese_is_found_as_it_is_written(paper: Any) -> None:
    """Fonts share glyphs between 目 and the radical U+2F6C; what is copied or searched must be the character."""
    text = "".join("".join(page.extract_text().split()) for page in paper.pages)
    assert all(word in text for word in ("审计目标", "没有书面合同", "金额", "复核人", "审计结论"))
    assert not [c for c in text if 0x2E80 <= ord(c) <= 0x2FDF]


def test_radicals_stand_for_the_characters_of_unicode() -> None:
    """EquivalentUnifiedIdeograph.txt: 2ED1 is the long of before the reform, 2ED3 that of after it; 2EF2 is the Japanese turtle."""
    told = {0x2F6C: 0x76EE, 0x2E9D: 0x6708, 0x2ED1: 0x9577, 0x2ED3: 0x957F, 0x2EDA: 0x9875, 0x2EF2: 0x4E80, 0x2EF3: 0x9F9F, 0x76EE: 0x76EE}
    assert {code: written(code) for code in told} == told


def test_the_same_page_is_the_same_bytes(paper: Any, out: Path) -> None:
    again = print_pdf(out / "papers" / "F31.html", out.parent / "again.pdf")
    assert again.read_bytes() == (out.parent / "F31.pdf").read_bytes()
    assert not list(out.parent.glob("*.partial")) + list(out.parent.glob(".*.partial"))


def test_nothing_is_fetched_while_printing(tmp_path: Path) -> None:
    if find_browser() is None:
        pytest.skip("no chromium, Chrome or Edge on this machine: nothing was printed")
    asked: list[bool] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(30)

        def listen() -> None:
            try:
                server.accept()[0].close()
                asked.append(True)
            except OSError:
                return

        listener = threading.Thread(target=listen, daemon=True)
        listener.start()
        page = tmp_path / "p.html"
        page.write_text(f'<img src="http://127.0.0.1:{server.getsockname()[1]}/x.png">文', encoding="utf-8")
        assert print_pdf(page, tmp_path / "p.pdf").stat().st_size > 500
    assert not asked


def test_without_a_browser_the_message_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(printed, "_ELSEWHERE", ())
    (tmp_path / "p.html").write_text("x", encoding="utf-8")
    with pytest.raises(PrintError, match="另存为 PDF"):
        print_pdf(tmp_path / "p.html", tmp_path / "p.pdf")


def test_what_is_no_page_is_refused(out: Path, tmp_path: Path) -> None:
    runner = CliRunner()
    wrong = runner.invoke(app_of(["report"]), ["report", "pdf", str(tmp_path / "none.html")])
    assert wrong.exit_code == 2 and "index.html" in wrong.stderr
    pages = [str(out / "index.html"), str(out / "papers" / "index.html")]
    twice = runner.invoke(app_of(["report"]), ["report", "pdf", *pages, "--out", str(tmp_path / "pdf")])
    assert twice.exit_code == 2 and "index.pdf" in twice.stderr and not (tmp_path / "pdf").exists()
    file = runner.invoke(app_of(["report"]), ["report", "pdf", *pages, "--out", str(tmp_path / "one.pdf")])
    assert file.exit_code == 2 and "2" in file.stderr
