# Every target works as root and as an ordinary user; what is missing is installed on the first run.

SHELL := /bin/bash
export PATH := $(PATH):$(HOME)/.cargo/bin
# The committed .sqlx answers for the database while compiling; only `prepare` asks a real one.
export SQLX_OFFLINE := true

.DEFAULT_GOAL := help
.SILENT:
.PHONY: help run test lint audit bench bench-instructions screenshots soak fuzz mutants fmt prepare

help: ## List the targets
	awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-18s %s\n", $$1, $$2 }' Makefile

run: ## Build Linkgate and start it with demo data at http://127.0.0.1:8080
	scripts/run

test: ## Run every test beside a throw-away PostgreSQL
	scripts/test

lint: ## Check format, lints, documentation, query data, licences, advisories and unused dependencies
	scripts/lint

audit: ## Check the advisories alone, and fail where their database can't be reached
	scripts/install-missing lint
	cargo deny check advisories

bench: ## Measure Linkgate beside pgbench and a bare handler
	scripts/install-missing run
	scripts/with-postgres --durable cargo bench --locked --bench load

bench-instructions: ## Count the instructions of a resolve and a refresh, to compare versions
	scripts/install-missing run
	scripts/bench-instructions

screenshots: ## Take a picture of every page in every language and width: target/screenshots/index.html
	scripts/install-missing test
	scripts/screenshots

soak: ## Run thousands of races on two processes that share a database; takes minutes
	scripts/soak

fuzz: ## Fuzz the parsers of outside bytes, a minute each
	scripts/fuzz

mutants: ## Change the code in small ways and see whether a test notices; takes hours
	scripts/mutants

fmt: ## Format the code
	cargo fmt

prepare: ## Bring .sqlx up to date with the queries and migrations
	scripts/install-missing run
	scripts/prepare-queries
