"""Readers of the formats of `auditlib validate`, written from their specifications, for the tests."""

from __future__ import annotations

import html
import json
import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from jsonschema import Draft4Validator, FormatChecker

SCHEMAS = Path(__file__).resolve().parent / "schemas"


def sarif(text: str) -> dict[str, Any]:
    """A SARIF log that the schema of OASIS accepts. Raises AssertionError with what it refuses."""
    log = json.loads(text)
    schema = json.loads((SCHEMAS / "sarif-2.1.0.json").read_text(encoding="utf-8"))
    errors = Draft4Validator(schema, format_checker=FormatChecker()).iter_errors(log)
    refused = [f"{'/'.join(map(str, e.path))}: {e.message[:200]}" for e in errors]
    assert not refused, refused
    return log


# What GitLab's documentation of the code quality report requires of every entry; it publishes no schema.
_CODE_QUALITY = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "minLength": 1},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "pattern": "^[^/]", "not": {"pattern": r"^\./"}},
                    "lines": {"type": "object", "required": ["begin"], "properties": {"begin": {"type": "integer", "minimum": 1}}},
                },
            },
        },
    },
}


def code_quality(text: str) -> list[dict[str, Any]]:
    """GitLab's report. Raises AssertionError for an entry that it would not show, or fingerprints that are not unique."""
    entries = json.loads(text)
    refused = [e.message for e in Draft4Validator(_CODE_QUALITY).iter_errors(entries)]
    assert not refused, refused
    assert len({e["fingerprint"] for e in entries}) == len(entries)
    return entries


def junit(text: str) -> ET.Element:
    """JUnit XML that the schema beside accepts, with counts that fit its cases."""
    from lxml import etree

    schema = etree.XMLSchema(etree.parse(str(SCHEMAS / "junit.xsd")))
    parsed = etree.fromstring(text.encode("utf-8"))
    assert schema.validate(parsed), schema.error_log
    root = ET.fromstring(text)
    for suite in root.iter("testsuite"):
        cases = suite.findall("testcase")
        for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(suite.attrib[attribute]) == sum(c.find(tag) is not None for c in cases)
        assert int(suite.attrib["tests"]) == len(cases)
    return root


@dataclass(frozen=True, slots=True)
class Command:
    """A workflow command as the runner of GitHub Actions reads it."""

    name: str
    properties: dict[str, str]
    message: str


def commands(text: str) -> list[Command]:
    """Every line of a log that the runner takes for a command: one that begins with '::' (after white space)."""
    found = []
    for line in re.split(r"\r\n|\r|\n", text):
        read = re.fullmatch(r"\s*::(?P<name>[^ :]+)(?: (?P<properties>[^:]*(?::(?!:)[^:]*)*))?::(?P<message>.*)", line)
        if read is None:
            assert not line.lstrip().startswith("::"), line
            continue
        pairs = (p.split("=", 1) for p in (read["properties"] or "").split(",") if p)
        found.append(Command(read["name"], {k: _unescaped(v, True) for k, v in pairs}, _unescaped(read["message"], False)))
    return found


def _unescaped(text: str, is_property: bool) -> str:
    for code, character in (("%0D", "\r"), ("%0A", "\n"), *((("%3A", ":"), ("%2C", ",")) if is_property else ())):
        text = text.replace(code, character)
    return text.replace("%25", "%")


class Elements(HTMLParser):
    """Elements, attributes and text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


def markdown_text(markdown: str) -> str:
    """What a reader of the Markdown sees of text whose marks are character references."""
    return html.unescape(markdown)
