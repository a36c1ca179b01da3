# Everything needs only Python >= 3.11 and make; the virtual environments lie in the checkout.
PYTHON ?= python3
ANSWERS ?= 10000
RUNS ?= 1000
KILLS ?= 50
PROMPT ?= three orange cats, a blue dog and a yellow sun

# .venv is the first Python's; one asked for by name that is another version gets a .venv-3.X of its own.
asked := $(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])')
made := $(shell sed -n 's/^version = \([0-9]*\.[0-9]*\).*/\1/p' .venv/pyvenv.cfg 2>/dev/null)
ifeq ($(origin PYTHON),file)
  asked := $(or $(made),$(asked))
endif
VENV := .venv$(if $(filter-out $(asked),$(made)),-$(asked))
API := $(VENV)-api
BIN := $(VENV)/bin
PIP := python -m pip install --quiet --disable-pip-version-check -c constraints.txt
EXAMPLES := build/examples

.PHONY: demo serve test test-slow aegra servers test-servers test-api fuzz soak kills machines load check lint types layers generated docs bench clean

$(VENV)/bin/python $(API)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "GEMS needs Python 3.11 or newer; try make PYTHON=python3.11"; exit 1; }
	$(PYTHON) -m venv $(@D)/..

$(VENV)/.run: pyproject.toml setup.py constraints.txt | $(VENV)/bin/python
	$(BIN)/$(PIP) torch -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.run
	$(BIN)/$(PIP) -e '.[dev]'
	@touch $@

$(API)/.run: requirements-api.txt constraints.txt | $(API)/bin/python
	$(API)/bin/python -m pip uninstall -qq --yes gems-agent
	$(API)/bin/$(PIP) -r requirements-api.txt
	@touch $@

demo: $(VENV)/.run  ## draw a picture with the embedded models and print where it is
	$(BIN)/gems generate "$(PROMPT)" --seed 3 --out pictures

serve: $(VENV)/.dev  ## the graph server on http://127.0.0.1:2024
	$(BIN)/gems serve --studio

test: $(VENV)/.dev  ## the tests, with the branches that they cover
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile --cov --cov-report= -m "not slow and not servers"

test-slow: $(VENV)/.dev  ## whole processes as users meet them: pipes, encodings, kills
	$(BIN)/python -m pytest -m "slow and not servers"

test-servers: $(VENV)/.dev  ## real graph servers, PostgreSQL, Chroma and a browser; what is not installed is skipped
	$(BIN)/python -m pytest -m servers -rs

AEGRA := $(VENV)-aegra

$(AEGRA)/.run: requirements-api.txt constraints.txt
	$(PYTHON) -m venv $(AEGRA)
	$(AEGRA)/bin/$(PIP) -r requirements-api.txt aegra-api greenlet prometheus-client boto3
	@touch $@

aegra: $(AEGRA)/.run  ## an open graph server, for test-servers

APT := apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq --yes --no-install-recommends

servers: aegra $(VENV)/.dev  ## what test-servers starts; needs root where Debian's PostgreSQL or Chromium is missing
	$(BIN)/$(PIP) -e '.[ray]'
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || { $(APT) postgresql; }
	@command -v chromium >/dev/null || { $(APT) chromium fonts-dejavu-core; }

test-api: $(API)/.run  ## the loop against servers where torch and its like are not installed
	rm -rf build/lib
	$(API)/bin/$(PIP) --no-deps --force-reinstall .
	$(API)/bin/python tests/api_only.py

fuzz: $(VENV)/.dev  ## so many answers that no server should give, over real connections
	$(BIN)/python tests/fuzz/protocols.py --answers $(ANSWERS)

soak: $(VENV)/.dev  ## so many runs while a fifth of everything fails
	$(BIN)/python tests/soak.py --runs $(RUNS)

kills: $(VENV)/.dev  ## so many runs that are killed and resumed; workers on one evaluation, killed
	$(BIN)/python tests/kill_and_resume.py --kills $(KILLS)
	$(BIN)/python tests/kill_workers.py --kills 20 --prompts 60

machines: $(VENV)/.dev  ## so many runs of two workers on shared servers, one worker killed
	$(BIN)/python tests/two_machines.py --runs $(RUNS)

load: $(VENV)/.dev  ## fifty runs at once on one server: its event loop, and its memory after every fifty of so many
	$(BIN)/python tests/load.py --runs $(RUNS) --every 50 --rest 16

check: lint types layers generated  ## what CI checks beside the tests

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev  ## mypy and pyright: the package, the tests, the README's examples
	$(BIN)/python docs/examples.py $(EXAMPLES)
	$(BIN)/mypy
	$(BIN)/mypy tests docs $(EXAMPLES)
	$(BIN)/pyright --pythonpath $(BIN)/python
	$(BIN)/pyright --pythonpath $(BIN)/python $(EXAMPLES)

layers: $(VENV)/.dev
	$(BIN)/lint-imports

generated: $(VENV)/.dev  ## what is made from something else is up to date
	$(BIN)/python docs/commands.py --check
	$(BIN)/python docs/requirements.py --check

docs: $(VENV)/.dev  ## the documentation as a site, in build/site
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet

bench: $(VENV)/.dev  ## 32 runs at once against servers with fixed latencies
	$(BIN)/python tests/benchmarks/concurrency.py

clean:
	rm -rf .venv .venv-* .editable build *.egg-info
