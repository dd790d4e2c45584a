# Paper Themes. `make` alone lists what can be made.

PYTHON ?= python3
VENV   ?= .venv
INPUT  ?= data/raw
RUNS   ?= data/runs
REPORT ?= figures/latest/report.html
PEERS  ?= .venv-peers
ARGS   ?=

BIN     := $(VENV)/bin
PIP     := $(BIN)/python -m pip --disable-pip-version-check
LOCKED  := $(PIP) install --quiet --no-deps --require-hashes --requirement
UPGRADE ?=

# Without compiled bytecode every start of the program would compile torch and its kin again.
unexport PYTHONDONTWRITEBYTECODE
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help env report gallery bench-seed bench-themes bench-trends bench-history bench-notebooks bench-facets \
        bench-report bench-speed bench-reliability audit lab test codebook lock clean

help: ## list what can be made
	@echo "Paper Themes. make TARGET, where TARGET is one of:"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-17s %s\n", $$1, $$2 }'
	@echo "Other papers: make report INPUT=my/folder"

report: $(VENV)/.ready ## analyse the papers in data/raw and write figures/latest/report.html
	@run=$$($(BIN)/paper-themes run $(INPUT) --out $(RUNS)) && $(BIN)/paper-themes report "$$run" --out $(REPORT)
	@echo "executing the notebooks; their pages go to $(dir $(REPORT))notebooks" >&2
	@# The kernel's sockets lie in a folder of their own, by its whole path: kernel and program work in different folders.
	@sockets=$$(mktemp -d) && PLOTLY_RENDERER=notebook $(BIN)/jupyter nbconvert --log-level=ERROR --KernelManager.transport=ipc --KernelManager.ip=$$sockets/k --ExecutePreprocessor.startup_timeout=600 --execute --to html --output-dir $(dir $(REPORT))notebooks notebooks/0*.ipynb; made=$$?; rm -r $$sockets; exit $$made
	@echo "The report is $(REPORT): open it in a browser."

gallery: $(VENV)/.checks ## take the README's pictures of the report (needs Chromium; ARGS="--large REPORT")
	$(BIN)/python figures/make_gallery.py $(REPORT) $(ARGS)

bench-seed: $(VENV)/.checks ## measure the seed feed against its floors
	$(BIN)/python benchmarks/bench_seed.py

bench-themes: $(VENV)/.checks $(PEERS)/.ready ## compare themes with the peers' (ARGS="--methods ours", --full, --timing)
	$(BIN)/python benchmarks/bench_themes.py --peers-python $(PEERS)/bin/python $(ARGS)

bench-trends: $(VENV)/.checks ## measure trends on simulated feeds, and on corpora beside the repository
	$(BIN)/python benchmarks/bench_trends.py

bench-history: $(VENV)/.checks ## measure what keeps its memory: replays, kills, decisions, samples (ARGS="--only kills")
	$(BIN)/python benchmarks/bench_history.py $(ARGS)

bench-facets: $(VENV)/.checks ## measure facets against hand labels
	$(BIN)/python benchmarks/bench_facets.py

bench-notebooks: $(VENV)/.checks ## run the notebooks on a larger, dated corpus, where one lies beside the repository
	$(BIN)/python benchmarks/bench_notebooks.py

bench-report: $(VENV)/.checks ## measure the page beside BERTopic's own, in a browser (needs Chromium)
	$(BIN)/python benchmarks/bench_report.py

bench-speed: $(VENV)/.checks ## measure time, memory and size against their floors (ARGS="--only small large")
	$(BIN)/python benchmarks/bench_speed.py $(ARGS)

bench-reliability: $(VENV)/.checks ## try to lose papers, to break in and to wear it out (ARGS="--seconds 60")
	$(BIN)/python benchmarks/bench_reliability.py $(ARGS)

audit: $(VENV)/.checks ## hold locks, model and workflow to their rules; list licences and all parts in build/
	$(BIN)/python .ci/audit.py

lab: $(VENV)/.ready ## open the notebooks
	$(BIN)/jupyter lab notebooks

test: $(VENV)/.checks ## lint, check types, and pass the tests
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest --numprocesses 2

codebook: $(VENV)/.ready ## write data/README.md anew from analysis/schema
	$(BIN)/python -m analysis.codebook > data/README.md.new && mv data/README.md.new data/README.md

lock: ## resolve pyproject.toml into the locks anew (UPGRADE=--upgrade moves the pins)
	$(PYTHON) .ci/lock.py $(UPGRADE)

env: $(VENV)/.ready ## make the environment only (.venv, from the locks)

clean: ## remove the environments and everything that can be made again (runs, data and benchmark results stay)
	rm -rf $(VENV) $(PEERS) .cache .mypy_cache .pytest_cache .ruff_cache .hypothesis build data/cache figures/latest *.egg-info
	find analysis tests benchmarks -name __pycache__ -prune -exec rm -rf {} +

# The stamps tell make what is there: .locked (the pinned packages), .ready (this project), .checks (the developers').
$(VENV)/.locked: requirements.lock requirements-cpu.lock requirements-cuda.lock
	@echo "Making $(VENV) from requirements.lock; the first time this fetches several hundred MB and takes some minutes." >&2
	$(PYTHON) -m venv --clear $(VENV)
	@# Torch has two builds under one version. The small one, without CUDA, is taken where pip has been told of it;
	@# the other one asks for libraries of its own.
	@$(LOCKED) requirements-cpu.lock >/dev/null 2>&1 || true
	$(LOCKED) requirements.lock
	@if $(BIN)/python .ci/needs_cuda.py; then $(LOCKED) requirements-cuda.lock; fi
	@touch $@

$(VENV)/.ready: $(VENV)/.locked pyproject.toml
	$(PIP) install --no-deps --no-build-isolation --quiet --editable .
	$(PIP) check
	@touch $@

# Other people's methods want other versions, so they have an environment of their own. Torch comes first: left to
# the resolver, a peer's wish would move it to another build.
$(PEERS)/.ready: benchmarks/peers.txt
	@echo "Making $(PEERS) from benchmarks/peers.txt; this fetches several hundred MB." >&2
	$(PYTHON) -m venv --clear $(PEERS)
	$(PEERS)/bin/python -m pip --disable-pip-version-check install --quiet torch==2.13.0
	$(PEERS)/bin/python -m pip --disable-pip-version-check install --quiet --requirement benchmarks/peers.txt
	$(PEERS)/bin/python -m pip --disable-pip-version-check check
	@touch $@

$(VENV)/.checks: $(VENV)/.ready requirements-dev.lock
	$(LOCKED) requirements-dev.lock
	@touch $@
