# Utpadan: `make run` is the whole nightly on this machine, `make test` proves it.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
UTPADAN := $(BIN)/utpadan

.PHONY: help install run up down status sql test lint format bench docs lock clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-9s %s\n", $$1, $$2}'

install: $(INSTALLED) ## install everything into .venv

$(INSTALLED): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14) and "Utpadan needs Python 3.11, 3.12 or 3.13: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	$(BIN)/python -m compileall -q utpadan portals dags
	@touch $@

run: $(INSTALLED) ## the whole nightly, from the portals to a published release
	$(UTPADAN) run

up: $(INSTALLED) ## start Postgres, the stand-in portals and Airflow with its nightly schedule
	$(UTPADAN) up

down: $(INSTALLED) ## stop what was started here, and nothing else
	$(UTPADAN) down

status: $(INSTALLED) ## sources, gates and the current release
	$(UTPADAN) status

sql: $(INSTALLED) ## psql on the warehouse, as analyst
	$(UTPADAN) sql

test: $(INSTALLED) ## all tests, on a real Postgres and a real Airflow
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile

lint: $(INSTALLED) ## style, types, SQL, layering, contracts, weak code, secrets, weak dependencies
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy utpadan portals dags benchmarks
	$(BIN)/lint-imports
	$(UTPADAN) check
	$(UTPADAN) contracts
	$(BIN)/sqlfluff lint --disable-progress-bar --processes 0 dbt_project/models dbt_project/functions sql
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive utpadan portals dags benchmarks
	git ls-files -z -- . ':!*.csv' ':!*.svg' ':!requirements.lock' | xargs -0 -P 2 -n 300 $(BIN)/detect-secrets-hook --no-verify --baseline .secrets.baseline
	$(BIN)/python .ci/audit_dependencies.py

format: $(INSTALLED) ## mend what can be mended of style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(INSTALLED) ## load a million rows beside plain COPY; readers during publishes; how well claims and names are read
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.readers
	$(BIN)/python -m benchmarks.claims
	$(BIN)/python -m benchmarks.resolution

docs: $(INSTALLED) ## docs/model.md from the keys, and the documentation of all models in one page
	$(BIN)/python -m utpadan.transform.model_page
	$(UTPADAN) docs

lock: ## pin every dependency anew (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --extra dev --generate-hashes --no-emit-index-url --no-header pyproject.toml -o requirements.lock

clean: ## stop everything and delete this checkout's data
	@test ! -x $(UTPADAN) || $(UTPADAN) down
	rm -rf .utpadan
