"""Hold Ctrl-C back where it must not come in between."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def held() -> Iterator[None]:
    """Let an interrupt of this thread wait until the body has ended.

    A process that is started in the body inherits this, and leaves the Ctrl-C that a
    terminal sends to all to the one that started it.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
