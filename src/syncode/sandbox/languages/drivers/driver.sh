# Runs the program in this shell; asks for the token when it has come to its end with status 0.
set --
. ./main.sh
syncode_status=$?
set +eu
[ "$syncode_status" -eq 0 ] || exit "$syncode_status"
builtin printf '?' >&4
IFS= builtin read -r syncode_token <&3
builtin printf '%s\n' "$syncode_token" >&4
