# The front door. `make` alone prints what there is.
SWIFT_RELEASE := swift build -c release --static-swift-stdlib

.PHONY: help run build test test-long lint bench bench-long install clean

help: ## Print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## Install what is missing, build and serve on http://127.0.0.1:8080 (FASTN_LISTEN, FASTN_DATA)
	@exec .build/release/fastn serve

build: install ## Build the release executables .build/release/fastn and fastn-sandbox
	$(SWIFT_RELEASE) --product fastn-sandbox
	$(SWIFT_RELEASE) --product fastn

test: install ## Lint, then build and run all tests against servers of their own
	@$(MAKE) --no-print-directory lint
	swift build --build-tests
	@ops/test

test-long: install ## Run the tests with the long checks (crashes, soak, random schedules)
	swift build --build-tests
	@FASTN_LONG_TESTS=1 ops/test

lint: ## Check layers, lengths, banned calls and comments (ops/lint)
	@ops/lint --self-test
	@ops/lint

bench: ## Measure against the limits of this machine; JSON=1 prints one JSON array
	@$(MAKE) --no-print-directory build >&2
	@$(SWIFT_RELEASE) --product fastn-bench >&2
	@JSON=$(JSON) ops/bench/run

bench-long: ## Measure what takes long: logs of a million events, open transactions (half an hour)
	@$(MAKE) --no-print-directory build >&2
	@$(SWIFT_RELEASE) --product fastn-bench >&2
	@JSON=$(JSON) ops/bench/run long

install:
	@ops/install-dependencies

clean: ## Delete everything that was built
	rm -rf .build
