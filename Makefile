# Everything needs only Python >= 3.11 and make; one virtual environment in the checkout.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PROMPT ?= two blue squares and three red hearts

.PHONY: demo test check bench clean

$(VENV)/.run: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "GEMS needs Python 3.11 or newer; try make PYTHON=python3.11"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt torch -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

demo: $(VENV)/.run  ## draw a picture with the embedded models and print where it is
	$(BIN)/gems generate "$(PROMPT)" --seed 7 --out pictures

test: $(VENV)/.dev  ## the tests
	$(BIN)/python -m pytest

check: $(VENV)/.dev  ## what CI checks beside the tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	mkdir -p .types && ln -sfn .. .types/gems && MYPYPATH=.types $(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python docs/commands.py --check

bench: $(VENV)/.dev  ## 32 runs at once against servers with fixed latencies
	$(BIN)/python tests/benchmarks/concurrency.py

clean:
	rm -rf $(VENV) build *.egg-info
