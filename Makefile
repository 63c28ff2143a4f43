# make try    install crrlint into .venv and let it look at the examples
# make test   everything that has to pass: format, types, generated pages, tests
# make docs   write the generated pages and the table in the README
#
# PYTHON=...  the Python to use instead of the newest one found
# VENV=...    the environment to use instead of .venv
# ONLY=...    a marker expression for pytest: ONLY="not slow"

PYTHON ?= $(shell .ci/pythons | tail -n 1)
VENV ?= .venv
ONLY ?=

BIN := $(VENV)/bin

.PHONY: try test check pytest docs clean

# 1 is the exit code for findings, and one of the examples is broken on purpose.
try: $(VENV)/installed
	@for example in examples/*/; do \
		echo "\$$ crrlint $$example"; \
		$(BIN)/crrlint $$example; code=$$?; \
		echo "exit code $$code"; echo; \
		[ $$code -le 1 ] || exit $$code; \
	done

test: check pytest

check: $(VENV)/ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m crrlint.docs --check

pytest: $(VENV)/ready
	$(BIN)/pytest -n auto $(if $(ONLY),-m "$(ONLY)")

docs: $(VENV)/installed
	$(BIN)/python -m crrlint.docs

clean:
	rm -rf $(VENV) dist build .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(BIN)/python:
	@[ -n "$(PYTHON)" ] || { echo "no Python 3.11 or newer found; say PYTHON=..." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

# Groups of dependencies are known to pip from 25.1 on.
$(VENV)/pip: $(BIN)/python
	$(BIN)/python -m pip install -q --upgrade "pip>=25.1"
	@touch $@

$(VENV)/installed: $(VENV)/pip pyproject.toml
	$(BIN)/python -m pip install -q -e .
	@touch $@

$(VENV)/ready: $(VENV)/pip pyproject.toml
	$(BIN)/python -m pip install -q -e . --group dev
	@touch $@ $(VENV)/installed
