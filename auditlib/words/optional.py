"""Optional parts of other people's libraries, left out of an import where nothing here uses them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.abc import MetaPathFinder


class _Absent(MetaPathFinder):
    """Says of some modules that they are not installed."""

    def __init__(self, modules: tuple[str, ...]) -> None:
        self.modules = frozenset(modules)

    def find_spec(self, fullname: str, path: object, target: object = None) -> None:
        if fullname in self.modules:
            raise ModuleNotFoundError(f"'{fullname}' is left out here", name=fullname)


@contextmanager
def left_out(*modules: str) -> Iterator[None]:
    """Imports inside do not find `modules` (names of top-level modules), as if they were not installed.

    For what a library imports if it is there, and takes longer than the work: the library does without it. A module that is
    loaded already stays, and afterwards every module can be imported again.
    """
    absent = _Absent(modules)
    sys.meta_path.insert(0, absent)
    try:
        yield
    finally:
        sys.meta_path.remove(absent)


def let_in(*modules: str) -> None:
    """Imports find `modules` again, inside `left_out` too: for the part that needs them after all."""
    for finder in sys.meta_path:
        if isinstance(finder, _Absent):
            finder.modules -= set(modules)
