# The assertions of bats-assert.
assert() { "$@" || bats_wrong "not true: $*"; }
refute() { if "$@"; then bats_wrong "true: $*"; fi; }
assert_equal() { [ "$1" = "$2" ] || bats_wrong "expected '$2', actual '$1'"; }
assert_not_equal() { [ "$1" != "$2" ] || bats_wrong "both are '$1'"; }
assert_success() { [ "$status" -eq 0 ] || bats_wrong "it ended with $status: $output"; }
assert_failure() {
  [ "$status" -ne 0 ] || bats_wrong "it ended with 0"
  [ "$#" -eq 0 ] || [ "$status" -eq "$1" ] || bats_wrong "it ended with $status, not $1"
}
bats_has() { [ "$1" != "${1/"$2"/}" ] || [ -z "$2" ]; }
assert_output() {
  case "${1-}" in
    -p | --partial) bats_has "$output" "$2" || bats_wrong "'$output' lacks '$2'" ;;
    -e | --regexp) printf '%s' "$output" | grep -Eq -- "$2" || bats_wrong "'$output' is not like '$2'" ;;
    *) if [ "$#" -eq 0 ]; then [ -n "$output" ] || bats_wrong "no output"; else assert_equal "$output" "$1"; fi ;;
  esac
}
refute_output() {
  case "${1-}" in
    -p | --partial) ! bats_has "$output" "$2" || bats_wrong "'$output' has '$2'" ;;
    *) if [ "$#" -eq 0 ]; then assert_equal "$output" ""; else [ "$output" != "$1" ] || bats_wrong "'$output'"; fi ;;
  esac
}
assert_line() {
  if [ "$1" = --index ] || [ "$1" = -n ]; then assert_equal "${lines[$2]-}" "$3"; return; fi
  local bats_line
  for bats_line in "${lines[@]}"; do if [ "$bats_line" = "$1" ]; then return 0; fi; done
  bats_wrong "no line '$1'"
}
