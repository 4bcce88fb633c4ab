# Everything that people and CI run. `make run` and `make test` need Python 3.11+ and nothing else.

PYTHON ?= python3
PORT ?= 8000
TENANT ?= demo
PYTEST ?= -m "not soak and not thorough"
# Files stay whole: what a file prepares for its tests is prepared once, and the long ones come early.
WORKERS := -n auto --dist loadfile --no-loadscope-reorder

BIN := .venv/bin
ASSETS := ui/assets
MANIFEST := ui/static/dist/manifest.json
ASSET_SOURCES := $(shell find $(ASSETS) formula/backends -name node_modules -prune -o \
	\( -name '*.ts' -o -name '*.css' -o -name 'package*.json' -o -name 'tsconfig.json' \) -print)

# npm's install scripts call `node`, which comes from a wheel into the virtual environment.
export PATH := $(CURDIR)/$(BIN):$(PATH)
# Whatever the machine is set to, hundreds of processes of tests do not compile the program anew.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help setup run test thorough lint audit types soak bench look docs wheel lock browser format clean

help: ## Show what can be made
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sort | sed -E 's/:.*## /\t/' | expand -t 12

setup: .venv/.complete $(MANIFEST) ## Set up .venv and build the front end

run: setup ## Serve the CRM with its demo tenant on PORT (8000)
	@exec $(BIN)/joinery serve --port $(PORT) --demo $(TENANT)

test: setup browser ## Run every test but the long ones
	$(BIN)/python -m pytest $(WORKERS) $(PYTEST)

thorough: setup browser ## Run what `make test` leaves for the gate: the same in more sizes and languages
	$(BIN)/python -m pytest $(WORKERS) -m "thorough and not soak"

soak: setup ## Run the long tests, and every property with many more examples
	JOINERY_SOAK=$${JOINERY_SOAK:-20} $(BIN)/python -m pytest $(WORKERS) -m "soak or not browser"

lint: setup ## Check style, import rules, templates
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache
	$(BIN)/djlint ui/templates --lint --quiet

audit: setup ## Look for weaknesses: bandit over the code, pip-audit over what is installed
	$(BIN)/python .ci/audit

types: setup ## Check types, in Python and TypeScript
	$(BIN)/mypy
	cd $(ASSETS) && npm run --silent types

format: setup ## Format code and templates
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup ## Measure against the hand-written baseline, and what acts by itself
	$(BIN)/python -m bench
	$(BIN)/python -m bench.acting

look: setup browser ## Take pictures of every kind of page, in both sizes, languages and themes, into var/looks
	$(BIN)/python -m tests.journeys.looking

docs: setup ## Check that the reference is whole
	$(BIN)/python -m pytest tests/architecture -k documented

wheel: setup ## Build the wheel, front end included, into dist/
	$(BIN)/python -m build --wheel --no-isolation --outdir dist .

lock: .venv/.complete ## Lock Python dependencies anew, without the address they come from
	$(BIN)/uv pip compile -q pyproject.toml $(LOCK) -o requirements.lock
	$(BIN)/uv pip compile -q pyproject.toml --group dev $(LOCK) -o requirements-dev.lock

LOCK := --universal --generate-hashes --no-emit-index-url --no-emit-find-links \
	--custom-compile-command "make lock"

# Some tests drive a browser. Where none is installed and none can be, they say so and are skipped.
browser:
	@if [ -n "$$JOINERY_BROWSER" ] || command -v chromium chromium-browser google-chrome >/dev/null \
		|| [ -d "/Applications/Google Chrome.app" ]; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
			--no-install-recommends chromium fonts-noto-cjk >/dev/null; \
	elif [ -n "$$JOINERY_REQUIRE_BROWSER" ]; then \
		echo "No browser: install chromium, or name one in JOINERY_BROWSER." >&2; exit 1; \
	fi

.venv/.complete: requirements-dev.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes \
		-r requirements-dev.lock
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps \
		--no-build-isolation -e .
	@touch $@

$(ASSETS)/node_modules/.complete: $(ASSETS)/package-lock.json .venv/.complete
	cd $(ASSETS) && npm ci --silent --no-audit --no-fund
	@touch $@

$(MANIFEST): $(ASSET_SOURCES) $(ASSETS)/vite.config.ts $(ASSETS)/node_modules/.complete
	cd $(ASSETS) && npm run --silent build
	@touch $@

clean: ## Remove what was built, but no data
	rm -rf .venv dist build $(ASSETS)/node_modules ui/static/dist
