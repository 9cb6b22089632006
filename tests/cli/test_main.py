import json
import os
import signal
import subprocess
import sys
from importlib.metadata import version

import pytest

from mlxport.cli.errors import UserError
from mlxport.cli.main import main


def command(*argv, env=None, **kwargs):
    return subprocess.run(
        [sys.executable, "-m", "mlxport.cli", *argv],
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
        check=False,
        **kwargs,
    )


@pytest.mark.parametrize(
    "name",
    [
        "",
        "sync",
        "sync check",
        "sync diff",
        "sync generate",
        "sync init",
        "sync lists",
        "sync update",
        "sync why",
        "migrate",
        "lint",
        "recipes",
        "demo",
        "info",
    ],
)
def test_help_says_what_it_does_with_an_example(capsys, name):
    with pytest.raises(SystemExit) as stopped:
        main([*name.split(), "--help"])
    assert stopped.value.code == 0
    shown = capsys.readouterr().out
    assert shown.startswith(f"usage: mlxport {name}".rstrip())
    assert "exit codes" in shown if name == "" else "example" in shown


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        pytest.param([], "COMMAND", id="nothing"),
        pytest.param(["migrat"], "invalid choice", id="misspelt command"),
        pytest.param(["info", "--format", "xml"], "choose from", id="unknown format"),
        pytest.param(["demo", "--keep"], "expected one argument", id="missing value"),
    ],
)
def test_usage_errors_exit_2(capsys, argv, said):
    with pytest.raises(SystemExit) as stopped:
        main(argv)
    assert stopped.value.code == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert said in captured.err


def test_version(capsys):
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out == f"mlxport {version('mlxport')}\n"


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (UserError("no such file"), "no such file"),
        (UserError("no such file", where="a.py:3"), "a.py:3: no such file"),
    ],
    ids=["bare", "with a place"],
)
def test_user_error_text(error, text):
    assert str(error) == text


@pytest.fixture
def broken_libcst(tmp_path):
    """An import path on which LibCST does what the test writes into it."""
    (tmp_path / "code.py").write_text(
        "import mlx.core as mx\nmx.quantize(w, bits=bits)\n"
    )
    folder = tmp_path / "path"
    folder.mkdir()
    return folder / "libcst.py"


def test_our_bug_exits_3_and_asks_for_a_report(broken_libcst, tmp_path):
    broken_libcst.write_text("raise RuntimeError('broken')\n")
    done = command(
        "migrate",
        str(tmp_path / "code.py"),
        env={"PYTHONPATH": str(broken_libcst.parent)},
    )
    assert done.returncode == 3
    assert "RuntimeError: broken" in done.stderr
    assert done.stderr.endswith("please report it with the lines above\n")


def test_interrupt_exits_130(broken_libcst, tmp_path):
    broken_libcst.write_text(
        "import time\nprint('ready', flush=True)\ntime.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-m", "mlxport.cli", "migrate", str(tmp_path / "code.py")],
        env={**os.environ, "PYTHONPATH": str(broken_libcst.parent)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert err == "interrupted\n"


def test_a_closed_pipe_is_no_error():
    with subprocess.Popen(
        [sys.executable, "-m", "mlxport.cli", "recipes"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        process.stdout.close()
        err = process.stderr.read()
    assert process.returncode == 141
    assert err == ""


def test_start_is_light():
    heavy = {"numpy", "libcst", "git", "rich", "tree_sitter"}
    code = f"import sys; from mlxport.cli.main import build_parser; build_parser(); print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


class TestInfo:
    def test_json(self, capsys):
        assert main(["info", "--format", "json"]) == 0
        facts = json.loads(capsys.readouterr().out)
        assert facts["mlxport"] == version("mlxport")
        assert facts["modes"] == ["affine", "mxfp4", "mxfp8", "nvfp4"]
        assert facts["devices"][0]["kind"] == "cpu"

    def test_text(self, capsys):
        assert main(["info"]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert lines[0].split() == ["mlxport:", version("mlxport")]
        assert not [line for line in lines if not line.split(":", 1)[1].strip()]

    def test_without_git(self, capsys, monkeypatch):
        monkeypatch.setenv("PATH", "")
        assert main(["info"]) == 0
        assert "git:          not found" in capsys.readouterr().out
