"""Hold Ctrl-C back where it must not come in between."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def held() -> Iterator[None]:
    """Let an interrupt wait until the body has ended.

    A process that is started in the body leaves the Ctrl-C that a terminal sends to all to
    the one that started it.
    """
    with _noted(), _masked():
        yield


@contextmanager
def _noted() -> Iterator[None]:
    """Repeat an interrupt afterwards that a thread of some library has taken."""
    if threading.current_thread() is not threading.main_thread():
        # Only the main thread is interrupted, and only it may set a handler.
        yield
        return
    noted = False

    def note(*_: Any) -> None:
        nonlocal noted
        noted = True

    before = signal.signal(signal.SIGINT, note)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if noted:
            signal.raise_signal(signal.SIGINT)


@contextmanager
def _masked() -> Iterator[None]:
    """Block the signal in this thread; processes inherit the mask."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
