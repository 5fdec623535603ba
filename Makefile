# make demo    a demo hospital in this terminal, from nothing but Python 3.11
# make test    the whole test suite; ARGS="tests/store -k slots" runs a part of it
# make check   formatting, lint, types and the direction of imports
# make bench   the benchmarks
# make lock    renews the locked versions from pyproject.toml
# make clean   removes whatever make made
#
# PYTHON=python3.12 names another interpreter for the first run, JOBS=4 another number of test processes.

PYTHON ?= python3
# Tests wait for servers and terminals for a quarter of their time: three keep two cores busy.
JOBS ?= 3
ARGS ?=
BIN := .venv/bin
SOURCES := $(wildcard chikitsa_tui jobs screens store widgets bench tests)
COMPILE := $(BIN)/uv pip compile -q --universal --generate-hashes --python-version 3.11

export PYTHON
# Tests start the program some hundred times: it is not compiled anew for each.
unexport PYTHONDONTWRITEBYTECODE
MAKEFLAGS += --no-print-directory
.DELETE_ON_ERROR:
.PHONY: demo test check bench lock clean

demo: .venv/.runtime
	@$(BIN)/chikitsa demo

test: .venv/.dev
	@tools/servers.sh
	@$(BIN)/python -m pytest -n $(JOBS) --dist worksteal $(ARGS)

check: .venv/.dev
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/mypy $(SOURCES)
	$(BIN)/lint-imports

bench: .venv/.dev
	@$(BIN)/python -m bench $(ARGS)

# The runtime lock is a subset of the development lock, so either stamp serves the demo.
.venv/.runtime: requirements.lock pyproject.toml tools/installer.lock tools/install.sh
	@[ -e .venv/.dev ] && [ -z "$$(find $^ -newer .venv/.dev)" ] || tools/install.sh requirements.lock
	@touch $@

.venv/.dev: requirements-dev.lock pyproject.toml tools/installer.lock tools/install.sh
	@tools/install.sh requirements-dev.lock
	@touch $@

# No index and no address gets into the locks: they serve with whatever index pip is configured for.
lock: .venv/.dev
	$(COMPILE) --upgrade --group build -o requirements.lock pyproject.toml
	$(COMPILE) --upgrade --group build --extra dev -c requirements.lock -o requirements-dev.lock pyproject.toml

# The tests' files may be in memory, where .pytest-tmp leads.
clean:
	rm -rf "$$(readlink -f .pytest-tmp)"
	rm -rf .venv .pytest-tmp .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis build dist snapshot_report.html
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
