# make demo | test | test-all | docs | lint | clean; each sets up .venv first where it is missing.
PYTHON ?= python3
# A GPU machine or a CPU-only build: make demo TORCH='torch==2.13.0 --index-url URL'
TORCH ?= torch==2.13.0
VENV := .venv
PY := $(VENV)/bin/python
STAMP := $(VENV)/.mmseg_picie-installed
DOCS_STAMP := $(VENV)/.mmseg_picie-docs-installed
export PIP_DISABLE_PIP_VERSION_CHECK = 1
export NO_MKDOCS_2_WARNING = 1

.PHONY: demo test test-all docs lint format setup clean
.DELETE_ON_ERROR:

demo: $(STAMP)
	@$(PY) tools/demo.py $(ARGS)

# Proofs that take long (marked slow) are left to test-all.
test: $(STAMP)
	@$(PY) -m pytest -n auto --dist worksteal -m 'not slow' $(ARGS)

test-all: $(STAMP)
	@$(PY) -m pytest -n auto --dist worksteal $(ARGS)

# The pages of docs/ as a site in site/; a broken link ends it.
docs: $(DOCS_STAMP)
	@$(PY) -m mkdocs build --strict --quiet
	@echo 'open site/index.html'

lint: $(STAMP)
	@$(PY) -m ruff format --check .
	@$(PY) -m ruff check .

format: $(STAMP)
	@$(PY) -m ruff format .
	@$(PY) -m ruff check --fix .

setup: $(STAMP)

$(PY):
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 10) <= v <= (3, 13) else "error: $(PYTHON) is Python %d.%d, expected 3.10 to 3.13: make PYTHON=python3.12 ..." % v)'
	@echo "Creating $(VENV) with $$($(PYTHON) --version)"
	@if [ -e $(VENV) ]; then $(PYTHON) -m venv $(VENV); \
	else $(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }; fi

# PyTorch comes first and is kept where it is there already: pip would swap builds.
$(STAMP): setup.py | $(PY)
	@echo "Installing into $(VENV); some minutes the first time"
	@$(PY) -c 'import torch' 2>/dev/null || $(PY) -m pip install -q $(TORCH)
	@$(PY) -m pip install -q -e '.[openmmlab,weights,test,lint]'
	@touch $@

$(DOCS_STAMP): $(STAMP)
	@$(PY) -m pip install -q -e '.[docs]'
	@touch $@

clean:
	@rm -rf build dist site *.egg-info .pytest_cache .ruff_cache
	@find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +
