"""Run tests on each instruction set that this machine has."""

import pytest

from mlxport.runtime import _core


@pytest.fixture(params=_core.isas())
def isa(request):
    """Force an instruction set; tests that ask for it run once under each."""
    _core.force_isa(request.param)
    yield request.param
    _core.force_isa("")
