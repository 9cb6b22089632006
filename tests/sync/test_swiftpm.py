from dataclasses import replace
from pathlib import PurePosixPath

import pytest

from mlxport.cli.errors import UserError
from mlxport.sync.conditions import Platform
from mlxport.sync.formats import Lists, swiftpm
from mlxport.sync.lock import WrapperLists
from mlxport.sync.tables import Table

FILES = (
    ".hidden/x.cpp",
    "README.md",
    "cuda/a.cpp",
    "cuda/b.cu",
    "cuda/no_cuda.cpp",
    "io/c.mm",
    "io/d.S",
    "io/e.h",
    "metal/f.cpp",
    "metal/k.metal",
)
MAC = ("cuda/no_cuda.cpp", "io/c.mm", "io/d.S", "metal/f.cpp")
LINUX = ("cuda/no_cuda.cpp", "io/c.mm", "io/d.S")
MANIFEST = """\
// swift-tools-version: 5.10
import PackageDescription

#if os(Linux)
    let own: [String] = []
#else
    let own: [String] = []
#endif

let package = Package(
    name: "p",
    targets: [
        .target(
            name: "T",
            exclude: own + [
                // not ours
                "other",
                "lib/gone.cpp",  // upstream has removed it
            ],
            cxxSettings: [.define("MLX_VERSION", to: "\\"1.0\\"")]
        )
    ],
    cxxLanguageStandard: .gnucxx17
)
"""


def lists(tmp_path, configurations, standard="c++20", version='"2.0"'):
    (tmp_path / "Source/T").mkdir(parents=True, exist_ok=True)
    return Lists(
        tmp_path,
        PurePosixPath("Package.swift"),
        PurePosixPath("Source/T/lib"),
        FILES,
        {
            name: WrapperLists(sources, (), (f"MLX_VERSION={version}",), standard, ())
            for name, sources in configurations.items()
        },
    )


def options(quiet=False):
    places = {"mac": Platform("macOS"), "linux": Platform("Linux")}
    return swiftpm.Options("T", quiet, ("MLX_VERSION",), places)


def rendered(tmp_path, manifest=MANIFEST, quiet=False, **configurations):
    given = lists(tmp_path, configurations or {"mac": MAC, "linux": LINUX})
    return swiftpm.render(manifest.encode(), given, options(quiet)).decode()


def test_only_what_upstream_decides_is_changed(tmp_path):
    expected = MANIFEST.replace(
        "let own: [String] = []\n#else",
        'let own: [String] = [\n        "lib/metal",\n    ]\n#else',
    )
    expected = expected.replace(
        '"lib/gone.cpp",  // upstream has removed it\n', '"lib/cuda/a.cpp",\n'
    )
    expected = expected.replace('\\"1.0\\"', '\\"2.0\\"').replace(
        ".gnucxx17", ".gnucxx20"
    )
    assert rendered(tmp_path) == expected


def test_rendering_again_changes_nothing(tmp_path):
    once = rendered(tmp_path)
    assert rendered(tmp_path, once) == once


def test_a_quiet_cover_names_what_swiftpm_warns_about(tmp_path):
    new = set(rendered(tmp_path, quiet=True).splitlines()) - set(
        rendered(tmp_path).splitlines()
    )
    entries = {line.strip() for line in new}
    assert entries == {'"lib/README.md",', '"lib/cuda/b.cu",', '"lib/metal/k.metal",'}


@pytest.mark.parametrize(
    ("sources", "entries"),
    [
        pytest.param(MAC, {"lib/cuda/a.cpp"}, id="all but one file"),
        pytest.param(
            (), {"lib/cuda", "lib/io", "lib/metal"}, id="nothing: whole folders"
        ),
        pytest.param(
            ("cuda/a.cpp",), {"lib/cuda/no_cuda.cpp", "lib/io", "lib/metal"}, id="one"
        ),
    ],
)
def test_the_manifest_read_back_compiles_what_was_asked_for(tmp_path, sources, entries):
    given = lists(tmp_path, {"mac": sources})
    text = swiftpm.render(MANIFEST.encode(), given, options())
    assert swiftpm.compiled(text, given, options()) == {"mac": frozenset(sources)}
    assert {e for e in entries if f'"{e}"'.encode() in text} == entries


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        pytest.param("own + [", "own.sorted() + [", "cannot tell", id="not an array"),
        pytest.param("exclude:", "resources:", "has no `exclude:`", id="no exclude"),
        pytest.param('"T"', '"U"', "no target 'T'", id="no target"),
        pytest.param(
            "exclude: own", 'sources: ["a"], exclude: own', "`sources:`", id="sources"
        ),
        pytest.param(
            'name: "T",', 'name: "T", path: "Other",', "does not lie in", id="elsewhere"
        ),
        pytest.param(
            "MLX_VERSION", "OTHER", "no .define of MLX_VERSION", id="no define"
        ),
        pytest.param(".gnucxx17", ".init(17)", "C++20", id="odd standard"),
        pytest.param(
            ",\n    cxxLanguageStandard: .gnucxx17", "", "C++20", id="no standard"
        ),
        pytest.param(
            '"other",', '"other" 3 4', "not understood", id="broken Swift there"
        ),
        pytest.param(
            "own + [", "[", "no array is used by linux only", id="nothing per platform"
        ),
    ],
)
def test_what_cannot_be_rendered(tmp_path, old, new, message):
    assert old in MANIFEST
    with pytest.raises(UserError) as error:
        rendered(tmp_path, MANIFEST.replace(old, new))
    assert message in error.value.message
    assert error.value.where.startswith("Package.swift")


ALLOWED = """\
// swift-tools-version: 5.10
import PackageDescription

#if os(Linux)
    let own = ["lib/io/d.S"]
#else
    let own = ["lib/io/d.S"]
#endif

let package = Package(
    name: "p",
    targets: [
        .target(
            name: "T",
            exclude: ["other"EXCLUDED],
            sources: own + [
                // written by hand
                "wrapper.cpp",
                "lib/gone.cpp",
            ],
            cxxSettings: [.define("MLX_VERSION", to: "\\"1.0\\"")]
        )
    ],
    cxxLanguageStandard: .gnucxx20
)
"""


def allowed(excluded=""):
    return ALLOWED.replace("EXCLUDED", excluded).encode()


def allowing():
    given = options()
    return swiftpm.Options(given.target, False, given.defines, given.platforms, True)


def test_sources_name_each_file_that_is_compiled(tmp_path):
    given = lists(tmp_path, {"mac": MAC, "linux": LINUX})
    text = swiftpm.render(allowed(), given, allowing())
    assert swiftpm.compiled(text, given, allowing()) == {
        "mac": set(MAC),
        "linux": set(LINUX),
    }
    linux, mac = text.decode().split("#else")
    assert '"lib/metal/f.cpp"' in mac.split("#endif")[0]
    assert "metal" not in linux
    assert '"other"]' in mac
    assert '"wrapper.cpp"' in mac
    assert "gone.cpp" not in mac
    assert swiftpm.render(text, given, allowing()) == text


def test_a_new_file_of_upstream_is_not_swept_in(tmp_path):
    """What no list names stays out, whatever upstream adds."""
    given = lists(tmp_path, {"mac": MAC, "linux": LINUX})
    text = swiftpm.render(allowed(), given, allowing())
    later = replace(given, files=(*FILES, "io/main.cpp", "new/folder.cpp"))
    assert swiftpm.compiled(text, later, allowing())["mac"] == set(MAC)


@pytest.mark.parametrize(
    "entry", ["lib/io", "lib/io/c.mm"], ids=["folder", "the file itself"]
)
def test_an_exclude_that_takes_back_what_sources_name_shows(tmp_path, entry):
    given = lists(tmp_path, {"mac": MAC, "linux": LINUX})
    text = swiftpm.render(allowed(f', "{entry}"'), given, allowing())
    assert "io/c.mm" not in swiftpm.compiled(text, given, allowing())["mac"]


def test_sources_that_are_not_there(tmp_path):
    given = lists(tmp_path, {"mac": MAC, "linux": LINUX})
    with pytest.raises(UserError, match="has no `sources:`") as caught:
        swiftpm.render(MANIFEST.encode(), given, allowing())
    assert "`sources: []`" in caught.value.hint


@pytest.mark.parametrize(
    ("cover", "allows", "quiet"),
    [("smallest", False, False), ("quiet", False, True), ("sources", True, False)],
)
def test_covers(tmp_path, cover, allows, quiet):
    file = tmp_path / "o.toml"
    file.write_text(f'target = "T"\ncover = "{cover}"\nplatforms.mac.os = "macOS"\n')
    found = swiftpm.read_options(Table.read(file), ("mac",))
    assert (found.allows, found.quiet) == (allows, quiet)


@pytest.mark.parametrize(
    ("written", "asked", "rendered_as"),
    [
        pytest.param(".cxx17", "c++20", ".cxx20", id="raised"),
        pytest.param(
            ".gnucxx1z", "c++20", ".gnucxx20", id="raised, with GNU's extensions"
        ),
        pytest.param(".cxx20", "c++23", ".cxx2b", id="spelt as before it was final"),
        pytest.param(".gnucxx20", "c++17", ".gnucxx20", id="never lowered"),
        pytest.param(".cxx1z", "c++17", ".cxx1z", id="the same by another name"),
        pytest.param(".cxx98", "c++17", ".cxx17", id="a very old one"),
    ],
)
def test_the_standard(tmp_path, written, asked, rendered_as):
    manifest = MANIFEST.replace(".gnucxx17", written).encode()
    given = lists(tmp_path, {"mac": MAC}, standard=asked)
    text = swiftpm.render(manifest, given, options()).decode()
    assert f"cxxLanguageStandard: {rendered_as}\n" in text


def test_a_define_with_two_values_is_refused(tmp_path):
    one = lists(tmp_path, {"mac": MAC})
    other = lists(tmp_path, {"linux": LINUX}, version='"3.0"')
    both = lists(tmp_path, {})
    both.configurations.update({**one.configurations, **other.configurations})
    with pytest.raises(UserError, match=r"MLX_VERSION no value, or not the same"):
        swiftpm.render(MANIFEST.encode(), both, options())


@pytest.mark.parametrize("current", [None, b"\xff"], ids=["missing", "not UTF-8"])
def test_a_manifest_that_cannot_be_read(tmp_path, current):
    with pytest.raises(UserError, match=r"Package.swift: "):
        swiftpm.render(current, lists(tmp_path, {"mac": MAC}), options())
