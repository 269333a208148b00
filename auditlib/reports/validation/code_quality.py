"""GitLab: the code quality report, a JSON array in which each entry has a fingerprint of its own."""

from __future__ import annotations

import hashlib
import json

from .listing import printable
from .places import line_of
from .remarks import Remark, Validation

_SEVERITIES = {"red": "critical", "orange": "major", "yellow": "minor", "blue": "info"}


def as_code_quality(value: Validation) -> str:
    """All remarks that nobody accepted; the fingerprint is the finding_id, so a known finding is no new one.

    Where two files hold the same finding, the second one's file is part of its fingerprint: GitLab shows each only once.
    """
    met: set[str] = set()
    entries = []
    for remark in value.remarks:
        if not remark.is_accepted:
            first = remark.remark_id not in met
            met.add(remark.remark_id)
            entries.append(_entry(remark, remark.remark_id if first else _with_file(remark)))
    return json.dumps(entries, ensure_ascii=False, indent=1) + "\n"


def _with_file(remark: Remark) -> str:
    return hashlib.sha256(f"{remark.remark_id}\x1f{remark.place}".encode("utf-8", "surrogateescape")).hexdigest()[:16]


def _entry(remark: Remark, fingerprint: str) -> dict[str, object]:
    where = "!".join(p for p in (remark.sheet, remark.cell) if p)
    return {
        "description": printable(" ".join(p for p in (remark.code, remark.title, where, remark.message) if p)),
        "check_name": remark.code,
        "fingerprint": fingerprint,
        "severity": _SEVERITIES[remark.severity],
        "location": {"path": remark.file, "lines": {"begin": line_of(remark)}},
    }
