"""Which program this is: one hash over all that it is made of, for results that must say by what they were made."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from .places import shipped

_PACKAGE = Path(__file__).resolve().parent.parent
_MADE_BY_PYTHON = "__pycache__"


@cache
def program_hash() -> str:
    """SHA-256 in hexadecimal over every file of the package (code, messages, templates) and of the shipped expectations."""
    told = hashlib.sha256()
    for root in (_PACKAGE, shipped("expectations")):
        for path in sorted(p for p in root.rglob("*") if p.is_file() and _MADE_BY_PYTHON not in p.parts):
            told.update(f"{path.relative_to(root).as_posix()} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return told.hexdigest()
