"""Other Python processes of ours, for work that keeps one core busy for long."""

from __future__ import annotations

import os
import sys


def cores() -> int:
    """How many cores this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def python_of(module: str, *arguments: str) -> list[str]:
    """The command that runs a module of ours; Python may be found under no name (''), and then it cannot be started."""
    # -P: nothing that lies in the folder in which somebody works is taken for a module
    return [sys.executable, "-P", "-m", module, *arguments]


def environment() -> dict[str, str]:
    """The environment in which the other process finds what this one finds, and writes UTF-8."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry), "PYTHONIOENCODING": "utf-8"}
