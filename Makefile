# `make help` lists what there is. Every target does its own set-up, once, in .venv.
.DEFAULT_GOAL := help
SHELL := /bin/bash

# The newest Python that really starts: a pyenv shim may exist and fail.
PYTHON := $(shell for p in python3.13 python3.12 python3.11 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo $$p; break; }; done)
# Only `sam build` must have the very version that Lambda runs.
PYTHON313 := $(shell for p in python3.13 "$$(pyenv root 2>/dev/null)"/versions/3.13*/bin/python3.13; do \
	"$$p" -c 'import sys; print(sys.executable)' 2>/dev/null && break; done)
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
SAM := SAM_CLI_TELEMETRY=0 $(VENV)-sam/bin/sam

.PHONY: help run test slow bench screenshots images lint format validate build python313 deploy invoke openapi outdated clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: $(VENV)/.run ## the whole system on http://localhost:8000 (PORT=9000 moves it)
	@exec $(BIN)/python -m local run --port $(PORT)

# Whatever the shell says, what is compiled is kept: else each process of a run compiles every module again.
run test slow bench screenshots: export PYTHONDONTWRITEBYTECODE :=

# In these folders every test is a slow one.
SLOW_ONLY := budgets races browser conformance
test: $(VENV)/.dev ## every fast test
	$(BIN)/python -m pytest -n auto --dist worksteal -m "not slow" $(addprefix --ignore=tests/,$(SLOW_ONLY)) $(ARGS)

lint: $(VENV)/.dev ## style, types, import directions, the template
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	PYTHONPATH=layers/common/python:. $(BIN)/lint-imports
	$(BIN)/cfn-lint template.yaml

format: $(VENV)/.dev ## put the code into the house's format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

openapi: $(VENV)/.dev ## write the OpenAPI document from the code
	$(BIN)/python -m tools.openapi

outdated: $(VENV)/.run ## whether the pinned time zone rules are the newest
	@$(BIN)/python -m tools.outdated

invoke: $(VENV)/.run ## one function, one event, against the running system: FUNCTION=… EVENT=events/….json
	@$(BIN)/python -m local invoke "$(FUNCTION)" "$(EVENT)"

# Budgets and races are measured alone. What mostly waits, for minutes to pass or for answers, waits side by side: the
# longest first, and each worker takes one after the other. Every property is tried with all its examples. A browser takes
# more than a core while it draws, so tests in one are a step of their own.
slow: $(VENV)/.dev ## every slow test: budgets, races, time on the whole system, requests by the thousand
	$(BIN)/python -m pytest -m slow tests/budgets $(ARGS)
	$(BIN)/python -m pytest -m slow tests/races $(ARGS)
	$(BIN)/python -m pytest -m slow -n 2 tests/browser $(ARGS)
	$(BIN)/python -m pytest -m "slow or hypothesis" --hypothesis-profile thorough -n 3 --maxschedchunk 1 --durations 15 \
		tests/system $(filter-out $(addprefix tests/,budgets races browser system support conftest.py),$(wildcard tests/[a-z]*)) $(ARGS)

# The sheets are made of what was photographed, also if a page fails its checks.
screenshots: $(VENV)/.dev ## every page in every state as pictures, and contact sheets of them, in .local/screenshots
	@rm -rf .local/screenshots
	@SCREENSHOTS_TO=.local/screenshots $(BIN)/python -m pytest -m slow -n 2 tests/browser/test_states.py $(ARGS); \
		checked=$$?; PYTHONPATH=layers/common/python:. $(BIN)/python -m tests.support.browser.pictures sheets; exit $$checked

images: $(VENV)/.dev ## the pictures that the documents show, from make screenshots into docs/images
	@PYTHONPATH=layers/common/python:. $(BIN)/python -m tests.support.browser.pictures images

bench: $(VENV)/.dev ## every figure of docs/performance.md beside its peer: BEFORE=commit, ROWS="booking search" or ROWS=growth
	@$(BIN)/python -m bench $(ROWS) $(if $(BEFORE),--before $(BEFORE))

validate: $(VENV)/.sam ## sam validate
	$(SAM) validate --lint

build: validate ## sam build, into .aws-sam
	@test -n "$(PYTHON313)" || { echo "sam build needs Python 3.13, which the functions run on; none was found." >&2; exit 1; }
	PATH="$(dir $(PYTHON313)):$$PATH" $(SAM) build
	"$(PYTHON313)" -m tools.pack .aws-sam/build

python313:
	@echo "$(PYTHON313)"

deploy: build ## sam build and sam deploy: STAGE=staging, production or local; AGAIN=1 after a release that failed
	SAM_CLI_TELEMETRY=0 $(VENV)-sam/bin/python -m tools.release "$(or $(STAGE),staging)" $(VENV)-sam/bin/sam "$(AGAIN)"

clean: ## take away what make made
	@test ! -d .local/built || chmod -R u+w .local/built  # nobody may write into what is measured
	rm -rf $(VENV) $(VENV)-sam .local .aws-sam

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Slotline needs Python 3.11 or newer; none was found on the PATH." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements/run.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	@touch $@

$(VENV)/.dev: requirements/dev.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@ $(VENV)/.run

# Everything is listed with its hash, so there is nothing to resolve.
$(VENV)/.sam: requirements/sam.txt | $(VENV)/bin/python
	$(PYTHON) -m venv $(VENV)-sam
	$(VENV)-sam/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/sam.txt
	@touch $@
