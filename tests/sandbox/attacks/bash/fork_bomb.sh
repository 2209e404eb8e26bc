# expect: error timeout
bomb() { bomb | bomb & }
bomb
wait
exit 1
