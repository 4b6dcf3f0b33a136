# The two commands that matter: `make run` and `make test`. Each does its own set-up.
SWIFT ?= swift
JOBS ?= $(shell nproc)
# Tests at a time: all at once would starve each other's servers.
WIDTH ?= 6

.PHONY: setup build run test bench docs fmt fuzz soak examples clean

setup:
	@scripts/setup

build: setup
	$(SWIFT) build -c release --product leibrix

# The demo: TPC-H as Iceberg tables, loaded and served. SCALE=3 for more, ONCE=1 to leave after the table.
run: build
	.build/release/leibrix demo --scale $(or $(SCALE),1) $(if $(ONCE),--once)

test:
	@scripts/setup --tests
	$(SWIFT) build --build-tests
	$(SWIFT) build -c release --product leibrix
	SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=$(WIDTH) $(SWIFT) test --skip-build --parallel --num-workers $(JOBS)

bench: build
	@scripts/setup --tests
	@scripts/setup --bench
	.build/release/leibrix bench $(or $(NAME),all)

# Reference pages that are written from the code; the tests hold them to it.
docs:
	@scripts/setup
	$(SWIFT) build --product leibrix
	.build/debug/leibrix check-config --reference > docs/operating/configuration.md

fmt:
	$(SWIFT) format --in-place --parallel --recursive Sources Tests Package.swift

fuzz:
	@scripts/setup
	scripts/fuzz $(or $(SECONDS),60)

# Longer runs of the same tests: a thousand refreshes under load, thousands of generated queries.
soak:
	@scripts/setup --tests
	$(SWIFT) build --build-tests
	LEIBRIX_SOAK=1 LEIBRIX_QUERIES=$(or $(QUERIES),5000) $(SWIFT) test --skip-build --filter 'CrashTests|CrashHistoryTests|KillTests|KilledTablesTests|KilledTableViewsTests|BackPressureTests|RefreshTests|DifferentialTests|IcebergTests'

# The programs of Examples/, from a package of their own that has this one as a dependency.
examples:
	@scripts/setup
	for name in Trades FraudDetection IoT; do $(SWIFT) run --package-path Examples --scratch-path .build $$name || exit 1; done

clean:
	rm -rf .build Examples/.build
