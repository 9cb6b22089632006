import shutil
import subprocess

import pytest

from mlxport.cli.errors import UserError
from mlxport.examples.repositories import HERE
from mlxport.sync import cmake, configuration, generators
from mlxport.sync.evaluation import evaluate
from mlxport.sync.filelists import FileLists, Generated
from mlxport.sync.generation import generate

UPSTREAM = HERE / "upstream"


@pytest.fixture(scope="module")
def lists():
    names = ["darwin-metal-jit", "linux-cuda"]
    return [evaluate(UPSTREAM, one) for one in configuration.load(names, {})]


def made(tree, lists, kind, **settings):
    files = generate(tree, lists, {kind: settings})[kind]
    return {file.path: file.content.decode() for file in files}


def some(**fields):
    empty = dict.fromkeys(("sources", "generated", "defines", "dependencies"), ())
    return FileLists(config="c", standard="", **{**empty, **fields})


@pytest.mark.parametrize("kind", generators.names())
def test_every_kind_says_what_it_is(kind):
    generator = generators.load(kind)
    assert generator.PURPOSE
    assert all(isinstance(value, str) for value in generator.SETTINGS.values())


def test_kernels_compiled_at_run_time(lists):
    files = made(UPSTREAM, lists, "metal-jit")
    assert sorted(files) == ["copy.cpp", "defines.cpp"]
    assert files["copy.cpp"] == (
        "namespace mlx::core::metal {\n\nconst char* copy() {\n"
        '  return R"kernel(\n'
        '#line 1 "mlx/backend/metal/kernels/defines.h"\n\n'
        "#include <metal_stdlib>\n\nusing namespace metal;\n"
        '#line 1 "mlx/backend/metal/kernels/copy.h"\n\n\n'
        "kernel void copy(device const float* in [[buffer(0)]], "
        "device float* out [[buffer(1)]],\n"
        "                 uint index [[thread_position_in_grid]]) {\n"
        "  out[index] = in[index];\n}\n"
        ')kernel";\n}\n\n}  // namespace mlx::core::metal\n'
    )


@pytest.mark.skipif(
    not (shutil.which("clang") and shutil.which("bash")),
    reason="there is no clang to run the script with",
)
def test_the_preamble_is_what_the_script_writes(lists, tmp_path):
    script = UPSTREAM / "mlx/backend/cpu/make_compiled_preamble.sh"
    # Elsewhere than on macOS clang knows the processor by another option.
    text = script.read_text().replace(
        "-arch ${PROCESSOR}", "--target=arm64-apple-macosx14"
    )
    (tmp_path / "make.sh").write_text(text)
    out = tmp_path / "out.cpp"
    arguments = [out, "clang", UPSTREAM, "TRUE", "arm64"]
    subprocess.run(["bash", tmp_path / "make.sh", *arguments], check=True)
    files = made(UPSTREAM, lists, "cpu-preamble")
    assert files == {"compiled_preamble.cpp": out.read_text()}


def test_the_byte_arrays_are_what_cmake_writes(lists, tmp_path):
    cuda = UPSTREAM / "mlx/backend/cuda"
    subprocess.run(
        [
            *(cmake.program(), f"-DMLX_SOURCE_ROOT={cuda}"),
            *("-DMLX_JIT_SOURCES=device/index.cuh", "-P", cuda / "bin2h.cmake"),
        ],
        cwd=tmp_path,
        check=True,
    )
    files = made(UPSTREAM, lists, "cuda-jit")
    assert files == {
        "cuda_jit_sources.h": (tmp_path / "gen/cuda_jit_sources.h").read_text()
    }


def test_kernels_compiled_ahead_of_time(lists):
    files = made(UPSTREAM, lists, "metal-kernels")
    assert sorted(files) == ["copy.h", "defines.h", "reduce.h", "reduce.metal"]
    assert files["reduce.metal"] == '#include "reduce.h"\n'


def test_a_kernel_in_a_folder_includes_upwards(write):
    folder = "mlx/backend/metal/kernels"
    tree = write(
        {
            "mlx/mlx.h": "",
            f"{folder}/a/b/c.metal": f'#include "{folder}/a/d.h"\n#include <e.h>\n',
            f"{folder}/a/d.h": f'// #include "{folder}/x.h"\n#include "mlx/other.h"\n',
        }
    )
    kernel = Generated(f"{folder}/c.air", "", depends=(f"{folder}/a/b/c.metal",))
    assert made(tree, [some(made=(kernel,))], "metal-kernels") == {
        "a/b/c.metal": '#include "../../a/d.h"\n#include <e.h>\n',
        "a/d.h": f'// #include "{folder}/x.h"\n#include "mlx/other.h"\n',
    }


def test_headers_of_a_framework(write):
    tree = write(
        {
            "mlx/mlx.h": '#include "mlx/a.h"\n',
            "mlx/a.h": '#pragma once\n#include "mlx/io/b.h" // "b.h"\n#include <vector>\n',
            "mlx/io/b.h": '#include "../a.h"\n#include <Metal/Metal.hpp>\n"x.h"',
            "mlx/more.h": "",
            "mlx/unused.h": '#include "gone.h"',
        }
    )
    files = made(
        tree, [], "framework-headers", module="Small", first="c.h", also="mlx/more.h"
    )
    assert files == {
        "Small.h": "".join(
            f"#include <Small/{name}>\n"
            for name in ("c.h", "mlx-a.h", "mlx-io-b.h", "mlx-more.h", "Metal.hpp")
        ),
        "mlx-a.h": "#ifdef __cplusplus\n#pragma once\n"
        '#include <Small/mlx-io-b.h> // "b.h"\n#include <vector>\n#endif\n',
        "mlx-io-b.h": "#ifdef __cplusplus\n#include <Small/mlx-a.h>\n"
        '#include <Small/Metal.hpp>\n"x.h"\n#endif\n',
        "mlx-more.h": "#ifdef __cplusplus\n\n#endif\n",
    }


def test_headers_of_the_c_api(write):
    tree = write(
        {
            "mlx/c/mlx.h": '#include "mlx/c/array.h"\n#include <stdint.h>\n',
            "mlx/c/array.h": '#include "string.h"\n',
            "mlx/c/string.h": "\n",
            "mlx/c/private/mlx.h": "",
        }
    )
    assert sorted(made(tree, [], "c-headers")) == ["array.h", "mlx.h", "string.h"]
    assert made(tree, [], "c-framework-headers") == {
        "mlx-c-mlx.h": "#include <Cmlx/mlx-c-array.h>\n#include <stdint.h>\n",
        "mlx-c-array.h": "#include <Cmlx/mlx-c-string.h>\n",
        "mlx-c-string.h": "\n",
    }
    assert made(tree, [], "framework-headers") == {}


@pytest.mark.parametrize(
    ("header", "said"),
    [
        pytest.param(
            '\n#include "gone.h"',
            "mlx/a.h:2: includes gone.h, which is not in upstream's tree",
            id="missing",
        ),
        pytest.param(
            '#include "../../secret.h"',
            "mlx/a.h:1: includes mlx/../../secret.h, which is outside upstream's tree",
            id="outside the tree",
        ),
    ],
)
def test_a_framework_header_that_includes_what_is_not_there(write, header, said):
    write({"secret.h": ""}, folder=".")
    tree = write({"mlx/mlx.h": '#include "mlx/a.h"', "mlx/a.h": header})
    with pytest.raises(UserError) as raised:
        made(tree, [], "framework-headers")
    assert str(raised.value) == said


SCRIPTS = {
    "no shell script": (("cp", "a", "b"), "", None),
    "line markers": (("sh", "m.sh"), "X=$(cc -E a)\ncat << E > o\nx\nE\n", None),
    "another processor": (
        ("sh", "m.sh"),
        "X=$(cc -arch i386 -E -P a)\ncat << E > o\nx\nE\n",
        "preprocesses for i386; mlxport knows arm64 only",
    ),
    "a file outside the tree": (
        ("sh", "m.sh"),
        "X=$(cc -E -P /etc/passwd)\ncat << E > o\nx\nE\n",
        "reads /etc/passwd, which is not in upstream's tree",
    ),
    "a script outside the tree": (
        ("sh", "../m.sh"),
        "",
        "includes ../m.sh, which is outside upstream's tree",
    ),
}


@pytest.mark.parametrize(("command", "text", "said"), SCRIPTS.values(), ids=SCRIPTS)
def test_a_command_that_is_not_like_upstreams(write, command, text, said):
    tree = write({"mlx/mlx.h": "", "m.sh": text, "../m.sh": ""})
    file = Generated("mlx/backend/metal/jit/a.cpp", "CMakeLists.txt:3", (command,))
    lists = [some(generated=(file,))]
    if said is None:
        assert made(tree, lists, "metal-jit") == {}
    else:
        with pytest.raises(UserError) as raised:
            made(tree, lists, "metal-jit")
        assert raised.value.message == said


def test_bin2h_of_another_form(write):
    tree = write({"mlx/mlx.h": "", "bin2h.cmake": "file(WRITE x)", "d.h": ""})
    command = (
        "cmake",
        "-DMLX_SOURCE_ROOT=.",
        "-DMLX_JIT_SOURCES=d.h",
        "-P",
        "bin2h.cmake",
    )
    file = Generated("gen/x.h", "", (command,))
    with pytest.raises(
        UserError, match=r"bin2h.cmake: is not a script that mlxport can"
    ):
        made(tree, [some(made=(file,))], "cuda-jit")


def test_two_configurations_that_do_not_agree(write):
    script = 'FILE=$1\nX=$(cc -E -P "<source>/$FILE")\ncat << E > o\n$CONTENT\nE\n'
    tree = write({"mlx/mlx.h": "", "m.sh": script, "a.h": "a", "b.h": "b"})
    lists = [
        some(generated=(Generated("mlx/metal/x.cpp", "", (("sh", "m.sh", name),)),))
        for name in ("a.h", "b.h")
    ]
    assert made(tree, lists[:1] * 2, "metal-jit") == {"x.cpp": "a\n"}
    with pytest.raises(
        UserError, match=r"x.cpp is made in two ways: from a.h and from b.h"
    ):
        made(tree, lists, "metal-jit")


def test_an_unknown_kind():
    with pytest.raises(
        UserError, match="unknown kind of generated files 'metal-jti'"
    ) as e:
        made(UPSTREAM, [], "metal-jti")
    assert e.value.hint.startswith(
        "did you mean metal-jit? known: c-framework-headers,"
    )
