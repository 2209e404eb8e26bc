# What tests in the form of bats call.
run() {
  case "$1" in '!' | -[0-9]*) local bats_wanted="$1"; shift ;; *) local bats_wanted="" ;; esac
  status=0
  output="$("$@" 2>&1)" || status=$?
  local IFS=$'\n'
  set -f
  lines=($output)
  set +f
  case "$bats_wanted" in
    '') ;;
    '!') [ "$status" -ne 0 ] || bats_wrong "it ended with 0" ;;
    *) [ "$status" -eq "${bats_wanted#-}" ] || bats_wrong "it ended with $status" ;;
  esac
}
bats_wrong() { echo "$1" >&2; return 1; }
skip() { exit 0; }
load() { :; }
bats_load_library() { :; }
setup() { :; }
teardown() { :; }
bats_failed=0
bats_test() {
  set +e
  (
    set -e
    setup
    "$1"
    teardown
  )
  if [ "$?" -ne 0 ]; then
    echo "not ok: $2" >&2
    bats_failed=1
  fi
}
