# 100 questions; the baseline is right on every second one, `better` on all but each tenth, `alike` on every third of two.
for n in $(seq 100); do
  echo "{\"id\":$n,\"messages\":[{\"role\":\"user\",\"content\":\"Question $n\"}]}" >> tasks.jsonl
  base=$((n % 2)); better=$((n % 10 > 0)); alike=$((n % 4 < 2))
  for model in base better alike; do
    word=BAD; [ "${!model}" = 1 ] && word=GOOD
    echo "{\"id\":\"$model$n\",\"task_id\":$n,\"model\":\"$model\",\"text\":\"$word answer $n of $model\"}" >> answers.jsonl
  done
done
