# Needs Python (3.11 or newer, with venv) and make; everything else is made in .venv from the lock.

PYTHON ?= python3
ARGS ?=
PY := .venv/bin/python

# In the lock: the versions served when it was made; run again with ARGS=--upgrade for the newest ones.
COMPILE := $(PY) -m uv pip compile pyproject.toml --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate \
	--custom-compile-command "make lock"

.PHONY: help env test containers torture mutants controls lint demo pictures bench lock sbom licences clean
.DEFAULT_GOAL := help

help: ## what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

env: .venv/.installed ## the environment in .venv, from requirements-dev.txt

.venv/.locked: requirements-dev.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Escalade needs Python 3.11 or newer: make env PYTHON=python3.11")'
	$(PYTHON) -m venv .venv
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

.venv/.installed: .venv/.locked pyproject.toml
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

test: env ## all tests, two files at a time, or some: make test ARGS="tests/domain -x"
	$(PY) -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

containers: env ## the image and docker-compose.yml, really run; needs a Docker engine, images and some minutes
	$(PY) -m pytest tests/deployment/containers -m container $(ARGS)

torture: env ## fifty seeded runs of kill -9, then every other fault; ARGS="--seed 7" repeats one
	$(PY) -m tests.deployment.faults $(ARGS)

mutants: env ## break each rule of the engine, a story must catch it; ARGS=holding for one module
	$(PY) -m tests.domain.mutations $(ARGS)

controls: env ## take each control of SECURITY.md out, its test must fail; ARGS=T5 for one threat
	$(PY) -m tests.taking_out $(ARGS)

lint: env ## ruff (rules and format) and mypy
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy

demo: env ## three cases climb the matrix before your eyes; ARGS=--once ends by itself
	$(PY) -m starters.demo $(ARGS)

pictures: env ## the papers' pictures anew; needs Debian's chromium and chromium-driver
	$(PY) -m starters.demo.pictures

bench: env ## what a case costs, beside a bare workflow that does the same
	$(PY) -m benchmarks.lifecycle $(ARGS)

lock: env ## requirements.txt and requirements-dev.txt anew, from pyproject.toml
	$(COMPILE) --extra worker -o requirements.txt $(ARGS)
	$(COMPILE) --extra dev -o requirements-dev.txt $(ARGS)

sbom: env ## what a worker is made of: build/escalade.cdx.json (CycloneDX), from requirements.txt
	$(PY) -m tests.deployment.sbom build/escalade.cdx.json

licences: env ## docs/licences.md anew, from requirements.txt
	$(PY) -m tests.deployment.sbom --licences docs/licences.md

clean: ## remove the environment and what the tools left
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
