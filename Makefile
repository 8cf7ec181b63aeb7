# Every command a developer needs. `make run` and `make test` work on a fresh clone.

PYTHON := .venv/bin/python
# Tools that load the settings but touch no store.
OFFLINE := $(PYTHON) -m leap.services.offline
# What a program is given besides: make test ARGS="tests/kit -x", make bench ARGS="--only pages"
ARGS ?=

.PHONY: run test check soak bench audit setup
.NOTPARALLEL:

run:
	@scripts/setup.sh run
	@exec $(PYTHON) manage.py up

test:
	@scripts/setup.sh dev
	@scripts/browser.sh
	$(PYTHON) -m pytest -n auto --maxprocesses 4 --dist loadfile $(ARGS)

check:
	@scripts/setup.sh dev
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	$(OFFLINE) mypy .
	.venv/bin/lint-imports
	.venv/bin/djlint --lint --quiet templates
	$(PYTHON) manage.py check --fail-level WARNING
	@# Without a store Django cannot compare with what was applied, and says so; here only the files count.
	$(PYTHON) -W "ignore:Got an error checking:RuntimeWarning" manage.py makemigrations --check --dry-run
	$(PYTHON) -m pytest -q tests/architecture

soak:
	@scripts/setup.sh dev
	$(PYTHON) -m pytest -m soak -s $(ARGS)

bench:
	@scripts/setup.sh dev
	@exec $(PYTHON) -m bench $(ARGS)

audit:
	@scripts/setup.sh dev
	@exec scripts/audit.sh $(ARGS)

setup:
	@scripts/setup.sh dev
