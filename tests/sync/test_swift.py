import pytest

from mlxport.cli.errors import UserError
from mlxport.sync.conditions import Platform, Regions, environment_holds, os_holds
from mlxport.sync.swift import Manifest, argument

LINUX = Platform("Linux", {"SPM_CUDA": "0"})
CUDA = Platform("Linux", {"SPM_CUDA": "1"})
MAC = Platform("macOS")

CONDITIONAL = """
let shared = [
    "s",  // a comment
]
#if os(Linux)
    let own: [String]
    if Context.environment["SPM_CUDA"] != "0" {
        own = ["cuda"] + shared
    } else {
        own = ["cpu"]
    }
#elseif os(Windows)
    let own = ["windows"]
#else
    let own: [String] = ["apple"] + shared
#endif
"""


def excludes(text, platform, expression):
    source = f'{text}\nlet p = Package(targets: [.target(name: "T", exclude: {expression})])\n'
    manifest = Manifest(source.encode(), "Package.swift")
    arrays = manifest.arrays(argument(manifest.target("T"), "exclude"), platform)
    return [element.value for array in arrays for element in array.elements]


@pytest.mark.parametrize(
    ("platform", "expression", "entries"),
    [
        pytest.param(MAC, '["a", "b/c"]', ["a", "b/c"], id="a literal"),
        pytest.param(MAC, "[]", [], id="an empty literal"),
        pytest.param(
            MAC, 'own + ["z"]', ["apple", "s", "z"], id="else branch, by name"
        ),
        pytest.param(MAC, '(own + ["z"])', ["apple", "s", "z"], id="in parentheses"),
        pytest.param(Platform("Windows"), "own", ["windows"], id="elseif branch"),
        pytest.param(CUDA, "own", ["cuda", "s"], id="assigned in an if"),
        pytest.param(LINUX, "own", ["cpu"], id="assigned in an else"),
        pytest.param(MAC, r'["a\"b"]', ['a"b'], id="an escaped quote"),
    ],
)
def test_arrays(platform, expression, entries):
    assert excludes(CONDITIONAL, platform, expression) == entries


@pytest.mark.parametrize(
    ("text", "expression", "message"),
    [
        pytest.param("", "missing", "missing has no values", id="unknown name"),
        pytest.param(
            "let a = b\nlet b = a", "a", "cannot tell what a holds", id="a circle"
        ),
        pytest.param("", "[1]", "only plain string literals", id="not a string"),
        pytest.param("", r'["\(x)"]', "only plain string literals", id="interpolation"),
        pytest.param("", 'files.filter { $0 != "a" }', "cannot tell what", id="a call"),
        pytest.param(
            "#if canImport(X)\nlet a = [String]()\n#endif",
            "a",
            "cannot tell whether",
            id="#if",
        ),
        pytest.param(
            'let a: [String]\nif x { a = ["b"] } else { a = [] }',
            "a",
            "cannot tell which branch",
            id="if",
        ),
        pytest.param('let a = ["b"', "a", "not understood", id="broken Swift"),
    ],
)
def test_what_is_not_evaluated(text, expression, message):
    with pytest.raises(UserError) as error:
        excludes(text, MAC, expression)
    assert message in error.value.message
    assert error.value.where.startswith("Package.swift:")


@pytest.mark.parametrize("name", ["U", "D"])
def test_a_target_must_be_there_once(name):
    text = b'let p = Package(targets: [.target(name: "D"), .target(name: "D")])'
    with pytest.raises(UserError, match=r"target"):
        Manifest(text, "Package.swift").target(name)


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        pytest.param("os(Linux)", True, id="the same"),
        pytest.param("os(macOS)", False, id="another"),
        pytest.param("!os(macOS)", True, id="not another"),
        pytest.param("os(macOS) || os(Linux)", True, id="or"),
        pytest.param("os(Linux) && !os(Linux)", False, id="and"),
        pytest.param("os(Linux)  // where CUDA is", True, id="with a comment"),
        pytest.param("swift(>=6)", None, id="not about the system"),
        pytest.param("os(Linux) && arch(arm64)", None, id="partly about the system"),
    ],
)
def test_os_conditions(condition, holds):
    assert os_holds(condition, "Linux") is holds


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        pytest.param('Context.environment["A"] == "1"', True, id="equal"),
        pytest.param('Context.environment["A"] != "1"', False, id="not unequal"),
        pytest.param('Context.environment["B"] == nil', True, id="not set"),
        pytest.param('Context.environment["B"] != "0"', True, id="not set is not 0"),
        pytest.param("useCuda", None, id="something else"),
    ],
)
def test_environment_conditions(condition, holds):
    assert environment_holds(condition, {"A": "1"}) is holds


@pytest.mark.parametrize(
    ("directives", "reached"),
    [
        pytest.param([], True, id="outside"),
        pytest.param(["#if os(A)"], True, id="if"),
        pytest.param(["#if os(A)", "#else"], False, id="else of what holds"),
        pytest.param(["#if os(B)", "#elseif os(A)"], True, id="elseif"),
        pytest.param(["#if os(A)", "#elseif os(A)"], False, id="second that holds"),
        pytest.param(["#if os(B)", "#if os(A)"], False, id="inside what does not"),
        pytest.param(["#if os(B)", "#endif"], True, id="after the end"),
        pytest.param(["#if x", "#else"], None, id="else of the unknown"),
        pytest.param(
            ["#if x", "#if os(B)"], False, id="surely not, inside the unknown"
        ),
    ],
)
def test_regions(directives, reached):
    regions = Regions("A")
    for directive in directives:
        regions.read(directive)
    assert regions.reached is reached
