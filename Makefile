# Needs Python 3.11 or newer and make; everything else is fetched into this folder.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON := .venv/bin/python
POSTGRES := $(PYTHON) -m config.embedded_postgres
TEST_POSTGRES := $(POSTGRES) run --quiet --fast --directory var/test-postgres --
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header

RUNTIME := .venv/runtime.stamp node_modules/stamp
DEVELOPMENT := $(RUNTIME) .venv/development.stamp

.PHONY: help
help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile

.PHONY: demo
demo: $(RUNTIME) ## try it: invented patients, one log-in per role, on http://127.0.0.1:8000
	@$(POSTGRES) run -- bin/serve --demo

.PHONY: serve
serve: $(RUNTIME) ## the same without invented data
	@$(POSTGRES) run -- bin/serve

.PHONY: setup
setup: $(RUNTIME) ## what serving needs
	@echo "安装完成。"

.PHONY: setup-dev
setup-dev: $(DEVELOPMENT) ## what developing and testing needs
	@echo "开发环境安装完成。"

.PHONY: check
check: $(DEVELOPMENT) ## linters, types, layers, migrations; no tests
	@$(MAKE) --no-print-directory -j 2 types style
	@echo "检查通过。"

.PHONY: types
types:
	$(PYTHON) -m mypy

.PHONY: style
style:
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m djlint --quiet --check --lint templates
	$(PYTHON) .venv/bin/lint-imports
	$(TEST_POSTGRES) bin/check-django

.PHONY: test
test: check ## check, then all tests, browser included
	bin/install-chromium
	$(PYTHON) -m pytest -n 3 --dist worksteal

.PHONY: prove
prove: $(DEVELOPMENT) ## all tests with the full counts
	bin/install-chromium
	PROVE=1 $(PYTHON) -m pytest -n 2

.PHONY: bench
bench: $(DEVELOPMENT) ## how fast posting a receipt is, next to bare SQL
	$(PYTHON) -m tests.bench

.PHONY: lock
lock: ## pin again what pyproject.toml asks for (needs uv)
	$(LOCK) pyproject.toml --output-file requirements.lock
	$(LOCK) pyproject.toml --extra dev --output-file requirements-dev.lock
	$(LOCK) --group node --output-file requirements-node.lock

.PHONY: clean
clean: ## stop the databases and remove what set-up and tests made; var/postgres and var/keys stay
	@for directory in var/postgres var/test-postgres; do \
		test ! -d $$directory || test ! -x $(PYTHON) || \
			$(POSTGRES) stop --directory $$directory; done
	rm -rf .venv node_modules var/test-postgres var/static
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.venv/runtime.stamp: requirements.lock
	@bin/install-python requirements.lock
	@touch $@

.venv/development.stamp: requirements-dev.lock .venv/runtime.stamp
	@bin/install-python requirements-dev.lock
	@touch $@

node_modules/stamp: package-lock.json requirements-node.lock .venv/runtime.stamp
	@bin/install-browser-files
	@touch $@
