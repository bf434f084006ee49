# Two commands do all the set-up on a machine with Go, git and make:
#   make demo   build fluxsum and run its main job on an example repository
#   make test   pass all tests
.POSIX:
.SUFFIXES:

GO = go
FUZZTIME = 20s
RUN = .
SYSTEMS = linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64
STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.0
LEFTHOOK = lefthook@2.2.2
HUSKY = husky@9.1.7
ACTIONLINT = github.com/rhysd/actionlint/cmd/actionlint@v1.7.12
# The newest whose modules all allow Go 1.26 and stand on the Go module proxy.
GORELEASER = $(GO) run github.com/goreleaser/goreleaser/v2@v2.16.0

.PHONY: all build demo test proof e2e race torture lint cross fuzz bench generate tools man release-check release clean

all: build

build:
	CGO_ENABLED=0 $(GO) build -trimpath -buildvcs=auto -o bin/fluxsum ./cmd/fluxsum

demo: build
	@sh docs/demo.sh bin/fluxsum

test:
	$(GO) test -timeout 30m ./...
	cd testdata/kustomize && $(GO) test ./...

# The values digest against the code of helm-controller, which takes minutes to
# compile the first time.
proof:
	cd testdata/helmvalues && $(GO) test ./...

# docs/flux.md on the real controllers of Flux, with a real API server. What is missing
# is built once, and kept outside of the repository. What was seen is written to
# bin/e2e.json and bin/e2e.md; UPDATE=1 puts it into docs/flux.md. RUN=… runs some tests.
e2e:
	$(GO) test -c -o bin/e2e.test ./internal/e2e
	cd internal/e2e && E2E=1 ../../bin/e2e.test -test.timeout 30m -test.run '$(RUN)'

# All of docs/reliability.md, in half an hour.
torture:
	$(GO) test -c -o bin/torture.test ./internal/torture
	cd internal/torture && TORTURE=full ../../bin/torture.test -test.v -test.timeout 2h
	cd testdata/kustomize && TORTURE=full $(GO) test -count=1 -run TestUpdateChangesChecksumsAlone ./...

# The race detector needs a C compiler. What torture runs is built without it.
race:
	@if command -v "$$($(GO) env CC)" >/dev/null; then \
		$(GO) test -race -timeout 40m $$($(GO) list ./... | grep -v /torture); \
	else echo "race: skipped, no C compiler here"; fi

lint:
	@test -z "$$(gofmt -l cmd internal pkg testdata)" || { gofmt -d cmd internal pkg testdata; exit 1; }
	$(GO) vet ./...
	cd testdata/kustomize && $(GO) vet ./...
	cd testdata/helmvalues && $(GO) vet ./...
	cd testdata/release && CGO_ENABLED=0 $(GO) vet ./...
	$(GO) run $(STATICCHECK) ./...
	$(GO) run $(ACTIONLINT)
	@if command -v shellcheck >/dev/null; then shellcheck .github/action/*.sh; \
	else echo "shellcheck: skipped, not installed"; fi

# The program and the tests compile and link for the systems of a release; with its
# flags, so that the compiler's cache serves both.
cross:
	@for system in $(SYSTEMS); do \
		echo "go vet, go test -exec true for $$system"; \
		export CGO_ENABLED=0 GOOS=$${system%/*} GOARCH=$${system#*/}; \
		$(GO) vet -trimpath ./... && $(GO) test -trimpath -vet=off -exec true ./... >/dev/null || exit 1; \
	done

# Each fuzz target for $(FUZZTIME).
fuzz:
	.ci/fuzz $(FUZZTIME)

# Ratios, measured in one run, as a table in bin/bench.md; UPDATE=1 puts it into
# docs/performance.md.
bench: build
	$(GO) test ./pkg/fluxsum -run '^$$' -bench Build
	$(GO) test ./cmd/fluxsum -count=1 -timeout 40m -run '^$$' -bench . -benchtime 1x

# What is made from the program: TestGenerated holds it up to date.
generate:
	UPDATE=1 $(GO) test ./cmd/fluxsum -count=1 -run '^TestGenerated$$'

# The hook managers, for the tests that run them; pre-commit comes with the system.
# Without its tool a test is skipped. No scripts: lefthook's would install hooks here.
tools:
	@if ! command -v npm >/dev/null; then echo "tools: no npm here, so lefthook and husky are skipped"; \
	else npm install --ignore-scripts --silent --no-fund --no-audit --prefix bin/tools $(LEFTHOOK) $(HUSKY) || \
	echo "tools: npm could not install lefthook and husky, they are skipped"; fi
	@command -v pre-commit >/dev/null || echo "tools: pre-commit is not installed, it is skipped"

# The man pages as packages hold them.
man:
	rm -rf bin/man && mkdir -p bin/man
	for page in docs/man/*.1; do gzip -9n <"$$page" >"bin/man/$${page##*/}.gz" || exit 1; done

# Is .goreleaser.yaml valid, and what it makes what a release must hold?
release-check:
	$(GORELEASER) check
	.ci/snapshot $(GORELEASER)
	cd testdata/release && CGO_ENABLED=0 $(GO) test -count=1 ./...

# Builds and publishes the tag that is checked out: .github/workflows/release.yml.
release:
	$(GORELEASER) release --clean

clean:
	rm -rf bin dist
