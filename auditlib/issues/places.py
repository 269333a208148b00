"""Where a register stands: a file or a database, and whether a file there is one of ours."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from ..words.errors import RegisterError
from .schema import APPLICATION_ID

FILE_NAME = "register.db"
NETWORK_FILE_SYSTEMS = frozenset(("nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "ncpfs", "afs"))
_MAGIC = b"SQLite format 3\x00"


@dataclass(frozen=True, slots=True)
class Place:
    """`path` for a SQLite file, else `url`; `shown` is what people may read (no password)."""

    shown: str
    path: Path | None = None
    url: str = ""


def locate_register(
    given: str | None, *, settings_register: str = "", workspace: Path | None = None, out: Path | None = None
) -> str:
    """The register that a command means: `given`, else the one in audit.toml, else `register.db` in the output folder.

    A relative path in audit.toml starts at the workspace. Raises RegisterError when nothing names one.
    """
    if given:
        return given
    if settings_register:
        if "://" in settings_register or workspace is None:
            return settings_register
        return str(workspace / settings_register)
    if out is not None:
        return str(out / FILE_NAME)
    raise RegisterError.of("issues.error.none_named")


def place_of(url_or_path: str | Path) -> Place:
    """What a person gave as register. Raises RegisterError for a URL that is neither SQLite nor PostgreSQL."""
    text = str(url_or_path)
    if "://" not in text:
        return Place(text, Path(text))
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise RegisterError.of("issues.error.bad_url") from None  # the text may hold a password: never shown
    shown = url.render_as_string(hide_password=True)
    dialect = url.drivername.split("+")[0]
    if dialect == "sqlite" and url.database and url.database != ":memory:":
        return Place(url.database, Path(url.database))
    if dialect in ("postgresql", "postgres"):
        return Place(shown, None, url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False))
    raise RegisterError.of("issues.error.other_database", shown=shown)


def is_ours(path: Path) -> bool:
    """Whether `path` is a register of ours; False when nothing stands there or an empty file does.

    Only the first 100 bytes are read. Raises RegisterError for any other file, which stays as it is.
    """
    if path.is_dir():
        raise RegisterError.of("issues.error.is_folder", path=path)
    try:
        with path.open("rb") as file:
            head = file.read(100)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise RegisterError.of("issues.error.cannot_read", path=path, error=error.strerror) from error
    if not head:
        return False
    if head[:16] != _MAGIC or int.from_bytes(head[68:72], "big") != APPLICATION_ID:
        raise RegisterError.of("issues.error.not_ours", path=path)
    return True


def _mounts() -> str:
    try:
        return Path("/proc/mounts").read_text(encoding="utf-8", errors="replace") if sys.platform == "linux" else ""
    except OSError:
        return ""


def file_system_of(path: Path, mounts: str) -> str:
    """Type of the file system that holds `path`, by a table in the form of /proc/mounts; '' when it does not say."""
    best, found = -1, ""
    for line in mounts.splitlines():
        parts = line.split(" ")
        if len(parts) < 3:
            continue
        point = Path(parts[1].replace("\\040", " "))
        if (point == path or point in path.parents) and len(point.parts) >= best:
            best, found = len(point.parts), parts[2]
    return found


def refuse_network_share(path: Path) -> None:
    """Raises RegisterError where SQLite's write-ahead log is known not to work between machines (best effort)."""
    resolved = path.resolve()
    if str(resolved).startswith("\\\\") or file_system_of(resolved, _mounts()) in NETWORK_FILE_SYSTEMS:
        raise RegisterError.of("issues.error.network_share", path=path)
