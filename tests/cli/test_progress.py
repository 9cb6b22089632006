import os
import pty
import subprocess
import sys

import pytest

CODE = "from mlxport.cli.progress import step\nimport time\nwith step('weighing [b]x[/b]'): time.sleep(0.3)\n"


def on_terminal(env):
    reader, writer = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", CODE], stderr=writer, env={**os.environ, **env}
    )
    os.close(writer)
    shown = b""
    # At the end of a terminal Linux raises where others return nothing.
    try:
        while chunk := os.read(reader, 4096):
            shown += chunk
    except OSError:
        pass
    os.close(reader)
    assert process.wait() == 0
    return shown.decode()


def test_a_terminal_sees_the_step_and_the_time():
    shown = on_terminal({"TERM": "xterm"})
    assert "weighing [b]x[/b]" in shown
    assert "0:00:00" in shown


def test_no_color_is_honoured():
    assert "\x1b[3" not in on_terminal({"TERM": "xterm", "NO_COLOR": "1"})


@pytest.mark.parametrize(
    "env", [{}, {"FORCE_COLOR": "1"}], ids=["plain", "forced color"]
)
def test_a_pipe_sees_nothing(env):
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        capture_output=True,
        env={**os.environ, **env},
        check=True,
    )
    assert done.stderr == b""
