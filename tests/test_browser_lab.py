"""The start page in a real browser: it opens and runs by itself, audits only when asked, and loses nothing on a reload.

Authorities: WCAG 2.1 A and AA as axe-core tests them; findings.csv, which the audit wrote, for the number of findings.
"""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from lab_browser import NB, WORKBOOK, Lab

pytestmark = pytest.mark.browser
LEAD = "王审计"


def _write_notebook(path: Path, code: str) -> None:
    shipped = json.loads((path.parent / "00_start.ipynb").read_text(encoding="utf-8"))
    cell = next(c for c in shipped["cells"] if c["cell_type"] == "code")
    path.write_text(json.dumps({**shipped, "cells": [{**cell, "source": code}]}), encoding="utf-8")


# one page, in this order: each test goes on where the one before it left page and county


def test_the_start_page_opens_run_and_audits_nothing_by_itself(desk: NB) -> None:
    desk.open("00_start.ipynb")
    assert desk.was_run("00_start.ipynb")
    desk.page.get_by_role("button", name="开始审计").wait_for()
    assert desk.page.get_by_text("还没有审计。按上面的“开始审计”").count() >= 6
    assert not desk.lab.out.exists()
    assert desk.page.locator(".jp-InputArea-editor:visible").count() == 0, "code is to be seen"
    assert desk.page.get_by_role("menuitem", name="文件").is_visible(), "the menus are not Chinese"
    assert desk.violations() == []
    desk.picture("start_1300")


def test_the_first_person_enters_the_register_and_acts(desk: NB) -> None:
    desk.page.get_by_label("姓名").fill(LEAD)
    desk.page.get_by_role("button", name="登记为审计组长").click()
    desk.page.get_by_text("当前操作人：").wait_for()
    assert desk.py("from auditlib.workbook import acting_person; print(acting_person())") == LEAD


def test_choices_are_written_at_once_and_there_again_after_a_reload(desk: NB) -> None:
    desk.page.get_by_label("会计年度").fill("2025")
    desk.page.get_by_role("button", name="标准和限额").click()
    desk.page.get_by_label("库存现金限额").fill("3000")
    desk.page.get_by_label("截止日").fill("2026-01-15")
    desk.page.get_by_label("截止日").press("Tab")
    end = time.monotonic() + 20
    while not {"2026-01-15", '2025', '"3000"'} <= set(re.findall(r'2026-01-15|2025\b|"3000"', text := _state(desk))):
        assert time.monotonic() < end, text
        desk.page.wait_for_timeout(100)
    desk.open("00_start.ipynb")
    assert desk.page.get_by_label("截止日").input_value() == "2026-01-15"
    assert desk.page.get_by_label("会计年度").input_value() == "2025"
    assert desk.py("print(view.parameters['cash_limit'].value)") == "3000"
    assert LEAD in desk.page.locator("[role=status] strong").first.inner_text()


def _state(desk: NB) -> str:
    path = desk.lab.out / "workbook.json"
    return path.read_text(encoding="utf-8") if path.exists() else ""


def test_the_keyboard_alone_starts_an_audit_and_a_reload_shows_its_results(desk: NB) -> None:
    desk.page.get_by_label("会计年度").focus()
    for _ in range(6):
        desk.page.keyboard.press("Tab")
        if desk.page.evaluate("document.activeElement.textContent") == "开始审计":
            break
    desk.page.keyboard.press("Enter")
    desk.page.locator(".auditlib-wb .verdict").first.wait_for(timeout=120_000)
    _shows_the_results(desk)
    desk.at_width(800).open("00_start.ipynb")
    _shows_the_results(desk)
    assert "下面是上一次审计的结果" in desk.said()
    assert desk.violations() == []


def _shows_the_results(desk: NB) -> None:
    with (desk.lab.out / "findings.csv").open(encoding="utf-8-sig", newline="") as stream:
        count = len(list(csv.DictReader(stream)))
    assert count > 10
    desk.page.get_by_text(f"发现 / findings · 共 {count} 行").wait_for()
    assert desk.page.locator(".figure.lead dd").first.inner_text().replace(",", "") == str(count)
    assert "截至 2026-01-15" in desk.said() and "cash_limit = 3000" in desk.said()


def test_on_a_narrow_screen_nothing_is_cut_off(desk: NB) -> None:
    desk.page.locator(".auditlib-wb .verdict").first.scroll_into_view_if_needed()
    desk.picture("start_audited_800")
    needed, given = desk.page.locator(".auditlib-wb .verdict").first.evaluate("e => [e.scrollWidth, e.clientWidth]")
    assert needed <= given
    words = desk.page.locator(".figure.lead dt").first.bounding_box()
    assert words and words["width"] > words["height"], "the words of a figure stand one under the other"


def test_a_saved_notebook_holds_no_results(desk: NB) -> None:
    path = desk.lab.county / WORKBOOK / "00_start.ipynb"
    before = path.read_bytes()
    desk.page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save').then(() => null)")
    assert json.loads(path.read_bytes())["cells"] == json.loads(before)["cells"]
    assert not any(c.get("outputs") for c in json.loads(path.read_bytes())["cells"])


def test_chinese_is_drawn_with_a_font_that_has_it(desk: NB) -> None:
    """A missing glyph is the same box for every character: twelve characters must be drawn in twelve ways."""
    drawn = desk.page.evaluate("""() => { const draw = c => { const e = document.createElement('canvas'); e.width = e.height = 40;
      const x = e.getContext('2d'); x.font = '30px ' + getComputedStyle(document.querySelector('.auditlib-wb')).fontFamily;
      x.fillText(c, 2, 32); return e.toDataURL() }; return [...'审计村镇账户贰佰亩圩垚塆'].map(draw) }""")
    assert len(set(drawn)) == 12


def test_the_village_page_takes_the_last_audit(desk: NB) -> None:
    before = (desk.lab.out / "run.json").stat().st_mtime_ns
    desk.at_width(1300).open_beside("20_checks.ipynb")
    assert desk.was_run("20_checks.ipynb") and "发现一览" in desk.said()
    assert (desk.lab.out / "run.json").stat().st_mtime_ns == before
    assert desk.violations() == []
    desk.picture("checks_1300")


def test_modules_lying_beside_the_notebooks_are_not_imported(desk: NB) -> None:
    (desk.lab.county / WORKBOOK / "planted.py").write_text("", encoding="utf-8")
    assert "ModuleNotFoundError" in desk.py("import planted")


def test_a_file_that_came_since_the_audit_is_named(desk: NB) -> None:
    added = desk.lab.county / "新到的合同台账.csv"
    added.write_text("合同编号,合同名称\nHT-1,商铺\n", encoding="utf-8")
    assert desk.py("from auditlib.workbook import StartView; print(StartView().message.value)").count(added.name) == 1
    added.unlink()


def test_a_foreign_notebook_is_only_shown_even_after_it_was_run_and_saved(desk: NB) -> None:
    ran = desk.lab.county / "ran.txt"
    _write_notebook(desk.lab.county / WORKBOOK / "外来.ipynb", f"open({str(ran)!r}, 'w').close()")
    desk.open_beside("外来.ipynb")
    assert not desk.was_run("外来.ipynb") and not ran.exists()
    desk.run_all()
    assert ran.exists(), "the notebook would write the file, were it run"
    ran.unlink()
    desk.page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save').then(() => null)")
    desk.open("外来.ipynb")
    assert not desk.was_run("外来.ipynb") and not ran.exists()


# ---- the command


def test_the_page_is_ready_soon_after_the_command(chromium: Any, county: Path, tmp_path: Path) -> None:
    """From the command to the button on the page. How long it took is printed and kept; no machine's speed is asserted."""
    copy = tmp_path / county.name
    shutil.copytree(county, copy, ignore=shutil.ignore_patterns(WORKBOOK))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = {**os.environ, "JUPYTER_TOKEN": "0" * 32, "AUDITLIB_OUT": str(tmp_path / "out")}
    began = time.monotonic()
    command = [sys.executable, "-m", "auditlib", "lab", str(copy), "--port", str(port), "--no-browser", "--lang", "en"]
    process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    base = f"http://127.0.0.1:{port}"
    try:
        page = chromium.new_context().new_page()
        while True:
            try:
                urllib.request.urlopen(f"{base}/api/status?token={'0' * 32}", timeout=1).read()
                break
            except OSError:
                assert process.poll() is None and time.monotonic() - began < 60
                time.sleep(0.05)
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(f"{base}/api/contents", timeout=5)
        page.goto(f"{base}/?token={'0' * 32}", wait_until="domcontentloaded")  # the way that the browser is sent
        page.get_by_role("button", name="开始审计").wait_for(timeout=60_000)
        print(f"ready after {time.monotonic() - began:.1f} s")
        assert page.get_by_role("menuitem", name="File").is_visible(), "asked for English"
    finally:
        head = {"Authorization": f"token {'0' * 32}"}
        urllib.request.urlopen(urllib.request.Request(f"{base}/api/shutdown", method="POST", headers=head), timeout=10).read()
        process.wait(20)


def test_the_settings_of_the_server_go_with_it(lab: Lab) -> None:
    """The server says where it listens; the token stands in its environment, never in what `ps` shows."""
    log = lab.log.read_text(encoding="utf-8")
    assert lab.base.removeprefix("http://") in log and not re.search(r"0\.0\.0\.0", log)
    assert lab.token not in log
