"""The one catalogue of messages: nothing that the program says is missing, and nothing stands there that nobody says.

Read from the source: a message is used where its key can be put together from the texts of the program and of expectations/.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Formatter

import pytest
import yaml

from auditlib.words.messages import LANGUAGES, catalogue

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted((ROOT / "auditlib").rglob("*.py"))
_SPEAKERS = ("say", "both")  # functions that take a whole key


@cache
def trees() -> dict[Path, ast.Module]:
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in SOURCES}


def _template(node: ast.JoinedStr) -> tuple[str, ...]:
    """The fixed parts of an f-string, with a gap between each two."""
    parts = [""]
    for value in node.values:
        if isinstance(value, ast.Constant):
            parts[-1] += str(value.value)
        else:
            parts.append("")
    return tuple(parts)


@cache
def texts() -> tuple[frozenset[str], frozenset[tuple[str, ...]]]:
    """All texts of the program and the expectations, and all texts with gaps that look like keys."""
    plain: set[str] = set()
    gapped: set[tuple[str, ...]] = set()
    for tree in trees().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                plain.add(node.value)
                plain.update(node.value.split()) if len(node.value) < 400 else None
            elif isinstance(node, ast.JoinedStr) and re.fullmatch(r"[\w.]*[a-z_]\.[\w.]*|_\w*|\w*_", "".join(_template(node))):
                gapped.add(_template(node))
            elif isinstance(node, ast.keyword) and node.arg:
                plain.add(node.arg)
            elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                plain.add(node.name)
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                plain.add(node.target.id)  # fields of records are columns of tables
    for folder in ("expectations", "auditlib"):
        for path in (ROOT / folder).rglob("*"):
            plain.add(path.stem)
            if path.suffix in (".yaml", ".j2", ".html", ".sql") and path.parent.name != "messages":
                plain.update(re.findall(r"[\w.-]+", path.read_text(encoding="utf-8")))
    return frozenset(plain), frozenset(gapped)


@cache
def can_be_said(text: str, depth: int = 3) -> bool:
    plain, gapped = texts()
    if text in plain or text.replace("_csv", ".csv") in plain or all(part in plain for part in text.split("+")):
        return True
    return depth > 0 and any(_fills(template, text, depth) for template in gapped)


def _fills(template: tuple[str, ...], text: str, depth: int) -> bool:
    """Whether the gaps of a template can be filled so that it reads `text`."""
    if not (text.startswith(template[0]) and text.endswith(template[-1])) or not "".join(template):
        return False
    pattern = "(.+)".join(map(re.escape, template))
    found = re.fullmatch(pattern, text)
    return found is not None and all(can_be_said(part, depth - 1) for part in found.groups())


def test_every_message_can_be_said_by_something() -> None:
    assert len(catalogue()) > 500
    unused = [key for key in catalogue() if not can_be_said(key)]
    assert unused == []


def _prefixes(tree: ast.Module) -> dict[str, str]:
    """Functions of a module that put a prefix before a key: their name and the prefix."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and len(node.body) <= 3:  # it only speaks
            for inner in ast.walk(node):
                if not (isinstance(inner, ast.Call) and getattr(inner.func, "id", "") == "say" and inner.args):
                    continue
                key, named = inner.args[0], [a.arg for a in (*node.args.posonlyargs, *node.args.args) if a.arg != "self"]
                if isinstance(key, ast.JoinedStr) and named[:1] == ["key"] and len(_template(key)) == 2 and not _template(key)[1]:
                    found[node.name] = _template(key)[0]
    return found


def said() -> Iterator[tuple[Path, int, str]]:
    """Every key that is said in so many words: where, and the key."""
    of_views = _prefixes(trees()[ROOT / "auditlib" / "reports" / "view.py"])
    assert of_views == {"t": "reports."}
    for path, tree in trees().items():
        prefixes = {**dict.fromkeys(_SPEAKERS, ""), **of_views, **_prefixes(tree)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str):
                name = getattr(node.func, "id", "") or getattr(node.func, "attr", "")
                if name in prefixes and (name != "t" or getattr(getattr(node.func, "value", None), "id", "") in ("view", "self")):
                    yield path, node.lineno, prefixes[name] + node.args[0].value


def test_every_message_that_is_said_is_there() -> None:
    every = list(said())
    assert len(every) > 500
    missing = [f"{path.relative_to(ROOT)}:{line} {key}" for path, line, key in every if key not in catalogue()]
    assert missing == []


@pytest.mark.parametrize("path", sorted((ROOT / "auditlib" / "words" / "messages").glob("*.yaml")), ids=lambda p: p.stem)
def test_both_languages_say_something_and_fill_in_the_same(path: Path) -> None:
    for key, told in yaml.safe_load(path.read_text(encoding="utf-8")).items():
        assert set(told) == set(LANGUAGES) and all(str(told[language]).strip() for language in LANGUAGES), key
        filled = [{name for _, name, _, _ in Formatter().parse(told[language]) if name} for language in LANGUAGES]
        assert filled[0] == filled[1], key
