# Patchbay. `make help` lists what there is.
SHELL := /bin/sh
UV_VERSION := 0.13.9
TOOLS := .tools
UV := $(TOOLS)/bin/uv
RUN := $(UV) run --frozen --quiet
LOCAL := $(RUN) python -m patchbay_local
PYTHON ?= python3
# The distribution's Python, if new enough: it is compiled guided by profiles, others often are not (ADR 44).
UV_PYTHON ?= $(shell /usr/bin/python3 -c 'import sys; print(sys.executable if sys.version_info >= (3, 11) else "")' 2>/dev/null)
ifneq ($(UV_PYTHON),)
export UV_PYTHON
endif
# Some images forbid Python to keep what it compiled: each start of a service would compile a thousand modules anew, and
# take three times as long.
export PYTHONDONTWRITEBYTECODE :=
TESTS := contracts/tests chassis/tests client/tests services/*/tests deploy/local/tests examples bench tests

.DEFAULT_GOAL := help
.PHONY: help setup up down status logs rebuild demo test pictures check compat format bench bench-search bench-wizard bench-api fuzz chaos schemas words alone clean

help: ## List what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

$(UV):
	$(PYTHON) -m venv $(TOOLS)
	$(TOOLS)/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

.venv/.synced: $(UV) uv.lock pyproject.toml */pyproject.toml services/*/pyproject.toml deploy/local/pyproject.toml
	$(UV) sync --frozen --quiet
	@touch $@

GATEWAY := services/gateway
ASSETS := $(GATEWAY)/gateway_service/pages/static/vendor/.made

$(ASSETS): $(GATEWAY)/assets.sh $(GATEWAY)/package.json $(GATEWAY)/package-lock.json $(wildcard $(GATEWAY)/styles/*) | $(UV)
	PYTHON=$(TOOLS)/bin/python sh $(GATEWAY)/assets.sh
	@touch $@

setup: .venv/.synced $(ASSETS) ## Get uv, install the locked workspace, make what pages are drawn with

up: setup ## Start Kafka, PostgreSQL, the inbox, the six services and a search replica
	@$(LOCAL) up

down: setup ## Stop everything (WIPE=1 deletes the data as well)
	@$(LOCAL) down $(if $(WIPE),--wipe)

status: setup ## Show what runs and whether it is ready
	@$(LOCAL) status

logs: setup ## Show logs (SERVICE=numbers for one, FOLLOW=1 to follow)
	@$(LOCAL) logs $(SERVICE) $(if $(FOLLOW),-f)

rebuild: setup ## Make the gateway's read models anew from their owners while it runs (DRY_RUN=1 only counts)
	@$(LOCAL) rebuild $(if $(DRY_RUN),--dry-run)

demo: setup ## Set up, start, place 1,000 orders and show what became of them
	@$(LOCAL) up
	@$(RUN) python -m examples.demo

test: setup ## Run every test, beside servers of their own
	@$(LOCAL) with -- $(RUN) pytest -q $(ARGS)

pictures: setup ## Make the README's pictures of the wizard anew, as a test walks through it
	@$(LOCAL) with -- $(RUN) pytest -q tests/test_wizard.py -k "one_sitting and True"
	@$(RUN) python docs/pictures.py

check: setup ## Format, lint, types, imports, schemas, settings, problems, reasons, findings
	@$(RUN) ruff format --check .
	@$(RUN) ruff check .
	@$(RUN) mypy
	@$(RUN) mypy --cache-dir .mypy_cache/tests $(TESTS)
	@$(RUN) lint-imports
	@$(RUN) python -m patchbay_contracts.schemas --check
	@$(RUN) python docs/settings_table.py --check
	@$(RUN) python docs/problems_table.py --check
	@$(RUN) python docs/reasons_table.py --check
	@$(RUN) python docs/findings_table.py --check

compat: setup ## Refuse what would break users of the API, messages and topics as they landed (REF=another ref)
	@$(RUN) python docs/compatibility.py $(REF)

format: setup ## Put the code into its form
	@$(RUN) ruff check --fix --quiet --exit-zero .
	@$(RUN) ruff format .

schemas: setup ## Write the JSON Schemas of all messages, and the AsyncAPI document of the topics
	@$(RUN) python -m patchbay_contracts.schemas

PAGES := $(GATEWAY)/gateway_service/pages
WORDS := $(PAGES)/words/$(LANGUAGE).po

words: setup ## Gather the texts of all pages for another language (LANGUAGE=de)
	@test -n "$(LANGUAGE)" || { echo "which? make words LANGUAGE=de" >&2; exit 2; }
	@printf '[python: **.py]\n[jinja2: **/templates/**.html]\n' > $(PAGES)/words/.mapping
	@cd $(PAGES) && $(CURDIR)/.venv/bin/pybabel -q extract -k pattern:2 -F words/.mapping -o words/.texts.pot . ../../../../contracts/patchbay_contracts
	@if test -f $(WORDS); then .venv/bin/pybabel -q update -i $(PAGES)/words/.texts.pot -o $(WORDS) -l $(LANGUAGE); \
	else .venv/bin/pybabel -q init -i $(PAGES)/words/.texts.pot -o $(WORDS) -l $(LANGUAGE); fi
	@rm $(PAGES)/words/.mapping $(PAGES)/words/.texts.pot

bench: setup ## Measure orders/s and latency (RATE=500 a second, ORDERS=n)
	@$(RUN) python -m bench.orders $(if $(RATE),--rate $(RATE)) $(if $(ORDERS),--orders $(ORDERS)) $(ARGS)

bench-search: setup ## Measure searches and holds beside PostgreSQL, 1 to 100 million numbers (ARGS="--sizes 1M")
	@$(RUN) python -m bench.search $(ARGS)

bench-wizard: setup ## Measure the wizard with 50 operators, a million customers, ten million numbers (ARGS="--think 0")
	@$(RUN) python -m bench.wizard $(ARGS)

bench-api: setup ## Measure orders taken in singly and in bulk, dry runs, exports, and deliveries to webhooks (ARGS="--lines 20000")
	@$(RUN) python -m bench.api $(ARGS)

fuzz: setup ## Call the whole API at length, as its document allows and forbids (EXAMPLES=200 of each operation, ONLY=those that match)
	@$(LOCAL) with --no-kafka -- env PATCHBAY_EXAMPLES=$(or $(EXAMPLES),200) PATCHBAY_OPERATIONS='$(ONLY)' $(RUN) pytest -q -o timeout=0 \
		$(GATEWAY)/tests/test_called_by_document.py $(ARGS)

chaos: setup ## Kill services at random under load and check that nothing is lost (SEED=n)
	@$(RUN) python -m bench.chaos $(if $(SEED),--seed $(SEED)) $(ARGS)

alone: setup ## Install each service alone and run its own tests
	@$(LOCAL) with --no-kafka -- sh deploy/alone.sh

clean: ## Delete what was built and installed here
	@test ! -x .venv/bin/python || $(LOCAL) down --wipe
	rm -rf .venv .cache $(TOOLS) .mypy_cache .ruff_cache .pytest_cache .artefacts $(GATEWAY)/node_modules $(dir $(ASSETS))
