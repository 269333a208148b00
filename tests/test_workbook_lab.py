"""The server of the workbook: what is saved there, and what it is told at its start.

The form of a notebook is nbformat 4.5; the keys of the settings are JupyterLab's plugin ids.
"""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from register_cases import staffed

from auditlib.catalog.places import shipped
from auditlib.cli.lab import code_hash, lay_notebooks, write_settings
from auditlib.cli.lab_server import without_results
from auditlib.issues.register import Register
from auditlib.issues.signing import make_key
from auditlib.workbook import ActingBar, acting_person

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
