import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlxport.runtime.tree import tree_flatten, tree_map, tree_unflatten


@pytest.mark.parametrize(
    ("tree", "leaves"),
    [
        pytest.param({}, [], id="nothing"),
        pytest.param({"a": 1}, [("a", 1)], id="one leaf"),
        pytest.param(
            {"a": [1, {"b": 2}], "c": {"d": 3}},
            [("a.0", 1), ("a.1.b", 2), ("c.d", 3)],
            id="lists and dicts",
        ),
    ],
)
def test_flatten_and_back(tree, leaves):
    assert tree_flatten(tree) == leaves
    assert tree_unflatten(leaves) == tree


def test_digits_that_do_not_count_up_stay_keys():
    assert tree_unflatten([("a.0", 1), ("a.2", 2)]) == {"a": {"0": 1, "2": 2}}


def test_a_leaf_cannot_hold_another():
    with pytest.raises(ValueError, match=r"a\.b lies below another leaf"):
        tree_unflatten([("a", 1), ("a.b", 2)])


def test_map_keeps_the_containers():
    assert tree_map(str, {"a": [1, (2,)]}) == {"a": ["1", ("2",)]}


keys = st.text("abc_", min_size=1, max_size=3)
trees = st.recursive(
    st.integers(),
    lambda inner: st.lists(inner, min_size=1, max_size=3)
    | st.dictionaries(keys, inner, min_size=1, max_size=3),
)


@given(st.dictionaries(keys, trees, min_size=1))
def test_round_trip(tree):
    assert tree_unflatten(tree_flatten(tree)) == tree
