import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlxport.cli.errors import UserError
from mlxport.sync.arrays import apply_edits, array_edits
from mlxport.sync.conditions import Platform
from mlxport.sync.swift import Manifest, argument

NAMES = st.lists(st.sampled_from(["m", "n", "x.cpp", "y.cpp"]), min_size=1, max_size=3)
PATHS = st.sets(NAMES.map("/".join), max_size=6)


def only_array(source):
    manifest = Manifest(source, "Package.swift")
    value = argument(next(manifest.calls("f")), "exclude")
    [array] = manifest.arrays(value, Platform("macOS"))
    return array


def edited(text, remove, add):
    source = f"f(exclude: {text})\n".encode()
    array = only_array(source)
    gone = [element for element in array.elements if element.value in remove]
    edits = array_edits(source, array, gone, add, "Package.swift")
    return apply_edits(source, edits).decode().removeprefix("f(exclude: ")[:-2]


@pytest.mark.parametrize(
    ("before", "remove", "add", "after"),
    [
        pytest.param('[\n  "a",\n]', [], [], '[\n  "a",\n]', id="nothing to do"),
        pytest.param(
            '[\n  // why\n  "a",  // this one\n  "b",\n]',
            ["a"],
            [],
            '[\n  // why\n  "b",\n]',
            id="a removed entry takes its own comment along, not the one above",
        ),
        pytest.param(
            '[\n  "m/a",\n\n  // others\n  "n/a",\n]',
            [],
            ["m/b"],
            '[\n  "m/a",\n  "m/b",\n\n  // others\n  "n/a",\n]',
            id="a new entry goes beside its folder's",
        ),
        pytest.param(
            '[\n  // m\n  "m/b",\n]',
            [],
            ["m/a"],
            '[\n  // m\n  "m/a",\n  "m/b",\n]',
            id="a smaller entry goes before, below the comment",
        ),
        pytest.param(
            '[\n  "m/a",\n  "z"\n]',
            ["m/a"],
            ["m"],
            '[\n  "m",\n  "z",\n]',
            id="in the place of a removed one; a missing last comma is added",
        ),
        pytest.param('["a", "b"]', ["a"], [], '[\n    "b",\n]', id="several on a line"),
        pytest.param("[]", [], ['a"b'], '[\n    "a\\"b",\n]', id="a quote in a name"),
        pytest.param("[]", [], ["a"], '[\n    "a",\n]', id="an empty array"),
        pytest.param(
            '["a"]', ["a"], [], "[]", id="the last entry on the brackets' line"
        ),
        pytest.param(
            '[\r\n  "a",\r\n]',
            [],
            ["b"],
            '[\r\n  "a",\r\n  "b",\r\n]',
            id="Windows line ends",
        ),
    ],
)
def test_edits(before, remove, add, after):
    assert edited(before, remove, add) == after


def test_comments_between_entries_on_one_line_are_not_risked():
    with pytest.raises(
        UserError, match=r"Package.swift:1: .* several entries on a line"
    ):
        edited('["a", /* b */ "c"]', ["a"], [])


@given(PATHS, PATHS, PATHS, st.sampled_from(["\n", " "]))
def test_an_edited_array_holds_what_was_asked_for(old, gone, new, separator):
    text = (
        "["
        + separator
        + "".join(f'"{value}",{separator}' for value in sorted(old))
        + "]"
    )
    result = edited(text, gone, sorted(new - old))
    left = {e.value for e in only_array(f"f(exclude: {result})".encode()).elements}
    assert left == (old - gone) | (new - old)


@given(PATHS, PATHS, PATHS)
def test_comments_on_their_own_lines_stay(old, gone, new):
    lines = "".join(f'  // {i}\n  "{value}",\n' for i, value in enumerate(sorted(old)))
    result = edited(f"[\n{lines}]", gone, sorted(new - old))
    comments = [line.strip() for line in result.splitlines() if "//" in line]
    assert comments == [f"// {i}" for i in range(len(old))]
