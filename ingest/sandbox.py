"""Checking files in a child process with limits of memory and time, restarted whenever a file kills it.

The child is a fresh interpreter (``python -m ingest.sandbox``) and no fork of the caller: a fork of a process with
threads (an Airflow task, the portal) can stand still on a lock that another thread held. It loads once, gets the
registers over its standard input and then checks file after file (about 0.2 s to start, 1 ms a file on top of the
check). A file at which it dies is reported as rejected, and the next file goes to a new child.

The child is a limit on resources and no wall against code: it runs as the same user. Nothing in it runs what a file
contains.
"""

from __future__ import annotations

import logging
import os
import pickle
import resource
import select
import signal
import struct
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, BinaryIO

from ingest.check import check_workbook
from ingest.guard import GuardError, check_size
from ingest.registers import Registers
from ingest.report import Report, rejected
from ingest.settings import limits

log = logging.getLogger(__name__)

_LENGTH = struct.Struct("<Q")
#: The parent waits a little longer than the child's own alarm before it kills the child itself.
_GRACE_SECONDS = 2.0
_START_SECONDS = 60.0
_PACKAGE_ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Job:
    """One file to check: the scope that the channel vouches for (None when unknown), and the name that it came with."""

    submission_id: str
    path: Path
    channel_unit: str | None = None
    file_name: str = ""


@dataclass(frozen=True)
class OwnFailure:
    """Our code failed on a file: no decision about it, so that it is checked again once the code is mended.

    ``trace`` names the places in the code and the kind of the exception, never its message: that could quote a cell.
    """

    trace: str


@dataclass(frozen=True)
class Limits:
    """What the child may take: address space in bytes; for one file seconds of wall time and of CPU."""

    memory_bytes: int
    wall_seconds: float
    cpu_seconds: int


def default_limits() -> Limits:
    """The limits of ``limits.yml``."""
    stated = limits()["sandbox"]
    return Limits(stated["memory_bytes"], stated["wall_seconds"], stated["cpu_seconds"])


class SandboxError(Exception):
    """The child cannot be started at all: our own failure and no file's."""


class _ChildDiedError(Exception):
    """The child ended while it had a file. ``code`` is the issue code for that file."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class _Setup:
    """What the child needs before its first file; ``check`` is replaced only by tests."""

    registers: Registers
    pseudonym_key: bytes
    limits: Limits
    check: Callable[..., Report]


def _write(stream: IO[bytes], message: object) -> None:
    content = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    stream.write(_LENGTH.pack(len(content)) + content)
    stream.flush()


class _Child:
    """The parent's end of one child process."""

    def __init__(self, setup: _Setup) -> None:
        paths = os.pathsep.join([str(_PACKAGE_ROOT), *filter(None, sys.path)])
        environment = {**os.environ, "PYTHONPATH": paths, "RUST_BACKTRACE": "0"}
        self._limits = setup.limits
        self._process = subprocess.Popen(
            [sys.executable, "-m", "ingest.sandbox"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            start_new_session=True,
        )
        try:
            self._send(setup)
            if self._receive(_START_SECONDS) != "ready":
                raise SandboxError("the child answered something else than ready")
        except (_ChildDiedError, OSError) as error:
            self.kill()
            raise SandboxError("the child that checks files cannot be started") from error
        except BaseException:
            self.kill()
            raise

    def check(self, job: Job) -> Report | OwnFailure:
        """The child's report on one file, or where our own code failed on it; raises _ChildDiedError."""
        try:
            self._send(job)
        except OSError as error:
            raise _ChildDiedError(self._cause()) from error
        answer = self._receive(self._limits.wall_seconds + _GRACE_SECONDS)
        if isinstance(answer, OwnFailure):
            log.error("checking %s failed in our own code:\n%s", job.submission_id, answer.trace)
        assert isinstance(answer, Report | OwnFailure)  # noqa: S101  # the child sends nothing else
        return answer

    def _send(self, message: object) -> None:
        assert self._process.stdin is not None  # noqa: S101  # it was opened as a pipe
        _write(self._process.stdin, message)

    def _receive(self, seconds: float) -> Any:
        deadline = time.monotonic() + seconds
        (length,) = _LENGTH.unpack(self._read(_LENGTH.size, deadline))
        return pickle.loads(self._read(length, deadline))  # noqa: S301  # from our own child

    def _read(self, size: int, deadline: float) -> bytes:
        """Exactly ``size`` bytes of the child's answer; raises _ChildDiedError at its end or at the deadline."""
        assert self._process.stdout is not None  # noqa: S101  # it was opened as a pipe
        handle = self._process.stdout.fileno()
        # poll and not select: a server may well have more than 1,024 files open.
        poller = select.poll()
        poller.register(handle, select.POLLIN | select.POLLHUP)
        content = bytearray()
        while len(content) < size:
            left = deadline - time.monotonic()
            if left <= 0 or not poller.poll(left * 1000):
                self.kill()
                raise _ChildDiedError("reader_timeout")
            part = os.read(handle, min(size - len(content), 1 << 20))
            if not part:
                raise _ChildDiedError(self._cause())
            content += part
        return bytes(content)

    def _cause(self) -> str:
        """Why the child ended: its alarm or its CPU limit mean that the file took too long."""
        try:
            status = self._process.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            return "reader_failed"
        return "reader_timeout" if status in (-signal.SIGALRM, -signal.SIGXCPU) else "reader_failed"

    def close(self) -> None:
        """End the child in peace: it leaves at the end of its input."""
        assert self._process.stdin is not None  # noqa: S101  # it was opened as a pipe
        try:
            self._process.stdin.close()
            self._process.wait(_GRACE_SECONDS)
        except (OSError, subprocess.TimeoutExpired):
            log.warning("the child %d did not leave and is ended", self._process.pid)
        self.kill()

    def kill(self) -> None:
        """End the child now and reap it; does nothing to one that has ended."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                try:
                    stream.close()
                except OSError:
                    log.debug("the pipe of child %d was broken", self._process.pid)


def check_in_sandbox(
    jobs: Iterable[Job],
    *,
    registers: Registers,
    pseudonym_key: bytes,
    limits: Limits | None = None,
    check: Callable[..., Report] = check_workbook,
) -> Iterator[tuple[str, Report | OwnFailure]]:
    """Check files one after the other in a limited child; gives (submission_id, report) in the order of ``jobs``.

    A file that kills the child is rejected as ``reader_failed`` or ``reader_timeout``, one on which our own code fails
    gives an OwnFailure, and the others go on. The child ends with the iterator. Raises SandboxError when no child can
    be started, OSError when a file cannot be opened.
    """
    setup = _Setup(registers, pseudonym_key, limits or default_limits(), check)
    child: _Child | None = None
    try:
        for job in jobs:
            # A file that is not there is our failure; it must not look like the street's.
            with job.path.open("rb"):
                pass
            if child is None:
                child = _Child(replace(setup, registers=registers.load_all()))
            report: Report | OwnFailure
            try:
                report = child.check(job)
            except _ChildDiedError as death:
                child.kill()
                child = None
                report = rejected(death.code)
            yield job.submission_id, report
    finally:
        if child is not None:
            child.close()


def _limit_time(stated: Limits) -> None:
    """Give the child its wall and CPU time for the next file; both end it with a signal of their own."""
    signal.setitimer(signal.ITIMER_REAL, stated.wall_seconds)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    spent = int(usage.ru_utime + usage.ru_stime)
    resource.setrlimit(resource.RLIMIT_CPU, (spent + stated.cpu_seconds + 1, resource.RLIM_INFINITY))


def _check_job(setup: _Setup, job: Job) -> Report | OwnFailure:
    """Report on one file, or where our own code failed on it."""
    try:
        check_size(job.path.stat().st_size)
        data = job.path.read_bytes()
        return setup.check(
            data,
            registers=setup.registers,
            pseudonym_key=setup.pseudonym_key,
            channel_unit=job.channel_unit,
            file_name=job.file_name,
        )
    except GuardError as error:
        return rejected(error.code, error.details)
    except MemoryError:
        return rejected("reader_failed")
    except Exception as error:  # one file's trouble must not stop the others; the parent logs it
        return OwnFailure("".join(traceback.format_tb(error.__traceback__)) + type(error).__name__)


def _silence() -> None:
    """From now on nothing that is printed goes anywhere: what a reader says of a file may quote its cells."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for handle in (1, 2):
        os.dup2(nowhere, handle)
    os.close(nowhere)


def serve(source: BinaryIO, target: BinaryIO) -> None:
    """The child's life: a set-up, then files until the input ends."""

    def receive() -> Any:
        head = source.read(_LENGTH.size)
        if len(head) < _LENGTH.size:
            return None
        return pickle.loads(source.read(_LENGTH.unpack(head)[0]))  # noqa: S301  # from our own parent

    setup: _Setup = receive()
    resource.setrlimit(resource.RLIMIT_AS, (setup.limits.memory_bytes, setup.limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for name in (signal.SIGALRM, signal.SIGXCPU):
        signal.signal(name, signal.SIG_DFL)
    _write(target, "ready")
    _silence()
    while (job := receive()) is not None:
        _limit_time(setup.limits)
        answer = _check_job(setup, job)
        signal.setitimer(signal.ITIMER_REAL, 0)
        _write(target, answer)


def main() -> None:
    """Entry of ``python -m ingest.sandbox``; answers on the standard output, which nothing else may write to."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    # Messages name this module as the parent knows it, not as __main__.
    from ingest.sandbox import main as run

    run()
