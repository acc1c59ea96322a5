# make run    the demonstration: wallets, devices and shopper on this machine, one visit from first scan to slip;
#             MODE=restaurant: a diner's, from the menu to the kitchen's ticket
# make fleet  a service provider with three kiosks that sell, until Ctrl-C
# make test   the tests                 make check  format, lint, types, imports, exposure of the systemd units
# make bench  times on this machine     make screens  every screen on every panel, held against references
# make prove  kill -9, power cuts, bad lines and bytes, random visits, as one table; ≤ 45 minutes, and goes on where it was
# make pictures  those in README.md
# make machine-test   USB devices, cameras and pins on a kernel of their own, in a Debian that QEMU boots (tests/machine/README.md)
# make lock   new versions into requirements.lock           make clean  away with all that make made
#
# Every target sets up what it needs, once: system packages, .venv from the lock with its hashes, the model weights.
# Variables: MODE=checkout or restaurant (for run), PYTHON=/path/to/python3.12 (the interpreter for .venv), ARGS="-k ledger" (for pytest or the demonstration).

# Dozens of processes are started in a test run: each would translate the project anew.
unexport PYTHONDONTWRITEBYTECODE

.DELETE_ON_ERROR:
.PHONY: run fleet test machine-test check bench prove screens pictures lock clean setup

python := .venv/bin/python
MODE ?= checkout
code := fleet kiosk hardware vision models

run: build/project.stamp build/models.stamp build/fonts.stamp
	@$(python) -m kiosk demo --mode $(MODE) $(ARGS)

test: build/project.stamp build/models.stamp build/fonts.stamp
	@$(python) -m pytest -q -n auto --maxprocesses 4 --dist loadfile $(ARGS)

machine-test: build/project.stamp
	@sh tests/machine/run $(ARGS)

check: build/project.stamp
	$(python) -m ruff format --check .
	$(python) -m ruff check .
	$(python) -m mypy
	.venv/bin/lint-imports --no-cache
	@if command -v systemd-analyze >/dev/null; then sh systemd/exposure; \
	else echo "systemd-analyze is not here: the exposure of the units was not measured"; fi

bench: build/project.stamp build/models.stamp build/fonts.stamp
	@$(python) -m kiosk bench $(ARGS)
	@$(python) -m fleet.bench

prove: build/project.stamp build/models.stamp
	@nice -n 10 $(python) -m tests.prove $(ARGS)

fleet: build/project.stamp build/fonts.stamp
	@$(python) -m fleet.demo $(ARGS)

screens: build/project.stamp build/models.stamp build/fonts.stamp
	@nice $(python) -m tests.screens $(ARGS)

pictures: build/project.stamp build/models.stamp build/fonts.stamp
	@$(python) -m kiosk.demo.screens

lock: build/venv.stamp
	@bash .ci/lock

setup: build/project.stamp build/models.stamp build/fonts.stamp

clean:
	rm -rf .venv build models/weights *.egg-info .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find $(code) tests -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true

# ---- set-up, each step once; a stamp is older than what it came from when the step must be done again

build/system.stamp: systemd/system-packages
	@mkdir -p build
	@echo "== system packages"
	@PYTHON="$(PYTHON)" sh systemd/system-packages >build/python
	@touch $@

build/venv.stamp: requirements.lock build/system.stamp
	@echo "== .venv from requirements.lock"
	@if ! $(python) -m pip --version >/dev/null 2>&1; then "$$(cat build/python)" -m venv --clear .venv; fi
	@$(python) -m pip install --quiet --disable-pip-version-check --no-input \
	    --require-hashes --only-binary :all: -r requirements.lock
	@touch $@

build/project.stamp: pyproject.toml build/venv.stamp
	@$(python) -m pip install --quiet --disable-pip-version-check --no-input \
	    --no-index --no-deps --no-build-isolation --editable .
	@touch $@

build/models.stamp: models/manifest.toml build/project.stamp
	@echo "== model weights"
	@$(python) -m models fetch
	@$(python) -m models verify
	@touch $@

# The simplified Chinese face out of the system's collection, whose first face is the Japanese one.
build/fonts.stamp: kiosk/ui/fonts.py build/project.stamp
	@echo "== fonts"
	@$(python) -m kiosk.ui.fonts --cache build/cache >/dev/null
	@touch $@
