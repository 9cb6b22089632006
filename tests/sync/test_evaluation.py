import re
import shutil
import sys
from contextlib import suppress

import pytest

from mlxport.cli.errors import UserError
from mlxport.sync import configuration
from mlxport.sync.evaluation import evaluate, evaluate_quick
from mlxport.sync.sandbox import landlock_version

HEAD = "cmake_minimum_required(VERSION 3.24)\nproject(mlx LANGUAGES CXX)\n"
START = HEAD + "add_library(mlx mlx/ops.cpp)\n"
OPS = {"mlx/ops.cpp": ""}


@pytest.fixture(params=["wheel", "PATH"], autouse=True)
def cmake(request, monkeypatch):
    """Evaluate under the wheel's cmake and, where there is one, under the system's."""
    if request.param == "PATH":
        folders = ("/usr/bin", "/opt/homebrew/bin", "/usr/local/bin")
        found = shutil.which("cmake", path=":".join(folders))
        if not found:
            pytest.skip("no cmake of the system")
        monkeypatch.setenv("MLXPORT_CMAKE", found)


@pytest.fixture(params=[evaluate, evaluate_quick], ids=["whole", "quick"])
def way(request):
    """Return each of the two functions that evaluate a tree."""
    return request.param


@pytest.fixture
def lists(write, way):
    """Evaluate a tree of `{path: text}`; CMakeLists.txt follows the usual start."""

    def run(
        cmake="", files=(), config="linux-cpu", start=START, timeout_s=60, **changed
    ):
        tree = write({**OPS, **dict(files), "CMakeLists.txt": start + cmake})
        (chosen,) = configuration.load([config], changed)
        return way(tree, chosen, timeout_s=timeout_s)

    return run


CONDITIONS = """
option(MLX_METAL_JIT "" OFF)
if(MLX_METAL_JIT)
  target_sources(mlx PRIVATE mlx/jit.cpp)
else()
  target_sources(mlx PRIVATE mlx/nojit.cpp)
endif()
find_library(METAL_LIB NAMES NoSuch Metal)
execute_process(COMMAND zsh "-c" "/usr/bin/xcrun -sdk macosx --show-sdk-version"
                OUTPUT_VARIABLE sdk OUTPUT_STRIP_TRAILING_WHITESPACE
                COMMAND_ERROR_IS_FATAL ANY)
if(METAL_LIB AND sdk VERSION_GREATER_EQUAL 26.2 AND APPLE AND CMAKE_HOST_APPLE)
  target_sources(mlx PRIVATE mlx/jaccl.cpp)
endif()
"""


@pytest.mark.parametrize(
    ("config", "changed", "expected"),
    [
        pytest.param("darwin-metal", {}, ["jaccl", "nojit"], id="no JIT"),
        pytest.param("darwin-metal-jit", {}, ["jaccl", "jit"], id="JIT"),
        pytest.param(
            "darwin-metal-jit", {"macos_sdk": "14.5"}, ["jit"], id="parameter"
        ),
        pytest.param(
            "darwin-metal-jit",
            {"MLX_METAL_JIT": "OFF"},
            ["jaccl", "nojit"],
            id="option",
        ),
    ],
)
def test_conditional_sources(lists, config, changed, expected):
    names = ("jit", "nojit", "jaccl")
    found = lists(
        CONDITIONS, {f"mlx/{n}.cpp": "" for n in names}, config=config, **changed
    )
    assert list(found.paths) == [
        *(f"mlx/{name}.cpp" for name in expected),
        "mlx/ops.cpp",
    ]
    assert found.config == config


IOS_METAL = """
if(NOT CMAKE_SYSTEM_NAME STREQUAL "Darwin" {more})
  set(MLX_BUILD_METAL OFF)
endif()
if(MLX_BUILD_METAL AND APPLE)
  target_sources(mlx PRIVATE mlx/metal.cpp)
endif()
if(IOS)
  target_sources(mlx PRIVATE mlx/no_cpu.cpp)
endif()
"""


@pytest.mark.parametrize(
    "more",
    [
        pytest.param('AND NOT CMAKE_SYSTEM_NAME STREQUAL "iOS"', id="knows iOS"),
        pytest.param("", id="knows macOS only"),
    ],
)
def test_ios_has_metal_even_where_upstream_does_not_know_it(lists, more):
    files = {"mlx/metal.cpp": "", "mlx/no_cpu.cpp": ""}
    found = lists(IOS_METAL.format(more=more), files, config="ios-metal-jit")
    assert found.paths == ("mlx/metal.cpp", "mlx/no_cpu.cpp", "mlx/ops.cpp")


def test_windows(lists):
    cmake = """
if(WIN32 AND MSVC AND CMAKE_HOST_WIN32 AND NOT UNIX AND NOT CMAKE_HOST_UNIX)
  target_sources(mlx PRIVATE mlx/windows.cpp)
endif()
"""
    found = lists(cmake, {"mlx/windows.cpp": ""}, config="windows-cpu")
    assert found.paths == ("mlx/ops.cpp", "mlx/windows.cpp")


def test_headers_are_not_compiled_and_paths_are_normal(lists):
    files = {
        "mlx/a.h": "",
        "mlx/cpu/CMakeLists.txt": """
target_sources(mlx PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/../no_cpu/x.cpp ../a.h)
""",
        "mlx/no_cpu/x.cpp": "",
    }
    found = lists("add_subdirectory(mlx/cpu)", files)
    assert found.paths == ("mlx/no_cpu/x.cpp", "mlx/ops.cpp")


def test_an_origin_is_the_line_that_adds_a_source(lists):
    files = {
        "mlx/CMakeLists.txt": "\n\nadd_kernel(b)\ninclude(more.cmake)\n",
        "mlx/more.cmake": "target_sources(mlx PRIVATE c.cpp)\n",
        "mlx/b.cpp": "",
        "mlx/c.cpp": "",
    }
    cmake = (
        "function(add_kernel n)\ntarget_sources(mlx PRIVATE ${n}.cpp)\nendfunction()\n"
    )
    found = lists(cmake + "add_subdirectory(mlx)\n", files)
    assert {source.path: source.origin for source in found.sources} == {
        "mlx/ops.cpp": "CMakeLists.txt:3",
        "mlx/b.cpp": "mlx/CMakeLists.txt:3",
        "mlx/c.cpp": "mlx/more.cmake:1",
    }


def test_second_project(lists):
    files = {
        "lib/CMakeLists.txt": """
cmake_minimum_required(VERSION 3.24)
project(jaccl LANGUAGES C CXX)
add_library(jaccl jaccl/ring.cpp)
target_compile_definitions(jaccl PRIVATE JACCL)
add_executable(jaccl_example main.cpp)
""",
        "lib/jaccl/ring.cpp": "",
        "lib/main.cpp": "",
    }
    found = lists(
        "add_subdirectory(lib)\ntarget_link_libraries(mlx PRIVATE jaccl)", files
    )
    assert found.paths == ("lib/jaccl/ring.cpp", "mlx/ops.cpp")
    assert [library.name for library in found.linked] == ["jaccl"]
    assert "JACCL" in found.defines


def test_a_library_that_is_not_linked_is_not_compiled(lists):
    found = lists("add_library(other other.cpp)", {"other.cpp": ""})
    assert found.paths == ("mlx/ops.cpp",)
    assert found.linked == ()


def test_a_program_of_the_build_is_not_linked(lists):
    cmake = """
add_library(tool_lib STATIC tool.cpp)
add_executable(tool tool.cpp)
target_link_libraries(tool PRIVATE tool_lib)
add_custom_command(OUTPUT made.cpp COMMAND tool)
add_custom_target(make_all DEPENDS made.cpp)
add_dependencies(mlx make_all)
target_sources(mlx PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/made.cpp)
"""
    found = lists(cmake, {"tool.cpp": ""})
    assert found.paths == ("mlx/ops.cpp",)
    assert [file.path for file in found.generated] == ["made.cpp"]


def test_a_source_outside_the_tree(lists, write):
    outside = write({"x.cpp": ""}, "outside")
    with pytest.raises(UserError, match="compiles a file outside its tree") as caught:
        lists(f"target_sources(mlx PRIVATE {outside}/x.cpp)")
    assert caught.value.where == "CMakeLists.txt:4"


def test_an_object_library_is_part_of_what_links_it(lists):
    cmake = """
add_library(mlx_version OBJECT mlx/version.cpp)
target_compile_definitions(mlx_version PRIVATE MLX_VERSION="1.2.3")
target_link_libraries(mlx PRIVATE $<BUILD_INTERFACE:mlx_version>)
set_property(TARGET mlx PROPERTY CXX_STANDARD 20)
"""
    found = lists(cmake, {"mlx/version.cpp": ""})
    assert found.paths == ("mlx/ops.cpp", "mlx/version.cpp")
    assert 'MLX_VERSION="1.2.3"' in found.defines
    assert found.standard == "c++20"


FETCH = """
include(FetchContent)
FetchContent_Declare(json URL https://example.org/json.tar.xz URL_HASH SHA256=00ff)
FetchContent_MakeAvailable(json)
FetchContent_Declare(fmt GIT_REPOSITORY https://example.org/fmt.git GIT_TAG 12.1.0
                     EXCLUDE_FROM_ALL)
FetchContent_Declare(GGUFlib GIT_REPOSITORY https://example.org/gguf GIT_TAG abc)
FetchContent_MakeAvailable(fmt GGUFlib)
add_library(gguflib STATIC ${gguflib_SOURCE_DIR}/src/fp16.c)
target_link_libraries(mlx PRIVATE $<BUILD_INTERFACE:fmt::fmt-header-only> gguflib)
target_include_directories(mlx PRIVATE ${json_SOURCE_DIR}/include)
"""


def test_fetched_dependencies(lists):
    found = lists(FETCH)
    assert [(d.name, d.url, d.ref) for d in found.dependencies] == [
        ("GGUFlib", "https://example.org/gguf", "abc"),
        ("fmt", "https://example.org/fmt.git", "12.1.0"),
        ("json", "https://example.org/json.tar.xz", "SHA256=00ff"),
    ]
    (library,) = found.linked
    assert library.name == "gguflib"
    assert [source.path for source in library.sources] == ["<gguflib>/src/fp16.c"]
    assert found.paths == ("mlx/ops.cpp",)


def test_a_dependency_inside_the_tree(lists):
    cmake = """
include(FetchContent)
FetchContent_Declare(jaccl SOURCE_DIR ${CMAKE_CURRENT_SOURCE_DIR}/lib)
FetchContent_MakeAvailable(jaccl)
target_link_libraries(mlx PRIVATE jaccl)
"""
    files = {"lib/CMakeLists.txt": "add_library(jaccl ring.cpp)\n", "lib/ring.cpp": ""}
    found = lists(cmake, files)
    assert found.paths == ("lib/ring.cpp", "mlx/ops.cpp")
    assert found.dependencies == ()


def test_a_dependency_inside_the_tree_has_lines_of_its_own(lists):
    cmake = """
include(FetchContent)
FetchContent_Declare(jaccl SOURCE_DIR ${CMAKE_CURRENT_SOURCE_DIR}/lib)
FetchContent_MakeAvailable(jaccl)
target_link_libraries(mlx PRIVATE jaccl)
"""
    files = {
        "lib/CMakeLists.txt": "\nadd_library(jaccl ring.cpp)\n",
        "lib/ring.cpp": "",
    }
    origins = {s.path: s.origin for s in lists(cmake, files).sources}
    assert origins["lib/ring.cpp"] == "lib/CMakeLists.txt:2"


DEFINES = """
add_compile_definitions(EVERYWHERE)
add_subdirectory(lib)
add_compile_definitions(ONLY_HERE $<$<COMPILE_LANGUAGE:CUDA>:NOT_IN_CXX>)
add_definitions(-DOLD_WAY)
target_compile_definitions(
  mlx PUBLIC OWN PRIVATE "A=a;B" $<BUILD_INTERFACE:BUILT>
  $<$<NOT:$<BOOL:OFF>>:NEGATED> $<INSTALL_INTERFACE:INSTALLED> INTERFACE NEVER)
set_property(TARGET mlx APPEND PROPERTY COMPILE_DEFINITIONS BY_PROPERTY)
set_property(TARGET mlx PROPERTY CXX_STANDARD 17)
target_compile_features(mlx PRIVATE cxx_std_20)
target_link_libraries(mlx PRIVATE lib)
"""
LIB = """
set(CMAKE_CXX_STANDARD 14)
add_library(lib lib.cpp)
add_library(lib::lib ALIAS lib)
add_library(below OBJECT below.cpp)
target_compile_definitions(lib PRIVATE INSIDE PUBLIC PASSED INTERFACE ASKED)
target_compile_definitions(below INTERFACE FROM_BELOW)
target_link_libraries(lib PUBLIC below)
target_sources(lib INTERFACE ${CMAKE_CURRENT_SOURCE_DIR}/given.cpp)
"""


def test_what_targets_and_folders_pass_on(lists):
    files = {
        "lib/CMakeLists.txt": LIB,
        **{f"lib/{name}.cpp": "" for name in ("lib", "below", "given")},
    }
    found = lists(DEFINES, files)
    assert set(found.defines) == {
        *("EVERYWHERE", "ONLY_HERE", "OLD_WAY", "OWN", "A=a", "B", "BUILT", "NEGATED"),
        *("BY_PROPERTY", "INSIDE", "PASSED", "ASKED", "FROM_BELOW"),
    }
    assert found.standard == "c++20"
    assert found.paths == (
        *("lib/below.cpp", "lib/given.cpp", "lib/lib.cpp"),
        "mlx/ops.cpp",
    )


@pytest.mark.parametrize(
    ("standard", "feature", "found"),
    [
        pytest.param(None, None, "", id="none"),
        pytest.param(17, None, "c++17", id="standard"),
        pytest.param(17, 20, "c++20", id="raised"),
        pytest.param(20, 17, "c++20", id="not lowered"),
        pytest.param(98, 11, "c++11", id="raised from the oldest"),
        pytest.param(11, 98, "c++11", id="not lowered to the oldest"),
        pytest.param(None, 20, "c++20", id="feature"),
        pytest.param(None, 14, "", id="feature the compiler has by default"),
    ],
)
def test_standards(lists, standard, feature, found):
    cmake = ""
    if standard:
        cmake += f"set_target_properties(mlx PROPERTIES CXX_STANDARD {standard})\n"
    if feature:
        cmake += f"target_compile_features(mlx PRIVATE cxx_std_{feature})\n"
    assert lists(cmake).standard == found


def test_a_shared_library_knows_that_it_is_one(lists):
    assert lists(BUILD_SHARED_LIBS="ON").defines == ("mlx_EXPORTS",)
    cmake = "set_target_properties(mlx PROPERTIES DEFINE_SYMBOL MLX_EXPORT)"
    assert lists(cmake, BUILD_SHARED_LIBS="ON").defines == ("MLX_EXPORT",)


def test_paths_are_those_of_the_folder_at_hand(lists):
    files = {
        "mlx/CMakeLists.txt": """
file(STRINGS names.txt names)
foreach(name IN LISTS names)
  target_sources(mlx PRIVATE ${name}.cpp)
endforeach()
file(GLOB globbed RELATIVE ${CMAKE_CURRENT_SOURCE_DIR} glob/*.cpp)
target_sources(mlx PRIVATE ${globbed})
configure_file(made.cpp.in made.cpp)
target_sources(mlx PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/made.cpp)
include(sub/more.cmake)
if(NOT MORE STREQUAL "${PROJECT_SOURCE_DIR}/mlx/sub")
  message(FATAL_ERROR "${MORE}")
endif()
""",
        "mlx/sub/more.cmake": "set(MORE ${CMAKE_CURRENT_LIST_DIR})\nreturn()\nbad()\n",
        "mlx/names.txt": "b\nc\n",
        "mlx/made.cpp.in": "",
        **{f"mlx/{name}.cpp": "" for name in ("b", "c", "glob/d")},
    }
    found = lists("add_subdirectory(mlx out)", files)
    assert found.paths == ("mlx/b.cpp", "mlx/c.cpp", "mlx/glob/d.cpp", "mlx/ops.cpp")
    assert [file.path for file in found.generated] == ["out/made.cpp"]


def test_a_version_of_the_project_is_known(lists):
    start = """
cmake_minimum_required(VERSION 3.25)
project(mlx VERSION 1.22.3 LANGUAGES C CXX)
add_library(mlx mlx/ops.cpp)
target_compile_definitions(
  mlx PRIVATE "V=${PROJECT_VERSION}" "M=${mlx_VERSION_MINOR}" "T=${PROJECT_VERSION_TWEAK}"
              "N=${PROJECT_NAME}${CMAKE_PROJECT_NAME}" "P=${CMAKE_PROJECT_VERSION}")
"""
    found = lists(start=start)
    assert found.defines == ("M=22", "N=mlxmlx", "P=1.22.3", "T=", "V=1.22.3")


def test_a_property_of_a_target_can_be_asked_for(lists):
    cmake = """
set_property(TARGET mlx PROPERTY WHERE_IT_IS /here)
get_target_property(place mlx WHERE_IT_IS)
target_compile_definitions(mlx PRIVATE PLACE=${place})
"""
    assert lists(cmake).defines == ("PLACE=/here",)


ONLY_WHOLE = [
    pytest.param("if(TARGET mlx)\nendif()", "if(TARGET mlx)", id="is it a target"),
    pytest.param("get_target_property(x mlx TYPE)", "mlx TYPE", id="property"),
    pytest.param("get_property(x TARGET mlx PROPERTY TYPE)", "TYPE", id="get_property"),
    pytest.param(
        "set_source_files_properties(mlx/ops.cpp PROPERTIES HEADER_FILE_ONLY ON)",
        "HEADER_FILE_ONLY",
        id="not compiled after all",
    ),
    pytest.param(
        "target_sources(mlx PRIVATE $<TARGET_OBJECTS:mlx>)", "TARGET_OBJECTS", id="$<>"
    ),
    pytest.param("aux_source_directory(mlx x)", "aux_source_directory", id="command"),
]


@pytest.mark.parametrize(("cmake", "said"), ONLY_WHOLE)
def test_what_only_a_whole_run_can_answer(write, cmake, said):
    tree = write({**OPS, "CMakeLists.txt": START + cmake})
    (chosen,) = configuration.load(["linux-cpu"], {})
    with pytest.raises(UserError) as caught:
        evaluate_quick(tree, chosen)
    assert said in caught.value.message
    assert caught.value.where == "CMakeLists.txt:4"


def test_the_quick_way_needs_no_sources(write):
    tree = write({"CMakeLists.txt": START + CONDITIONS})
    (chosen,) = configuration.load(["darwin-metal-jit"], {})
    paths = evaluate_quick(tree, chosen).paths
    assert paths == ("mlx/jaccl.cpp", "mlx/jit.cpp", "mlx/ops.cpp")


GENERATE = """
function(make_jit_source name)
  add_custom_command(
    OUTPUT jit/${name}.cpp
    COMMAND bash ${CMAKE_CURRENT_SOURCE_DIR}/make.sh "a;b" "" "\\nc\\\\d" ${CMAKE_CXX_COMPILER}
            ${CMAKE_CURRENT_BINARY_DIR}/jit
    COMMAND echo done
    DEPENDS make.sh kernels/${name}.h jit_target ${PROJECT_SOURCE_DIR}/mlx/ops.cpp
    VERBATIM)
  target_sources(mlx PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/jit/${name}.cpp)
endfunction()
make_jit_source(sort)
"""


def test_generated_files(lists):
    files = {
        "mlx/metal/CMakeLists.txt": GENERATE,
        "mlx/metal/make.sh": "exit 1\n",
        "mlx/metal/kernels/sort.h": "",
    }
    found = lists("add_subdirectory(mlx/metal)\nadd_custom_target(jit_target)", files)
    (made,) = found.generated
    assert made.name == "sort.cpp"
    assert made.path == "mlx/metal/jit/sort.cpp"
    assert made.origin == "mlx/metal/CMakeLists.txt:12"
    # As in CMake, an argument that was written in quotes stays one.
    assert made.commands == (
        (
            "bash",
            "mlx/metal/make.sh",
            "a;b",
            "",
            "\nc\\d",
            "c++",
            "<build>/mlx/metal/jit",
        ),
        ("echo", "done"),
    )
    assert made.depends == (
        "jit_target",
        "mlx/metal/kernels/sort.h",
        "mlx/metal/make.sh",
        "mlx/ops.cpp",
    )
    assert found.paths == ("mlx/ops.cpp",)


def test_a_configured_file_is_generated(lists):
    cmake = """
set(answer 42)
configure_file(v.cpp.in v.cpp @ONLY)
file(READ v.cpp.in results)
file(GLOB name RELATIVE ${CMAKE_CURRENT_SOURCE_DIR} mlx/*.cpp)
file(READ ${CMAKE_CURRENT_BINARY_DIR}/v.cpp made)
if(NOT results STREQUAL "int v = @answer@;\\n" OR NOT made STREQUAL "int v = 42;\\n"
   OR NOT name STREQUAL "mlx/ops.cpp")
  message(FATAL_ERROR "[${results}] [${made}] [${name}]")
endif()
target_sources(mlx PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/v.cpp)
"""
    found = lists(cmake, {"v.cpp.in": "int v = @answer@;\n"})
    assert [file.path for file in found.generated] == ["v.cpp"]


def test_options_that_upstream_does_not_have(lists, way):
    if way is evaluate_quick:
        pytest.skip("only a whole run tells")
    found = lists('option(MLX_BUILD_CPU "" ON)')
    assert "MLX_BUILD_GGUF" in found.unused_options
    assert "MLX_BUILD_CPU" not in found.unused_options


CUDA = """
option(MLX_BUILD_CUDA "" OFF)
if(MLX_BUILD_CUDA)
  enable_language(CUDA)
  target_sources(mlx PRIVATE mlx/backend/cuda/sort.cu mlx/backend/cuda/device.cpp)
else()
  target_sources(mlx PRIVATE mlx/backend/cuda/no_cuda.cpp)
endif()
"""
CUDA_FILES = {
    f"mlx/backend/cuda/{name}": ""
    for name in ("no_cuda.cpp", "device.cpp", "sort.cu", "sort.h", "gemms/gemm.cu")
}


def test_only_the_stub_of_an_excluded_backend(lists):
    found = lists(CUDA, CUDA_FILES)
    assert found.paths == ("mlx/backend/cuda/no_cuda.cpp", "mlx/ops.cpp")
    assert found.excluded_cuda == (
        "mlx/backend/cuda/device.cpp",
        "mlx/backend/cuda/gemms/gemm.cu",
        "mlx/backend/cuda/sort.cu",
    )


def test_cuda(lists):
    found = lists(CUDA, CUDA_FILES, config="linux-cuda")
    assert found.paths == (
        "mlx/backend/cuda/device.cpp",
        "mlx/backend/cuda/sort.cu",
        "mlx/ops.cpp",
    )
    assert "mlx/backend/cuda/no_cuda.cpp" in found.excluded_cuda


@pytest.mark.parametrize(
    ("cmake", "message"),
    [
        pytest.param(
            CUDA + "target_sources(mlx PRIVATE mlx/backend/cuda/device.cpp)",
            "mlx/backend/cuda/device.cpp: configuration linux-cpu is not for CUDA",
            id="more than the stub",
        ),
        pytest.param("", "does not compile the CUDA stub", id="no stub"),
    ],
)
def test_the_cuda_rule_is_broken(lists, cmake, message):
    with pytest.raises(UserError) as caught:
        lists(cmake, CUDA_FILES)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("cmake", "where", "question", "table"),
    [
        pytest.param(
            "find_program(TOOL NAMES swiftc)",
            "CMakeLists.txt:4",
            "find_program(TOOL swiftc)",
            "find",
            id="find_program",
        ),
        pytest.param(
            "find_package(OpenMP 4.5 REQUIRED)",
            "CMakeLists.txt:4",
            "find_package(OpenMP)",
            "packages",
            id="find_package",
        ),
        pytest.param(
            'execute_process(COMMAND uname "-m" OUTPUT_VARIABLE x RESULT_VARIABLE y)',
            "CMakeLists.txt:4",
            "execute_process(COMMAND uname -m)",
            "processes",
            id="execute_process",
        ),
        pytest.param(
            "enable_language(Swift)",
            "CMakeLists.txt:4",
            "enable_language(Swift)",
            "languages",
            id="enable_language",
        ),
        pytest.param(
            "add_subdirectory(mlx)",
            "mlx/ask.cmake:2",
            "find_path(HERE x.h)",
            "find",
            id="innermost file of the tree",
        ),
    ],
)
def test_a_question_without_an_answer(lists, cmake, where, question, table):
    files = {
        "mlx/CMakeLists.txt": "include(ask.cmake)\n",
        "mlx/ask.cmake": "\nfind_path(HERE x.h /usr/include)\n",
    }
    with pytest.raises(UserError) as caught:
        lists(cmake, files)
    assert caught.value.where == where
    assert f"linux-cpu does not answer: {question}" in caught.value.message
    assert f"[{table}] in " in caught.value.hint
    assert caught.value.hint.endswith("linux-cpu.toml")


@pytest.mark.parametrize(
    ("cmake", "where", "message"),
    [
        pytest.param("if(TRUE)\n", "CMakeLists.txt:4", "closed|nested", id="no endif"),
        pytest.param(")\n", "CMakeLists.txt:4", "Parse error", id="parenthesis"),
        pytest.param("\nnonsense()", "CMakeLists.txt:5", "nonsense", id="command"),
        pytest.param(
            "add_subdirectory(mlx)", "mlx/CMakeLists.txt:1", "broken", id="folder"
        ),
        pytest.param(
            'message(FATAL_ERROR "needs\n  more")',
            "CMakeLists.txt:4",
            "needs more",
            id="its own",
        ),
        pytest.param(
            'include(CheckCXXSourceCompiles)\ncheck_cxx_source_compiles("int main(){}" X)',
            "CMakeLists.txt:5",
            "try_compile",
            id="compiler needed",
        ),
        pytest.param(
            "cmake_host_system_information(RESULT x QUERY NUMBER_OF_PHYSICAL_CORES)",
            "CMakeLists.txt:4",
            "cmake_host_system_information",
            id="about the host",
        ),
    ],
)
def test_errors_of_cmake_are_placed(lists, cmake, where, message):
    with pytest.raises(UserError) as caught:
        lists(cmake, {"mlx/CMakeLists.txt": "broken()\n"})
    assert caught.value.where == where
    assert re.search(message, caught.value.message)


def test_a_source_that_is_not_there(lists, way):
    if way is evaluate_quick:
        pytest.skip("the sources need not be there")
    with pytest.raises(UserError, match=r"gone\.cpp") as caught:
        lists("target_sources(mlx PRIVATE gone.cpp)")
    # Older versions of cmake name the target's line.
    assert caught.value.where in ("CMakeLists.txt:3", "CMakeLists.txt:4")


def test_no_cmake_lists(write, way):
    (chosen,) = configuration.load(["linux-cpu"], {})
    with pytest.raises(UserError, match=r"CMakeLists\.txt: upstream has no such file"):
        way(write({"README.md": ""}), chosen)


def test_no_such_library(lists):
    with pytest.raises(UserError, match="no library 'mlx'") as caught:
        lists(start=HEAD + "add_library(mlxc mlx/ops.cpp)\n")
    assert "it has: mlxc" in caught.value.hint


def test_a_loop_ends(lists):
    with pytest.raises(UserError, match=r"did not finish within 0\.5 s"):
        lists("while(TRUE)\nendwhile()\n", timeout_s=0.5)


OUTSIDE = [
    pytest.param("file(WRITE {}/evil x)", id="file WRITE"),
    pytest.param("file(APPEND ../outside/evil x)", id="relative"),
    pytest.param("file(TOUCH {}/evil)", id="file TOUCH"),
    pytest.param("file(REMOVE_RECURSE {}/precious)", id="file REMOVE"),
    pytest.param("file(RENAME {}/precious {}/evil)", id="file RENAME"),
    pytest.param("file(COPY mlx DESTINATION {}/evil)", id="file COPY"),
    pytest.param("file(GENERATE OUTPUT {}/evil CONTENT x)", id="file GENERATE"),
    pytest.param("file(DOWNLOAD https://example.org/x {}/evil)", id="file DOWNLOAD"),
    pytest.param("file(CREATE_LINK {} ${{CMAKE_BINARY_DIR}}/x SYMBOLIC)", id="link"),
    pytest.param("configure_file(mlx/ops.cpp {}/evil)", id="configure_file"),
    pytest.param("file(WRITE mlx/evil.cpp x)", id="into the tree"),
]


@pytest.mark.parametrize("code", OUTSIDE)
def test_no_write_outside(lists, write, code):
    outside = write({"precious": "keep"}, "outside")
    with pytest.raises(UserError, match="writes outside its build folder") as caught:
        lists(code.format(outside, outside))
    assert caught.value.where == "CMakeLists.txt:4"
    assert [path.name for path in outside.iterdir()] == ["precious"]
    assert not (outside.parent / "tree/mlx/evil.cpp").exists()


@pytest.mark.skipif(not landlock_version(), reason="this system confines no program")
@pytest.mark.parametrize(
    "code",
    [
        pytest.param("file(WRITE {}/evil x)", id="before the prelude is read"),
        pytest.param(
            "execute_process(COMMAND /bin/sh -c 'echo>{}/evil')", id="program"
        ),
    ],
)
def test_no_write_outside_before_project(lists, write, code):
    outside = write({"precious": "keep"}, "outside")
    with suppress(UserError):  # A program that cannot start is no error to CMake.
        lists(start=code.format(outside) + "\n" + START)
    assert [path.name for path in outside.iterdir()] == ["precious"]


@pytest.mark.skipif(not landlock_version(), reason="this system confines no program")
def test_the_original_commands_do_not_write_outside_either(lists, write):
    outside = write({"precious": "keep"}, "outside")
    with pytest.raises(UserError):
        lists(f"_file(WRITE {outside}/evil x)")
    assert [path.name for path in outside.iterdir()] == ["precious"]


def test_the_machine_takes_no_part(lists, monkeypatch, write):
    bin_ = write({"cc": "", "ccache": "", "xcrun": ""}, "bin")
    for tool in bin_.iterdir():
        tool.write_text(f"#!/bin/sh\ntouch {bin_}/ran\n")
        tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(bin_), prepend=":")
    monkeypatch.setenv("CXXFLAGS", "-DFROM_THE_CALLER")
    monkeypatch.setenv("LAPACK_ROOT", "/caller")
    cmake = """
find_program(CCACHE ccache)
if(CCACHE OR DEFINED ENV{LAPACK_ROOT} OR NOT "$ENV{PATH}" STREQUAL "")
  message(FATAL_ERROR "sees ${CCACHE} $ENV{LAPACK_ROOT} $ENV{PATH}")
endif()
"""
    assert lists(cmake).defines == ()
    assert not (bin_ / "ran").exists()


def test_the_tree_may_lie_anywhere(write, tmp_path, monkeypatch, way):
    folder = "odd (name) [x] + $y é"
    tree = write({**OPS, "CMakeLists.txt": START + FETCH}, folder)
    temporary = tmp_path / "tmp (1)+[x] ü"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    (chosen,) = configuration.load(["linux-cpu"], {})
    found = way(tree, chosen)
    assert found.paths == ("mlx/ops.cpp",)
    assert [source.path for source in found.linked[0].sources] == [
        "<gguflib>/src/fp16.c"
    ]
    assert list(temporary.iterdir()) == []


def test_no_cmake(lists, monkeypatch):
    monkeypatch.setitem(sys.modules, "cmake", None)
    monkeypatch.delenv("MLXPORT_CMAKE", raising=False)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(UserError, match="there is no cmake"):
        lists()


@pytest.mark.parametrize(
    ("said", "message"),
    [
        pytest.param("cmake version 3.24.1", "3.25 or newer is needed", id="old"),
        pytest.param("hello", "3.25 or newer is needed", id="another program"),
        pytest.param("cmake version 3.30.0", "failed silently", id="one that fails"),
    ],
)
def test_a_cmake_that_will_not_do(lists, monkeypatch, write, said, message):
    program = write({"cmake": ""}, "bin") / "cmake"
    program.write_text(f'#!/bin/sh\necho "{said}"\n[ "$1" = --version ]\n')
    program.chmod(0o755)
    monkeypatch.setenv("MLXPORT_CMAKE", str(program))
    with pytest.raises(UserError, match=message):
        lists()


def test_a_cmake_that_does_not_run(lists, monkeypatch, tmp_path):
    monkeypatch.setenv("MLXPORT_CMAKE", str(tmp_path / "gone"))
    with pytest.raises(UserError, match="not a cmake that runs"):
        lists()
