import shutil

import pytest
from mlxport.examples.repositories import build_upstream, build_wrapper


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """Return a folder with the example repositories, to be copied and not written."""
    folder = tmp_path_factory.mktemp("examples")
    build_wrapper(folder / "wrapper", build_upstream(folder / "upstream"))
    return folder


@pytest.fixture
def wrapper(built, tmp_path):
    """Return a wrapper at v1.0.0 with its upstream beside it, to be written."""
    for name in ("upstream", "wrapper"):
        shutil.copytree(built / name, tmp_path / name, symlinks=True)
    return tmp_path / "wrapper"
