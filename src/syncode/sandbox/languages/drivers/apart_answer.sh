# The half of the answer: sources it, and calls its functions for the tests. In braces: read as a whole before the answer can write
# to it. A request: a line with the number of words and the depth of subshells, then each word, a line with its size before it.
{
syncode_refuse() { builtin printf 'S %s\n' "$1" >&7; builtin exit 1; }
syncode_serve() {
    builtin local LC_ALL=C IFS=' ' count depth size word status words out err
    while IFS=' ' builtin read -r count depth <&6; do
        words=()
        while (( count-- > 0 )); do
            IFS= builtin read -r size <&6 || builtin exit 0
            word=
            (( size == 0 )) || IFS= builtin read -r -N "$size" word <&6 || builtin exit 0
            words+=("$word")
        done
        builtin set --
        if (( depth > 0 )); then
            ( builtin unset LC_ALL; IFS=$' \t\n'; builtin set +e; exec 6<&- 7>&-; "${words[@]}" ) > "$syncode_out" 2> "$syncode_err" < /dev/null
            status=$?
        else
            case $syncode_options in *e*) syncode_refuse 'the answer ends at a command that fails' ;; esac
            syncode_direct
            status=$?
        fi
        builtin set +eu
        IFS= builtin read -r -d '' out < "$syncode_out"
        IFS= builtin read -r -d '' err < "$syncode_err"
        builtin printf '%s' "$err" >&2
        builtin printf 'V %d %d %d\n%s%s' "$status" "${#out}" "${#err}" "$out" "$err" >&7
    done
    builtin exit 0
}
syncode_direct() {  # in this shell: what the function sets is there for the next one
    builtin local -
    builtin unset LC_ALL
    IFS=$' \t\n'
    "${words[@]}" > "$syncode_out" 2> "$syncode_err" < /dev/null 6<&- 7>&-
}
syncode_out=/tmp/syncode_out syncode_err=/tmp/syncode_err
: > "$syncode_out"
: > "$syncode_err"
bash -n "./$1" || syncode_refuse 'the answer does not parse alone'
syncode_file=$1
set --
. "./$syncode_file"
syncode_options=$-
case $(builtin trap -p DEBUG; builtin trap -p RETURN; builtin trap -p ERR) in '') ;; *) syncode_refuse 'the answer has a trap' ;; esac
set +eux
syncode_names=()
while IFS=' ' builtin read -r _ _ syncode_name; do
    case $syncode_name in syncode_*) ;; *) syncode_names+=("$syncode_name") ;; esac
done < <(builtin declare -F)
builtin printf 'H %d\n' "${#syncode_names[@]}" >&7
(( ${#syncode_names[@]} == 0 )) || builtin printf '%s\n' "${syncode_names[@]}" >&7
syncode_serve
exit 0
}
