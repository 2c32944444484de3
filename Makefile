# Qingcha: `make run` opens the demo, `make test` passes the tests; both set everything up first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
export PYTHONUTF8 := 1
# the tests start hundreds of programs; where nothing compiled is kept, each compiles all of it again
export PYTHONDONTWRITEBYTECODE :=

SEEDS ?= 300
FIRST ?= 1

SEED_OF_PROOF ?= 0
MUTATIONS ?= 10000

.PHONY: help install run test tests compiled-models compiled-others lint style types coverage mutation conformance simulate simulate-forever mutants soak soak-proof papers kills bad-link fuzz bench bench-sync screens lock catalogues clean

help:
	@echo "make run      open the demo notebook with its own central server"
	@echo "make test     set up and pass every check"
	@echo "make coverage     every line and branch of seal, chain, verification and limits, or exit 2"
	@echo "make mutation FILES=\"a.py b.py\"  small mistakes in the same files, each of which a test must notice"
	@echo "make conformance  the form engine against the ODK XForms specification and ODK Collect"
	@echo "make bench    measure, as ratios in one run, into build/bench.json"
	@echo "make bench-sync  the same of synchronising only"
	@echo "make simulate SEEDS=n FIRST=m   real client and server under simulated faults; exit 1 on any red seed"
	@echo "make simulate SEEDS=n ON=postgresql   the same with the server on it, as several processes"
	@echo "make mutants  deliberate mistakes, each of which the simulation or a named test must notice"
	@echo "make soak     the long campaigns; make simulate-forever until it is stopped"
	@echo "make soak-proof MUTATIONS=10000   changed evidence packages and codes: none accepted, all verifiers agree"
	@echo "make papers   every paper of the tests laid out by LibreOffice into build/papers; none may lose a word"
	@echo "make fuzz     every decoder against mutated input for MINUTES of one processor (Linux)"
	@echo "make kills ROUNDS=100  kill -9 of laptops and server, again and again"
	@echo "make bad-link a day's work over a link that is cut every 8 s"
	@echo "make screens  pictures of every screen into docs/screens"
	@echo "make lock     resolve the dependencies anew into requirements.lock"

install: $(INSTALLED)

$(INSTALLED): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "Qingcha needs Python 3.11 or later: install it, or name it with 'make PYTHON=/path/to/python3.11'." >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
		{ echo "Python's venv module is missing: install it first (on Debian and Ubuntu: apt install python3-venv)." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m models.language
	@touch $@

run: install
	@$(BIN)/python main.py demo

test: install
	@$(MAKE) --no-print-directory -j 2 types tests

tests: style compiled-models compiled-others
	$(BIN)/python -m pytest -n 4 --dist worksteal -m "not soak"

# pytest writes down the tests as it rewrites them; without this each worker does it for itself
COMPILE = @mkdir -p build; $(BIN)/python -m pytest --collect-only -qq -m "not soak"
compiled-models: style
	$(COMPILE) tests/models > build/$@ || cat build/$@

compiled-others: style
	$(COMPILE) --ignore=tests/models > build/$@ || cat build/$@

lint: style types

style: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: install
	$(BIN)/mypy

TESTS_OF_COVERAGE := tests/models/law tests/models/store tests/models/inspections tests/models/documents/test_verify.py \
	tests/sync/test_merkle.py tests/sync/test_checkpoint.py tests/sync/test_signing.py tests/proof

coverage: install
	@mkdir -p build/coverage
	$(BIN)/python -m coverage run -m pytest -p no:xdist -m "not soak" $(TESTS_OF_COVERAGE)
	$(BIN)/python -m coverage report

FILES ?=

mutation: install
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-mutation.lock
	$(BIN)/python -m tests.mutation $(FILES)

conformance: install
	$(BIN)/python -m pytest -q tests/conformance

simulate: install
	$(BIN)/python -m tests.simulation --seeds $(SEEDS) --first $(FIRST) $(if $(ON),--$(ON))

simulate-forever: install
	$(BIN)/python -m tests.simulation --seeds 0 --first $(FIRST)

mutants: install
	$(BIN)/python -m tests.simulation.mutants

soak: install
	$(BIN)/python -m pytest -m soak
	QINGCHA_CENTRAL=postgresql $(BIN)/python -m pytest -m "not soak" tests/sync

soak-proof: install
	$(BIN)/python -m tests.proof.soak --mutations $(MUTATIONS) --first $(SEED_OF_PROOF)

papers: install
	$(BIN)/python -m tests.models.documents.rendered build/papers

MINUTES ?= 14

fuzz: install
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-fuzz.lock
	$(BIN)/python -m tests.fuzz --minutes $(MINUTES)

kills: ROUNDS ?= 100
kills: install
	@$(BIN)/python -m tests.soak.kills --rounds $(ROUNDS)

bad-link: install
	@$(BIN)/python -m tests.soak.bad_link

bench: install
	$(BIN)/python -m tests.benchmarks

bench-sync: install
	$(BIN)/python -m tests.benchmarks push push_plain push_signatures wire few_changes files crowd crowd_postgres

screens: install
	$(BIN)/python -m tui.pictures docs/screens

lock: install
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header \
		--extra dev pyproject.toml -o requirements.lock
	echo "atheris>=3" | $(BIN)/uv pip compile --python-version 3.11 --generate-hashes --no-header - -o requirements-fuzz.lock
	echo "mutmut>=3.8" | $(BIN)/uv pip compile --python-version 3.11 --generate-hashes --no-header --constraint requirements.lock \
		- -o requirements-mutation.lock

clean:
	rm -rf build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
