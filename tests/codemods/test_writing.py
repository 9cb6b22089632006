"""Replacing files: all or none, also when killed; and what is not committed."""

import os
import signal
import subprocess
import sys
import time

import pytest

from mlxport.cli.errors import UserError
from mlxport.cli.main import main
from mlxport.codemods.writing import recover, replace_files

OLD = "import mlx.core as mx\nmx.metal.clear_cache()\n"
NEW = "import mlx.core as mx\nmx.clear_cache()\n"


@pytest.fixture(autouse=True)
def state(tmp_path_factory, monkeypatch):
    folder = tmp_path_factory.mktemp("state")
    monkeypatch.setenv("XDG_STATE_HOME", str(folder))
    # macOS has no XDG folders.
    monkeypatch.setenv("HOME", str(folder))
    return folder


def test_nothing_is_replaced_if_one_file_changed(tmp_path):
    first, second = tmp_path / "a.py", tmp_path / "b.py"
    first.write_bytes(b"old")
    second.write_bytes(b"edited by somebody else")
    with pytest.raises(UserError, match=r"b\.py: changed while"):
        replace_files({first: (b"old", b"new"), second: (b"old", b"new")})
    assert first.read_bytes() == b"old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.py", "b.py"]


def test_nothing_is_replaced_if_one_file_is_gone(tmp_path):
    first = tmp_path / "a.py"
    first.write_bytes(b"old")
    with pytest.raises(UserError, match=r"b\.py: cannot be written"):
        replace_files({first: (b"old", b"new"), tmp_path / "b.py": (b"old", b"new")})
    assert first.read_bytes() == b"old"


# Replaces ten files and stops for good, or dies, after half of them.
WRITER = """
import os, signal, sys, time
from pathlib import Path
from mlxport.codemods import writing
replace, done = os.replace, []
def half(source, target):
    if len(done) == 5:
        done.append(None)
        {action}
    done.append(target)
    replace(source, target)
os.replace = half
paths = [Path(sys.argv[1], f"{{i}}.py") for i in range(10)]
writing.replace_files({{p: (b"old", b"new") for p in paths}})
"""


@pytest.fixture
def ten(tmp_path):
    for i in range(10):
        (tmp_path / f"{i}.py").write_bytes(b"old")
    return tmp_path


def contents(folder):
    return [path.read_bytes() for path in sorted(folder.iterdir())]


def test_an_error_takes_all_back(ten, state):
    code = WRITER.format(action="raise OSError('disk')")
    done = subprocess.run(
        [sys.executable, "-c", code, str(ten)], capture_output=True, check=False
    )
    assert b"OSError: disk" in done.stderr
    assert contents(ten) == [b"old"] * 10
    assert not list(state.rglob("*.old"))


def test_a_kill_is_taken_back_by_the_next_run(ten, state):
    code = WRITER.format(action="os.kill(os.getpid(), signal.SIGKILL)")
    subprocess.run([sys.executable, "-c", code, str(ten)], check=False)
    assert b"new" in contents(ten)
    (ten / "4.py").write_bytes(b"mine")
    assert len(recover()) == 4
    assert contents(ten) == [b"old"] * 4 + [b"mine"] + [b"old"] * 5
    assert recover() == []
    assert not list(state.rglob("*.old"))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_takes_all_back(ten, number):
    code = WRITER.format(action="print('half', flush=True); time.sleep(60)")
    with subprocess.Popen(
        [sys.executable, "-c", code, str(ten)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout.readline() == b"half\n"
        # What a process does that is alive is not taken back.
        assert recover() == []
        process.send_signal(number)
        process.communicate(timeout=20)
    assert contents(ten) == [b"old"] * 10


def test_a_kill_at_any_time_leaves_all_or_none(ten):
    code = WRITER.format(action="pass").replace(
        "replace(source, target)", "replace(source, target); time.sleep(0.005)"
    )
    for delay in (0.15, 0.25, 0.3):
        with subprocess.Popen([sys.executable, "-c", code, str(ten)]) as process:
            time.sleep(delay)
            process.kill()
        recover()
        assert len(set(contents(ten))) == 1
        assert len(contents(ten)) == 10


def git(folder, *arguments):
    env = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    identity = ["-c", "user.name=Tester", "-c", "user.email=tester@example.org"]
    command = ["git", *identity, "-C", str(folder), *arguments]
    subprocess.run(command, env=env, check=True)


@pytest.fixture
def repository(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    git(tmp_path, "init", "-q")
    (tmp_path / "pkg").mkdir()
    for name in ("a.py", "pkg/[b] c.py"):
        (tmp_path / name).write_text(OLD)
    (tmp_path / "other.py").write_text("x = 1\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "first")
    return tmp_path


@pytest.mark.parametrize(
    ("edits", "refused"),
    [
        pytest.param({}, None, id="clean"),
        pytest.param({"other.py": "x = 2\n"}, None, id="a file that is not edited"),
        pytest.param({"a.py": OLD + "x\n"}, "a.py", id="changed"),
        pytest.param({"pkg/[b] c.py": OLD + "x\n"}, "pkg/[b] c.py", id="odd name"),
        pytest.param({"new.py": OLD}, "new.py", id="never added"),
    ],
)
def test_uncommitted_changes_are_refused(repository, capsys, edits, refused):
    for name, text in edits.items():
        (repository / name).write_text(text)
    before = (repository / "a.py").read_text()
    assert main(["migrate", "."]) == 1
    capsys.readouterr()
    assert main(["migrate", ".", "--write"]) == (2 if refused else 1)
    if refused:
        expected = (
            f"not committed, and would be edited: {refused}\nhint: commit or stash"
        )
        assert expected in capsys.readouterr().err
        assert (repository / "a.py").read_text() == before
        assert main(["migrate", ".", "--write", "--allow-dirty"]) == 1
    assert (repository / "a.py").read_text().startswith(NEW)
