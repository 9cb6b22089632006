from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlxport.sync.cover import folders_of, is_covered, smallest_cover

NAMES = st.sampled_from("abc")
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)


@st.composite
def trees(draw):
    """Draw files, none of which is also a folder, and the ones that are compiled."""
    files = draw(st.sets(PATHS, max_size=8))
    folders = {folder for path in files for folder in folders_of(path)}
    files -= folders
    return files, {path for path in sorted(files) if draw(st.booleans())}


@pytest.mark.parametrize(
    ("unwanted", "wanted", "cover"),
    [
        pytest.param([], ["a.cpp"], [], id="nothing to leave out"),
        pytest.param(["a.cpp"], ["b.cpp"], ["a.cpp"], id="a file at the root"),
        pytest.param(
            ["m/a", "m/b"], ["n/c"], ["m"], id="a folder of which nothing is wanted"
        ),
        pytest.param(
            ["m/a"], [], ["m"], id="nothing wanted anywhere: the outermost folder"
        ),
        pytest.param(
            ["cuda/a", "cuda/b", "cuda/gemms/c"],
            ["cuda/no_cuda"],
            ["cuda/a", "cuda/b", "cuda/gemms"],
            id="a stub beside what is left out",
        ),
        pytest.param(
            ["m/a", "m-x/b"], ["m-x/c"], ["m", "m-x/b"], id="names that begin alike"
        ),
    ],
)
def test_cover(unwanted, wanted, cover):
    assert smallest_cover(unwanted, wanted) == tuple(sorted(cover))


def test_a_file_cannot_be_wanted_and_unwanted():
    with pytest.raises(ValueError, match=r"both wanted and unwanted: a"):
        smallest_cover({"a"}, {"a"})


@given(trees())
def test_a_cover_leaves_exactly_the_compiled_files(tree):
    files, compiled = tree
    cover = smallest_cover(files - compiled, compiled)
    assert {path for path in files if not is_covered(path, cover)} == compiled


@given(trees())
def test_no_smaller_cover_exists(tree):
    files, compiled = tree
    cover = smallest_cover(files - compiled, compiled)
    entries = files | {folder for path in files for folder in folders_of(path)}
    for smaller in combinations(sorted(entries), max(len(cover) - 1, 0)):
        left = {path for path in files if not is_covered(path, smaller)}
        assert left != compiled or not cover
