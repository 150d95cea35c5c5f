# Purser: `make run` starts it, `make test` tries it. Needs make and Python 3.11 or newer, nothing else.
# Relative paths throughout, so that the folder may have any name.

.DEFAULT_GOAL := help
.PHONY: run seed keys migration test lint check fix coverage bench clean help
SHELL := /bin/sh

PYTHON ?= python3
LINTS := $(addprefix tests/conformance/test_,layers.py templates.py words_and_sizes.py pins.py)
PY := .venv/bin/python
FLASK := $(PY) -m flask --app app

run: .venv/ready  ## Start Purser at http://127.0.0.1:8080 (PORT=8081: elsewhere; DEMO=0: without the demo's records)
	@sh tools/first_start.sh
	@exec $(PY) run.py

seed: .venv/ready  ## Put the demo's records into the database
	@$(FLASK) setup
	@$(FLASK) seed

keys: .venv/ready  ## Make the keys of a new production installation, where there are none yet
	@PURSER_ENV= $(PY) -c "import config; print('Keep a copy, apart from the backups:', config.VAR / 'secret_key', config.KEY_FILE)"

test: .venv/ready-dev  ## Run all tests, on SQLite and PostgreSQL and in a browser (ARGS="-k invoice": some of them)
	@sh tools/test_programs.sh
	@$(PY) -m pytest -n 2 --dist worksteal $(ARGS)

lint: .venv/ready-dev  ## Lint, format, types
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy

check: lint  ## The same, and the rules about layers and templates
	$(PY) -m pytest -n 2 $(LINTS)

fix: .venv/ready-dev  ## Repair what the linter can repair, and format
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

coverage: .venv/ready-dev  ## Say which lines no test reaches
	@rm -f .coverage .coverage.*
	@$(PY) -m coverage run -m pytest $(ARGS)
	@$(PY) -m coverage combine --quiet
	@$(PY) -m coverage report

bench: .venv/ready-dev  ## Say how fast it is with a million documents, beside what was promised (ARGS="--documents 10000": a small one)
	@$(PY) -m bench $(ARGS)

migration: .venv/ready-dev  ## Write the next migration from the entities: make migration m="A receipt has a dock"
	@test -n "$(m)" || { echo 'Say in a sentence what it does: make migration m="A receipt has a dock"'; exit 1; }
	@$(PY) -m app.migrate revision "$(m)"
	@$(PY) -m ruff check --quiet --fix migrations/versions
	@$(PY) -m ruff format --quiet migrations/versions

clean:  ## Remove what make and the tools made; the records in var/ stay
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage .coverage.* htmlcov
	find . -name __pycache__ -not -path './.git/*' -prune -exec rm -rf {} +

help:  ## Show this
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# What is installed is recorded by a copy of the list. Asked at every start, installed only when the list changed.
.PHONY: .venv/ready .venv/ready-dev
.venv/ready:
	@PYTHON="$(PYTHON)" sh tools/install.sh requirements.txt
.venv/ready-dev:
	@PYTHON="$(PYTHON)" sh tools/install.sh requirements.txt requirements-dev.txt
