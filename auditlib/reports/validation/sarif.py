"""SARIF 2.1.0 (OASIS, errata 01): results with file, sheet and cell, and fingerprints that stay the same from run to run."""

from __future__ import annotations

import json
from typing import Any

from ... import __version__
from ...catalog.specs import RuleCard
from ...checks.alone import FileCheck
from ...words.messages import say
from .places import address, column_of, line_of
from .remarks import Remark, Validation

_LEVELS = {"red": "error", "orange": "error", "yellow": "warning", "blue": "note"}
_RANKS = {"red": 90.0, "orange": 70.0, "yellow": 40.0, "blue": 10.0}
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
FINGERPRINT = "auditlib/finding/v1"


def as_sarif(value: Validation) -> str:
    """One run. What somebody accepted is a suppressed result; a file that could not be read is a result and a notification."""
    codes = sorted({r.code for r in value.remarks})
    run = {
        "tool": {"driver": {"name": "auditlib", "version": __version__, "rules": [_rule(value, c) for c in codes]}},
        "language": "zh-CN" if value.language == "zh" else "en",
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"SRCROOT": {"description": {"text": value.say("validate.sarif.root")}}},
        "invocations": [_invocation(value)],
        "artifacts": [_artifact(c) for c in value.files],
        "results": [_result(value, r, codes.index(r.code)) for r in value.remarks],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=1) + "\n"


def _rule(value: Validation, code: str) -> dict[str, Any]:
    card = value.catalog.rules.get(code)
    if card is None:
        return {"id": code, "shortDescription": {"text": say("validate.problem", value.language)}}
    told = value.language
    return {
        "id": code,
        "name": card.name[told],
        "shortDescription": {"text": card.name[told]},
        "fullDescription": {"text": card.what[told]},
        "help": {"text": card.rectification[told]},
        "defaultConfiguration": {"level": _LEVELS[card.severity], "rank": _RANKS[card.severity]},
        "properties": {"tags": [card.family, *card.ledgers], "owner": card.owner, "law": _law(card, told)},
    }


def _law(card: RuleCard, language: str) -> list[str]:
    return [f"{b.get(f'law_{language}', '')} {b.get('article', '')}".strip() for b in card.basis]


def _invocation(value: Validation) -> dict[str, Any]:
    unread = [r for r in value.remarks if r.code.startswith("file.")]
    return {
        "executionSuccessful": value.status != 2 and not value.errors,
        "exitCode": value.status,
        "toolExecutionNotifications": [
            *({"level": "error", "message": {"text": r.message}, "locations": [_file(r.file)]} for r in unread),
            *({"level": "error", "message": {"text": e}} for e in value.errors),
        ],
    }


def _file(file: str) -> dict[str, Any]:
    return {"physicalLocation": {"artifactLocation": _artifact_place(file)}}


def _artifact(check: FileCheck) -> dict[str, Any]:
    found: dict[str, Any] = {"location": _artifact_place(check.file), "roles": ["analysisTarget"]}
    return found | ({"hashes": {"sha-256": check.sha256}} if check.sha256 else {})


def _artifact_place(file: str) -> dict[str, str]:
    is_relative = not file.startswith("/") and ":" not in file.split("/", 1)[0]
    return {"uri": address(file), "uriBaseId": "SRCROOT"} if is_relative else {"uri": "file://" + address("/" + file.lstrip("/"))}


def _result(value: Validation, remark: Remark, index: int) -> dict[str, Any]:
    found: dict[str, Any] = {
        "ruleId": remark.code,
        "ruleIndex": index,
        "level": _LEVELS[remark.severity],
        "message": {"text": remark.message},
        "locations": [_location(remark)],
        "partialFingerprints": {FINGERPRINT: remark.remark_id},
        "properties": {"severity": remark.severity} | ({"ledger": remark.ledger} if remark.ledger else {}),
    }
    if remark.is_accepted and remark.accepted:
        told = remark.accepted
        said = value.say("validate.justification", reason=told.reason, by=told.accepted_by, until=told.until)
        found["suppressions"] = [{"kind": "external", "status": "accepted", "justification": said}]
    return found


def _location(remark: Remark) -> dict[str, Any]:
    column = column_of(remark)
    region = {"startLine": line_of(remark)} | ({} if column is None else {"startColumn": column})
    place: dict[str, Any] = {"physicalLocation": {"artifactLocation": _artifact_place(remark.file), "region": region}}
    if remark.sheet or remark.cell:
        whole = "!".join(p for p in (remark.sheet, remark.cell) if p)
        kind = "element" if remark.cell else "module"
        place["logicalLocations"] = [{"name": remark.cell or remark.sheet, "fullyQualifiedName": whole, "kind": kind}]
    return place
