import os
import signal
import subprocess
import sys
import time

import pytest

from mlxport.cli.errors import UserError
from mlxport.codemods.processes import cpus, spread

SLOW = """
import sys, time
from mlxport.codemods.processes import spread

def work(item):
    time.sleep(0.05)
    return "x" * 100_000

if __name__ == "__main__":
    print("ready", flush=True)
    try:
        spread(work, ["y" * 100_000] * 400, 2, 4)
    except KeyboardInterrupt:
        sys.exit(130)
"""


@pytest.mark.parametrize("workers", [1, 2])
def test_keeps_the_order(workers):
    assert spread(abs, [-3, 1, -2], workers, 1) == [3, 1, 2]


def test_counts_at_least_one_cpu():
    assert 1 <= cpus() <= (os.cpu_count() or 1)


def test_a_dead_process_is_told():
    with pytest.raises(UserError, match="died"):
        spread(os._exit, [1, 1], 2, 1)


def test_what_the_work_raises_is_raised():
    with pytest.raises(ValueError, match="invalid literal"):
        spread(int, ["1", "x"], 2, 1)


# While the processes start, and while they work.
@pytest.mark.parametrize("delay_s", [0, 0.02, 0.1, 1])
def test_an_interrupt_ends_it(tmp_path, delay_s):
    script = tmp_path / "slow.py"
    script.write_text(SLOW)
    with subprocess.Popen(
        [sys.executable, str(script)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        process.stdout.readline()
        time.sleep(delay_s)
        # A terminal sends it to every process.
        os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert err == b""
