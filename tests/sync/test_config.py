import os

import pytest

from mlxport.cli.errors import UserError
from mlxport.sync.config import read_config

GOOD = """\
[upstreams.mlx]
location = "../upstream"
folder = "Source/mlx"
take = ["/mlx/"]
options = { MLX_BUILD_GGUF = false, macos_sdk = "14.5" }
drop = ["a.cpp"]

[configurations.linux-cpu]
substitute = { "b.cpp" = "c.cpp" }

[[outputs]]
format = "json"
path = "lists.json"

[[outputs]]
format = "swiftpm"
path = "Package.swift"
target = "T"
[outputs.platforms]
linux-cpu = { os = "Linux" }
"""


def read(tmp_path, text):
    (tmp_path / "mlxport.toml").write_text(text)
    return read_config(tmp_path)


def test_a_good_file(tmp_path):
    config = read(tmp_path, GOOD)
    upstream, [configuration] = config.upstream, config.configurations
    assert upstream.location == str(tmp_path / "../upstream")
    assert (upstream.written, str(upstream.folder)) == ("../upstream", "Source/mlx")
    assert upstream.choices.options == {"MLX_BUILD_GGUF": "OFF", "macos_sdk": "14.5"}
    assert configuration.choices.substitute == {"b.cpp": "c.cpp"}
    assert [output.format for output in config.outputs] == ["json", "swiftpm"]


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        pytest.param("take =", "takes =", 4, "unknown key 'takes'", id="unknown key"),
        pytest.param(
            "[upstreams.mlx]", "[upstream.mlx]", 1, "'upstream'", id="unknown table"
        ),
        pytest.param(
            'target = "T"', 'targets = "T"', 18, "'targets'", id="format's unknown key"
        ),
        pytest.param(
            "{ os =", "{ system =", 20, "'system'", id="platform's unknown key"
        ),
        pytest.param(
            "linux-cpu = {", "linux = {", 20, "'linux'", id="unknown configuration"
        ),
        pytest.param(
            '"json"', '"xcode"', 12, "unknown format 'xcode'", id="unknown format"
        ),
        pytest.param('target = "T"\n', "", 15, "'target' is missing", id="missing key"),
        pytest.param(
            'folder = "Source/mlx"',
            "folder = 3",
            3,
            "takes a string",
            id="not a string",
        ),
        pytest.param('"14.5"', "14.5", 5, "macos_sdk takes a string", id="a number"),
        pytest.param('"Linux"', '"linux"', 20, "unknown system", id="unknown system"),
        pytest.param('["a.cpp"]', '"a.cpp"', 6, "array of strings", id="not an array"),
        pytest.param(
            "[configurations.linux-cpu]",
            "[configurations",
            8,
            "not TOML",
            id="not TOML",
        ),
        pytest.param(
            '"Source/mlx"', '"../mlx"', 3, "leaves the wrapper", id="folder above"
        ),
        pytest.param(
            '"Source/mlx"', '"/mlx"', 3, "leaves the wrapper", id="absolute folder"
        ),
        pytest.param(
            '"Source/mlx"', '"a/.git/b"', 3, "leaves the wrapper", id="git's folder"
        ),
        pytest.param(
            '"Source/mlx"', '"."', 3, "leaves the wrapper", id="the wrapper itself"
        ),
        pytest.param(
            '"lists.json"', '"a/../../b"', 13, "leaves the wrapper", id="output above"
        ),
        pytest.param(
            '"lists.json"', '"link/b"', 13, "through a link", id="through a link"
        ),
        pytest.param('"lists.json"', '"file/b"', 13, "is a file", id="through a file"),
        pytest.param(
            '"lists.json"', '"Source/mlx/b"', 13, "is or holds", id="output in folder"
        ),
        pytest.param(
            '"lists.json"', '"mlxport.lock"', 13, "is or holds", id="output is the lock"
        ),
        pytest.param(
            "[upstreams.mlx]", "[[upstreams]]", 1, "takes a table", id="an array"
        ),
        pytest.param('["/mlx/"]', '["!"]', 4, "no pattern", id="bad pattern"),
    ],
)
def test_mistakes_are_named_by_their_line(tmp_path, old, new, line, message):
    (tmp_path / "link").symlink_to(tmp_path.parent)
    (tmp_path / "file").touch()
    assert old in GOOD
    with pytest.raises(UserError) as error:
        read(tmp_path, GOOD.replace(old, new))
    assert message in error.value.message
    assert error.value.where == f"{tmp_path / 'mlxport.toml'}:{line}"


def test_known_keys_are_listed(tmp_path):
    with pytest.raises(UserError) as error:
        read(tmp_path, GOOD.replace("take =", "takes ="))
    assert (
        error.value.hint
        == "known here: location, folder, take, options, drop, substitute"
    )


def test_no_file(tmp_path):
    with pytest.raises(UserError, match=r"there is no mlxport.toml"):
        read_config(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_cannot_be_read(tmp_path):
    (tmp_path / "mlxport.toml").touch(mode=0)
    with pytest.raises(UserError, match=r"cannot be read"):
        read_config(tmp_path)


@pytest.mark.parametrize("text", ["", "[upstreams.a]\n[upstreams.b]\n"])
def test_one_upstream_is_read(tmp_path, text):
    with pytest.raises(UserError, match=r"one is read so far"):
        read(tmp_path, text)


def test_outputs_are_an_array(tmp_path):
    text = GOOD.partition("[[outputs]]")[0] + '[outputs.x]\nformat = "json"\n'
    with pytest.raises(UserError, match=r"mlxport.toml:11: outputs takes tables"):
        read(tmp_path, text)
