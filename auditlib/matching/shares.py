"""Work shared out among processes: one text for one process and for several, and the same results from any number of them.

What is shared out is values, never a connection: each part is pickled to a process of its own (`python -m auditlib.matching.shares`),
which imports the function by its name and pickles back what it gives. It runs nothing of the program that asked, so that a notebook
or a script without `if __name__ == "__main__"` may ask as well, on every system.
"""

from __future__ import annotations

import copyreg
import gc
import io
import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from importlib import import_module
from operator import attrgetter
from typing import Any, TypeVar

from ..engine.beside import environment, python_of
from ..words.records import BankReconciliation, Match, OpenItem

_Part, _Result = TypeVar("_Part"), TypeVar("_Result")
_MANY = (Match, OpenItem, BankReconciliation)  # records that stand in results by the hundred thousand


def shared_out(work: Callable[[_Part], _Result], parts: Sequence[_Part]) -> list[_Result]:
    """`work` on each part, on the first here and on each other in a process of its own at the same time; results in this order.

    `work` is a function of a module of ours. A part that another process could not do is done here, where an error is seen.
    """
    others: list[_Elsewhere] = []
    try:
        others += (_Elsewhere(work, part) for part in parts[1:])
        found = [work(part) for part in parts[:1]]
        for part, other in zip(parts[1:], others, strict=True):
            told = other.told()
            found.append(work(part) if told is None else told[0])
        return found
    finally:
        for other in others:
            other.stop()


def cut(values: Sequence[_Part], sizes: Sequence[int], most: int) -> Iterator[list[_Part]]:
    """The values in order in lists of which the sizes add up to `most` or little more."""
    some, size = list[_Part](), 0
    for value, own in zip(values, sizes, strict=True):
        some.append(value)
        size += own
        if size >= most:
            yield some
            some, size = [], 0
    if some:
        yield some


class _Elsewhere:
    """Work on one part in another process, begun at once."""

    def __init__(self, work: Callable[..., Any], part: Any) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._writer = ThreadPoolExecutor(1)  # the other process reads when it has started; this one goes on
        try:
            self._process = subprocess.Popen(
                python_of(__name__, work.__module__, work.__name__), env=environment(),
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            )  # fmt: skip
        except OSError:  # no Python can be started here
            return
        self._told = self._writer.submit(self._process.communicate, pickle.dumps(part, pickle.HIGHEST_PROTOCOL))

    def told(self) -> tuple[Any] | None:
        """The result, None where the other process could not."""
        if self._process is None:
            return None
        pickled, _ = self._told.result()
        return None if self._process.returncode else (pickle.loads(pickled),)

    def stop(self) -> None:
        """Ends the other process, whether or not it is done."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
        self._writer.shutdown()


def _pickled(result: object) -> bytes:
    """As `pickle` does it, the many records by their values alone: that takes a fifth of the time."""
    file = io.BytesIO()
    pickler = pickle.Pickler(file, pickle.HIGHEST_PROTOCOL)
    pickler.dispatch_table = copyreg.dispatch_table | {kind: _by_values(kind) for kind in _MANY}
    pickler.dump(result)
    return file.getvalue()


def _by_values(kind: type[Any]) -> Callable[[Any], tuple[Any, ...]]:
    values = attrgetter(*(f.name for f in fields(kind)))
    return lambda record: (kind, values(record))


def main(module: str, function: str) -> None:
    """Works on the part that comes in and writes the result out, both pickled."""
    work = getattr(import_module(module), function)
    gc.disable()  # many values that all stay until the end
    part = pickle.loads(sys.stdin.buffer.read())
    sys.stdout.buffer.write(_pickled(work(part)))
    sys.stdout.flush()
    os._exit(0)  # all is said; taking a million values apart one by one would only cost time


if __name__ == "__main__":
    main(*sys.argv[1:3])
