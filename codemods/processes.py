"""Spread work over processes, so that an interrupt or a dead process ends it at once."""

import multiprocessing
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from mlxport.cli import interrupts
from mlxport.cli.errors import UserError

Item = TypeVar("Item")
Result = TypeVar("Result")


def cpus() -> int:
    """Return how many CPUs this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def spread(
    work: Callable[[Item], Result], items: Sequence[Item], workers: int, chunk: int
) -> list[Result]:
    """Return `work` of each item, in order, done `chunk` at a time by `workers` processes.

    Raises UserError where a process died, of lack of memory for example.
    """
    # Forking a process with threads, such as the one that shows progress, can deadlock.
    context = multiprocessing.get_context("spawn")
    others = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(workers, mp_context=context)
    try:
        with interrupts.held():
            # All processes are started by the first item that is handed in.
            results = pool.map(work, items, chunksize=chunk)
        return list(results)
    except BrokenProcessPool:
        raise UserError(
            "a process that did part of the work died", hint="is there memory left?"
        ) from None
    except BaseException:
        # Without this the pool would finish what is queued, and hang if it is interrupted
        # while it starts: a process that is gone no longer reads what is sent to it.
        for process in set(multiprocessing.active_children()) - others:
            process.kill()
        raise
    finally:
        pool.shutdown(cancel_futures=True)
