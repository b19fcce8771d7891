# Two commands: `make app` opens the studio, `make test` runs every test. Both set up what they need in .venv first.
PYTHON ?= python3
PORT ?= 5006
BIN := .venv/bin
export UV_SYSTEM_CERTS ?= 1
export PATH := $(CURDIR)/$(BIN):$(PATH)

FRONT_END := $(shell find widgets -name node_modules -prune -o -type f -print 2>/dev/null)
LABEXTENSION := .venv/share/jupyter/labextensions/spike-studio
ifeq ($(wildcard studio/labextension/.stamp),)
REBUILD := always
endif

# The environment: made again when the pins, the project file or the front end change.
.venv/.ready: pyproject.toml constraints.txt hatch_build.py $(FRONT_END) $(REBUILD)
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	test -x $(BIN)/uv || $(BIN)/python -m pip install -q --disable-pip-version-check "$$(grep '^uv==' constraints.txt)"
	$(BIN)/uv pip install -q --python $(BIN)/python -c constraints.txt -e ".[test]"
	mkdir -p $(dir $(LABEXTENSION)) && ln -sfn $(CURDIR)/studio/labextension $(LABEXTENSION)
	@touch $@

app: .venv/.ready
	$(BIN)/studio app --port $(PORT)

test: .venv/.ready
	$(BIN)/python tests/ensure_browser.py
	$(BIN)/python tests/ensure_node.py
	$(BIN)/python tests/ensure_chips.py
ifdef PYTEST
	$(BIN)/python -m pytest $(PYTEST)
else  # most of the time is spent compiling kernels; what watches a browser wants the machine for itself
	$(BIN)/python -m pytest -n 2 --dist loadfile --ignore tests/browser
	$(BIN)/python -m pytest tests/browser
endif

lint: .venv/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check studio tests hatch_build.py
	$(BIN)/pyright studio
	$(BIN)/lint-imports

always:
.PHONY: app test lint always
