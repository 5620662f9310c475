# Everything that people and CI do here. `make help` lists it; each target installs what it needs on Debian 12 with Swift 6.3.
SHELL := /bin/bash
.DEFAULT_GOAL := help
CONFIG ?= debug
PREFIX ?= /usr/local
ONLY ?=
TIME ?= 60
KILLS ?= 500

SWIFT_FLAGS := --explicit-target-dependency-import-check error
VENV := .venv
export HAUBAN_TEST_PYTHON := $(CURDIR)/$(VENV)/bin/python

.PHONY: help packages venv build test check lint arrows harness demo bench kills fuzz install examples pipeline containers machines clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

packages: ## install the Debian packages that building, testing and the demo need
	@scripts/packages.sh

venv: packages $(VENV)/.complete ## install the Python packages of the tests into .venv
	@for tool in terraform kubectl; do command -v $$tool >/dev/null || \
		{ echo "$$tool is needed: it judges what is rendered, and Debian 12 has no package of it" >&2; exit 1; }; done

$(VENV)/.complete: Tests/requirements.txt Tests/requirements-checkov.txt
	python3 -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --no-deps -r Tests/requirements.txt
	python3 -m venv $(VENV)/checkov
	$(VENV)/checkov/bin/pip install --quiet --disable-pip-version-check --no-deps -r Tests/requirements-checkov.txt
	touch $@

build: packages ## build the binary: .build/debug/hauban (CONFIG=release for the small fast one)
	swift build -c $(CONFIG) $(SWIFT_FLAGS) --product hauban

test: packages venv ## run every test (FILTER=NAME runs some)
	swift build --build-tests $(SWIFT_FLAGS)
ifdef FILTER
	swift test --skip-build --filter $(FILTER)
else
	scripts/tests.sh
endif

lint: ## check the format of the sources
	swift format lint --strict --recursive Package.swift Sources Tests

arrows: ## prove that what decides touches nothing
	scripts/arrows.sh

check: lint arrows test examples harness pipeline containers ## what CI runs: lint, arrows, build, tests, examples, a pipeline, containers

pipeline: build venv ## run the pipeline of the cognitive sprint, and once for each commit that a gate must stop
	scripts/pipeline-test.sh

containers: build ## start rendered files, release examples and run a pipeline on Docker Engines of their own (as root; minutes)
	scripts/compose-test.sh

machines: build ## boot Debian 12 in machines of its own and prepare them with `hauban host prepare` (as root; not in `make check`)
	scripts/machines.sh

harness: packages ## prove that the benchmarks see what fails (seconds)
	python3 -m unittest discover --start-directory Benchmarks

examples: build venv ## check the examples: five platforms, and the cognitive sprint's own tests
	scripts/examples.sh

demo: build ## the main job: ship a good release under load, and two bad ones
	scripts/demo.sh

bench: ## measure against named peers (ONLY=NAME measures one)
	scripts/bench.sh $(ONLY)

kills: ## kill the pager 500 times under load (KILLS=25 for a quick look; HAUBAN_SERVE_SEED=N repeats a run)
	HAUBAN_SERVE_KILLS=$(KILLS) $(MAKE) test FILTER=ServeKillTests

fuzz: packages ## look for inputs that crash the reader or the front door (TIME=600 seconds each, ONLY=FuzzRequests one)
	scripts/fuzz.sh $(TIME) $(ONLY)

install: packages ## build a release binary and put it into PREFIX/bin
	mkdir -p .build/static
	ln -sf "$$(dpkg -L libsqlite3-dev | grep '/libsqlite3\.a$$')" .build/static/
	swift build -c release $(SWIFT_FLAGS) --product hauban --static-swift-stdlib -Xlinker -L$(CURDIR)/.build/static
	install -D -m 755 -s .build/release/hauban $(DESTDIR)$(PREFIX)/bin/hauban

clean: ## remove what was built
	rm -rf .build $(VENV)
