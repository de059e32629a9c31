# Needs Python >= 3.11 and make; everything else goes into .venv, from requirements/ (locked, with hashes).
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
DATA ?=
GOLD ?=

.DEFAULT_GOAL := help
.PHONY: help run test test-slow check fix quality speed speed-crawl findings scale lock clean

help: ## List the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

run: .venv/.run ## Set up, then crawl the bundled demo sites and make a dataset of them
	$(BIN)/python -m consilia run

test: .venv/.dev ## Set up, then run the tests
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m "not slow"

test-slow: .venv/.dev ## The tests that kill runs again and again, simulate a month, or feed in 50 MB
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m slow

check: .venv/.dev ## Format, lint, types, import order, then the tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(MAKE) test

fix: .venv/.dev ## Format, and mend what lint can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

quality: .venv/.bench ## The cleaner beside its peers, and on flattened pages: make quality DATA=folder of WCXB pages
	$(BIN)/python -m benchmarks.quality $(DATA)
	$(BIN)/python -m benchmarks.flattened $(DATA)

speed: .venv/.bench ## CPU time of the cleaner beside its peers: make speed DATA=folder of WCXB pages
	$(BIN)/python -m benchmarks.speed $(DATA)

speed-crawl: .venv/.bench ## CPU time of a crawled page beside plain Scrapy
	$(BIN)/python -m benchmarks.speed_crawl

findings: .venv/.bench ## The finder beside its baselines: make findings GOLD=folder of labelled articles
	$(BIN)/python -m benchmarks.findings $(GOLD)

scale: .venv/.bench ## Engines, workers and memory on many pages: make scale DATA=folder of WCXB pages
	$(BIN)/python -m benchmarks.scale $(DATA)

lock: .venv/.dev ## Lock the newest requirements that fit pyproject.toml
	for set in dev:dev main:build bench:bench; do \
	  $(BIN)/uv pip compile pyproject.toml --extra $${set#*:} --output-file requirements/$${set%:*}.txt --upgrade \
	    $$([ $${set} = dev:dev ] || echo --constraint requirements/dev.txt) \
	    --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --quiet || exit 1; \
	done # what is run is what is tested: the others keep to dev's choices

clean: ## Remove what the commands made, data/ excepted
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "consilia needs Python 3.11 or newer; this is " + sys.version.split()[0])'
	$(PYTHON) -m venv .venv

.venv/.run: requirements/main.txt pyproject.toml | .venv/bin/python
	$(PIP) --require-hashes -r requirements/main.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.dev: requirements/dev.txt .venv/.run
	$(PIP) --require-hashes -r requirements/dev.txt
	@touch $@

.venv/.bench: requirements/bench.txt .venv/.dev
	$(PIP) --require-hashes -r requirements/bench.txt
	@touch $@
