"""Replace files, all or none of them, also when the process is killed in between.

What the files were is written down first, in a folder of its own below the user's state
folder. Whoever runs next finds the folder of a run that was killed and takes it back.
"""

import json
import os
import shutil
import signal
import stat
import threading
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from types import FrameType

from filelock import FileLock, Timeout
from platformdirs import user_state_path

from mlxport.cli.errors import UserError

LIST, LOCK = "files.json", "lock"


@dataclass(frozen=True)
class Entry:
    """A file to replace; `old` and `new` are digests of its contents."""

    target: str
    staged: str
    backup: str
    old: str
    new: str


def replace_files(contents: Mapping[Path, tuple[bytes, bytes]]) -> None:
    """Replace files, each given as it was read and as it shall be, all or none of them."""
    if not contents:
        return
    journal = _state() / uuid.uuid4().hex
    entries = _entries(contents, journal)
    with _lasting(journal) as lock, _terminable():
        try:
            # First of all, so that a file that is beside its target is known.
            _save(journal / LIST, json.dumps([asdict(e) for e in entries]).encode())
            for entry, (path, (before, after)) in zip(
                entries, contents.items(), strict=True
            ):
                _stage(entry, path, before, after)
            for entry in entries:
                os.replace(entry.staged, entry.target)
        except BaseException:
            _take_back(entries)
            raise
        finally:
            shutil.rmtree(journal, ignore_errors=True)
            lock.release()


def recover() -> list[str]:
    """Take back what runs that were killed have done to files; return the files' names."""
    restored: list[str] = []
    for journal in sorted(_state().glob("*")):
        if not journal.is_dir():
            continue
        lock = FileLock(journal / LOCK)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            # Its process is alive.
            continue
        except OSError:
            continue
        try:
            restored += _take_back(_listed(journal))
            shutil.rmtree(journal, ignore_errors=True)
        finally:
            lock.release()
    return restored


def _state() -> Path:
    return user_state_path("mlxport") / "writing"


def _entries(
    contents: Mapping[Path, tuple[bytes, bytes]], journal: Path
) -> list[Entry]:
    entries: list[Entry] = []
    for number, (path, (before, after)) in enumerate(contents.items()):
        # A link stays a link: what it names is replaced.
        target = path.resolve()
        entries.append(
            Entry(
                target=str(target),
                staged=str(target.with_name(f"{target.name}.{journal.name}.tmp")),
                backup=str(journal / f"{number}.old"),
                old=_digest(before),
                new=_digest(after),
            )
        )
    return entries


@contextmanager
def _lasting(journal: Path) -> Iterator[FileLock]:
    """Hold the journal, so that it is known to belong to a process that is alive."""
    try:
        journal.mkdir(parents=True)
    except OSError as error:
        raise UserError(
            f"what the files were can't be kept here: {error.strerror}",
            where=str(journal),
            hint="point XDG_STATE_HOME to a folder that can be written",
        ) from None
    with FileLock(journal / LOCK) as lock:
        yield lock


@contextmanager
def _terminable() -> Iterator[None]:
    """Let SIGTERM and SIGHUP interrupt, as Ctrl-C does, instead of ending the process."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    numbers = [signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]
    previous = {number: signal.signal(number, interrupt) for number in numbers}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _stage(entry: Entry, path: Path, before: bytes, after: bytes) -> None:
    target, staged = Path(entry.target), Path(entry.staged)
    try:
        if target.read_bytes() != before:
            raise UserError("changed while it was being migrated", where=str(path))
        _save(Path(entry.backup), before)
        _save(staged, after)
        os.chmod(staged, stat.S_IMODE(target.stat().st_mode))
    except OSError as error:
        raise UserError(
            f"cannot be written: {error.strerror}", where=str(path)
        ) from None


def _save(path: Path, content: bytes) -> None:
    with open(path, "wb") as file:
        file.write(content)
        file.flush()
        # What is renamed later must be on the disk before, or a crash leaves an empty file.
        os.fsync(file.fileno())


def _take_back(entries: Sequence[Entry]) -> list[str]:
    restored: list[str] = []
    for entry in entries:
        staged, target = Path(entry.staged), Path(entry.target)
        staged.unlink(missing_ok=True)
        # What somebody has edited since is theirs.
        if _digest_of(target) != entry.new or entry.new == entry.old:
            continue
        _save(staged, Path(entry.backup).read_bytes())
        os.chmod(staged, stat.S_IMODE(target.stat().st_mode))
        os.replace(staged, target)
        restored.append(entry.target)
    return restored


def _listed(journal: Path) -> list[Entry]:
    try:
        return [Entry(**entry) for entry in json.loads((journal / LIST).read_bytes())]
    except (OSError, ValueError, TypeError):
        # Killed before the list was complete: no file was replaced yet.
        return []


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()


def _digest_of(path: Path) -> str | None:
    try:
        return _digest(path.read_bytes())
    except OSError:
        return None
