import pytest

from mlxport.sync.placement import Place, place

MAC, LINUX = frozenset({"mac"}), frozenset({"linux"})
BOTH = MAC | LINUX


@pytest.mark.parametrize(
    ("needed", "places", "placed"),
    [
        pytest.param({}, [Place((), MAC)], [set()], id="nothing needed"),
        pytest.param(
            {"a": MAC},
            [Place((), MAC), Place((), BOTH)],
            [{"a"}, set()],
            id="not shared",
        ),
        pytest.param(
            {"a": BOTH}, [Place((), MAC), Place((), BOTH)], [set(), {"a"}], id="shared"
        ),
        pytest.param(
            {"a": BOTH},
            [Place(("a",), MAC), Place((), LINUX), Place((), BOTH)],
            [{"a"}, {"a"}, set()],
            id="stays where it is, and the other configuration gets it too",
        ),
        pytest.param(
            {"m/b": BOTH},
            [Place(("n/a",), BOTH), Place(("m/a",), BOTH)],
            [set(), {"m/b"}],
            id="beside its folder's",
        ),
        pytest.param(
            {"a": MAC},
            [Place(("a",), BOTH), Place((), MAC)],
            [set(), {"a"}],
            id="leaves an array that others use too",
        ),
    ],
)
def test_place(needed, places, placed):
    assert place(needed, dict(enumerate(places))) == dict(enumerate(placed))


def test_no_place():
    with pytest.raises(LookupError) as error:
        place({"a": MAC}, {0: Place((), BOTH)})
    assert error.value.args == ("a", ("mac",))
