# The few things one does with announce. `make` alone lists them.

.DEFAULT_GOAL := help
.PHONY: help demo test lint build install uninstall deb measure compare fuzz simulate broken torture outage burst example stranger recording clean

# Where `make install` puts things; DESTDIR is a folder that stands for /.
PREFIX ?= /usr/local
DESTDIR ?=

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## See it work: a private Redis, a dispatcher, three announcements
	@scripts/demo

test: ## Install what the tests need, and run them all
	@scripts/test

lint: ## Check format, documentation, house rules and the graph of targets
	@scripts/setup lint
	@scripts/lint

build: .build/stage/done ## Build the program for use: .build/release/announce

.build/stage/done: $(shell find Package.swift Sources migrations config docs/operations.md packaging/manual.swift packaging/copyright scripts/stage)
	@scripts/stage

install: .build/stage/done ## Install it, with man pages, completions and unit, at PREFIX (/usr/local) below DESTDIR
	@PREFIX='$(PREFIX)' DESTDIR='$(DESTDIR)' scripts/install

uninstall: ## Remove what `make install` with the same PREFIX and DESTDIR put there
	@PREFIX='$(PREFIX)' DESTDIR='$(DESTDIR)' scripts/install --remove

deb: .build/stage/done ## Make a Debian package in .build
	@scripts/setup deb
	@scripts/deb

measure: build ## Measure lateness, waking and idle load of the release build
	swift build --configuration release --package-path Benchmarks --scratch-path .build/benchmarks
	.build/benchmarks/release/measure .build/release/announce

compare: ## Compare next(after:) with cronsim, croniter and python-dateutil
	@scripts/compare

fuzz: ## Give the readers of what comes from outside made-up input for a minute
	@scripts/fuzz 60

simulate: ## Run SEEDS (10000) simulated days with kills and faults; a seed that violates a promise is told
	@scripts/simulate $(or $(SEEDS),10000)

broken: ## Break the program in six ways and show that the simulation finds each
	@scripts/broken

torture: ## Kill and starve real dispatchers and their Redis for SECONDS (600), and count what was lost and said twice
	@scripts/setup test
	@scripts/torture $(or $(SECONDS),600)

outage: build ## Take Redis away for SECONDS (60), and the leader from its standby; measure until all is heard again
	python3 Tests/Torture/outage.py .build/release/announce $(or $(SECONDS),60)

burst: build ## Let COUNT (100000) fall due at one instant, before a subscriber that stalls and a slow reader of a stream
	python3 Tests/Torture/burst.py .build/release/announce $(or $(COUNT),100000)

example: ## Build the web server that emits
	swift build --package-path Examples/WebServer --scratch-path .build/example

stranger: ## Go the README's way from an empty folder to a client that hears it, and time each step
	@scripts/setup test
	@scripts/stranger --reuse

recording: ## Record docs/tour.svg, the picture of README, from the real program
	@scripts/record

clean: ## Remove what was built
	rm -rf .build
