from mlxport.runtime import _core


def test_version():
    assert _core.__version__ == "0.1.0"
