import json

import pytest

from mlxport.cli.main import main
from mlxport.sync import transaction
from mlxport.sync.outputfolder import RECORD


@pytest.fixture
def generate(built, tmp_path):
    """Run the command on the example upstream, into `out`."""

    def run(*arguments, ref="v2.0.0", upstream=built / "upstream"):
        given = ["--upstream", str(upstream), "--ref", ref]
        return main(
            ["sync", "generate", *given, "--output", str(tmp_path / "out"), *arguments]
        )

    return run


def files(folder):
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def test_all_kinds(generate, tmp_path, capsys):
    assert generate() == 1
    out, err = capsys.readouterr()
    written = files(tmp_path / "out")
    flat = {name for name in written if name.startswith("framework-headers/mlx-")}
    assert "framework-headers/mlx-distributed-distributed.h" in flat
    assert written.keys() - flat == {
        RECORD,
        *(f"metal-jit/{name}.cpp" for name in ("copy", "defines", "reduce")),
        "cpu-preamble/compiled_preamble.cpp",
        "cuda-jit/cuda_jit_sources.h",
        *(f"metal-kernels/{name}.h" for name in ("copy", "defines", "fill", "reduce")),
        "metal-kernels/fill.metal",
        "framework-headers/Cmlx.h",
    }
    assert out.splitlines() == [
        f"wrote {name}" for name in sorted(written) if name != RECORD
    ]
    assert f"{len(written) - 1} written and 0 removed in" in err
    assert not (tmp_path / "out" / transaction.STAGING).exists()


def test_a_second_run_writes_nothing(generate, tmp_path, capsys):
    generate()
    before = files(tmp_path / "out")
    capsys.readouterr()
    assert generate() == 0
    assert capsys.readouterr().out == ""
    assert files(tmp_path / "out") == before


def test_what_is_not_made_any_more_goes(generate, tmp_path, capsys):
    generate("--kind", "metal-jit=.")
    (tmp_path / "out/mine.cpp").write_text("mine")
    capsys.readouterr()
    assert generate("--kind", "metal-jit=.", ref="v1.0.0") == 1
    assert capsys.readouterr().out == "removed reduce.cpp\n"
    assert files(tmp_path / "out").keys() == {
        "copy.cpp",
        "defines.cpp",
        "mine.cpp",
        RECORD,
    }


def test_a_file_of_somebody_else(generate, tmp_path, capsys):
    (tmp_path / "out").mkdir()
    (tmp_path / "out/copy.cpp").write_text("mine")
    assert generate("--kind", "metal-jit=.") == 2
    assert "out/copy.cpp: was not made by mlxport" in capsys.readouterr().err
    assert files(tmp_path / "out") == {"copy.cpp": b"mine"}
    assert generate("--kind", "metal-jit=.", "--force") == 1
    assert "kernel void copy" in (tmp_path / "out/copy.cpp").read_text()


def test_a_file_that_was_edited_since(generate, tmp_path, capsys):
    generate("--kind", "metal-jit=.")
    edited = tmp_path / "out/reduce.cpp"
    edited.write_text("edited")
    assert generate("--kind", "metal-jit=.") == 2
    assert "or was changed since" in capsys.readouterr().err
    # It is not removed either, when it is not made any more.
    assert generate("--kind", "metal-jit=.", ref="v1.0.0") == 0
    assert edited.read_text() == "edited"


def test_the_same_bytes_without_a_record(generate, tmp_path):
    generate()
    (tmp_path / "out" / RECORD).unlink()
    assert generate() == 0
    assert (tmp_path / "out" / RECORD).exists()


def test_mlx_c_needs_no_configuration(generate, commit, tmp_path, capsys):
    upstream = commit(
        {"mlx/c/mlx.h": '#include "mlx/c/ops.h"\n', "mlx/c/ops.h": "\n"}, "v1"
    )
    assert generate(ref="v1", upstream=upstream) == 1
    assert capsys.readouterr().out.splitlines() == [
        *(
            "wrote c-framework-headers/mlx-c-mlx.h",
            "wrote c-framework-headers/mlx-c-ops.h",
        ),
        *("wrote c-headers/mlx.h", "wrote c-headers/ops.h"),
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(
            ["--kind", "metal"], "unknown kind of generated", id="unknown kind"
        ),
        pytest.param(["--kind", "metal-jit=../x"], "'../x' is no folder", id="outside"),
        pytest.param(["--kind", "metal-jit=/x"], "'/x' is no folder", id="absolute"),
        pytest.param(["--kind", "metal-jit="], "'' is no folder", id="no folder"),
        pytest.param(
            ["--kind", "c-headers"], "has no c-headers at v2.0.0", id="not there"
        ),
        pytest.param(
            ["--kind", "metal-jit", "--config", "linux-cpu"],
            "has no metal-jit at v2.0.0 in these configurations",
            id="not in this configuration",
        ),
        pytest.param(
            ["--ref", "v3"], "no tag, branch or commit 'v3'", id="unknown ref"
        ),
        pytest.param(["--config", "mac"], "no configuration 'mac'", id="configuration"),
        pytest.param(["--set", "jit"], "'jit' is not KEY=VALUE", id="setting"),
        pytest.param(
            ["--kind", "metal-kernels=.", "--kind", "framework-headers=x/../../y"],
            "is no folder",
            id="outside by a detour",
        ),
    ],
)
def test_mistakes(generate, capsys, tmp_path, arguments, said):
    assert generate(*arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
    assert not (tmp_path / "out").exists()


def test_an_upstream_without_such_files(generate, commit, capsys):
    assert generate(ref="v1", upstream=commit({"README": "x"}, "v1")) == 2
    assert (
        "has no generated files of a kind that mlxport makes" in capsys.readouterr().err
    )


@pytest.mark.parametrize(
    "record",
    [
        pytest.param("{", id="no JSON"),
        pytest.param("[]", id="no object"),
        pytest.param('{"a": 1}', id="no hash"),
        pytest.param(json.dumps({"../a": "0"}), id="a path that leaves the folder"),
    ],
)
def test_a_broken_record(generate, tmp_path, capsys, record):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / RECORD).write_text(record)
    assert generate() == 2
    assert RECORD in capsys.readouterr().err
    assert files(tmp_path / "out").keys() == {RECORD}


def test_a_folder_that_is_a_file(generate, tmp_path, capsys):
    (tmp_path / "out").write_text("x")
    assert generate() == 2
    assert "cannot make the folder" in capsys.readouterr().err


def test_a_link_in_the_folder(generate, tmp_path, capsys):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out/metal-jit").symlink_to(tmp_path / "elsewhere")
    assert generate("--kind", "metal-jit") == 2
    assert "out/metal-jit: is not a folder" in capsys.readouterr().err
    assert files(tmp_path / "elsewhere") == {}


def test_killed_before_the_last_file_was_in_place(generate, tmp_path, monkeypatch):
    generate("--kind", "metal-jit=.", ref="v1.0.0")
    whole = transaction._finish

    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(transaction, "_finish", killed)
    assert generate("--kind", "metal-jit=.") == 130
    monkeypatch.setattr(transaction, "_finish", whole)
    assert generate("--kind", "metal-jit=.") in (0, 1)
    left = files(tmp_path / "out")
    assert left.keys() == {"copy.cpp", "defines.cpp", "reduce.cpp", RECORD}
