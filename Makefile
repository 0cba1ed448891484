# `make help` lists what there is. All of it works in a fresh clone with Python 3.11 or newer and make.

.DEFAULT_GOAL := help
.PHONY: serve test check bench help snapshots sbom audit browser requirements
BIN := .venv/bin
# The first that runs and is new enough: a name on the path may be a shim without a Python behind it.
NEW_ENOUGH := import sys, venv; sys.exit(sys.version_info < (3, 11))
PYTHON = $(shell for python in python3.11 python3.12 python3.13 python3; do \
	$$python -c '$(NEW_ENOUGH)' >/dev/null 2>&1 && echo $$python && break; done)

serve: .venv/runtime  ## serve on 127.0.0.1:8000, with a PostgreSQL of its own in .tarih/
	@exec $(BIN)/python -m service serve

test: .venv/dev  ## run the tests
	$(BIN)/python -m pytest -n 3 --dist worksteal

check: .venv/dev  ## format, lint, types, floors, snapshots, licences
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m migrations.snapshot --check
	$(BIN)/python -m service openapi | diff -u openapi/openapi.json - \
		|| { echo 'openapi/openapi.json is not what the service describes: run `make snapshots`' >&2; exit 1; }
	$(BIN)/openapi-spec-validator openapi/openapi.json
	$(BIN)/pip check --disable-pip-version-check
	$(BIN)/python -m supply.licences --check

bench: .venv/dev  ## measure what must be fast
	@test -d benchmarks || { echo 'There are no benchmarks yet.' >&2; exit 1; }
	$(BIN)/python -m benchmarks

help:  ## list these targets
	@awk -F ':.*  ## ' '/^[a-z]+:.*  ## / { printf "make %-7s %s\n", $$1, $$2 }' Makefile

# Not listed: for those who change the schema, the API or the dependencies.

snapshots: .venv/dev
	$(BIN)/python -m migrations.snapshot --write
	mkdir -p openapi
	$(BIN)/python -m service openapi > openapi/openapi.json.new && mv openapi/openapi.json.new openapi/openapi.json
	$(BIN)/python -m supply.licences --write

sbom: .venv/dev  # a bill of what is installed to serve (CycloneDX); the image has its own
	$(BIN)/cyclonedx-py requirements requirements.txt --pyproject pyproject.toml --output-reproducible --of JSON -o sbom.cdx.json

audit:  # with uv on the path, and a network: what is known against what is installed to serve
	uvx pip-audit --requirement requirements.txt --require-hashes --disable-pip

browser: tests/browser/node_modules/.package-lock.json  # with node: what the tests in a browser read pages with
tests/browser/node_modules/.package-lock.json: tests/browser/package-lock.json
	cd tests/browser && npm ci --silent
	@touch $@

requirements:  # with uv on the path; by hand, because nothing else needs uv
	uv pip compile -q --upgrade $(COMPILE) pyproject.toml -o requirements.txt
	uv pip compile -q --upgrade $(COMPILE) --extra otel pyproject.toml -o requirements-otel.txt
	uv pip compile -q --upgrade $(COMPILE) --group dev --extra otel pyproject.toml -o requirements-dev.txt
	uv pip compile -q --upgrade $(COMPILE) --group build -o requirements-build.txt
	sed -i '1i # Made from pyproject.toml by `make requirements`: what is installed, exactly, for Python 3.11 to 3.13.' \
		requirements.txt requirements-otel.txt requirements-dev.txt requirements-build.txt
COMPILE := --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --no-emit-index-url

.venv/bin/pip:
	@test -n "$(PYTHON)" || { echo 'Python 3.11 or newer, with its venv module, is needed and was not found.' >&2; exit 1; }
	$(PYTHON) -m venv .venv

# What the package's own script does, for a checkout that is not installed: from whichever folder it is called.
.venv/bin/tarih: | .venv/bin/pip
	@printf '%s\n' '#!/bin/sh' 'checkout=$$(cd -- "$$(dirname -- "$$0")/../.." && pwd) || exit' \
		'PYTHONPATH="$$checkout$${PYTHONPATH:+:$$PYTHONPATH}" exec "$$checkout/.venv/bin/python" -P -m service "$$@"' > $@
	@chmod +x $@

.venv/runtime: requirements.txt | .venv/bin/tarih
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

# The development requirements include the runtime's.
.venv/dev: requirements-dev.txt requirements.txt | .venv/bin/tarih
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch .venv/runtime $@
