"""The generated files of a wrapper, remade by an update."""

import hashlib
import json
import subprocess

import pytest

from mlxport.cli.main import main

FOLDER = "Source/Cmlx/generated"


def update(wrapper, *arguments):
    return main(["sync", "update", "--wrapper", str(wrapper), *arguments])


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def commit(git, wrapper):
    git(wrapper, "add", "--all")
    git(wrapper, "commit", "--quiet", "--message=Update")


def lock(wrapper):
    return json.loads((wrapper / "mlxport.lock").read_text())


def generated(wrapper):
    return sorted(
        p.relative_to(wrapper).as_posix() for p in wrapper.glob(f"{FOLDER}/**/*.*")
    )


def test_an_update_remakes_them(wrapper, capsys):
    assert f"{FOLDER}/jit/reduce.cpp" not in generated(wrapper)
    assert update(wrapper) == 1
    assert "remakes 1 metal-jit" in capsys.readouterr().out.splitlines()
    assert generated(wrapper) == [
        f"{FOLDER}/compiled_preamble.cpp",
        *(f"{FOLDER}/jit/{name}.cpp" for name in ("copy", "defines", "reduce")),
    ]
    records = lock(wrapper)["generated"]
    assert [record["path"] for record in records] == generated(wrapper)
    assert records[-1] == {
        "path": f"{FOLDER}/jit/reduce.cpp",
        "kind": "metal-jit",
        "origin": "mlx/backend/metal/kernels/reduce.h",
        "sha256": hashlib.sha256(
            (wrapper / FOLDER / "jit/reduce.cpp").read_bytes()
        ).hexdigest(),
    }


def test_what_is_not_made_any_more_goes(wrapper, git, capsys):
    update(wrapper)
    (wrapper / FOLDER / "jit/mine.cpp").write_text("mine")
    commit(git, wrapper)
    capsys.readouterr()
    assert update(wrapper, "--to", "v1.0.0") == 1
    assert f"removes {FOLDER}/jit/reduce.cpp" in capsys.readouterr().out.splitlines()
    assert f"{FOLDER}/jit/reduce.cpp" not in generated(wrapper)
    assert f"{FOLDER}/jit/mine.cpp" in generated(wrapper)


def test_a_dry_run_shows_what_goes(wrapper, git, capsysbinary):
    update(wrapper)
    commit(git, wrapper)
    capsysbinary.readouterr()
    assert update(wrapper, "--to", "v1.0.0", "--dry-run") == 1
    git(wrapper, "apply", "-", stdin=capsysbinary.readouterr().out)
    assert f"{FOLDER}/jit/reduce.cpp" not in generated(wrapper)


def test_one_that_was_changed_is_made_again(wrapper, git):
    preamble = wrapper / FOLDER / "compiled_preamble.cpp"
    before = preamble.read_bytes()
    preamble.write_text("edited")
    commit(git, wrapper)
    assert update(wrapper, "--to", "v1.0.0") == 1
    assert preamble.read_bytes() == before


def test_a_file_in_the_way_that_git_does_not_have(wrapper, capsys):
    (wrapper / FOLDER / "jit/reduce.cpp").write_text("mine")
    assert update(wrapper) == 2
    assert "jit/reduce.cpp" in capsys.readouterr().err
    assert (wrapper / FOLDER / "jit/reduce.cpp").read_text() == "mine"


def test_a_kind_that_the_configuration_drops(wrapper, git):
    edit(wrapper / "mlxport.toml", 'cpu-preamble = "Source/Cmlx/generated"\n', "")
    assert update(wrapper, "--to", "v1.0.0") == 1
    assert f"{FOLDER}/compiled_preamble.cpp" not in generated(wrapper)
    assert {record["kind"] for record in lock(wrapper)["generated"]} == {"metal-jit"}


def test_settings_of_a_kind(wrapper):
    edit(
        wrapper / "mlxport.toml",
        "[generated]\n",
        "[generated]\nframework-headers = "
        '{ folder = "Framework", module = "Small", first = "Small-c.h" }\n',
    )
    assert update(wrapper) == 1
    [first, second] = (wrapper / "Framework/Small.h").read_text().splitlines()[:2]
    assert first == "#include <Small/Small-c.h>"
    assert second == "#include <Small/mlx-array.h>"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        pytest.param('metal = "x"', "unknown kind 'metal'", id="unknown kind"),
        pytest.param('c-headers = "../x"', "leaves the wrapper", id="outside"),
        pytest.param("c-headers = 3", "'c-headers' takes a string", id="no folder"),
        pytest.param("c-headers = {}", "'folder' is missing", id="a table without one"),
        pytest.param(
            'c-headers = { folder = "x", module = "y" }',
            "unknown key 'module'",
            id="a setting of another kind",
        ),
        pytest.param(
            'c-headers = "Source/Cmlx/mlx/mlx/c"',
            "Source/Cmlx/mlx/mlx/c lies in the vendored folder",
            id="in the vendored folder",
        ),
        pytest.param(
            'c-headers = "x"', "upstream has no c-headers", id="upstream has none"
        ),
        pytest.param(
            'metal-kernels = "Source/Cmlx/generated"\n'
            'c-headers = { folder = "mlxport.toml" }',
            "mlxport.toml",
            id="a file as the folder",
        ),
    ],
)
def test_mistakes_in_the_table(wrapper, capsys, git, written, said):
    edit(wrapper / "mlxport.toml", "[generated]\n", f"[generated]\n{written}\n")
    config = (wrapper / "mlxport.toml").read_bytes()
    assert update(wrapper) == 2
    err = capsys.readouterr().err
    assert said in err
    assert "mlxport.toml:" in err
    assert (wrapper / "mlxport.toml").read_bytes() == config
    status = subprocess.check_output(["git", "-C", wrapper, "status", "--porcelain"])
    assert status == b" M mlxport.toml\n"


@pytest.mark.parametrize(
    "record",
    [
        pytest.param({"path": "../../x"}, id="a path that leaves the wrapper"),
        pytest.param({"path": 3}, id="a number"),
        pytest.param({"more": "x"}, id="one field too many"),
    ],
)
def test_a_lock_that_names_something_else(wrapper, capsys, git, record):
    document = lock(wrapper)
    document["generated"][0] |= record
    (wrapper / "mlxport.lock").write_text(json.dumps(document))
    commit(git, wrapper)
    assert update(wrapper) == 2
    assert "is not a lock that this mlxport wrote" in capsys.readouterr().err
