"""The server of the workbook: what is saved there, and what it is told at its start.

The form of a notebook is nbformat 4.5; the keys of the settings are JupyterLab's plugin ids.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from register_cases import staffed

from auditlib.catalog.places import shipped
from auditlib.cli.lab import code_hash, lay_notebooks, write_settings
from auditlib.cli.lab_server import FIRST_PAGE, _load_jupyter_server_extension, without_results
from auditlib.issues.register import Register
from auditlib.issues.signing import make_key
from auditlib.workbook import ActingBar, acting_person, page_language

AT = dt.datetime(2026, 2, 3, 9, tzinfo=dt.UTC)
OUTPUT = {"output_type": "stream", "name": "stdout", "text": "账号 6222"}


def _with_results(name: str) -> dict[str, Any]:
    content = json.loads((shipped("notebooks") / name).read_text(encoding="utf-8"))
    for cell in content["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [OUTPUT], 1
    return {"type": "notebook", "content": content}


def _saved(model: dict[str, Any], folder: Path, path: str = "工作簿/x.ipynb") -> dict[str, Any]:
    without_results(model, path, SimpleNamespace(root_dir=str(folder)))
    return model["content"]


@pytest.mark.parametrize("name", sorted(p.name for p in shipped("notebooks").glob("*.ipynb")))
def test_a_notebook_of_the_workbook_is_saved_without_results_also_as_a_copy(name: str, tmp_path: Path) -> None:
    cells = _saved(_with_results(name), tmp_path)["cells"]
    assert not any(cell.get("outputs") for cell in cells)


def test_a_notebook_of_somebody_else_keeps_its_results(tmp_path: Path) -> None:
    model = _with_results("00_start.ipynb")
    for n, cell in enumerate(model["content"]["cells"]):
        cell["id"] = f"theirs-{n}"
    assert [c["outputs"] for c in _saved(model, tmp_path)["cells"] if c["cell_type"] == "code"][0] == [OUTPUT]


def test_a_changed_notebook_is_set_aside_and_what_was_shipped_lies_there_again(tmp_path: Path) -> None:
    lay_notebooks(tmp_path)
    mine = tmp_path / "工作簿" / "00_start.ipynb"
    mine.write_text(mine.read_text(encoding="utf-8").replace("StartView", "OtherView"), encoding="utf-8")
    _, aside = lay_notebooks(tmp_path)
    assert aside == ("00_start_1.ipynb",) and "OtherView" in (mine.parent / aside[0]).read_text(encoding="utf-8")
    assert code_hash(mine) == code_hash(shipped("notebooks") / "00_start.ipynb")


@pytest.mark.parametrize(("language", "locale"), [("zh", "zh_CN"), ("en", "default")])
def test_the_settings_name_the_language_and_ask_nothing_of_the_outside(language: str, locale: str, tmp_path: Path) -> None:
    write_settings(tmp_path / "private", "工作簿", language)
    settings = json.loads((tmp_path / "private" / "labconfig" / "default_setting_overrides.json").read_text(encoding="utf-8"))
    assert settings["@jupyterlab/translation-extension:plugin"] == {"locale": locale}
    assert settings["@jupyterlab/apputils-extension:notification"] == {"fetchNews": "false", "checkForUpdates": False}
    page = json.loads((tmp_path / "private" / "labconfig" / "page_config.json").read_text(encoding="utf-8"))
    assert set(json.loads(page["auditlibNotebooks"])) == {f"工作簿/{p.name}" for p in shipped("notebooks").glob("*.ipynb")}
    assert page["buildCheck"] is False and page["disabledExtensions"]["@jupyterlab/apputils-extension:announcements"] is True
    server = json.loads((tmp_path / "private" / "jupyter_server_config.json").read_text(encoding="utf-8"))["ServerApp"]
    assert server["jpserver_extensions"]["jupyter_server_terminals"] is False


def test_what_every_kernel_imports_ahead_of_its_page_can_be_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rfc3987_syntax", sys.modules.get("rfc3987_syntax"))  # as it was, after the test
    write_settings(tmp_path / "private", "工作簿", "zh")
    (ahead,) = (tmp_path / "private" / "ipython" / "profile_default" / "startup").glob("*.py")
    given: dict[str, Any] = {}
    exec(compile(ahead.read_text(encoding="utf-8"), ahead.name, "exec"), given)  # noqa: S102 - our own line, as a kernel runs it
    assert given["auditlib"].workbook.start.StartView


def test_the_kernel_of_the_first_page_starts_ahead_of_it_and_may_fail_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """JupyterLab takes the session that is there for the path of a page; where there is none, it starts one itself."""
    asked: list[dict[str, str]] = []
    told: list[str] = []

    async def create_session(**of: str) -> None:
        asked.append(of)
        if len(asked) > 1:
            raise OSError("no kernel")

    later: list[Any] = []
    app = SimpleNamespace(
        contents_manager=SimpleNamespace(register_pre_save_hook=lambda _: None),
        session_manager=SimpleNamespace(create_session=create_session),
        io_loop=SimpleNamespace(add_callback=lambda call, *given: later.append(call(*given))),
        log=SimpleNamespace(warning=lambda text, *given: told.append(text % given)),
    )  # fmt: skip
    monkeypatch.setenv(FIRST_PAGE, "工作簿/00_start.ipynb")
    for _ in range(2):
        _load_jupyter_server_extension(app)
    monkeypatch.delenv(FIRST_PAGE)
    _load_jupyter_server_extension(app)  # a server that was not started by the workbook
    for each in later:
        asyncio.run(each)
    wanted = {"path": "工作簿/00_start.ipynb", "name": "00_start.ipynb", "type": "notebook", "kernel_name": "python3"}
    assert asked == [wanted, wanted] and told == ["no kernel ahead of the page: no kernel"]


@pytest.mark.parametrize(("opened_in", "spoken"), [("en", "en"), ("zh", "zh"), ("", "zh"), ("de", "zh")])
def test_the_pages_speak_the_language_that_the_workbook_was_opened_in(
    opened_in: str, spoken: str, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    monkeypatch.setenv("AUDITLIB_LAB", opened_in)
    assert page_language() == spoken


# ---- whose key signs


def test_who_has_a_key_unlocks_it_and_another_s_key_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AUDITLIB_WORKSPACE", raising=False)
    monkeypatch.delenv("AUDITLIB_OUT", raising=False)
    county, out = tmp_path / "某县", tmp_path / "out"
    county.mkdir()
    out.mkdir()
    (county / "audit.toml").write_text("", encoding="utf-8")
    signer = make_key(tmp_path / "mine.pem", "long enough")
    make_key(tmp_path / "other.pem", "long enough")
    with staffed(out / "register.db") as register:
        person = next(p.person_id for p in register.people() if p.role == "auditor")
        register.register_key(person, signer, by=person, at=AT)
    bar = ActingBar(county, out)
    bar.who.value = person
    assert bar._signing.layout.display == "" and "每一步都要签名" in bar.message.value
    for file, words in (("mine.pem", "not the words"), ("other.pem", "long enough"), ("absent.pem", "long enough")):
        bar.key.value, bar.passphrase.value, bar.message.value = str(tmp_path / file), words, ""
        bar.unlock.click()
        assert bar.signer is None and bar.passphrase.value == "" and 'class="unrun"' in bar.message.value
        assert file != "other.pem" or f"您登记的是 {signer.key_id}" in bar.message.value, "it is said which key to take instead"
    bar.key.value, bar.passphrase.value = str(tmp_path / "mine.pem"), "long enough"
    bar.unlock.click()
    assert bar.signer is not None and bar.signer.key_id == signer.key_id and signer.key_id in bar.message.value
    assert bar._signing.layout.display == "none" and bar.passphrase.value == ""
    bar.who.value = next(value for _, value in bar.who.options if value and value != person)
    assert bar.signer is None, "somebody else acts now"


def test_who_acts_at_a_desk_stays_so_when_another_desk_chooses_and_refreshing_writes_nothing(tmp_path: Path) -> None:
    county, out = tmp_path / "县", tmp_path / "out"
    county.mkdir()
    first = ActingBar(county, out)
    first.name.value = "王审计"
    first.add.click()
    with Register.open_existing(out / "register.db") as register:
        register.add_person("镇经办", name="镇经办", role="township", by="王审计", at=dt.datetime.now(dt.UTC))
    second = ActingBar(county, out)
    second.who.value = "镇经办"
    first.refresh.click()
    assert (first.person and first.person.person_id, acting_person(county, out)) == ("王审计", "镇经办")
    second.who.value = "王审计"
    second.who.value = "镇经办"
    first.read_again()
    assert (first.who.value, acting_person(county, out)) == ("王审计", "镇经办")


def test_who_acts_at_one_desk_is_no_choice_for_another_on_the_same_results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A desk is one running workbook: who opens another one on the same output folder is asked who they are."""
    county, out = tmp_path / "县", tmp_path / "out"
    county.mkdir()
    monkeypatch.setenv("AUDITLIB_DESK", str(tmp_path / "desk 1"))
    first = ActingBar(county, out)
    first.name.value = "王审计"
    first.add.click()
    assert (acting_person(county, out), ActingBar(county, out).who.value) == ("王审计", "王审计"), "every page of this desk knows"
    monkeypatch.setenv("AUDITLIB_DESK", str(tmp_path / "desk 2"))
    second = ActingBar(county, out)
    assert (second.who.value, second.person, acting_person(county, out)) == ("", None, "")
    assert "还没有选操作人" in second.message.value
    second.who.value = "王审计"
    second.who.value = ""
    monkeypatch.setenv("AUDITLIB_DESK", str(tmp_path / "desk 1"))
    assert acting_person(county, out) == "王审计", "what the other desk chose changed nothing here"
    assert acting_person(county, tmp_path / "another") == "", "people belong to a register"
