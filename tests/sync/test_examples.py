import subprocess

import pytest

from mlxport.cli.main import main
from mlxport.examples.repositories import RELEASES, build_upstream
from mlxport.sync.lock import read_lock


def test_the_repositories_are_the_same_wherever_they_are_built(
    built, tmp_path, monkeypatch
):
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_AUTHOR_NAME", "someone")
    again = build_upstream(tmp_path / "with a space" / "upstream")
    monkeypatch.undo()

    def commits(folder):
        run = subprocess.run(
            ["git", "-C", folder, "rev-parse", *RELEASES],
            capture_output=True,
            check=True,
        )
        return run.stdout

    assert commits(again) == commits(built / "upstream")


@pytest.mark.parametrize("configuration", ["darwin-metal-jit", "linux-cpu"])
def test_no_cuda_but_its_stub(built, configuration):
    lock = read_lock(built / "wrapper")
    cuda = [p for p in lock.main.configurations[configuration].sources if "/cuda/" in p]
    assert cuda == ["mlx/backend/cuda/no_cuda.cpp"]


@pytest.mark.parametrize("ref", RELEASES)
def test_lists_of_the_example(built, capsys, ref):
    arguments = ["--upstream", str(built / "upstream"), "--ref", ref]
    configurations = ["--config", "darwin-metal-jit", "--config", "linux-cpu"]
    assert main(["sync", "lists", *arguments, *configurations]) == 0
    assert "mlx/backend/cuda/no_cuda.cpp" in capsys.readouterr().out
