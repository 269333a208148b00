"""The evidence store: files by the SHA-256 of their content, never by their name, never opened or run.

Beside a SQLite register lies a folder `<register>.evidence/ab/cdef…`; on PostgreSQL the bytes stand in a table, because
a team has no common folder and because who may read them is then the database's to say. What a file is follows from
its first bytes; its name is only shown.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ..words.errors import RegisterError
from . import schema, store
from .places import Place

if TYPE_CHECKING:
    from sqlalchemy import Engine

LARGEST = 50 * 2**20  # bytes of one file
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")  # what no text holds
_HASH = re.compile(r"[0-9a-f]{64}")

# What a file is by its first bytes; (offset, bytes). Whatever could run or draw in a browser is not among them.
_SIGNATURES: tuple[tuple[str, int, bytes], ...] = (
    ("pdf", 0, b"%PDF-"), ("jpeg", 0, b"\xff\xd8\xff"), ("png", 0, b"\x89PNG\r\n\x1a\n"), ("gif", 0, b"GIF8"), ("tiff", 0, b"II*\x00"),
    ("tiff", 0, b"MM\x00*"), ("bmp", 0, b"BM"), ("webp", 8, b"WEBP"), ("heic", 4, b"ftyphei"), ("heic", 4, b"ftypmif1"),
    ("mp4", 4, b"ftyp"), ("office-1997", 0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
)  # fmt: skip
_IN_ZIP = {"xl/workbook.xml": "xlsx", "word/document.xml": "docx", "OFD.xml": "ofd", "content.xml": "opendocument"}
TYPES = (*dict.fromkeys(name for name, _, _ in _SIGNATURES), *_IN_ZIP.values(), "text")


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that is in the store."""

    sha256: str
    size: int  # bytes
    type: str


def type_of(content: bytes) -> str:
    """What `content` is, by its bytes; '' for what the store does not take (programs, web pages, unknown forms)."""
    for name, offset, signature in _SIGNATURES:
        if content[offset : offset + len(signature)] == signature:
            return name
    if content[:4] == b"PK\x03\x04":
        return _type_of_zip(content)
    return "text" if _is_plain_text(content) else ""


def _type_of_zip(content: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, OSError):
        return ""
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        return ""  # macros
    return next((kind for name, kind in _IN_ZIP.items() if name in names), "")


def _is_plain_text(content: bytes) -> bool:
    head = content[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not content.strip() or _CONTROL.search(content) or head.startswith((b"#!", b"<", b"@echo")):
        return False
    for encoding in ("utf-8", "gb18030"):
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return True
    return False


class EvidenceStore(Protocol):
    def add(self, content: bytes) -> None: ...
    def has(self, sha256: str) -> bool: ...
    def read(self, sha256: str) -> bytes | None: ...


@dataclass(frozen=True, slots=True)
class FolderStore:
    """Files in a folder."""

    folder: Path

    def _path(self, sha256: str) -> Path:
        if not _HASH.fullmatch(sha256):
            raise RegisterError.of("issues.evidence.no_hash", sha256=sha256)
        return self.folder / sha256[:2] / sha256[2:]

    def add(self, content: bytes) -> None:
        """Writes `content` whole or not at all. Raises RegisterError when the folder cannot be written."""
        path = self._path(hashlib.sha256(content).hexdigest())
        half = path.with_name(f"{path.name}.{os.getpid()}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with half.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            half.replace(path)
        except OSError as error:
            half.unlink(missing_ok=True)
            raise RegisterError.of("issues.evidence.unwritable", folder=self.folder, error=error.strerror) from error

    def has(self, sha256: str) -> bool:
        return bool(_HASH.fullmatch(sha256)) and self._path(sha256).is_file()

    def read(self, sha256: str) -> bytes | None:
        """The content, None when the file is not there."""
        try:
            return self._path(sha256).read_bytes()
        except FileNotFoundError:
            return None


@dataclass(frozen=True, slots=True)
class TableStore:
    """Files in a table of the register's own database."""

    engine: Engine
    place: Place

    def add(self, content: bytes) -> None:
        from sqlalchemy import insert

        sha256 = hashlib.sha256(content).hexdigest()
        if not self.has(sha256):
            with store.writing(self.engine, self.place) as connection:
                connection.execute(insert(schema.table(schema.FILES)).values(sha256=sha256, size=len(content), content=content))

    def has(self, sha256: str) -> bool:
        from sqlalchemy import select

        table = schema.table(schema.FILES)
        with store.reading(self.engine, self.place) as connection:
            return connection.execute(select(table.c.size).where(table.c.sha256 == sha256)).first() is not None

    def read(self, sha256: str) -> bytes | None:
        from sqlalchemy import select

        table = schema.table(schema.FILES)
        with store.reading(self.engine, self.place) as connection:
            found = connection.execute(select(table.c.content).where(table.c.sha256 == sha256)).scalar()
        return None if found is None else bytes(found)


def store_of(engine: Engine, place: Place) -> EvidenceStore:
    if place.path is None:
        return TableStore(engine, place)
    return FolderStore(place.path.with_name(f"{place.path.name}.evidence"))


def keep(files: EvidenceStore, content: bytes, name: str) -> Stored:
    """Takes a file into the store; the same content is kept once.

    Raises RegisterError, naming the file, for one that is empty, too large or of a form that is not taken.
    """
    if not content or len(content) > LARGEST:
        raise RegisterError.of("issues.evidence.size", name=name, size=len(content), largest=LARGEST // 2**20)
    kind = type_of(content)
    if not kind:
        raise RegisterError.of("issues.evidence.form", name=name, candidates=", ".join(TYPES))
    sha256 = hashlib.sha256(content).hexdigest()
    if files.read(sha256) != content:  # not there yet, or altered since: then this is the true one
        files.add(content)
    return Stored(sha256, len(content), kind)


@dataclass(frozen=True, slots=True)
class Lost:
    """A file that an event names and that is not there any more, or not as it was."""

    sha256: str
    issue_id: str
    name: str
    problem: str  # key of the catalogue: issues.evidence.missing | issues.evidence.altered


def lost(files: EvidenceStore, named: Iterable[tuple[str, str, str]]) -> tuple[Lost, ...]:
    """`named`: hash, issue and file name of all evidence that the register tells of."""
    found, seen = [], dict[str, str]()
    for sha256, issue_id, name in named:
        if sha256 not in seen:
            content = files.read(sha256) if _HASH.fullmatch(sha256) else None
            is_same = content is not None and hashlib.sha256(content).hexdigest() == sha256
            seen[sha256] = "" if is_same else "issues.evidence.missing" if content is None else "issues.evidence.altered"
        if seen[sha256]:
            found.append(Lost(sha256, issue_id, name, seen[sha256]))
    return tuple(found)
