"""What YAML files say is kept between two runs, and is believed only where it is whole and this user's own."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from test_validate import ROW, table

from auditlib.catalog.documents import read_yaml
from auditlib.words.errors import CatalogError
from auditlib.words.kept import PLACE, cache_folder, contents_of

HELD = "cards: {F07: [1, 2.50, null, true, '1']}\nfrom: 2024-01-01\n名称: 库存现金\n"
SAID = {"cards": {"F07": [1, 2.5, None, True, "1"]}, "from": dt.date(2024, 1, 1), "名称": "库存现金"}


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(PLACE, str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    (tmp_path / "a.yaml").write_text(HELD, encoding="utf-8")
    return tmp_path / "a.yaml"


def asked(source: Path) -> tuple[list[Any], int]:
    """What comes out, and how many files were read for it."""
    read: list[Path] = []

    def reading(path: Path) -> Any:
        read.append(path)
        return read_yaml(path)

    return contents_of("set", [source], reading), len(read)


def test_the_second_run_reads_what_the_first_one_kept_value_for_value(cache: Path, source: Path) -> None:
    assert asked(source) == ([SAID], 1)
    (again,), read = asked(source)
    assert read == 0 and again == SAID
    assert [type(v) for v in again["cards"]["F07"]] == [int, float, type(None), bool, str] and type(again["from"]) is dt.date
    assert len(list(cache.iterdir())) == 1


def test_a_file_that_changed_by_one_byte_is_read_anew(cache: Path, source: Path) -> None:
    asked(source)
    source.write_text(HELD.replace("2.50", "2.51"), encoding="utf-8")
    ((found,), read) = asked(source)
    assert read == 1 and found["cards"]["F07"][1] == 2.51


def test_what_is_not_whole_is_not_believed(cache: Path, source: Path) -> None:
    asked(source)
    (kept,) = cache.iterdir()
    whole = kept.read_bytes()
    for spoilt in (whole[:-2], whole.replace("库存".encode(), "银行".encode()), b"", b"\xff" + whole):
        assert spoilt != whole
        kept.write_bytes(spoilt)
        assert asked(source) == ([SAID], 1)
        assert kept.read_bytes() == whole, "and is made again"


def test_it_is_json_that_runs_nothing_and_another_shape_is_not_taken(cache: Path, source: Path) -> None:
    asked(source)
    (kept,) = cache.iterdir()
    json.loads(kept.read_bytes().partition(b"\n")[2])
    body = b'{"not": "a list"}'
    kept.write_bytes(hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
    assert asked(source) == ([SAID], 1)


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="Windows keeps others out of a user's folders by itself")
def test_what_others_may_write_is_not_believed(cache: Path, source: Path) -> None:
    asked(source)
    (kept,) = cache.iterdir()
    assert (cache.stat().st_mode & 0o777, kept.stat().st_mode & 0o777) == (0o700, 0o600)
    for path, open_to_others in ((kept, 0o666), (cache, 0o777)):
        before = path.stat().st_mode
        path.chmod(open_to_others)
        assert asked(source) == ([SAID], 1)
        path.chmod(before)
    assert asked(source) == ([SAID], 0)


def test_what_json_cannot_say_is_read_every_time(cache: Path, source: Path) -> None:
    source.write_text("2024: a number as a key\n", encoding="utf-8")
    assert asked(source) == asked(source) == ([{2024: "a number as a key"}], 1)
    assert not cache.exists()


def test_without_a_place_to_keep_it_everything_works(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for place in ("", str(source / "below a file")):
        monkeypatch.setenv(PLACE, place)
        assert asked(source) == asked(source) == ([SAID], 1)
    assert cache_folder() == source / "below a file"


def test_a_file_that_cannot_be_read_is_named_and_nothing_is_kept(cache: Path, source: Path) -> None:
    source.write_text("a: [", encoding="utf-8")
    with pytest.raises(CatalogError, match=f"{source.name}:"):
        asked(source)
    with pytest.raises(CatalogError, match="b.yaml"):
        asked(source.with_name("b.yaml"))
    assert not list(cache.glob("set-*"))


def test_few_versions_of_a_set_stay(cache: Path, source: Path) -> None:
    for n in range(7):
        source.write_text(f"n: {n}\n", encoding="utf-8")
        assert asked(source)[0] == [{"n": n}]
    assert len(list(cache.iterdir())) == 4
    assert asked(source) == ([{"n": 6}], 0), "the newest among them"


def test_the_second_check_of_a_file_loads_no_yaml_at_all(cache: Path, tmp_path: Path) -> None:
    """The shipped expectations and messages are kept whole; what is found does not depend on it."""
    path = table(tmp_path / "合同台账.csv", [ROW, ROW])
    script = "import sys\nfrom auditlib.cli.main import main\ntry:\n main()\nexcept SystemExit:\n print('yaml' in sys.modules)"
    command = [sys.executable, "-c", script, "validate", str(path)]
    first, second = (subprocess.run(command, capture_output=True, encoding="utf-8", check=True).stdout for _ in range(2))
    assert "D03" in first and first.splitlines()[-1] == "True"
    assert first.splitlines()[:-1] == second.splitlines()[:-1] and second.splitlines()[-1] == "False"
