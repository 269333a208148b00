"""The workbook in a real browser: `auditlib lab` on a county of its own, Debian's Chromium, no way out of 127.0.0.1.

A test file that opens pages says `pytestmark = pytest.mark.browser` and asks for `desk`:

    def test_something(desk):
        desk.open("20_checks.ipynb")             # of the workbook: opened, and run by the workbook itself
        desk.page.get_by_role("button", name="开始审计").click()
        assert desk.py("print(view.county.value)") == str(desk.lab.county)
        desk.picture("checks")                   # kept in build/screenshots, or AUDITLIB_SCREENSHOTS

A test file has one server, county, output folder (`lab.county`, `lab.out`), browser and page for all its tests, which go on
from one another: a page a test would cost ten seconds each. A file that wants another county defines a module fixture `county`
of its own. Playwright lives as long as the file: its event loop would forbid
`asyncio.run` to the tests that come after. Without Chromium the tests are skipped, on a CI machine they fail.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
PICTURES = Path(os.environ.get("AUDITLIB_SCREENSHOTS") or ROOT / "build" / "screenshots")
WORKBOOK = "工作簿"
_CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
_OFFLINE = (
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
)  # fmt: skip
_PATIENCE = 60_000  # milliseconds: a loaded machine is slow, not wrong
# kernel connected and at rest, and the workbook's own run on opening finished; the busy mark on the page says idle too early
_READY = """async path => {
  const app = window.jupyterapp; if (!app) return 'no app';
  await app.restored; const panel = app.shell.currentWidget;
  if (!panel?.context || panel.context.path !== path) return 'not shown';
  const opened = (window.auditlibOpened || {})[path];
  if (!['run', 'failed', 'only shown'].includes(opened)) return opened || 'not looked at';
  await panel.sessionContext.ready; const kernel = panel.sessionContext.session?.kernel;
  return kernel && kernel.connectionStatus === 'connected' && kernel.status === 'idle' ? opened : 'busy' }"""
_EXECUTE = """async code => {
  const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel; let said = '';
  const future = kernel.requestExecute({code});
  future.onIOPub = m => { if (m.header.msg_type === 'stream') said += m.content.text;
    if (m.header.msg_type === 'error') said += 'ERROR ' + m.content.ename + ': ' + m.content.evalue };
  await future.done; return said }"""
# what was pressed and typed goes to the kernel in order; when it answers this, it has done all that came before
_SETTLE = """async () => {
  const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
  await kernel.requestExecute({code: '', silent: true, store_history: false}).done;
  await new Promise(drawn => setTimeout(drawn, 0)) }"""
_WORK = """seconds => { window.jupyterapp.shell.currentWidget.sessionContext.session.kernel
  .requestExecute({code: `import time; time.sleep(${seconds})`, silent: true, store_history: false}) }"""
_RUN_CELL = """async number => { const app = window.jupyterapp, panel = app.shell.currentWidget;
  panel.content.activeCellIndex = number; await app.commands.execute('notebook:run-cell') }"""
_OPEN_BESIDE = "path => window.jupyterapp.commands.execute('docmanager:open', {path, factory: 'Notebook'}).then(() => null)"


@dataclass
class Lab:
    """A running `auditlib lab`."""

    base: str
    token: str
    county: Path  # the folder that is served
    out: Path
    log: Path
    began: float = 0.0  # monotonic seconds when the command was given


@dataclass
class NB:
    """A page with a notebook in it."""

    page: Any
    lab: Lab
    outside: list[str] = field(default_factory=list)  # requests to anywhere but the server
    errors: list[str] = field(default_factory=list)  # scripts that failed

    def open(self, path: str, timeout: float = 120) -> NB:
        """Loads the page of a notebook, named as in the workbook or by its path in the county; back when all is at rest."""
        path = path if "/" in path else f"{WORKBOOK}/{path}"
        address = f"{self.lab.base}/lab/tree/{urllib.parse.quote(path)}?token={self.lab.token}&reset"
        self.page.goto(address, wait_until="domcontentloaded")
        return self._at_rest(path, timeout)

    def open_beside(self, path: str, timeout: float = 120) -> NB:
        """Opens another notebook in the page that is open: faster than loading a page."""
        path = path if "/" in path else f"{WORKBOOK}/{path}"
        self.page.evaluate(_OPEN_BESIDE, path)
        return self._at_rest(path, timeout)

    def _at_rest(self, path: str, timeout: float) -> NB:
        end = time.monotonic() + timeout
        while (state := self._state(path)) not in ("run", "only shown"):
            assert state != "failed" and time.monotonic() < end, f"{path}: {state}\n{self.said()}"
            self.page.wait_for_timeout(50)
        return self.settled()

    def _state(self, path: str) -> str:
        return str(self.page.evaluate(_READY, path))

    def settled(self) -> NB:
        """Back when the kernel has done all that was asked of it on this page: what is read from files after this is no older."""
        self.page.evaluate(_SETTLE)
        return self

    def busy(self, seconds: float) -> None:
        """Gives the kernel something to do and does not wait for it."""
        self.page.evaluate(_WORK, seconds)

    def was_run(self, path: str) -> bool:
        """Whether the workbook ran this notebook by itself."""
        path = path if "/" in path else f"{WORKBOOK}/{path}"
        return bool(self.page.evaluate("path => (window.auditlibOpened || {})[path] === 'run'", path))

    def until(self, is_so: Callable[[], bool], timeout: float = 60) -> None:
        """Waits until something is so that a single look may come too early for: a file, the register, the kernel, many places."""
        end = time.monotonic() + timeout
        while not is_so():
            assert time.monotonic() < end, f"it never became so\n{self.said()}"
            self.page.wait_for_timeout(50)

    def save(self) -> None:
        """Saves the notebook as JupyterLab does."""
        self.page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save').then(() => null)")

    def run_cell(self, number: int) -> None:
        """Runs one cell, counted from 0."""
        self.page.evaluate(_RUN_CELL, number)

    def run_all(self) -> None:
        """Runs all cells once more."""
        assert self.page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')"), f"a cell failed\n{self.said()}"

    def py(self, code: str) -> str:
        """What `code`, run in the notebook's kernel, prints; an exception reads as 'ERROR name: text'."""
        return str(self.page.evaluate(_EXECUTE, code)).strip()

    def said(self) -> str:
        """The text of the notebook's outputs."""
        return "\n".join(self.page.locator(".jp-Notebook:visible .jp-OutputArea:visible").all_inner_texts())

    def at_width(self, width: int, height: int = 1000) -> NB:
        self.page.set_viewport_size({"width": width, "height": height})
        return self

    def picture(self, name: str) -> Path:
        """A screenshot of what is on the screen, kept for people to look at."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        path = PICTURES / f"{name}.png"
        self.page.screenshot(path=path)
        return path

    def violations(self, within: str = ".jp-OutputArea-output") -> list[str]:
        """What axe-core finds serious or critical in the outputs that are on the page, one line each (WCAG 2.1 A and AA).

        JupyterLab's own frame around them is not ours to judge.
        """
        import axe_playwright_python

        script = Path(axe_playwright_python.__file__).parent / "axe.min.js"
        if not self.page.evaluate("() => !!window.axe"):
            self.page.evaluate(script.read_text(encoding="utf-8"))
        assert self.page.locator(within).count(), f"nothing on the page matches {within}"
        run = """within => axe.run([...document.querySelectorAll(within)].filter(e => e.checkVisibility()), {
          runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']})
          .then(r => r.violations.filter(v => ['serious', 'critical'].includes(v.impact))
          .flatMap(v => v.nodes.map(n => v.id + ' | ' + n.target.join(' ') + ' | ' + n.html.slice(0, 200))))"""
        return list(self.page.evaluate(run, within))


def _missing() -> str:
    if _CHROMIUM is None:
        return "no chromium on this machine: the workbook was not opened in a browser"
    return "" if find_spec("playwright") else "playwright is not installed: the workbook was not opened in a browser"


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fictional county of two villages."""
    from auditlib.demo import write_demo

    return write_demo(tmp_path_factory.mktemp("county"), villages=2).folder


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """The browser. Skips with the reason where there is none; fails there when CI=true."""
    if why := _missing():
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(why)
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=_PATIENCE)
    sandbox = ("--no-sandbox",) if hasattr(os, "geteuid") and os.geteuid() == 0 else ()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=[*_OFFLINE, *sandbox])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def lab(chromium: Any, county: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """`auditlib lab` on the county."""
    folder = tmp_path_factory.mktemp("lab")
    with running_lab(county, folder / "out", folder) as running:
        yield running


@contextmanager
def running_lab(county: Path, out: Path, folder: Path) -> Iterator[Lab]:
    """`auditlib lab` on `county` with results in `out`; what it says goes into `folder`, which no other may use."""
    settings = folder / "test_settings"  # lets the test speak to JupyterLab in the page
    settings.mkdir()
    (settings / "jupyter_server_config.json").write_text(json.dumps({"LabApp": {"expose_app_in_browser": True}}), encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    running = Lab(f"http://127.0.0.1:{port}", secrets.token_hex(16), county, out, folder / "server.log")
    places = {"JUPYTER_TOKEN": running.token, "JUPYTER_CONFIG_PATH": str(settings), "AUDITLIB_OUT": str(running.out)}
    command = [sys.executable, "-m", "auditlib", "lab", str(county), "--port", str(port), "--no-browser"]
    running.began = time.monotonic()
    with running.log.open("wb") as log:
        process = subprocess.Popen(command, env={**os.environ, **places}, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        _wait_until_up(running, process)
        yield running
    finally:
        _stop(running, process)


def _wait_until_up(running: Lab, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 120
    while True:
        try:
            urllib.request.urlopen(f"{running.base}/api/status?token={running.token}", timeout=1).read()
            return
        except OSError:
            assert process.poll() is None and time.monotonic() < end, running.log.read_text(encoding="utf-8")
            time.sleep(0.1)


def _stop(running: Lab, process: subprocess.Popen[bytes]) -> None:
    """Asks the server to end, with its kernels; the command ends with it."""
    head = {"Authorization": f"token {running.token}"}
    request = urllib.request.Request(f"{running.base}/api/shutdown", method="POST", headers=head)
    try:
        urllib.request.urlopen(request, timeout=10).read()
        process.wait(20)
    except (OSError, subprocess.TimeoutExpired):
        process.kill()
        process.wait(10)


def seconds_told(lab: Lab) -> float:
    """Seconds since the command that started the server was given."""
    return time.monotonic() - lab.began


@contextmanager
def desks(chromium: Any, lab: Lab) -> Iterator[Callable[[], NB]]:
    made: list[NB] = []

    def make() -> NB:
        context = chromium.new_context(locale="zh-CN", viewport={"width": 1300, "height": 1000})
        page = context.new_page()
        page.set_default_timeout(_PATIENCE)
        nb = NB(page, lab)
        page.on("request", lambda r: r.url.startswith("http") and not r.url.startswith(lab.base) and nb.outside.append(r.url))
        page.on("pageerror", lambda e: nb.errors.append(str(e)))
        page.on("dialog", lambda d: d.accept())
        made.append(nb)
        return nb

    yield make
    for nb in made:
        nb.page.evaluate("() => window.jupyterapp?.serviceManager.sessions.shutdownAll()")
        nb.page.context.close()
    assert not [n.outside for n in made if n.outside], "the page asked for something outside this machine"
    assert not [n.errors for n in made if n.errors]


@pytest.fixture(scope="module")
def desk(chromium: Any, lab: Lab) -> Iterator[NB]:
    """One page for all tests of a file, which go on from one another: much faster than a page a test."""
    with desks(chromium, lab) as make:
        yield make()
