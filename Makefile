# The front door. Everything that a target needs is set up by it, in .cache/ (ignored by git), from a clone in any folder.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help demo test check lint mutate bench matrix integration docs pictures clean setup-run setup-dev
IN := dev/env.sh

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 12

demo: setup-run ## see it work: a token's life against the bundled reference server, in seconds
	@$(IN) python -m examples.demo

test: setup-dev ## everything: unit, server and playbook tests, ansible-test sanity, linters, molecule
	@$(IN) dev/test.sh

check: setup-dev ## the quick loop: unit and server tests, lint of what changed; ONLY=path for some tests alone
	@$(IN) dev/check.sh $(ONLY)

lint: setup-dev ## ruff, mypy, yamllint, ansible-lint (profile production), antsibull docs and changelog lint
	@$(IN) dev/lint.sh

mutate: setup-run ## change the deciding code line by line, and count what the unit tests notice (6 to 20 minutes); ONLY='*expiry*' or ONLY=alive for some
	@$(IN) dev/mutate.sh $(if $(ONLY),'$(ONLY)')

bench: setup-dev ## measure, and write docs/benchmarks.md; ONLY=server for one benchmark, ONLY=rotation for those whose names begin so
	@$(IN) dev/bench.sh $(ONLY)

matrix: setup-dev ## every supported ansible-core and Python, every dialect; writes docs/compatibility.md
	@$(IN) dev/matrix.sh

integration: setup-dev ## the molecule scenarios as targets of ansible-test integration
	@$(IN) dev/integration.sh

reliability: setup-dev ## kill rotations at every point there is (hours; it goes on where it stopped), and write docs/reliability.md
	@$(IN) dev/reliability.sh $(if $(SECONDS_LEFT),--seconds $(SECONDS_LEFT))

docs: setup-dev ## the reference in docs/reference, and the documentation as a web site in .cache/docs
	@$(IN) dev/reference.sh
	@$(IN) dev/site.sh

pictures: setup-dev ## take the pictures in docs/images, with the system's Chromium
	@$(IN) env PYTHONPATH="$(CURDIR)/.cache/tree:$(CURDIR)" python -m tests.browser.pictures

setup-run:
	@dev/setup.sh run

setup-dev:
	@dev/setup.sh dev

clean: ## forget all that was set up
	rm -rf .cache
