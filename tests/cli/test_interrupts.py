import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from mlxport.cli import interrupts


@pytest.fixture(params=["alone", "beside another thread"])
def threads(request):
    """A library's thread may be the one that the system hands the signal to."""
    leave = threading.Event()
    if request.param != "alone":
        threading.Thread(target=leave.wait).start()
    yield
    leave.set()


@pytest.mark.usefixtures("threads")
def test_waits_until_the_body_has_ended():
    ended = False

    def body():
        nonlocal ended
        with interrupts.held():
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.01)
            ended = True

    with pytest.raises(KeyboardInterrupt):
        body()
    assert ended


def test_in_another_thread_it_only_masks():
    masks = []

    def work():
        with interrupts.held():
            masks.append(signal.pthread_sigmask(signal.SIG_BLOCK, []))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert [signal.SIGINT in mask for mask in masks] == [True]


def test_nothing_happens_where_there_is_none():
    with interrupts.held():
        pass
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])


def test_a_child_leaves_it_to_its_parent():
    with interrupts.held():
        child = subprocess.Popen(
            [sys.executable, "-c", "print('up', flush=True); input()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
    with child:
        child.stdout.readline()
        child.send_signal(signal.SIGINT)
        child.communicate(b"\n")
    assert child.returncode == 0
