"""Work shared out among processes: one text for one process and for several, and the same results from any number of them.

What is shared out is values, never a connection: each part is pickled to one of a few processes (`python -m auditlib.matching.shares`),
which import the function by its name and pickle back what it gives. They run nothing of the program that asked, so that a notebook
or a script without `if __name__ == "__main__"` may ask as well, on every system.
"""

from __future__ import annotations

import copyreg
import gc
import io
import pickle
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import fields
from importlib import import_module
from operator import attrgetter
from typing import Any, BinaryIO, TypeVar

from ..engine.beside import environment, python_of
from ..words.records import BankReconciliation, Match, OpenItem

_Part, _Result = TypeVar("_Part"), TypeVar("_Result")
_MANY = (Match, OpenItem, BankReconciliation)  # records that stand in results by the hundred thousand


def shared_out(work: Callable[[_Part], _Result], parts: Sequence[_Part], beside: int) -> list[_Result]:
    """`work` on each part, here and in up to `beside` other processes at the same time; results in the order of the parts.

    Whoever is free takes the next part, so that no process holds more than one of them. `work` is a function of a module of ours. A
    part that another process could not do is done here, where an error is seen.
    """
    waiting = deque(enumerate(parts))
    found: dict[int, _Result] = {}
    others = [_Elsewhere(work, waiting, found) for _ in range(min(beside, len(parts) - 1))]
    try:
        for number, part in _each(waiting):
            found[number] = work(part)
        for other in others:
            other.join()
        return [found[n] if n in found else work(part) for n, part in enumerate(parts)]
    finally:
        for other in others:
            other.stop()


def _each(waiting: deque[_Part]) -> Iterator[_Part]:
    """What waits, one after another, while others take from the same queue."""
    while True:
        try:
            part = waiting.popleft()
        except IndexError:
            return
        yield part


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


class _Elsewhere(threading.Thread):
    """Another process that takes parts from `waiting` while there are any, and puts what it made of them into `found`."""

    def __init__(self, work: Callable[..., Any], waiting: deque[tuple[int, Any]], found: dict[int, Any]) -> None:
        super().__init__(daemon=True)
        self._waiting, self._found = waiting, found
        self._process: subprocess.Popen[bytes] | None = None
        with suppress(OSError):  # no Python can be started here
            self._process = subprocess.Popen(
                python_of(__name__, work.__module__, work.__name__), env=environment(),
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            self.start()

    def run(self) -> None:
        assert self._process and self._process.stdin and self._process.stdout
        with suppress(OSError, EOFError):  # the other process is gone
            for number, part in _each(self._waiting):
                _write(self._process.stdin, pickle.dumps(part, pickle.HIGHEST_PROTOCOL))
                self._found[number] = pickle.loads(_read(self._process.stdout))

    def join(self, timeout: float | None = None) -> None:
        """Waits for the part that it still works on."""
        if self.ident is not None:
            super().join(timeout)

    def stop(self) -> None:
        """Ends the other process, whether or not it is done."""
        if self._process is not None:
            self._process.kill()
            self.join()
            self._process.wait()
            for stream in (self._process.stdin, self._process.stdout):
                with suppress(OSError):  # what was not taken any more
                    stream.close()  # type: ignore[union-attr]


def _write(stream: BinaryIO, pickled: bytes) -> None:
    stream.write(len(pickled).to_bytes(8, "big"))
    stream.write(pickled)
    stream.flush()


def _read(stream: BinaryIO) -> bytes:
    """What `_write` wrote. Raises EOFError where the stream ends before."""
    head = stream.read(8)
    size = int.from_bytes(head, "big")
    pickled = stream.read(size)
    if len(head) < 8 or len(pickled) < size:
        raise EOFError
    return pickled


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
    """Works on each part that comes in and writes what comes of it, both pickled, until no more comes."""
    work = getattr(import_module(module), function)
    gc.disable()  # many values that all stay until the part is done
    with suppress(EOFError):
        while True:
            _write(sys.stdout.buffer, _pickled(work(pickle.loads(_read(sys.stdin.buffer)))))


if __name__ == "__main__":
    main(*sys.argv[1:3])
