#!/usr/bin/env bash
# The system of arXiv 2412.05210 in miniature, on real input: every command below is one that you could type.
#
# Usage: syncode demo [--quick] [--fresh] [-o FOLDER], which runs: bash pipeline.sh PYTHON FOLDER [--quick] [--fresh]
#
# Everything lands in FOLDER. Ctrl-C whenever you like: run it again and it goes on where it was, since every answer of the
# model is in the journal and a finished training run is kept. A second run makes no model call and writes the same bytes.
set -euo pipefail

python=$1 out=$2
documents=12 candidates=4 tokens=160 tests=3 tasks=20 steps=4 length=384 chars=1500
for option in "${@:3}"; do
  case $option in
    --quick) documents=5 candidates=2 tokens=128 tests=1 tasks=5 steps=2 length=256 chars=800 ;;
    --fresh)
      [ ! -e "$out" ] || [ -d "$out/material" ] || { echo "syncode: $out was not made by syncode demo: left as it is" >&2; exit 2; }
      rm -rf "$out" ;;
  esac
done
library=$("$python" -c 'import sysconfig; print(sysconfig.get_paths()["stdlib"])')
began=$SECONDS

step() { printf '\n\033[1m%s\033[0m  [%d s]\n' "$1" $((SECONDS - began)) >&2; }
syncode() { printf '$ syncode %s\n' "$*" >&2; "$python" -P -m syncode "$@"; }

mkdir -p "$out" && cd "$out"
model=(--model local --deadline 3600)  # a busy laptop may take its time

step "1  Crawl source code, READMEs and web pages in a WARC"
"$python" -P -m syncode.demo.material material
syncode crawl "$library"/{asyncio,collections,concurrent,email,html,http,importlib,json,logging,unittest,urllib} \
  material/readmes material/pages.warc.gz --workers 2 --rejects rejects-crawl.jsonl -o documents.jsonl.gz

step "2  Find the language, filter junk, drop twins"
syncode classify documents.jsonl.gz |
  syncode filter --rejects rejects-filter.jsonl |
  syncode dedup --rejects rejects-dedup.jsonl -o clean.jsonl

step "3  Draw $documents documents (ids are hashes, so the smallest are a fair draw) and let the model label them"
LC_ALL=C sort clean.jsonl | sed -n "1,${documents}p" |
  syncode classify "${model[@]}" --document-chars $chars --rejects rejects-classify.jsonl -o labelled.jsonl

step "4  Synthesise: a new question from each, $candidates answers, the best one chosen"
syncode synth labelled.jsonl "${model[@]}" --candidates $candidates --max-tokens $tokens --question-tokens 160 --tests $tests \
  --document-chars $chars --temperature 0.6 --allow-cut --rejects rejects-synth.jsonl -o samples.jsonl

step "5  Run the code in the sandbox, filter (also against the arena's questions), drop twins"
syncode tasks arena | sed -n "1~$((40 / tasks))p" > tasks.jsonl
syncode tasks arena -o arena.jsonl
# The rules that are skipped are those that nearly every short answer of so small a model breaks. Leave them in for real work.
# Tests that a model wrote may call nothing or need what is not here: such rows stay undecided (infra), which is not a failure of the run.
syncode execute samples.jsonl --inline --workers 2 --timeout 5 --allow-infra |
  syncode filter --against arena.jsonl --skip inst.truncated --skip inst.no_fence --skip code.cate_ast --rejects rejects-samples.jsonl |
  syncode dedup --rejects rejects-twins.jsonl -o rough.jsonl
grep -E '"agreed":true|"state":"pass"' rough.jsonl > good.jsonl || cp rough.jsonl good.jsonl

step "6  Fine-tune in two stages, rough then good, with DeepSpeed"
syncode train rough.jsonl --then good.jsonl --model local --lr 2e-4 --batch-size 4 --max-len $length --overlong truncate-last-turn --allow-cut \
  --max-steps $steps -o run > steps.jsonl

step "7  Let the model answer the arena, before and after"
syncode generate tasks.jsonl "${model[@]}" --name base --max-tokens $tokens -o base.jsonl
syncode generate tasks.jsonl --model local:run/export --deadline 3600 --name tuned --max-tokens $tokens -o tuned.jsonl

step "8  Judge both orders of every pair of answers"
syncode judge tuned.jsonl base.jsonl --tasks tasks.jsonl --baseline base "${model[@]}" --reason-length 120 -o verdicts.jsonl

step "9  Look"
syncode stats rough.jsonl --rejected rejects-samples.jsonl --rejected rejects-twins.jsonl --format markdown -o card.md
syncode leaderboard verdicts.jsonl --by category --tasks tasks.jsonl --answers base.jsonl --answers tuned.jsonl --format html --allow-missing -o leaderboard.html
syncode agree verdicts.jsonl
syncode leaderboard verdicts.jsonl --allow-missing

cat >&2 <<END

Done in $((SECONDS - began)) s. The judge has 135 million parameters: the table shows that all parts work, not which model is better.
Everything is in $PWD:
  documents.jsonl.gz  what was crawled          rough.jsonl, good.jsonl   training rows of the two stages
  clean.jsonl         filtered and deduplicated  run/, steps.jsonl         checkpoint, exported model, loss of each step
  labelled.jsonl      with the model's labels    base.jsonl, tuned.jsonl   answers before and after
  samples.jsonl       questions and answers      verdicts.jsonl            every game, with the judge's reason
  rejects-*.jsonl     dropped rows, with why     leaderboard.html, card.md the report and the data card
END
