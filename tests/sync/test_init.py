import pytest

from mlxport.cli.main import main
from mlxport.sync.config import read_config

from . import small

VERSION = "#define MLX_VERSION_MAJOR 1\n#define MLX_VERSION_MINOR 0\n#define MLX_VERSION_PATCH 0\n"


def init(wrapper):
    return main(["sync", "init", "--wrapper", str(wrapper)])


@pytest.fixture
def swift(commit, git, monkeypatch):
    """Return a package with the submodules of mlx-swift, and no config."""
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "protocol.file.allow")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "always")
    wrapper = small.build(commit, git, mode="submodule")
    git(wrapper, "rm", "--quiet", "mlxport.toml")
    git(wrapper, "commit", "--quiet", "--message", "No config")
    return wrapper


def test_a_package_with_submodules(swift, capsys):
    (swift / "Source/Cmlx/fmt").mkdir()
    (swift / "Source/Cmlx/mlx-generated/metal").mkdir(parents=True)
    assert init(swift) == 1
    out = capsys.readouterr().out
    assert "recognised mlx-c " in out
    assert "recognised fmt in Source/Cmlx/fmt, only watched" in out
    assert "could not tell" not in out
    config = read_config(swift)
    assert [one.name for one in config.upstreams] == ["mlx", "mlx-c"]
    assert all(one.is_submodule for one in config.upstreams)
    assert config.upstream.location == "https://example.org/mlx"
    assert config.upstream.choices.options == {"MLX_BUILD_GGUF": "OFF"}
    assert "mlx/distributed/nccl" in config.upstream.choices.optional
    assert "mlx/distributed/ring" in config.upstream.choices.substitute
    assert [one.name for one in config.configurations] == ["darwin-metal-jit"]
    assert {one.kind for one in config.generated} == {
        *("metal-jit", "cpu-preamble", "metal-kernels")
    }
    [output] = config.outputs
    assert output.upstreams == ("mlx", "mlx-c")


def test_the_configurations_are_those_of_the_manifest(swift):
    manifest = swift / "Package.swift"
    text = '#if os(Linux)\nlet e = Context.environment["SPM_CUDA"]\n#endif\n'
    manifest.write_text(text + manifest.read_text())
    assert init(swift) == 1
    found = {one.name: one for one in read_config(swift).configurations}
    assert list(found) == ["darwin-metal-jit", "linux-cpu", "linux-cuda"]
    assert found["linux-cpu"].of("mlx-c").drop == ("mlx/c/metal.cpp", "mlx/c/fast.cpp")
    assert found["darwin-metal-jit"].choices.drop == ("mlx/backend/cpu/compiled.cpp",)


@pytest.fixture
def snapshot(commit, git):
    """Return a wrapper that carries part of v1.0.0 as plain files, and no config."""
    upstream = {
        "mlx/mlx.h": "",
        "mlx/version.h": VERSION,
        "mlx/a.cpp": "",
        "LICENSE": "",
    }
    cmake = small.MLX.format(version="1", fmt="1", sources="mlx/a.cpp")
    commit({**upstream, "CMakeLists.txt": cmake, "docs/a.md": ""}, "v1.0.0", "mlx")
    carried = {f"third party/mlx/{path}": text for path, text in upstream.items()}
    return commit({"README.md": "", **carried}, None, "wrapper")


def test_a_wrapper_with_plain_copies(snapshot, tmp_path, capsys):
    assert init(snapshot) == 1
    out = capsys.readouterr().out
    assert "recognised mlx v1.0.0 as a snapshot in third party/mlx" in out
    assert "could not tell which build file lists the sources" in out
    config = read_config(snapshot)
    assert config.upstream.take == ("/LICENSE", "/mlx/")
    mirror = f"mlx={tmp_path / 'mlx'}"
    # What is there is exactly the release, so it is taken over.
    assert small.update(snapshot, "--to", "v1.0.0", "--upstream", mirror) == 1
    out = capsys.readouterr().out
    assert "writes mlx-sources.json" in out
    assert "files added" not in out


def test_a_copy_that_is_changed_is_not_taken_over(snapshot, git, tmp_path, capsys):
    (snapshot / "third party/mlx/mlx/a.cpp").write_text("mine")
    small.commit_all(git, snapshot)
    assert init(snapshot) == 1
    mirror = f"mlx={tmp_path / 'mlx'}"
    assert small.update(snapshot, "--to", "v1.0.0", "--upstream", mirror) == 2
    assert "it is not mlx v1.0.0: mlx/a.cpp" in capsys.readouterr().err


def test_nothing_is_overwritten(swift, capsys):
    (swift / "mlxport.toml").write_text("mine")
    assert init(swift) == 2
    assert "is there already" in capsys.readouterr().err
    assert (swift / "mlxport.toml").read_text() == "mine"


def test_another_repository_is_not_recognised(commit, capsys):
    wrapper = commit({"README.md": ""}, None, "wrapper")
    assert init(wrapper) == 2
    assert "is no wrapper that mlxport knows" in capsys.readouterr().err
    assert not (wrapper / "mlxport.toml").exists()
