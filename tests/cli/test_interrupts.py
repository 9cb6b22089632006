import os
import signal
import subprocess
import sys
import time

import pytest

from mlxport.cli import interrupts


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
