# Runs the answer in this shell, then the tests; says the proof when both have come to their end with status 0. In braces: read as a
# whole before the answer can write to it. What only the driver may know stands in the text that it evaluates, not in variables.
# Words: the answer's file, the tests' file, how many tests there are, names of functions that must not hide a command from the tests.
{
bash -n "./$1" || exit 2
printf '?' >&4
IFS= read -r syncode <&3
syncode="unset syncode
set --
. ./$1
${2:+"
syncode=\$-:\$BASHOPTS:
POSIXLY_CORRECT=1  # in this mode no function hides the special builtins
unset -f ${*:4} 2> /dev/null
set +T
trap - DEBUG RETURN
unset POSIXLY_CORRECT
case \$syncode in *inherit_errexit*) ;; *) shopt -u inherit_errexit ;; esac  # that mode leaves it on
case \$syncode in *expand_aliases*) shopt -s expand_aliases ;; esac
case \$syncode in *extdebug*) shopt -u extdebug ;; esac
unset syncode
shopt -u nocasematch nocaseglob
builtin enable exit return test [ false true echo printf set trap 2> /dev/null
(exit 7) || case \$? in 7) ;; *) : \${syncode?the answer has switched builtins off} ;; esac
unalias -a
hash -r
PATH=${PATH@Q}
eval $(printf %q "$(<"$2")")
syncode=\$?
POSIXLY_CORRECT=1
set +eu
unset -f case builtin printf read exit 2> /dev/null
unset POSIXLY_CORRECT
case \$syncode in 0) ;; *) exit \$syncode ;; esac
case \$(builtin trap -p DEBUG) in '') ;; *) exit 1 ;; esac
builtin printf '{\"tests\":{\"total\":%d,\"passed\":%d}}\\n' $3 $3 >&4
"}
${2:-"case \$? in 0) ;; *) exit \$? ;; esac
set +eu"}
builtin printf '?' >&4
IFS= builtin read -r syncode <&3
builtin printf '%s%s\\n' $syncode \"\$syncode\" >&4
exit"
[ -z "${2-}" ] || rm -f -- "$2"
eval "$syncode"
exit
}
