# `make train` and `make test` are all a newcomer needs; both set themselves up.
PY      := .venv/bin/python
BIN     := .venv/bin
PIP     := python3 -m pip --python $(PY) install --quiet --disable-pip-version-check \
           --root-user-action=ignore -c constraints.txt
INPUTS  := pyproject.toml constraints.txt
DEV     := .venv/.installed-dev
# A full environment is also one that trains: never install twice.
RUN     := $(if $(wildcard $(DEV)),$(DEV),.venv/.installed-run)
PYTEST  := OMP_NUM_THREADS=1 $(BIN)/pytest

.PHONY: setup train test lint soak models bench constraints clean

setup: $(DEV)

# ensurepip may be missing on a bare Debian, so the environment has no pip of its own.
$(PY):
	@python3 -m venv --without-pip .venv

.venv/.installed-run: $(INPUTS) | $(PY)
	@echo "Installing the compiler and what it runs on (a minute or two, once) ..."
	@$(PIP) -e .
	@touch $@

$(DEV): $(INPUTS) | $(PY)
	@echo "Installing the compiler and its tests (a minute or two, once) ..."
	@$(PIP) -e '.[dev]'
	@touch $@

train: $(RUN)
	$(BIN)/ebmc train models/sparse_coding.ebm

lint: $(DEV)
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/pyright
	$(BIN)/lint-imports

test: lint
	$(PYTEST) -q -n 2 --dist loadfile -m "not soak and not models"

# The long tiers, run by hand.
soak: $(DEV)
	$(PYTEST) -q -n 2 -m soak

models: $(DEV)
	$(PY) -m tests.models.table
	$(PYTEST) -q -m models

bench: $(DEV)
	@for row in benchmarks/*.py; do echo "== $$row"; $(PY) $$row || exit 1; done

constraints: $(DEV)
	@{ echo "# Exact versions of one environment that passes every test; made by \`make constraints\`."; \
	   python3 -m pip --python $(PY) freeze --exclude-editable | sed 's/+cpu$$//'; } > constraints.new
	@mv constraints.new constraints.txt

clean:
	rm -rf .venv dist .pytest_cache .ruff_cache .import_linter_cache .hypothesis
