# `make run` opens the window, `make test` checks everything; on a fresh machine both first make .venv and all they need.
#   make run ARGS="--preset adding"     passes arguments on
#   make run PYTHON=/path/to/python     chooses the Python that makes .venv (3.11 to 3.14)

.PHONY: run test lint format clean constraints run-environment test-environment
.DEFAULT_GOAL := run
.NOTPARALLEL:

# A person's shell must not put foreign packages before those of .venv.
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV

export PYTHON
# Not the commands beside it: they name the folder that .venv was made in, and a checkout may be moved.
PY := .venv/bin/python
CODE := core gui packaging tests
COMPILE := $(PY) -m uv pip compile pyproject.toml --quiet --group build --universal --python-version 3.11 --fork-strategy fewest \
	--generate-hashes --no-emit-index-url --custom-compile-command "make constraints" $(UPGRADE)

run: run-environment
	@$(PY) -m gui.system_libraries --install || true
	@$(PY) -m gui $(ARGS)

test: export QT_QPA_PLATFORM := offscreen
test: lint
	@$(PY) -m gui.system_libraries --install
	@$(PY) -m pytest --quiet --numprocesses 2 $(ARGS)

lint: test-environment
	@$(PY) -m ruff check --quiet $(CODE)
	@$(PY) -m ruff format --quiet --check $(CODE) || { echo "make format puts the layout right" >&2; exit 1; }
	@$(PY) -m mypy --no-error-summary

format: test-environment
	@$(PY) -m ruff check --fix $(CODE)
	@$(PY) -m ruff format $(CODE)

run-environment test-environment: %-environment:
	@python=$$(sh packaging/find_python.sh) && "$$python" -I packaging/environment.py $*

# Pins anew what pyproject.toml asks for; UPGRADE=--upgrade takes the newest versions.
constraints: test-environment
	@$(PY) -m pip install --quiet --disable-pip-version-check uv==0.13.8
	@$(COMPILE) --extra test --output-file packaging/requirements-test.txt
	@$(COMPILE) --constraints packaging/requirements-test.txt --output-file packaging/requirements.txt

# Leaves .venv; remove that by hand to start afresh.
clean:
	@rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find $(CODE) -name __pycache__ -type d -prune -exec rm -rf {} +
