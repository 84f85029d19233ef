# Chengyun 城运. The two that matter: `make demo` starts it, `make test` proves it.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PORT ?= 8000
HOST ?= 127.0.0.1
DETACH ?=
COMPONENTS ?=
ARGS ?=
BIN := .venv/bin
# What checks and tests make lies apart from a running platform's data.
TEST := CHENGYUN_VAR=$(CURDIR)/var/test

.PHONY: help demo test check setup bench bench-map docs lock reference clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "%-16s %s\n", $$1, $$2}'

demo: ## install what is missing, load the simulated city, start everything (DETACH=1 PORT=8123 COMPONENTS=2500000)
	@scripts/bootstrap run
	@$(if $(COMPONENTS),CHENGYUN_DEMO_COMPONENTS=$(COMPONENTS)) exec $(BIN)/chengyun up --demo --host $(HOST) --port $(PORT) $(if $(DETACH),--detach)

test: ## everything that proves the project
	@scripts/bootstrap dev
	@$(MAKE) --no-print-directory check
	scripts/npm test
	$(BIN)/pytest -n 2 --dist loadgroup -q $(ARGS)

check: ## style, types, import contracts, migrations, OpenAPI file; Python and pages
	@scripts/bootstrap dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(TEST) $(BIN)/mypy
	$(BIN)/lint-imports
	scripts/npm run --silent check
	$(TEST) $(BIN)/python -W ignore manage.py makemigrations --check --dry-run
	$(TEST) $(BIN)/chengyun export openapi --check

setup: ## the development environment only
	@scripts/bootstrap dev

bench: ## measure the speed of the main paths (minutes)
	@scripts/bootstrap dev
	$(BIN)/python -m bench $(ARGS)

bench-map: ## measure the map at the size of a real city, beside tipg and pygeoapi (an hour the first time)
	@scripts/bootstrap dev
	$(BIN)/python -m bench.map $(ARGS)

docs: ## build the documentation into site/
	@scripts/bootstrap dev
	$(BIN)/mkdocs build --strict

lock: ## write the locks anew after a change of dependencies
	@scripts/bootstrap dev
	scripts/lock

reference: ## write openapi.json, the pages' types, docs/settings.md and docs/commands.md anew
	@scripts/bootstrap dev
	$(TEST) $(BIN)/chengyun export openapi
	scripts/npm run --silent types
	$(TEST) $(BIN)/chengyun settings --markdown > docs/settings.md
	$(TEST) $(BIN)/chengyun commands > docs/commands.md

clean: ## remove what builds and tests leave; the platform's data in var/ stays
	rm -rf site dist build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
	@if [ -x $(BIN)/chengyun ]; then CHENGYUN_VAR=$(CURDIR)/var/test $(BIN)/chengyun down; fi
	rm -rf var/test
