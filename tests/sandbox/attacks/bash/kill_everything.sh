# expect: error
kill -9 @PID@ 1 $PPID 2>/dev/null
kill -9 -1
exit 1
