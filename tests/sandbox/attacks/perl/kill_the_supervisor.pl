# expect: error
kill 9, getppid(), @PID@;
exit 1;
