# Recipes for people who use syncode and people who work on it. `just` lists them.

set shell := ["bash", "-euo", "pipefail", "-c"]

# `just` lies beside the python and syncode of its environment: they are found also if that is not activated
export PATH := parent_directory(just_executable()) + ":" + env("PATH")

# List the recipes
default:
    @just --list --unsorted

# The whole system in miniature: crawl ... train ... leaderboard, in ./pipeline (add --quick for about 4 minutes)
full-pipeline *options: bubblewrap
    @syncode demo {{ options }}

# Everything that CI checks: lint, format, types, docs, tests
test *options: bubblewrap toolchains check
    python -m pytest -m "not full" -n 2 --dist worksteal {{ options }}

# The whole of every published set, too: a quarter of an hour more
test-full *options: bubblewrap toolchains
    python -m pytest -m full {{ options }}

# Lint, format, types and freshness of the generated docs
check:
    ruff check .
    ruff format --check .
    mypy
    python docs/generate.py --check

# Rewrite the expectations of the golden command lines; review the diff
golden *options:
    SYNCODE_GOLDEN=write python -m pytest tests/test_cases.py {{ options }}

# Write the generated docs and the JSON Schemas
docs:
    python docs/generate.py

# Plant mistakes in the source and show those that the nearest tests do not notice: just mutate --n 10 src/syncode/verdicts
mutate *options:
    python scripts/mutate.py {{ options }}

# Close the loop train -> generate through vLLM's CPU build, in an environment of its own (3.5 GB)
test-vllm environment=".vllm-venv":
    scripts/vllm-environment.sh {{ environment }}
    VLLM_PYTHON="$PWD/{{ environment }}/bin/python" python -m pytest -m vllm

# The sandbox that generated code runs in comes from the system's packages
[private]
bubblewrap:
    @command -v bwrap >/dev/null || { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq && apt-get install -y -qq bubblewrap >/dev/null; } || echo "just: no bubblewrap here (apt install bubblewrap): the next safe sandbox is used, or execute refuses" >&2

# The languages and the browser that the tests use come from there, too
[private]
toolchains:
    @python scripts/toolchains.py
