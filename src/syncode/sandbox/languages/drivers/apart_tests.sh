# The half of the tests: has a function in the place of each of the answer's that asks for it, and runs the tests. Exit codes are those
# of cell/outcome.py. What a subshell finds out stands in files. Words: the tests' file, and how many tests there are.
{
syncode_note() { builtin printf '%s\n' "$2" > "/tmp/syncode_$1"; builtin exit 1; }
syncode_ask() {
    builtin local LC_ALL=C IFS=' ' syncode_word syncode_kind syncode_status syncode_out syncode_err syncode_said= syncode_cried=
    : > /tmp/syncode_used
    case $- in *e*) (( BASH_SUBSHELL > syncode_depth )) || syncode_note 107 'the tests end at a command that fails, and call the answer in their own shell' ;; esac
    {
        builtin printf '%d %d\n' $# "$(( BASH_SUBSHELL - syncode_depth ))"
        for syncode_word; do builtin printf '%d\n%s' "${#syncode_word}" "$syncode_word"; done
    } >&7
    IFS=' ' builtin read -r syncode_kind syncode_status syncode_out syncode_err <&6 || syncode_note 106 'the answer has ended'
    [[ $syncode_kind == S ]] && syncode_note 107 "$syncode_status $syncode_out $syncode_err"
    [[ "$syncode_kind $syncode_status $syncode_out $syncode_err" =~ ^V\ [0-9]{1,3}\ [0-9]{1,9}\ [0-9]{1,9}$ ]] || syncode_note 1 'a message that is none'
    (( syncode_out == 0 )) || IFS= builtin read -r -N "$syncode_out" syncode_said <&6 || syncode_note 106 'the answer has ended'
    (( syncode_err == 0 )) || IFS= builtin read -r -N "$syncode_err" syncode_cried <&6 || syncode_note 106 'the answer has ended'
    if [[ $syncode_said && $syncode_cried && $syncode_tests == *'2>&1'* ]]; then syncode_note 107 'the tests mix what the answer writes to stdout and stderr'; fi
    builtin printf '%s' "$syncode_said"
    [[ -z $syncode_cried ]] || builtin printf '%s' "$syncode_cried" >&2
    builtin return "$syncode_status"
}
syncode_end() {
    syncode_status=$?
    for syncode_code in 107 106 1; do
        [[ ! -e /tmp/syncode_$syncode_code ]] || { builtin printf '%s\n' "$(< "/tmp/syncode_$syncode_code")" >&2; builtin exit "$syncode_code"; }
    done
    if (( syncode_status )); then
        builtin printf '{"tests":{"total":1,"failed":1}}\n' >&4
        builtin exit 101
    fi
    [[ $syncode_reached ]] || { echo 'the tests ended before the last of them' >&2; builtin exit 1; }
    (( syncode_least > 0 )) || { echo 'nothing was asserted' >&2; builtin exit 108; }
    [[ -e /tmp/syncode_used ]] || { echo 'the tests ask nothing of the answer' >&2; builtin exit 107; }
    builtin printf '{"tests":{"total":%d,"passed":%d}}\n?' "$syncode_least" "$syncode_least" >&4
    IFS= builtin read -r syncode_token <&3
    builtin printf '%s%s\n' "$syncode_key" "$syncode_token" >&4
    builtin exit 0
}
printf '?' >&4
IFS= read -r syncode_key <&3
syncode_tests=$(< "$1")
syncode_least=$2 syncode_depth=$BASH_SUBSHELL syncode_reached= syncode_free= syncode_taken=
rm -f -- "$1"
IFS=' ' read -r syncode_kind syncode_count <&6 || exit 106
if [[ $syncode_kind == S ]]; then echo "$syncode_count" >&2; exit 107; fi
[[ $syncode_kind == H && $syncode_count =~ ^[0-9]{1,6}$ ]] || { echo 'a message that is none' >&2; exit 1; }
while (( syncode_count-- > 0 )); do
    IFS= read -r syncode_name <&6 || exit 106
    [[ $syncode_name =~ ^[A-Za-z_][A-Za-z0-9_:.-]*$ && $syncode_name != syncode_* ]] || continue
    [[ $syncode_tests =~ (^|[^A-Za-z0-9_-])"$syncode_name"($|[^A-Za-z0-9_-]) ]] || continue
    [[ ! $syncode_tests =~ (^|[^A-Za-z0-9_-])"$syncode_name"[[:space:]]*\(\) ]] || continue
    if [[ $(type -t "$syncode_name") ]]; then syncode_taken=1; continue; fi
    if [[ $syncode_name =~ ^(assert.*|check|expect|it|describe|fail|verify|should)$ ]]; then echo "the tests do not define $syncode_name" >&2; exit 107; fi
    syncode_free=1
    eval "$syncode_name() { syncode_ask $syncode_name \"\$@\"; }"
done
if [[ ! $syncode_free && $syncode_taken ]]; then echo 'the answer defines anew what the tests call' >&2; exit 107; fi
trap syncode_end EXIT
set --
unset syncode_name syncode_kind syncode_count syncode_free syncode_taken
eval "$syncode_tests
syncode_status=\$?
(exit \$syncode_status) && syncode_reached=1 || builtin exit \$syncode_status"
exit
}
