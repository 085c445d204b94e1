# Everything starts here: `make help`. Needs Python 3.11, make and the package registries; nothing else.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin

.PHONY: help demo up down test unit integration browser nightly check score bench faults faults-long mutants pictures lock clean
.DEFAULT_GOAL := help

help: ## show the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 20

demo: ## run the whole service on this machine with simulated phones and cards (ARGS="--tracks DIR")
	@$(PYTHON) deploy/bootstrap.py local
	@$(BIN)/geovelocity demo $(ARGS)

up: ## start the whole service on this machine and keep it running (ARGS=--lan opens it to phones of this network)
	@$(PYTHON) deploy/bootstrap.py local
	@$(BIN)/geovelocity up $(ARGS)

down: ## stop what `make up` started
	@$(PYTHON) deploy/bootstrap.py local
	@$(BIN)/geovelocity down

test: ## run every test that gates a merge, those against the real servers included
	@$(PYTHON) deploy/bootstrap.py dev
	@$(BIN)/python -m pytest --numprocesses=2 $(ARGS)

unit: ## run the tests without sockets and sleeps, in under a minute (ARGS="-k name")
	@$(PYTHON) deploy/bootstrap.py dev
	@$(BIN)/python -m pytest --numprocesses=2 -m "not slow" tests/unit $(ARGS)

integration: ## run the tests against real servers and loopback sockets
	@$(PYTHON) deploy/bootstrap.py dev
	@$(BIN)/python -m pytest --numprocesses=2 tests/http tests/contract tests/integration $(ARGS)

browser: ## run the tests of the pages in Chromium
	@$(PYTHON) deploy/bootstrap.py dev
	@$(BIN)/python -m pytest tests/browser $(ARGS)

nightly: ## run random seeds, faults under load, mutation guards and the benchmark: an hour and a half
	@$(PYTHON) deploy/bootstrap.py dev
	TEST_SEED=random $(BIN)/python -m pytest --numprocesses=2 tests/property tests/quality \
		tests/integration/test_crash.py tests/integration/test_rows_on_disk.py tests/integration/test_live_and_judge.py
	$(BIN)/python -m tests.nightly.mutation --guards
	$(BIN)/python -m tests.nightly.fault
	$(BIN)/python -m tests.nightly.bench

check: ## lint, types, architecture, language, generated pages, deployment files
	@$(PYTHON) deploy/bootstrap.py dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python -m tests.policy.language
	@$(BIN)/python -m tests.policy.class_names
	@$(BIN)/geovelocity docs --check
	@$(BIN)/python -m pytest -q -n0 tests/unit/docs
	@$(BIN)/node app/api/web/node_modules/typescript/bin/tsc -p app/api/web
	@$(BIN)/node app/api/web/node_modules/prettier/bin/prettier.cjs --check --ignore-unknown --log-level warn "app/api/web/*.*"
	@$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec deploy/compose.yaml

score: ## measure the accuracy of the rule on new simulations (ARGS="--seeds 1 --picture docs/recall.svg")
	@$(PYTHON) deploy/bootstrap.py dev
	@$(BIN)/geovelocity scoreboard $(ARGS)

bench: ## events/s beside other stream engines and time to a verdict, in one run (ARGS=--small: two minutes)
	@$(PYTHON) deploy/bootstrap.py dev
	@$(BIN)/python -m tests.nightly.bench $(ARGS)

faults: ## inject faults under load for a quarter of an hour, then check that nothing is lost (ARGS="--seed 1")
	@$(PYTHON) deploy/bootstrap.py dev
	@$(BIN)/python -m tests.nightly.fault $(ARGS)

faults-long: ## inject 500 faults, 200 of them kill -9, among a million records; writes docs/development/reports/faults.md
	@$(PYTHON) deploy/bootstrap.py dev
	@$(BIN)/python -m tests.nightly.fault --minutes 38 --kills 200 --faults 500 --records 1000000 --rare broker-70s --rare store-60s \
		--rare store-600s --rare disk-full --rare keys --report docs/development/reports/faults.md $(ARGS)

mutants: ## mutate modules and run their tests (ARGS="agents.rules.evidence.downsampling", or ARGS=--guards)
	@$(PYTHON) deploy/bootstrap.py dev
	@$(BIN)/python -m tests.nightly.mutation $(ARGS)

pictures: ## take the README's pictures of the running service again
	@$(PYTHON) deploy/bootstrap.py dev
	@$(BIN)/python -m tests.browser.pictures

lock: ## pin all dependencies and server jars again
	@$(PYTHON) deploy/bootstrap.py dev
	@$(BIN)/python deploy/lock.py
	@$(BIN)/python -m deploy.local.lock
	@$(BIN)/python -m tests.nightly.bench.jars

clean: ## remove the virtual environment and local state
	rm -rf .venv .geovelocity build *.egg-info app/api/web/node_modules
