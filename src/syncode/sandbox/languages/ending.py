"""Tests whose last statement ends the process, with what they have counted as its exit code: 0 is their end, no early one."""

import re

_JAVASCRIPT = (
    r"^process\.exit\s*\((?P<code>.*)\)\s*;?\s*\Z",
    "{{ const syncodeLeft = ({code}); if (syncodeLeft) process.exit(syncodeLeft); }}",
)
_LAST = {
    "javascript": _JAVASCRIPT,
    "typescript": _JAVASCRIPT,
    "ruby": (
        r"^exit!?(?:\s*\((?P<code>.*)\)|[^\S\n]+(?!if\b|unless\b)(?P<more>\S.*?))?\s*;?\s*\Z",
        "(syncode_left = ({code}); exit(syncode_left) unless [0, true, nil].include?(syncode_left))",
    ),
    "perl": (
        r"^exit(?:\s*\((?P<code>.*)\)|[^\S\n]+(?P<more>(?:(?!\bif\b|\bunless\b)[^;\n])+))?\s*;\s*\Z",
        "{{ my $syncode_left = ({code}); exit $syncode_left if $syncode_left; }}",
    ),
    "php": (
        r"^(?:exit|die)\s*(?:\((?P<code>.*)\))?\s*;\s*(?:\?>\s*)?\Z",
        "if (is_int($syncode_left = ({code})) && $syncode_left) exit($syncode_left);",
    ),
    "lua": (
        r"^os\.exit\s*\((?P<code>.*)\)\s*;?\s*\Z",
        "do local left = {code} if left ~= nil and left ~= 0 and left ~= true then os.exit(left) end end",
    ),
    "r": (
        r"^(?:quit|q)\s*\((?P<code>.*)\)\s*;?\s*\Z",
        '(function(save = "no", status = 0, runLast = TRUE) if (status != 0) quit("no", status))({code})',
    ),
    "tcl": (
        r"^exit(?:[^\S\n]+(?P<code>\S.*?))?\s*;?\s*\Z",
        "apply {{left {{if {{$left != 0}} {{exit $left}}}}}} {code}",
    ),
    "bash": (r"^exit(?:[^\S\n]+(?P<code>\S.*?))?\s*;?\s*\Z", "(exit {code}) || exit $?"),
}
"""By language: what such a statement is like, and what stands for it if its code is not just 0."""
_ZERO = re.compile(r"\s*(?:0|true|TRUE|[\"']no[\"']|(?:[\"']no[\"']\s*,\s*)?(?:status\s*=\s*)?0)?\s*")


def plain(language: str, tests: str) -> str:
    """Return tests that come to their end where they would exit with 0. luaunit's own end stays: it is counted by that."""
    if language not in _LAST or (language == "lua" and "luaunit" in tests):
        return tests
    pattern, instead = _LAST[language]
    found = re.search(pattern, tests, re.MULTILINE)
    if found is None:
        return tests
    parts = found.groupdict()
    code = parts["code"] if parts["code"] is not None else parts.get("more") or ""
    if language == "bash" and not code:
        code = "$?"
    return tests[: found.start()] + ("" if _ZERO.fullmatch(code) else instead.format(code=code)) + "\n"
