"""Start a program that can write in one folder only, where the system can promise that.

The promise is Linux's Landlock: it needs no rights, and what the program starts inherits
it. On other systems, and kernels before 5.13, the program starts without it.
"""

import ctypes
import os
import struct
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# The numbers are the same on every architecture.
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
VERSION_FLAG, PATH_BENEATH, SET_NO_NEW_PRIVS = 1, 1, 38
EXECUTE, WRITE_FILE, REFER, TRUNCATE = 1 << 0, 1 << 1, 1 << 13, 1 << 14
# Remove and make entries of every kind; see landlock(7).
CHANGE_FOLDERS = sum(1 << bit for bit in range(4, 13))
BIND_TCP, CONNECT_TCP = 1 << 0, 1 << 1
PT_INTERP = 3


def start(
    command: list[str], writable: Path, **options: Any
) -> "subprocess.Popen[str]":
    """Start `command`; it and its children write below `writable` alone.

    They also start no other program and open no TCP connection, as far as the kernel can
    say so. `options` are those of subprocess.Popen.
    """
    version = landlock_version()
    if version < 1:
        return subprocess.Popen(command, **options)
    with _ruleset(version, Path(command[0]), writable) as ruleset:

        def start_restricted() -> "subprocess.Popen[str]":
            _call(ctypes.CDLL(None, use_errno=True).prctl, SET_NO_NEW_PRIVS, 1, 0, 0, 0)
            _syscall(RESTRICT_SELF, ruleset, 0)
            return subprocess.Popen(command, **options)

        # The restriction is that of a thread and of what it starts: this one ends here.
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(start_restricted).result()


def landlock_version() -> int:
    """Return the version of Landlock that the kernel offers, 0 for none."""
    if sys.platform != "linux":
        return 0
    try:
        return _syscall(CREATE_RULESET, None, ctypes.c_size_t(0), VERSION_FLAG)
    except OSError:
        return 0


@contextmanager
def _ruleset(version: int, program: Path, writable: Path) -> Iterator[int]:
    changes = WRITE_FILE | CHANGE_FOLDERS
    changes |= (REFER if version >= 2 else 0) | (TRUNCATE if version >= 3 else 0)
    programs = list(_executed(program))
    handled = struct.pack("=Q", changes | (EXECUTE if programs else 0))
    if version >= 4:
        handled += struct.pack("=Q", BIND_TCP | CONNECT_TCP)
    ruleset = _syscall(CREATE_RULESET, handled, ctypes.c_size_t(len(handled)), 0)
    try:
        _allow(ruleset, writable, changes)
        _allow(ruleset, Path(os.devnull), WRITE_FILE)
        for path in programs:
            _allow(ruleset, path, EXECUTE)
        yield ruleset
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: Path, access: int) -> None:
    folder = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = struct.pack("=Qi", access, folder)
        _syscall(ADD_RULE, ruleset, PATH_BENEATH, rule, 0)
    finally:
        os.close(folder)


def _executed(program: Path) -> Iterator[Path]:
    """Return a 64-bit ELF program and the loader it names, which is executed as well.

    A script starts programs of its own to do its work: then nothing is returned.
    """
    with program.open("rb") as file:
        header = file.read(64)
        if header[:5] != b"\x7fELF\x02":
            return
        yield program
        (offset,) = struct.unpack_from("=Q", header, 32)
        size, count = struct.unpack_from("=HH", header, 54)
        for index in range(count):
            file.seek(offset + index * size)
            kind, _, at, _, _, length = struct.unpack_from("=IIQQQQ", file.read(size))
            if kind == PT_INTERP:
                file.seek(at)
                yield Path(os.fsdecode(file.read(length).rstrip(b"\0")))


def _syscall(number: int, *arguments: Any) -> int:
    return _call(ctypes.CDLL(None, use_errno=True).syscall, number, *arguments)


def _call(function: Any, *arguments: Any) -> int:
    result = int(function(*arguments))
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result
