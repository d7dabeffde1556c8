# `make help` lists the targets. Everything lies in .venv/ (environment) and $(JIEDAO_HOME) (state).
SHELL := /bin/bash
.DEFAULT_GOAL := help

PYTHON ?= python3.11
export JIEDAO_HOME ?= $(CURDIR)/data
# Bytecode makes the nightly run twice as fast; some machines switch it off.
unexport PYTHONDONTWRITEBYTECODE
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export DO_NOT_TRACK := 1
export GX_ANALYTICS_ENABLED := false

AIRFLOW := scripts/airflow
UV := .tools/bin/uv
SYNC := $(UV) pip sync --quiet --only-binary :all: --require-hashes --compile-bytecode --python .venv/bin/python
SAMPLE_SCOPE ?= 440103
SAMPLE_PERIODS ?= 2025-Q1,2025-Q2,2025-Q3,2025-Q4

.PHONY: help run test check lint up portal assets handbook cookbook hostile docs lock clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: .venv/.base ## Set up, make the sample inbox, run the nightly through Airflow, print the summary
	@jiedao sample --scope $(SAMPLE_SCOPE) --periods $(SAMPLE_PERIODS)
	@$(AIRFLOW) migrate
	@$(AIRFLOW) nightly
	@jiedao documents
	@jiedao status

test: .venv/.dev ## Set up and pass all tests
	@scripts/system_packages
	@python -m pytest -n 2 --dist loadfile

lint: .venv/.dev ## Check style, types and SQL
	@ruff check . && ruff format --check .
	@mypy && mypy --explicit-package-bases scripts
	@sqlfluff lint --disable-progress-bar dbt_project/models

check: lint test ## The whole gate: lint and tests

up: .venv/.base ## Start Airflow with its web page on the same home
	@$(AIRFLOW) migrate
	@$(AIRFLOW) up

portal: .venv/.base ## Show the sample on the pages of the portal: run the main job if need be, make users of each role, serve
	@test -f "$(JIEDAO_HOME)/published/warehouse.duckdb" || $(MAKE) --no-print-directory run
	@jiedao documents
	@python -m scripts.demo_users
	@jiedao portal

assets: ## Copy what the pages bring along (ECharts) from the locked packages
	@cd portal && npm ci --silent --ignore-scripts
	@version=$$(node -p "require('./portal/node_modules/echarts/package.json').version"); \
	  mkdir -p portal/static/echarts-$$version && cd portal/node_modules/echarts && \
	  cp dist/echarts.min.js LICENSE NOTICE ../../static/echarts-$$version/

handbook: .venv/.dev ## Make docs/rulebook.md and docs/data_dictionary.md anew
	@python -m scripts.render_docs

cookbook: .venv/.dev ## Answer the questions of docs/cookbook/ anew from the published sample
	@python -m scripts.render_docs --cookbook

hostile: .venv/.dev ## Say what hostile and odd files cost: FILES=folder, else the attacks of the tests
	@python -m scripts.bench_hostile $(FILES)

docs: .venv/.base ## Build the dbt documentation and lineage
	@jiedao docs

lock: $(UV) ## Pin the requirements anew, with hashes
	@for name in tools base dev; do \
	  $(UV) pip compile --quiet --upgrade --python-version 3.11 --generate-hashes --no-emit-index-url \
	    --no-emit-find-links --custom-compile-command "make lock" requirements/$$name.in -o requirements/$$name.txt; \
	done

clean: ## Remove environment and state
	rm -rf .venv .tools "$(JIEDAO_HOME)"

$(UV): requirements/tools.txt
	@echo "==> installer"
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 is needed: install it or say where it is with PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -m venv .tools
	@.tools/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/tools.txt
	@touch $@

.venv/.base: $(UV) requirements/base.txt
	@echo "==> environment (about 200 packages)"
	@test -x .venv/bin/python || $(UV) venv --quiet --python $(PYTHON) .venv
	@$(SYNC) requirements/base.txt
	@$(UV) pip install --quiet --no-deps --no-build-isolation --python .venv/bin/python --editable .
	@rm -f .venv/.dev && touch $@

.venv/.dev: .venv/.base requirements/dev.txt
	@echo "==> packages for tests and lint"
	@$(UV) pip install --quiet --only-binary :all: --require-hashes --compile-bytecode --python .venv/bin/python -r requirements/dev.txt
	@touch $@
