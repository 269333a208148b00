# Everything sets itself up: a virtual environment in .venv, then the pinned requirements and auditlib itself.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
COUNTY ?= $(firstword $(wildcard ledgers/*/audit.toml))
OUT ?= out

.PHONY: audit test lab bench lock reference rules clean

$(VENV)/.installed: requirements.txt pyproject.toml Makefile
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed; say make PYTHON=python3.12 ...")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	touch $@

# JupyterLab and the controls of the workbook
$(VENV)/.lab: requirements-lab.txt $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-lab.txt
	touch $@

# the workbook, Spark, the PostgreSQL driver and the test tools
$(VENV)/.tested: requirements-test.txt $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-test.txt
	touch $@

# an audit that ran has done its work, whatever it found: exit status 1 means findings
audit: $(VENV)/.installed
	@$(BIN)/auditlib audit "$(patsubst %/audit.toml,%,$(COUNTY))" --out "$(OUT)" || test $$? -eq 1

test: $(VENV)/.tested
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile

lab: $(VENV)/.lab
	$(BIN)/auditlib lab .

bench: $(VENV)/.tested
	$(BIN)/python tests/bench.py

# pins for every Python from 3.11 on and every platform, names, versions and hashes only
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate pyproject.toml
lock: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(LOCK) -o requirements.txt
	$(LOCK) --extra lab -c requirements.txt -o requirements-lab.txt
	$(LOCK) --extra test -c requirements-lab.txt -o requirements-test.txt

# the pages of reference: rules and ledgers from expectations/, commands and functions from the program
reference rules: $(VENV)/.installed
	$(BIN)/auditlib guide rules --lang en --out expectations/RULES.md
	$(BIN)/auditlib guide rules --lang zh --out expectations/RULES.zh-CN.md
	$(BIN)/auditlib guide ledgers --lang en --out expectations/LEDGERS.md
	$(BIN)/auditlib guide ledgers --lang zh --out expectations/LEDGERS.zh-CN.md
	$(BIN)/auditlib guide commands --out auditlib/guides/COMMANDS.md
	$(BIN)/auditlib guide api --out auditlib/guides/API.md

clean:
	rm -rf $(VENV) $(OUT) build dist
