"""The pages in a real browser, from disk and without a network: they draw, and they print on A4."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from issue_cases import many
from reports_sample import CATALOG, ISSUES, RUN

from auditlib.issues.policy import load_clock
from auditlib.issues.scores import load_formula
from auditlib.reports.pages import write_reports
from auditlib.reports.register_state import RegisterState

_CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(_CHROMIUM is None, reason="no chromium on this machine: pages were not opened in a browser"),
]
_OFFLINE = (
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


PAGES = ["index.html", "organisations/100000100201.html", "scores.html", "digest.html"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    state = RegisterState("ab" * 32, RUN.as_of, many(20, 12).issues("2026-01-31"), tuple(many(20, 12).events), load_clock(), load_formula())
    return write_reports(RUN, CATALOG, ISSUES, tmp_path_factory.mktemp("browser") / "out", "zh", state).parent


def chromium(page: Path, made: Path, *order: str) -> bytes:
    """Runs headless Chromium on a file, cut off from any network; returns the file that it made."""
    profile = f"--user-data-dir={made.parent / 'profile'}"
    fixed = (str(_CHROMIUM), "--headless", "--disable-gpu", "--no-first-run", profile, *_OFFLINE)
    sandbox = ("--no-sandbox",) if hasattr(os, "geteuid") and os.geteuid() == 0 else ()
    subprocess.run([*fixed, *sandbox, *order, page.resolve().as_uri()], check=True, capture_output=True, timeout=120)
    return made.read_bytes()


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("width", [1280, 500])
def test_a_page_draws(site: Path, tmp_path: Path, name: str, width: int) -> None:
    made = tmp_path / "page.png"
    drawn = chromium(site / name, made, f"--window-size={width},1400", f"--screenshot={made}")
    assert drawn.startswith(b"\x89PNG") and len(drawn) > 20_000, "a blank page would be small"


@pytest.mark.parametrize("name", PAGES)
def test_a_page_prints_on_a4(site: Path, tmp_path: Path, name: str) -> None:
    made = tmp_path / "page.pdf"
    printed = chromium(site / name, made, "--no-pdf-header-footer", f"--print-to-pdf={made}")
    assert printed.startswith(b"%PDF")
    width, height = (float(n) for n in printed.split(b"/MediaBox [")[1].split(b"]")[0].split()[2:])
    assert (round(width / 72 * 25.4), round(height / 72 * 25.4)) == (210, 297)
