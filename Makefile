# Set-up and the daily commands. Needs Python 3.11 or later and make; nothing else.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
WORKERS ?= 2
# One file goes to one worker, which makes what its tests share once; tests/conftest.py puts the longest first.
# Compiled files are kept even where the environment says not to: tests start many commands, and each would compile them anew.
unexport PYTHONDONTWRITEBYTECODE
TEST := $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder -ra

.PHONY: install run demo test check format bench lock train clean
.DEFAULT_GOAL := install

install: $(VENV)/.installed
	@echo "installed: $(BIN)/therawatch"

run: $(VENV)/.installed
	$(BIN)/therawatch serve $(ARGS)

demo: $(VENV)/.installed-dev
	$(BIN)/python -m demo $(ARGS)

test: $(VENV)/.installed-dev
	$(TEST)

check: $(VENV)/.installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(TEST)

format: $(VENV)/.installed-dev
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

bench: $(VENV)/.installed-dev
	$(BIN)/python benchmarks/run.py $(ARGS)

# `make lock ARGS=--upgrade` takes newer versions. Resolved for the oldest Python of the promise (Debian 12 has 3.11.2); later ones take the same set.
COMPILE := $(BIN)/uv pip compile --python-version 3.11.2 --generate-hashes --no-emit-index-url --no-header --quiet
lock: $(VENV)/.python
	test -x $(BIN)/uv || $(PIP) install --quiet --require-hashes -r requirements-dev.lock
	$(COMPILE) pyproject.toml --extra dev $(ARGS) -o requirements-dev.lock > /dev/null
	$(COMPILE) pyproject.toml -c requirements-dev.lock -o requirements.lock > /dev/null
	printf 'editables>=0.5\nhatchling>=1.27\n' \
		| $(COMPILE) - -c requirements-dev.lock -o requirements-build.lock > /dev/null
	$(COMPILE) pyproject.toml --extra train -c requirements-dev.lock $(ARGS) --no-annotate > requirements-train.tmp
	awk -v unused='^($(UNUSED))==' '/^[a-z]/ {skip = $$0 ~ unused} !skip' requirements-train.tmp > requirements-train.lock
	printf 'torch==2.13.0 \\\n    --hash=sha256:$(TORCH_CPU)\n' >> requirements-train.lock
	rm requirements-train.tmp

# The encoder of monitor/reading/prose, fitted anew (training/__main__.py). torch for processors alone: its wheel, which has no
# libraries for graphics cards, lies on an index of its own. The packages below would come with it or with the weights, unused.
TORCH ?= --extra-index-url https://download.pytorch.org/whl/cpu
TORCH_CPU := 6746dbcbeb526eb61330b76b41ff1b4eb848951103a892eeb080dfa2b264667b
UNUSED := torch|nvidia-.*|cuda-.*|triton|sentence-transformers|transformers|scikit-learn|scipy|joblib|threadpoolctl|regex|typer
train: $(VENV)/.installed-train
	$(BIN)/python -m training vocabulary
	$(BIN)/python -m training fit $(ARGS)
	$(BIN)/python -m training export
	$(BIN)/python -m training words

$(VENV)/.installed-train: $(VENV)/.installed-dev requirements-train.lock
	$(PIP) install --quiet --no-deps --require-hashes $(TORCH) -r requirements-train.lock
	@touch $@

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis

# The stamps make a second call instant. The build tools are locked like everything else, so the project itself is
# installed without a look at any registry.
$(VENV)/.python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed, this is " + sys.version)'
	$(PYTHON) -m venv $(VENV) || { echo 'no virtual environment could be made: on Debian, apt-get install python3-venv'; exit 1; }
	@touch $@

$(VENV)/.installed: $(VENV)/.python requirements.lock requirements-build.lock pyproject.toml
	$(PIP) install --quiet --require-hashes -r requirements.lock
	$(PIP) install --quiet --require-hashes -r requirements-build.lock
	$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements-dev.lock
	$(PIP) install --quiet --require-hashes -r requirements-dev.lock
	@touch $@
