# expect: error fail
trap 'exit 0' EXIT
f() { echo 1; }
# tests
[ "$(f)" = 2 ] || exit 1
