#!/usr/bin/env bash
# The hook by pre-commit itself, in an environment that it builds (needs pre-commit and a package index; about two minutes):
#   bash tests/pre_commit_try_repo.sh
# The commit under test is HEAD of this checkout; a repository with one wrong ledger must be refused, and pass once corrected.
set -euo pipefail
root="$(cd "$(dirname "$0")/.." && pwd)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cd "$work"
git init -q .
head='合同编号,合同名称,合同类别,承租方,签订日期,起始日期,终止日期,年租金,合同总额'
printf '%s\nHT-001,门面租赁,租赁,,2025-01-05,2025-01-10,2026-01-09,1200,1200\n' "$head" > 合同台账.csv
git add .
if pre-commit try-repo "$root" auditlib-validate --all-files; then echo "a wrong ledger was let through"; exit 1; fi
printf '%s\nHT-001,门面租赁,租赁,张三,2025-01-05,2025-01-10,2026-01-09,1200,1200\n' "$head" > 合同台账.csv
git add .
pre-commit try-repo "$root" auditlib-validate --all-files
echo "the hook refuses and lets through as it should"
