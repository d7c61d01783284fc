# `make demo` shows it, `make test` proves it. Everything is built in the release configuration, so that nothing is built
# twice and what is tested is what runs. FLAGS reaches every `swift` command: `make test FLAGS="--jobs 1"`.

SWIFT ?= swift
FLAGS ?=
RELEASE = -c release $(FLAGS)
PROGRAM = .build/release/elblab
SOURCES = Package.swift Sources Tests

.DEFAULT_GOAL := help
.PHONY: help demo build test lint format bench ledger conformance results lessons packages

help: ## What there is to make
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/\1\t\2/' | expand -t 14

demo: build ## Builds the program and shows it at work, within a minute
	$(PROGRAM) tour

build: packages ## Builds the programs
	$(SWIFT) build $(RELEASE) --product elblab

# One after the other: many tests time real sockets, and two cores that run hundreds at once stall some of them.
test: packages ## Builds and runs all tests
	$(SWIFT) build $(RELEASE) --build-tests
	$(SWIFT) test $(RELEASE) --skip-build --no-parallel

lint: ## Checks the format of all sources
	$(SWIFT) format lint --strict --recursive $(SOURCES)

format: ## Formats all sources
	$(SWIFT) format --in-place --recursive $(SOURCES)

bench: packages ## Measures the balancer beside the other proxies that are installed
	$(SWIFT) build $(RELEASE) --static-swift-stdlib --product elblab-bench
	for command in http tls h2 grpc ws tcp connect bulk udp; do .build/release/elblab-bench $$command || exit; done
	.build/release/elblab-bench allocations

ledger: build ## Brings the behaviour catalogue's statuses and docs/coverage.md up to date
	$(PROGRAM) dev ledger --update

conformance: build ## Judges our own balancer by every check
	$(PROGRAM) conformance run

# One column each in the matrix; a program that is not installed is reported as absent. RESULTS says where to.
SUBJECTS ?= embedded haproxy nginx envoy caddy fixtures/subjects/tiny-lb/subject.yaml
RESULTS ?= docs/results
name = $(notdir $(1:/subject.yaml=))

results: build ## Judges our own balancer and others by every check, and writes docs/results
	@rm -rf .build/results && mkdir -p .build/results $(RESULTS)
	@$(foreach subject,$(SUBJECTS), \
		echo "== $(call name,$(subject))"; \
		$(PROGRAM) conformance run --subject $(subject) --seed 1 --plain --quiet --out .build/results/$(call name,$(subject)) \
			>.build/results/$(call name,$(subject)).txt; test $$? != 2 || exit 2; \
		$(PROGRAM) report .build/results/$(call name,$(subject)) --quiet --yaml $(RESULTS)/$(call name,$(subject)).yaml || exit 1;)
	@$(PROGRAM) report $(foreach subject,$(SUBJECTS),.build/results/$(call name,$(subject))) \
		--html $(RESULTS)/matrix.html --markdown $(RESULTS)/summary.md

lessons: build ## Runs every step of every lesson: starters fail, solutions pass
	$(PROGRAM) dev check

# libcurl's headers are the one thing that SwiftPM cannot fetch.
packages:
	@if ! echo '#include <curl/curl.h>' | $${CC:-clang} -E -x c - >/dev/null 2>&1; then \
		echo "libcurl's headers are missing: installing libcurl4-openssl-dev"; \
		command -v apt-get >/dev/null || { echo "no apt-get here: install libcurl's development package yourself" >&2; exit 1; }; \
		sudo=$$(test "$$(id -u)" = 0 || echo sudo); \
		$$sudo apt-get update -qq && $$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq libcurl4-openssl-dev; \
	fi
