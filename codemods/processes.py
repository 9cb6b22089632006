"""Spread work over processes, so that an interrupt or a dead process ends it at once."""

import multiprocessing
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import repeat
from typing import Any, TypeVar

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
    # The items are given to each process at its start, and only their numbers are queued:
    # a queue that is full of data cannot be ended once the processes are gone.
    pool = ProcessPoolExecutor(
        workers, mp_context=context, initializer=_take, initargs=(work, items)
    )
    try:
        with interrupts.held():
            # All processes are started by the first number that is handed in.
            parts = pool.map(_work_on, range(0, len(items), chunk), repeat(chunk))
        return [result for part in parts for result in part]
    except BrokenProcessPool:
        raise UserError(
            "a process that did part of the work died", hint="is there memory left?"
        ) from None
    except BaseException:
        # Without this the pool would finish what is queued.
        for process in set(multiprocessing.active_children()) - others:
            process.kill()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


# What a process of the pool was given at its start.
_given: tuple[Callable[[Any], Any], Sequence[Any]]


def _take(work: Callable[[Any], Any], items: Sequence[Any]) -> None:
    global _given
    _given = work, items


def _work_on(start: int, chunk: int) -> list[Any]:
    work, items = _given
    return [work(item) for item in items[start : start + chunk]]
