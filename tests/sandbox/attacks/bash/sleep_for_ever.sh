# expect: timeout
trap '' TERM
sleep 1000
