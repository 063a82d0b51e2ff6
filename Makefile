# Everything a developer does, in a handful of commands. PYTHON is any Python from 3.11 on.
PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint format bench simulate mutate crash

help: ## what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## make .venv/ and the front-end files; quick when nothing changed
	@$(PYTHON) scripts/setup.py

demo: setup ## a fleet of devices and every process; FLEET=campusiot or capmetro replays real data; PORT=, DATA=
	@$(if $(DATA),IOT_DATA_DIR=$(DATA)) exec $(BIN)/python manage.py demo $(if $(PORT),--port $(PORT)) $(if $(FLEET),--fleet $(FLEET))

test: ## run every test that needs no extra server
	@$(PYTHON) scripts/setup.py dev
	@$(BIN)/pytest -n 2

lint: ## style, types and import directions
	@$(PYTHON) scripts/setup.py dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy .
	@$(BIN)/lint-imports

format: ## put the code into its style
	@$(PYTHON) scripts/setup.py dev
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

simulate: ## run the simulation by seed for SECONDS=600, from FIRST=1 on
	@$(PYTHON) scripts/setup.py dev
	@$(BIN)/python -m tests.simulation --seconds $(or $(SECONDS),600) --first $(or $(FIRST),1)

mutate: ## make every deliberate mistake and see that some test notices; ONLY=name for some
	@$(PYTHON) scripts/setup.py dev
	@$(BIN)/python -m tests.mutations $(if $(ONLY),--only $(ONLY))

bench: ## measure the figures of benchmarks/README.md
	@$(PYTHON) scripts/setup.py dev
	@$(BIN)/python -m benchmarks

crash: ## kill -9 at every crash point several times, and at random under load; VISITS= and SECONDS= say for how long
	@$(PYTHON) scripts/setup.py dev
	@CRASH_VISITS=$(or $(VISITS),4) STACK_KILL_SECONDS=$(or $(SECONDS),300) STACK_KILL_SEED=$(or $(SEED),$$(date +%s)) \
		$(BIN)/pytest tests/stack/test_crash_points.py tests/stack/test_kill.py
