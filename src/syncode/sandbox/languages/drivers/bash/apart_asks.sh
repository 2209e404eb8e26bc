# The tests' half of a pair: runs the tests in a shell that holds nothing of the answer. Functions of the answer are asked for over
# descriptors 6 and 7, one conversation at a time, from whichever subshell. What comes back is data; it is never evaluated.
# Words: the tests' file, how many tests there are, how the tests use what they get (see apart/bash.py), names of functions that they
# call, commands that no function hides, then names of variables that both have: with "=" those that the tests set themselves.
{
bash -n "./$1" 2>&1 || exit 103
printf '?' >&4
IFS= read -r syncode_key <&3
syncode_text=$(<"$1") syncode_least=$2 syncode_modes=$3
IFS=' ' read -r -a syncode_wanted <<< "$4"
syncode_commands=$5
shift 5
declare -A syncode_theirs=()
syncode_names=()
for syncode_each; do
  syncode_names+=("${syncode_each%=}")
  case $syncode_each in *=) syncode_theirs[${syncode_each%=}]=1 ;; esac
done
set --
rm -f tests.sh apart_asks.sh
syncode_at=${TMPDIR:-/tmp}/.syncode
syncode_home=$PWD syncode_chain=0 syncode_top= syncode_told=
syncode_fresh=" $(compgen -v | tr '\n' ' ') BASH_REMATCH MAPFILE COPROC "
exec 8<> <(:)
exec 9>&1 10>&2
syncode_end() {  # WHY CODE: the whole run ends so, from whichever subshell
  [ -s "$syncode_at.end" ] || builtin printf '%s\n%s\n' "$2" "$1" > "$syncode_at.end"
  builtin kill -KILL "$syncode_top"
  builtin exit "$2"
}
syncode_take() {
  local LC_ALL=C IFS=' ' field each
  local -a lengths=()
  builtin read -r -a lengths <&6 || syncode_end 'the answer has ended' 106
  syncode_fields=()
  for each in "${lengths[@]}"; do
    [[ $each =~ ^[0-9]{1,9}$ ]] || syncode_end 'the answer has sent something else than a reply' 1
    field=
    [[ $each == 0 ]] || IFS= builtin read -r -N "$each" field <&6 || syncode_end 'the answer has ended' 106
    [[ ${#field} == "$each" ]] || syncode_end 'the answer has sent something else than a reply' 1
    syncode_fields+=("$field")
  done
}
syncode_attributes() {  # of a variable, in syncode_flags
  local -n syncode_ref=$1
  syncode_flags=${syncode_ref[*]@a}
  [[ -n $syncode_flags || -v syncode_ref ]] && return 0
  syncode_flags=$(declare -p "$1" 2> /dev/null) || :  # empty arrays say nothing of themselves
  syncode_flags=${syncode_flags#declare -} syncode_flags=${syncode_flags%% *}
}
syncode_value() {  # may this text be among what the tests use?
  local word
  case $syncode_modes in
    *a*) [[ $1 =~ ^[[:space:]]*(-?[0-9]+[[:space:]]*)*$ ]] || syncode_end 'the tests compute with what the answer writes' 107 ;;
  esac
  case $syncode_modes in *p*) [[ $1 != *[*?[]* ]] || syncode_end 'the tests match with what the answer writes' 107 ;; esac
  case $syncode_modes in
    *t*) [[ " ${1//[$'\t\n']/ } " != *' '@(-o|-a|!|'('|')'|=|!=|-n|-z)' '* && $1 != *[*?[]* ]] || syncode_end 'the tests split what the answer writes' 107 ;;
  esac
  return 0
}
syncode_bring() {  # PLACE ARGUMENTS...: variables that the answer has changed
  local syncode_place=$1 syncode_name syncode_kind syncode_count syncode_key syncode_allowed syncode_flags IFS=' '
  shift
  while ((syncode_place < ${#syncode_fields[@]})); do
    syncode_name=${syncode_fields[syncode_place]} syncode_kind=${syncode_fields[syncode_place + 1]-} syncode_count=${syncode_fields[syncode_place + 2]-}
    syncode_place=$((syncode_place + 3))
    [[ $syncode_name =~ ^[A-Za-z_][A-Za-z_0-9]*$ && " ${syncode_names[*]} $* " == *" $syncode_name "* && $syncode_kind == [saA] && $syncode_count =~ ^[0-9]{1,7}$ ]] ||
      syncode_end 'the answer has sent something else than a variable' 1
    syncode_allowed=
    [[ -n ${syncode_theirs[$syncode_name]-} ]] || syncode_allowed=1
    for syncode_key; do [[ $syncode_key != "$syncode_name" ]] || syncode_allowed=1; done
    [[ $syncode_fresh != *" $syncode_name "* && $syncode_name != syncode_* && $syncode_name != BASH* ]] || syncode_end "the answer changes $syncode_name" 107
    if [[ -z $syncode_allowed ]]; then
      [[ $BASH_SUBSHELL -gt $syncode_level && $syncode_modes != *s* ]] || [[ -z $syncode_started ]] ||
        syncode_end "the answer changes $syncode_name, which the tests set" 107
      if [[ $syncode_kind == s ]]; then syncode_place=$((syncode_place + 1)); else syncode_place=$((syncode_place + 2 * syncode_count)); fi
      continue
    fi
    syncode_attributes "$syncode_name"
    local -n syncode_ref=$syncode_name
    case $syncode_flags in *[irn]*) syncode_end "the variable $syncode_name computes" 107 ;; esac
    if [[ $syncode_kind == s ]]; then
      syncode_value "${syncode_fields[syncode_place]}"
      unset -n syncode_ref
      declare -p "$syncode_name" > /dev/null 2>&1 || declare -g "$syncode_name"
      builtin printf -v "$syncode_name" %s "${syncode_fields[syncode_place]}"
      syncode_place=$((syncode_place + 1))
      continue
    fi
    case $syncode_kind$syncode_flags in
      aa* | AA*) syncode_ref=() ;;
      *) unset -n syncode_ref; unset -v "$syncode_name"; declare -g"$syncode_kind" "$syncode_name=()"; local -n syncode_ref=$syncode_name ;;
    esac
    for ((; syncode_count > 0; syncode_count--)); do
      syncode_key=${syncode_fields[syncode_place]-}
      [[ $syncode_kind == A || $syncode_key =~ ^[0-9]{1,9}$ ]] || syncode_end 'the answer has sent something else than an index' 1
      [[ $syncode_key != '' && $syncode_key != [@*] ]] || syncode_end 'a key that cannot be set' 107
      syncode_value "${syncode_fields[syncode_place + 1]-}"
      syncode_ref[$syncode_key]=${syncode_fields[syncode_place + 1]-}
      syncode_place=$((syncode_place + 2))
    done
    unset -n syncode_ref
  done
}
syncode_path() {  # an argument that is a file of the tests' own
  case $1 in
    /dev/fd/* | /dev/std* | /proc/*) return 0 ;;
    /usr/* | /bin/* | /etc/* | /lib* | /dev/null | / | '' | *$'\n'*) return 1 ;;
    */*) [[ -e $1 || -d ${1%/*} ]] ;;
    *) [[ -e $1 ]] ;;
  esac
}
syncode_call() {
  local LC_ALL=C syncode_name=$1 syncode_ifs=$IFS IFS=' ' syncode_out syncode_err syncode_in=none syncode_given= syncode_each syncode_flags
  local -a syncode_message=() syncode_lengths=()
  shift
  [[ $PWD == "$syncode_home" ]] || syncode_end 'the tests change the folder' 107
  for syncode_each; do
    ! syncode_path "$syncode_each" || syncode_end 'a file of the tests' 107
    ! declare -F -- "$syncode_each" > /dev/null || [[ " ${syncode_wanted[*]} " == *" $syncode_each "* ]] || syncode_end 'a function of the tests' 107
  done
  syncode_out=text syncode_err=text
  [[ ! /dev/fd/1 -ef /dev/fd/9 ]] || syncode_out=own
  [[ ! /dev/fd/2 -ef /dev/fd/10 ]] || syncode_err=own
  [[ ! /dev/fd/1 -ef /dev/fd/2 ]] || syncode_err=same
  if [[ ! /dev/fd/0 -ef /dev/null && -e /dev/fd/0 ]]; then
    if [[ $syncode_modes == *r* ]]; then
      syncode_in=trap syncode_given=$'syncode\n'
    else
      syncode_in=text
      IFS= builtin read -r -N 268435456 syncode_given || :
    fi
  fi
  [[ ${syncode_chain##* } == "$BASHPID" ]] || [[ $BASHPID == "$syncode_top" ]] || syncode_chain+=" $BASHPID"
  syncode_message=(call "$syncode_chain" "$syncode_name" "$syncode_out" "$syncode_err" "$syncode_in" "$syncode_given" "$syncode_ifs" "$#" "$@")
  local syncode_arguments=
  for syncode_each; do
    ! [[ $syncode_each =~ ^[A-Za-z_][A-Za-z_0-9]*$ && " ${syncode_names[*]} $syncode_arguments " != *" $syncode_each "* ]] ||
      [[ $syncode_fresh == *" $syncode_each "* || $syncode_each == syncode_* || $syncode_each == BASH* ]] || syncode_arguments+=" $syncode_each"
  done
  for syncode_each in "${syncode_names[@]}" $syncode_arguments; do
    declare -p "$syncode_each" > /dev/null 2>&1 || continue
    syncode_attributes "$syncode_each"
    local -n syncode_ref=$syncode_each
    case $syncode_flags in
      *[aA]*)
        local syncode_key syncode_kind=a
        [[ $syncode_flags != *A* ]] || syncode_kind=A
        syncode_message+=("$syncode_each" "$syncode_kind" "${#syncode_ref[@]}")
        for syncode_key in "${!syncode_ref[@]}"; do syncode_message+=("$syncode_key" "${syncode_ref[$syncode_key]}"); done
        ;;
      *)
        if [[ -v $syncode_each ]]; then
          syncode_message+=("$syncode_each" s 1 "$syncode_ref")
          ! syncode_path "$syncode_ref" || [[ $syncode_ref != */* ]] || syncode_end 'a file of the tests' 107
        fi
        ;;
    esac
    unset -n syncode_ref
  done
  for syncode_each in "${syncode_message[@]}"; do syncode_lengths+=("${#syncode_each}"); done
  builtin read -r -N 1 syncode_each <&8
  ! builtin read -t 0 <&6 || syncode_end 'the answer has ended' 106
  { builtin printf '%s\n' "${syncode_lengths[*]}" >&7 && builtin printf '%s' "${syncode_message[@]}" >&7; } 2> /dev/null ||
    syncode_end 'the answer has ended' 106
  syncode_take
  builtin printf + >&8
  case ${syncode_fields[0]-} in
    return | exit) ;;
    reads) syncode_end 'the answer reads what the tests read' 107 ;;
    binary) syncode_end 'the answer writes bytes that no variable can hold' 107 ;;
    gone) syncode_end 'the answer has ended' 106 ;;
    *) syncode_end 'the answer has sent something else than a reply' 1 ;;
  esac
  syncode_status=${syncode_fields[1]-} syncode_each=${syncode_fields[0]}
  [[ $syncode_status =~ ^[0-9]{1,3}$ && ${#syncode_fields[@]} -ge 4 ]] || syncode_end 'the answer has sent something else than a reply' 1
  [[ $syncode_out == own ]] || syncode_value "${syncode_fields[2]}"
  [[ $syncode_err == own || $syncode_err == same || ! -p /dev/fd/2 ]] || syncode_value "${syncode_fields[3]}"
  syncode_bring 4 "$@"
  builtin printf %s "${syncode_fields[2]}" || :
  builtin printf %s "${syncode_fields[3]}" >&2 || :
  if [[ $syncode_each == exit ]]; then
    [[ $BASHPID != "$syncode_top" ]] || syncode_end 'the answer has left the tests' 1
    builtin exit "$syncode_status"
  fi
  return "$syncode_status"
}
command_not_found_handle() {
  syncode_end "no command $1 here" 107
}
: > "$syncode_at.end"
: > "$syncode_at.status"
(
  syncode_top=$BASHPID syncode_level=$BASH_SUBSHELL syncode_started= syncode_status=0
  builtin printf + >&8
  syncode_take
  [[ ${syncode_fields[0]-} == functions && ${#syncode_fields[@]} -ge 3 ]] || syncode_end 'the answer has sent something else than its functions' 1
  case ${syncode_fields[1]} in *u*) syncode_told+=u ;; esac
  case ${syncode_fields[1]} in *e*) syncode_told+=e ;; esac
  syncode_made=
  for syncode_each in "${syncode_wanted[@]}"; do
    case " ${syncode_fields[2]} " in *" $syncode_each "*) ;; *) continue ;; esac
    case " $syncode_commands " in *" $syncode_each "*) syncode_hidden=$syncode_each; continue ;; esac
    case $(type -t -- "$syncode_each") in
      '' | file) eval "$syncode_each() { syncode_call $syncode_each \"\$@\"; }"; syncode_made=1 ;;
      *) syncode_hidden=$syncode_each ;;
    esac
  done
  [[ -n $syncode_made || -z ${syncode_hidden-} ]] || syncode_end "the tests are about $syncode_hidden" 107
  syncode_bring 3
  syncode_started=1
  unset syncode_hidden syncode_made syncode_each
  [[ -z $syncode_told ]] || set -"$syncode_told"
  eval "$syncode_text
{ syncode_status=\$?; builtin set +eux; builtin printf '%s\n' \$syncode_status > \"\$syncode_at.status\"; builtin exit \$syncode_status; } 2> /dev/null"
) 3<&- 4>&-
syncode_status=$?
if [ -s "$syncode_at.end" ]; then
  { read -r syncode_code; read -r syncode_why; } < "$syncode_at.end"
  printf '%s\n' "$syncode_why" >&2
  exit "$syncode_code"
fi
if [ "$syncode_status" != 0 ]; then
  printf 'the tests ended with status %s\n' "$syncode_status" >&2
  printf '{"tests":{"total":1,"passed":0,"failed":1}}\n' >&4
  exit 101
fi
[ "$syncode_least" != 0 ] || exit 108
printf '{"tests":{"total":%d,"passed":%d}}\n?' "$syncode_least" "$syncode_least" >&4
IFS= read -r syncode_token <&3
printf '%s%s\n' "$syncode_key" "$syncode_token" >&4
exit 0
}
