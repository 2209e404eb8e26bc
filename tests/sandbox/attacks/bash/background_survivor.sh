# expect: pass
trap '' TERM HUP INT
(setsid nohup bash -c 'exec -a @MARK@ sleep 86421' >/dev/null 2>&1 </dev/null &)
sleep 0.1
