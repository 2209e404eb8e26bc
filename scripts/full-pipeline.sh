#!/usr/bin/env bash
# The system of arXiv 2412.05210 in miniature, on real input: every line below is a command that you could type.
#
# Usage: just full-pipeline [--quick] [--fresh]
#
# Everything lands in ./pipeline (PIPELINE=FOLDER to change it). Ctrl-C whenever you like: run it again and it goes on where
# it was, since every answer of the model is in pipeline/journal.db and a finished training run is kept. A second run makes
# no model call and writes the same bytes.
set -euo pipefail

out=${PIPELINE:-pipeline}
documents=24 candidates=4 tokens=320 every=1 steps=6 length=512
for option in "$@"; do
  case $option in
    --quick) out=$out/quick documents=8 candidates=2 tokens=160 every=4 steps=2 length=256 ;;
    --fresh) rm -rf "${out:?}" ;;
    *) echo "usage: just full-pipeline [--quick] [--fresh]" >&2; exit 2 ;;
  esac
done
library=$(python -c 'import sysconfig; print(sysconfig.get_paths()["stdlib"])')
model=(--model local --journal "$out/journal.db")
mkdir -p "$out"
began=$SECONDS

say() { printf '\n\033[1m== %s\033[0m (%d s)\n' "$1" $((SECONDS - began)) >&2; }
PS4='$ '; set -x

{ say "1. crawl: source code, READMEs, and web pages in a WARC"; } 2>/dev/null
python scripts/demo_material.py "$out/material"
syncode crawl "$library"/*.py "$library"/{json,email,collections,concurrent} "$out/material/readmes" "$out/material/pages.warc.gz" \
  --workers 2 --rejects "$out/crawl-rejects.jsonl" -o "$out/documents.jsonl.gz"

{ say "2. classify the language, filter junk, drop twins"; } 2>/dev/null
syncode classify "$out/documents.jsonl.gz" --quiet | syncode filter --rejects "$out/filter-rejects.jsonl" \
  | syncode dedup --rejects "$out/dedup-rejects.jsonl" -o "$out/clean.jsonl.gz"

{ say "3. take $documents of them (ids are hashes: the smallest are a fair draw) and label them with the model"; } 2>/dev/null
zcat "$out/clean.jsonl.gz" | LC_ALL=C sort | sed -n "1,${documents}p" \
  | syncode classify "${model[@]}" --rejects "$out/classify-rejects.jsonl" -o "$out/labelled.jsonl"

{ say "4. synthesise: a new question from each document, $candidates answers, the best one chosen"; } 2>/dev/null
syncode synth "$out/labelled.jsonl" "${model[@]}" --candidates $candidates --max-tokens $tokens --question-tokens 200 \
  --tests 3 --document-chars 1500 --temperature 0.6 --rejects "$out/synth-rejects.jsonl" -o "$out/samples.jsonl"
