import json
import subprocess
import sys

import pytest

from mlxport.cli.main import main
from mlxport.examples import repositories

MODES = ["affine", "mxfp4", "mxfp8", "nvfp4"]


def mlxport(*argv, cwd):
    command = [sys.executable, "-m", "mlxport.cli", *argv]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """The demo as piped into a file, and the folder that it left."""
    folder = tmp_path_factory.mktemp("a folder") / "demo"
    return mlxport("demo", "--keep", str(folder), cwd=folder.parent), folder


def test_succeeds(demo):
    done, _ = demo
    assert done.returncode == 0, done.stderr


def test_is_plain_text_where_it_is_piped(demo):
    done, _ = demo
    assert "\x1b" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("$ mlxport sync lists", id="the lists"),
        pytest.param(
            '+                .define("MLX_VERSION", to: "\\"2.0.0\\""),',
            id="the wrapper's diff",
        ),
        pytest.param(
            "+    def to_quantized(self, group_size: int = 64, bits: int = 4, mode: str",
            id="the migration's diff",
        ),
        pytest.param(
            "TypeError: GatedLinear.to_quantized() got an unexpected",
            id="the failure before",
        ),
        pytest.param("Next, on repositories of your own", id="what to do next"),
        *(pytest.param(f"\n  {mode} ", id=f"the result in {mode}") for mode in MODES),
    ],
)
def test_shows(demo, line):
    done, _ = demo
    assert line in done.stdout


def test_leaves_the_repositories_it_was_asked_to_keep(demo):
    _, folder = demo
    assert {path.name for path in folder.iterdir()} == {
        "upstream",
        "wrapper",
        "downstream",
    }


def test_what_it_migrated_stays_migrated(demo):
    _, folder = demo
    again = mlxport("migrate", "downstream", "--to", "0.29.1", "--check", cwd=folder)
    assert (again.returncode, again.stdout) == (0, "")


def test_a_folder_that_exists_is_left_alone(tmp_path, capsys):
    assert main(["demo", "--keep", str(tmp_path)]) == 2
    assert capsys.readouterr().err == (
        f"error: {tmp_path}: the folder exists already\nhint: name a new one\n"
    )


def outcomes(folder, mode, *flags):
    command = [
        sys.executable,
        "-m",
        "mlxport.examples.exercise",
        str(folder),
        mode,
        *flags,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, {
        o["check"]: o["exception"] for o in json.loads(done.stdout)
    }


@pytest.mark.mlx
@pytest.mark.parametrize("mode", MODES)
def test_the_migrated_code_is_right_on_mlx_itself(demo, mode):
    pytest.importorskip("mlx.core")
    code, exceptions = outcomes(demo[1] / "downstream", mode, "--real")
    assert exceptions == dict.fromkeys(exceptions)
    assert code == 0


@pytest.mark.parametrize(
    ("mode", "said"),
    [
        pytest.param("mxfp4", "probably of another mode", id="mxfp4"),
        pytest.param("mxfp8", "probably of another mode", id="mxfp8"),
        pytest.param("nvfp4", "affine has no group_size of 16", id="nvfp4"),
    ],
)
def test_the_code_before_fails_in_every_check(tmp_path, mode, said):
    repositories.build_downstream(tmp_path / "downstream")
    code, exceptions = outcomes(tmp_path / "downstream", mode)
    assert code == 1
    assert all(exceptions.values())
    assert said in exceptions["fused adapter"]
