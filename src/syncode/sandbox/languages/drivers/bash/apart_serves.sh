# The answer's half of a pair: does what the tests' half asks and says what came of it. Nothing in here is believed.
# Words: the answer's file, names of variables that tests know too. A message: the lengths of its fields in a line, then the fields.
# A call from a subshell of the tests is done in a subshell of the same descent, so that what it changes is lost as it is there.
{
syncode_at=${TMPDIR:-/tmp}/.syncode
syncode_main=$1
shift
syncode_names=("$@")
set --
declare -A syncode_known
syncode_fresh=$(compgen -v)
syncode_fresh=${syncode_fresh//$'\n'/ }
syncode_send() {
  local LC_ALL=C IFS=' ' each
  local -a lengths=()
  for each; do lengths+=("${#each}"); done
  builtin printf '%s\n' "${lengths[*]}" >&7
  builtin printf '%s' "$@" >&7
}
syncode_take() {
  local LC_ALL=C field each
  local -a lengths=()
  IFS=' ' builtin read -r -a lengths || return 1
  syncode_fields=()
  for each in "${lengths[@]}"; do
    field=
    [ "$each" = 0 ] || IFS= builtin read -r -N "$each" field || return 1
    syncode_fields+=("$field")
  done
}
syncode_attributes() {  # of a variable, in syncode_flags
  local -n syncode_ref=$1
  syncode_flags=${syncode_ref[*]@a}
  [[ -n $syncode_flags || -v syncode_ref ]] && return
  syncode_flags=$(declare -p "$1" 2> /dev/null)  # empty arrays say nothing of themselves
  syncode_flags=${syncode_flags#declare -} syncode_flags=${syncode_flags%% *}
}
syncode_encode() {  # a variable, as fields in syncode_form
  local syncode_key syncode_flags
  syncode_attributes "$1"
  local -n syncode_ref=$1
  syncode_form=("$1")
  case $syncode_flags in
    *A*) syncode_form+=(A) ;;
    *a*) syncode_form+=(a) ;;
    *) syncode_form+=(s 1 "$syncode_ref"); return ;;
  esac
  syncode_form+=("${#syncode_ref[@]}")
  for syncode_key in "${!syncode_ref[@]}"; do syncode_form+=("$syncode_key" "${syncode_ref[$syncode_key]}"); done
}
syncode_changes() {
  local syncode_name
  syncode_said=()
  for syncode_name in "${syncode_names[@]}" "$@"; do
    [[ $syncode_name =~ ^[A-Za-z_][A-Za-z_0-9]*$ && " ${syncode_fresh-} " != *" $syncode_name "* && $syncode_name != syncode_* && $syncode_name != BASH* ]] || continue
    declare -p "$syncode_name" > /dev/null 2>&1 || continue
    declare -F "$syncode_name" > /dev/null 2>&1 && continue
    syncode_encode "$syncode_name" 2> /dev/null || continue
    [ "${syncode_known[$syncode_name]-}" = "${syncode_form[*]@Q}" ] && continue
    syncode_known[$syncode_name]=${syncode_form[*]@Q}
    syncode_said+=("${syncode_form[@]}")
  done
}
syncode_bring() {  # the variables of the tests, from the fields behind this place
  local syncode_place=$1 syncode_name syncode_kind syncode_count
  while [ "$syncode_place" -lt "${#syncode_fields[@]}" ]; do
    syncode_name=${syncode_fields[syncode_place]} syncode_kind=${syncode_fields[syncode_place + 1]} syncode_count=${syncode_fields[syncode_place + 2]}
    syncode_place=$((syncode_place + 3))
    if [ "$syncode_kind" = s ]; then
      declare -p "$syncode_name" > /dev/null 2>&1 || declare -g "$syncode_name"
      builtin printf -v "$syncode_name" %s "${syncode_fields[syncode_place]}"
      syncode_place=$((syncode_place + 1))
    else
      unset -v "$syncode_name"
      declare -g"$syncode_kind" "$syncode_name=()"
      local -n syncode_ref=$syncode_name
      while [ "$syncode_count" -gt 0 ]; do
        syncode_ref[${syncode_fields[syncode_place]}]=${syncode_fields[syncode_place + 1]}
        syncode_place=$((syncode_place + 2)) syncode_count=$((syncode_count - 1))
      done
      unset -n syncode_ref
    fi
    syncode_encode "$syncode_name"
    syncode_known[$syncode_name]=${syncode_form[*]@Q}
  done
}
syncode_do() {  # call CHAIN NAME STDOUT STDERR STDIN TEXT IFS COUNT ARGUMENTS... VARIABLES...
  builtin printf busy > "$syncode_at.state"
  : > "$syncode_at.out"
  : > "$syncode_at.err"
  builtin printf %s "${syncode_fields[6]}" > "$syncode_at.in"
  syncode_bring $((9 + syncode_fields[8]))
  case ${syncode_fields[3]} in own) exec {syncode_1}>&1 ;; *) exec {syncode_1}> "$syncode_at.out" ;; esac
  case ${syncode_fields[4]} in own) exec {syncode_2}>&2 ;; same) exec {syncode_2}>&$syncode_1 ;; *) exec {syncode_2}> "$syncode_at.err" ;; esac
  case ${syncode_fields[5]} in none) exec {syncode_0}< /dev/null ;; *) exec {syncode_0}< "$syncode_at.in" ;; esac
  syncode_ifs=$IFS
  [ "${syncode_fields[7]}" = $' \t\n' ] || IFS=${syncode_fields[7]}
}
syncode_done() {
  set +e
  IFS=$syncode_ifs
  syncode_position=0
  [ "${syncode_fields[5]}" = trap ] && builtin read -r _ syncode_position < "/proc/self/fdinfo/$syncode_0"
  exec {syncode_0}<&- {syncode_1}>&- {syncode_2}>&-
  syncode_finish "$1" return
}
syncode_finish() {  # STATUS KIND
  local syncode_out= syncode_err= syncode_kind=$2
  IFS= builtin read -r -d '' syncode_out < "$syncode_at.out" && syncode_kind=binary
  IFS= builtin read -r -d '' syncode_err < "$syncode_at.err" && syncode_kind=binary
  syncode_said=()
  [ "$2" = return ] && syncode_changes "${syncode_fields[@]:9:syncode_fields[8]}"
  [ "${syncode_position:-0}" = 0 ] || syncode_kind=reads
  syncode_send "$syncode_kind" "$1" "$syncode_out" "$syncode_err" "${syncode_said[@]}"
  builtin printf idle > "$syncode_at.state"
}
syncode_serve() {  # with a call in syncode_fields if FIRST
  while :; do
    if [ "$1" != first ]; then
      if [ -s "$syncode_at.left" ]; then
        syncode_take < "$syncode_at.left"
        : > "$syncode_at.left"
      else
        syncode_take <&6 || builtin exit 0
      fi
    fi
    set -- next
    case ${syncode_fields[1]} in
      "$syncode_mine")
        syncode_do
        set +e
        "${syncode_fields[2]}" "${syncode_fields[@]:9:syncode_fields[8]}" <&$syncode_0 >&$syncode_1 2>&$syncode_2 6<&- 7>&-
        syncode_done $?
        ;;
      "$syncode_mine "*)
        (syncode_mine=${syncode_fields[1]}; syncode_serve first)
        syncode_died $?
        ;;
      *)
        local LC_ALL=C IFS=' ' each
        local -a lengths=()
        for each in "${syncode_fields[@]}"; do lengths+=("${#each}"); done
        { builtin printf '%s\n' "${lengths[*]}"; builtin printf '%s' "${syncode_fields[@]}"; } > "$syncode_at.left"
        builtin exit 0
        ;;
    esac
  done
}
syncode_died() {  # a shell has ended with this status: in a call, or after it
  local state=
  builtin read -r state < "$syncode_at.state"
  [ "$state" = busy ] && syncode_finish "$1" exit
  return 0
}
bash -n "./$syncode_main" || exit 102
builtin printf loading > "$syncode_at.state"
: > "$syncode_at.left"
(
  . "./$syncode_main" 6<&- 7>&-
  syncode_flags=$-
  set +e
  syncode_own=($(compgen -A function))
  syncode_changes
  syncode_list=
  for syncode_each in "${syncode_own[@]}"; do
    case $syncode_each in syncode_*) ;; *) syncode_list+="$syncode_each " ;; esac
  done
  syncode_send functions "$syncode_flags" "$syncode_list" "${syncode_said[@]}"
  builtin printf idle > "$syncode_at.state"
  syncode_mine=0
  syncode_serve next
)
syncode_status=$?
IFS= read -r -d '' syncode_state < "$syncode_at.state"
case $syncode_state in
  busy) syncode_position=0; syncode_finish "$syncode_status" exit ;;
esac
exit $syncode_status
}
