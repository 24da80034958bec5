# `make` lists the targets.

# Flags for every call of swift build and swift test, such as -j 1 where memory is short.
SWIFT_FLAGS ?=
# Mutants of each kind that `make soak` makes.
ASSAY_SOAK ?= 100000
# Arguments of benchmarks/peers/run.py.
PEERS ?=
# Options of assay trueness, such as --jobs 1.
TRUENESS ?=

.DEFAULT_GOAL := help
.PHONY: help setup build demo test soak trueness format lint bench-peers clean

# Swift keeps caches in the home folder; where that cannot be written they go beside the build.
ifneq ($(shell test -w "$$HOME" && echo writable),writable)
export XDG_CACHE_HOME := $(CURDIR)/.build/cache
endif

help: ## list the targets
	@awk -F ': .*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: ## system packages, libtorch and the shim over it; instant when they are there
	@scripts/setup

build: setup ## the program, optimised: .build/release/assay
	swift build -c release --product assay $(SWIFT_FLAGS)

demo: build ## from nothing to a report: bench small checkpoints, train against rewards, in under three minutes
	@scripts/demo

# Tests run one at a time: some count live tensors, and all share the processors that a model uses.
test: setup ## build everything and run every test
	swift build --build-tests $(SWIFT_FLAGS)
	swift test --skip-build --no-parallel $(SWIFT_FLAGS)

soak: setup ## the fuzz tests, optimised, with ASSAY_SOAK mutants of each kind; and 50 kills of runs and studies
	ASSAY_SOAK=$(ASSAY_SOAK) swift test -c release -Xswiftc -enable-testing --scratch-path .build/soak \
	    --no-parallel --filter '[Ff]uzz|KillTests' $(SWIFT_FLAGS)

trueness: build ## measure the instrument on itself and write docs/TRUENESS.md; the runs are kept in .build
	.build/release/assay trueness --output docs/TRUENESS.md $(TRUENESS)

format: ## rewrite the Swift sources in the project's format
	swift format format --in-place --parallel --recursive Sources Tests Package.swift

lint: ## fail where a source is not in the project's format
	swift format lint --strict --parallel --recursive Sources Tests Package.swift
	@for script in scripts/setup scripts/build-shim scripts/demo scripts/clients/run .ci/run; do bash -n $$script || exit 1; done

bench-peers: build ## time Assay against Hugging Face transformers on this machine and TRL (about 25 minutes)
	@benchmarks/peers/bench $(PEERS)

clean: ## remove what was built; .deps stays
	rm -rf .build demo
