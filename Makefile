# Paths stay relative: make cannot name a target whose path has a space in it.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
DEMO := .venv-demo
SANITIZE := build/sanitize

PARTS := cli sync codemods runtime
CXX_FILES := $(shell find csrc -name '*.cpp' -o -name '*.h' -o -name '*.inc')
PACKAGED := pyproject.toml CMakeLists.txt README.md LICENSE $(CXX_FILES) \
	$(shell find $(PARTS) examples -type f -not -name '*.pyc')
PIP_INSTALL := -m pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help demo test lint format unit sanitize package compilers bench clean

help:
	@echo "make demo      the main job of every part on the inputs of examples/"
	@echo "make test      everything below: lint, unit, sanitize, package"
	@echo "make lint      ruff, black, mypy, clang-format"
	@echo "make unit      the test suite, with coverage"
	@echo "make sanitize  the runtime's tests under ASan and UBSan"
	@echo "make package   sdist and wheel, tried in an empty environment"
	@echo "make compilers the C++ with clang, and for aarch64 (needs both compilers)"
	@echo "make bench     the runtime beside the real MLX"
	@echo "make format    rewrite the sources as lint wants them"
	@echo "make clean     remove all that was built"

demo: $(DEMO)/.stamp
	@$(DEMO)/bin/python -m mlxport.cli demo

$(DEMO)/.stamp: $(PACKAGED)
	@test -x $(DEMO)/bin/python || $(PYTHON) -m venv $(DEMO)
	@echo "installing mlxport into $(DEMO) (a minute at the first run)" >&2
	@$(DEMO)/bin/python $(PIP_INSTALL) .
	@touch $@

test: lint unit sanitize package
	@echo "all checks passed"

# The two steps are separate so that a change of the C++ does not ask the package index.
$(VENV)/.tools: pyproject.toml
	$(PYTHON) -m venv --clear $(VENV)
	$(PY) $(PIP_INSTALL) --upgrade pip
	$(PY) $(PIP_INSTALL) --group dev
	@touch $@

$(VENV)/.stamp: $(VENV)/.tools CMakeLists.txt README.md $(CXX_FILES)
	$(PY) $(PIP_INSTALL) --no-build-isolation --editable . \
		--config-settings=build-dir=build/dev --config-settings=cmake.define.MLXPORT_DEV=ON
	@touch $@

lint: $(VENV)/.stamp
	$(PY) -m ruff check .
	$(PY) -m black --check --quiet . || $(PY) -m black --check .
	$(PY) -m mypy
	$(VENV)/bin/clang-format --dry-run --Werror $(CXX_FILES)

format: $(VENV)/.stamp
	$(PY) -m ruff check --fix-only --quiet .
	$(PY) -m black --quiet .
	$(VENV)/bin/clang-format -i $(CXX_FILES)

unit: $(VENV)/.stamp
	$(PY) -m coverage run -m pytest
	$(PY) -m coverage report

# A second environment that sees the tools of the first by a .pth file, but not its editable
# mlxport: a .pth file found through another .pth file is not read.
$(SANITIZE)/.stamp: $(VENV)/.tools CMakeLists.txt README.md $(CXX_FILES) \
		$(shell find runtime -type f -not -name '*.pyc')
	$(PYTHON) -m venv --clear --without-pip $(SANITIZE)/venv
	$(PY) -c 'import sysconfig; print(sysconfig.get_path("purelib"))' \
		> "$$($(SANITIZE)/venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/tools.pth"
	$(PY) -m pip --python $(SANITIZE)/venv --disable-pip-version-check install --quiet \
		--no-deps --no-build-isolation . \
		--config-settings=build-dir=$(SANITIZE)/cmake --config-settings=cmake.define.MLXPORT_DEV=ON \
		--config-settings=cmake.define.MLXPORT_SANITIZE=ON
	@touch $@

sanitize: $(SANITIZE)/.stamp
	LD_PRELOAD="$$(g++ -print-file-name=libasan.so) $$(g++ -print-file-name=libstdc++.so)" \
		ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=print_stacktrace=1 \
		$(SANITIZE)/venv/bin/python -m pytest tests/runtime -p no:cacheprovider -m "not mlx"

# What a user downloads, and nothing of the checkout: the wheel is made from the sdist.
package: $(VENV)/.tools
	rm -rf build/package
	$(PY) -m build --no-isolation --outdir build/package . > build/package.log \
		|| { cat build/package.log; exit 1; }
	$(PYTHON) -m venv build/package/venv
	build/package/venv/bin/python $(PIP_INSTALL) build/package/*.whl
	cd build/package && venv/bin/python -m mlxport.cli demo > demo.log \
		|| { cat demo.log; exit 1; }

# Compilers that make test does not ask for; .ci/run installs them.
KERNELS := $(shell find csrc -name '*.cpp' -not -path 'csrc/bindings/*' -not -name module.cpp)

compilers: $(VENV)/.stamp
	$(VENV)/bin/cmake -S . -B build/clang -G Ninja -DCMAKE_CXX_COMPILER=clang++ \
		-DMLXPORT_DEV=ON -DPython_EXECUTABLE="$$PWD/$(PY)" \
		-Dpybind11_DIR="$$($(PY) -m pybind11 --cmakedir)" > /dev/null
	$(VENV)/bin/cmake --build build/clang
	@for file in $(KERNELS); do \
		echo aarch64-linux-gnu-g++ $$file; \
		aarch64-linux-gnu-g++ -std=c++20 -O1 -ffp-contract=off -Icsrc -Wall -Wextra \
			-Wpedantic -Wconversion -Wshadow -Werror -c $$file -o /dev/null || exit 1; \
	done

bench: $(VENV)/.stamp
	$(PY) benchmarks/runtime.py

clean:
	rm -rf $(VENV) $(DEMO) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage
