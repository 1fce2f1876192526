# Everything a newcomer or a server needs. Only Python >= 3.11, pip and make are assumed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PYTEST := $(BIN)/python -m pytest
PAGE := $(BIN)/python hatch_build.py
# one process for each core; a file of tests stays together, so that what it sets up is made once
PARALLEL := -n auto --dist loadfile

.DEFAULT_GOAL := help
.PHONY: help install web demo test check lint bench bench-trial bench-api bench-registration bench-spect-ct bench-regions bench-reading pictures torture schema fuzz proof lock clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 13

# pip of the system installs into the environment: works where pip is externally managed and python3-venv is missing.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Residuum needs Python 3.11 or newer; name one with: make PYTHON=python3.12 ...")'
	@test -x $(BIN)/python || $(PYTHON) -m venv --without-pip $(VENV)
	$(PYTHON) -m pip --disable-pip-version-check --python $(BIN)/python install --quiet --require-hashes -r requirements.lock
	$(PYTHON) -m pip --disable-pip-version-check --python $(BIN)/python install --quiet --no-deps --no-build-isolation -e .
	@touch $@

install: $(READY) ## make the environment in .venv

web: $(READY) ## build the page for readers, where it is not built of these sources
	$(PAGE)

# Without the page (npm has no network) there is still a demonstration, and most of the tests; not so in CI.
demo: $(READY) ## write and analyse the synthetic demonstration study into demo/, and open its reading room
	$(PAGE) || test -z "$$CI"
	$(BIN)/residuum demo --out demo

test: $(READY) ## pass the tests: fast ones first, then the slow ones
	$(PAGE) || test -z "$$CI"
	$(PYTEST) -q $(PARALLEL) -m "not slow"
	$(PYTEST) -q $(PARALLEL) -m slow

lint: $(READY) ## format, lint, types and layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint test ## check everything

bench: $(READY) ## measure the main job against its limits
	$(BIN)/python benchmarks/run.py

# lifelines pins an older pandas, so it has a folder of its own; the command says so where it cannot be had.
bench-trial: $(READY) ## measure the trial simulator against its limits, the machine and its peers
	@test -d build/peers/lifelines || \
	  $(PYTHON) -m pip --disable-pip-version-check --python $(BIN)/python install --quiet --target build/peers/lifelines lifelines==0.30.3 || true
	$(BIN)/python benchmarks/trial.py

bench-api: $(READY) ## measure the server against a bare one and its limits
	$(BIN)/python benchmarks/api.py --minutes 10

torture: $(READY) ## kill, damage, tamper with and erase studies: 500 kills on SQLite, 51 on PostgreSQL, 1,000 damaged logs (long)
	RESIDUUM_KILLS=500 RESIDUUM_KILLS_POSTGRESQL=51 RESIDUUM_WALS=1000 RESIDUUM_BACKUPS=40 \
	  RESIDUUM_UPGRADE_KILLS=60 RESIDUUM_UPGRADE_ROWS=3000 RESIDUUM_FORGET_KILLS=20 $(PYTEST) -q -s tests/torture

schema: $(READY) ## 10,000 generated requests against the whole OpenAPI description, and long programmes of two readers (long)
	RESIDUUM_SCHEMA_CASES=10000 RESIDUUM_PROGRAMMES=20 $(PYTEST) -q -s tests/schema tests/web/test_non_interference.py

fuzz: $(READY) ## read 50,000 damaged scans in the limited child (long)
	RESIDUUM_FUZZ=50000 $(PYTEST) -q -s tests/fuzz

bench-registration: $(READY) ## measure how well points are carried from scan to scan, on both phantom generators
	$(BIN)/python benchmarks/registration.py

bench-spect-ct: $(READY) ## measure how well points are carried between SPECT/CT, on two generators
	$(BIN)/python benchmarks/registration_spect_ct.py

bench-reading: $(READY) web ## measure the page of the readers: size, opening, grey levels, keys; needs Debian's chromium
	$(BIN)/python benchmarks/reading.py

bench-regions: $(READY) ## measure how often the region of a lesion is proposed, on both phantom generators
	$(BIN)/python benchmarks/regions.py

pictures: $(READY) ## draw scans of both phantom generators into build/pictures
	$(BIN)/python benchmarks/pictures.py

proof: $(READY) ## both slow twins on 3,000 random cases, and 1,000,000 trials of the benchmark scenario (long)
	RESIDUUM_TWIN_SEEDS=3000 RESIDUUM_TRIAL_TWIN_SEEDS=3000 RESIDUUM_REPLICATES=1000000 \
	  $(PYTEST) -q tests/twins tests/trial/test_benchmark_scenario.py

lock: ## renew requirements.lock (needs uv on the path)
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-header --quiet -o requirements.lock

clean: ## remove what the other targets made
	rm -rf $(VENV) demo build dist frontend/node_modules src/residuum/web/room .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
