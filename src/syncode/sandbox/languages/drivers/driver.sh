# Runs the answer in this shell, then the tests; asks for the token when both have come to their end with status 0. In braces: read
# as a whole before the answer can write to it.
{
bash -n "./$1" || exit 2
readonly syncode_file="./$1" syncode_tests_file="./${2-}" syncode_tests="${2:+$(<"$2")}"
set --
. "$syncode_file"
syncode_status=$?
if [ -n "$syncode_tests" ]; then
    POSIXLY_CORRECT=1  # in this mode no function hides these builtins
    unset -f [ test exit return set trap eval source builtin command printf read unset echo diff cmp 2>/dev/null
    unset POSIXLY_CORRECT
    unalias -a
    builtin printf '%s\n' "$syncode_tests" > "$syncode_tests_file"
    . "$syncode_tests_file"
    syncode_status=$?
fi
set +eu
[ "$syncode_status" -eq 0 ] || exit "$syncode_status"
builtin printf '?' >&4
IFS= builtin read -r syncode_token <&3
builtin printf '%s\n' "$syncode_token" >&4
exit
}
