# make run    sets everything up, then reads SCANS (default: the examples) into SQL and OUT
# make test   sets up what the tests need (Redis, PostgreSQL, Chromium), then runs the whole suite
# make check  style, types and layers
# make setup  only .venv with .venv/bin/ocrq         make bench  the figures of docs/benchmarks.md
# make chaos  hundreds of faults against real servers and workers; docs/reliability.md
# make clean  removes .venv and caches, no results   make pins   renews constraints.txt
#
# Nothing is installed twice: .venv/.made/ has a stamp for each finished step.

SCANS  ?= examples/scans
OUT    ?= out
PYTHON ?=
# More words for a command, e.g. make run ARGS="--engine resnet", make test ARGS="-k deskew -x"
ARGS   ?=
# How many tests run at a time, each with servers of its own: JOBS=0 is one process, for --pdb.
JOBS   ?= 2

BIN  := .venv/bin
MADE := .venv/.made

.DEFAULT_GOAL := help
.PHONY: help run test check setup setup-dev poppler services bench chaos pins clean

help:
	@sed -n 's/^# //p' Makefile | head -7

# Exit code 1 (some pages could not be read, and the table says which) is no failure of make.
run: setup poppler
	@$(BIN)/ocrq run --format txt --format json --format csv --output "$(OUT)" $(ARGS) -- "$(SCANS)" \
	    || test $$? -eq 1
	@echo; echo "Here ocrq is $(BIN)/ocrq; what it read is also in $(OUT)/."

test: setup-dev poppler services
# worksteal: each process has one half in a piece, where module fixtures are made once, and who is
# done takes from the other. Byte code is kept: some hundred processes import ocrq.
	env -u PYTHONDONTWRITEBYTECODE $(BIN)/pytest -n $(JOBS) --dist worksteal \
	    --cov --cov-report=term:skip-covered $(ARGS)

check: setup-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

setup: $(MADE)/run
setup-dev: $(MADE)/dev

$(MADE)/venv: scripts/make-venv
	@PYTHON="$(PYTHON)" scripts/make-venv .venv
	@mkdir -p $(MADE) && touch $@

$(MADE)/run: $(MADE)/venv pyproject.toml constraints.txt
	@scripts/install-python .venv .
	@touch $@

$(MADE)/dev: $(MADE)/run
	@scripts/install-python .venv '.[dev]'
	@touch $@

poppler:
	@scripts/need-programs "pypdfium2 renders PDF pages instead" poppler-utils:pdftoppm

services:
	@scripts/need-programs "tests that need it are skipped, and fail where CI is set" \
	    redis-server:redis-server postgresql:initdb chromium:chromium

bench: setup-dev poppler services
	$(BIN)/python -m bench.run_pages "$(SCANS)"
	$(BIN)/python -m bench.memory "$(SCANS)"
	$(BIN)/python -m bench.submit
	$(BIN)/python -m bench.characters
	$(BIN)/python -m bench.rows
	$(BIN)/python -m bench.startup

# For instance make chaos ARGS="--seed 7 --minutes 30 --backend postgres-redis".
chaos: setup-dev services
	$(BIN)/python -m tests.chaos $(ARGS)

# A clean environment, so that nothing is pinned that ocrq does not need.
pins:
	rm -rf build/pins
	PYTHON="$(PYTHON)" scripts/make-venv build/pins
	scripts/write-pins build/pins constraints.txt
	rm -rf build/pins

clean:
	rm -rf .venv build dist htmlcov .coverage .coverage.* \
	    .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
