"""A page of ours as PDF: A4, page numbers, bookmarks, tags for readers; by a browser that is cut off from any network.

The page says by its own style sheet how it is printed (`@page`). The same page gives the same bytes: the two dates that the
browser writes into the file are replaced.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from ..words.errors import PrintError
from ..words.messages import say
from .printed_text import searchable

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge", "microsoft-edge")
# Windows has Edge, but not on the path
_ELSEWHERE = tuple(
    Path(os.environ[place]) / "Microsoft" / "Edge" / "Application" / "msedge.exe"
    for place in ("ProgramFiles", "ProgramFiles(x86)")
    if place in os.environ
)
_SECONDS = 180  # that one page may take
_QUIET = (
    "--headless", "--disable-gpu", "--no-first-run", "--no-default-browser-check", "--disable-extensions",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND",
    "--proxy-server=http://127.0.0.1:9", "--proxy-bypass-list=<-loopback>",  # addresses without a name lead nowhere, too
)  # fmt: skip
_FORM = ("--no-pdf-header-footer", "--generate-pdf-document-outline", "--export-tagged-pdf")
_DATES = re.compile(rb"(/(?:CreationDate|ModDate) \(D:)\d{14}")
_FIXED = rb"\g<1>20000101000000"


def find_browser() -> str | None:
    """The browser that prints: the first of BROWSERS on the path; None where there is none."""
    known = (shutil.which(name) for name in BROWSERS)
    return next((b for b in known if b), None) or next((str(p) for p in _ELSEWHERE if p.is_file()), None)


def print_pdf(page: Path, target: Path) -> Path:
    """Prints the HTML file `page` to `target`, whole or not at all; returns `target`.

    Raises PrintError, which says what to do: no browser, no such page, or a browser that did not print.
    """
    browser = find_browser()
    if browser is None:
        raise _refused("no_browser", browsers=", ".join(BROWSERS))
    if not page.is_file() or page.suffix.lower() not in (".html", ".htm"):
        raise _refused("no_page", page=page)
    half = target.with_name(f".{target.name}.partial")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _print(browser, page, half)
        half.write_bytes(searchable(_DATES.sub(_FIXED, half.read_bytes())))
        os.replace(half, target)
    except (OSError, subprocess.SubprocessError) as error:
        half.unlink(missing_ok=True)
        raise _refused("failed", page=page.name, target=target, detail=_told(error)) from error
    return target


def _print(browser: str, page: Path, half: Path) -> None:
    """Raises OSError, SubprocessError."""
    sandbox = ("--no-sandbox",) if hasattr(os, "geteuid") and os.geteuid() == 0 else ()  # it refuses to start as root otherwise
    with tempfile.TemporaryDirectory(prefix="auditlib-print-", ignore_cleanup_errors=True) as profile:
        own = (f"--user-data-dir={profile}", f"--print-to-pdf={half.resolve()}")
        command: Sequence[str] = (browser, *_QUIET, *sandbox, *_FORM, *own, page.resolve().as_uri())
        subprocess.run(command, check=True, capture_output=True, timeout=_SECONDS)


def _told(error: Exception) -> str:
    if isinstance(error, subprocess.TimeoutExpired):
        return f"> {_SECONDS} s"
    output = getattr(error, "stderr", b"") or b""
    lines = output.decode("utf-8", "replace").strip().splitlines()
    return lines[-1][:200] if lines else type(error).__name__


def _refused(key: str, **values: object) -> PrintError:
    return PrintError("\n".join(say(f"reports.print.{key}", language, **values) for language in ("zh", "en")))
