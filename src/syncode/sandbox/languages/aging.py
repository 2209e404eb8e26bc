"""Reads in what a compiler has said that a program is written for a newer one: the program is not to blame for that."""

import re

_SAID = {
    "java": r"error: .*(?:is|are) (?:a preview feature|not supported in -source)",
    "c": r"fatal error: (?:stdbit|stdckdint)\.h: No such file",
    "cpp": r"fatal error: (?:expected|flat_map|flat_set|format|generator|mdspan|print|spanstream|stacktrace): No such file"
    r"|error: .*only available with '-std=c\+\+2[3-9]'",
    "go": r"could not import (?:cmp|iter|maps|slices|log/slog|unique|math/rand/v2) \(|requires go1\.\d+ or later"
    r"|undefined: (?:min|max|clear)$|undefined: (?:strings|bytes)\.(?:CutPrefix|CutSuffix|Lines|SplitSeq)$",
    "rust": r"error\[E0658\]: (?:use of unstable library feature|.* (?:is|are) (?:experimental|unstable))",
    "csharp": r"error CS(?:1644|80(?:2[3-9]|[3-9]\d)|8[1-9]\d\d): "
    r"|error CS(?:0117|1061): .*`(?:System\.[\w.<>,]+|string|int|long|double|char|\w+\[\])' does not contain a definition for"
    r" `(?:Clamp|TakeLast|SkipLast|Append|Prepend|ToHashSet|MaxBy|MinBy|DistinctBy|UnionBy|ExceptBy|IntersectBy|Chunk|Order"
    r"|OrderDescending|CountBy|AggregateBy|Index|Log2|Cbrt|BitDecrement|BitIncrement|FusedMultiplyAdd|Contains|Split|Join|StartsWith"
    r"|EndsWith|Fill|TryPop|TryPeek|TryDequeue|EnsureCapacity|GetValueOrDefault|TryAdd|Replace|ReplaceLineEndings|IsAsciiDigit"
    r"|IsAsciiLetter|Shared|NextInt64|Shuffle|GetItems|PopCount|Deconstruct|TryGetNonEnumeratedCount)'"
    r"|error CS0019: Operator `[!=]=' cannot be applied to operands of type `\([^']*' and `\("  # tuples: C# 7.3
    r"|error CS0246: .*`(?:Span|ReadOnlySpan|PriorityQueue|DateOnly|TimeOnly|Half|BitOperations|Range|IAsyncEnumerable)`?<?",
}
"""By language: what says so, of compilers that are still in use."""
_WRITTEN = {
    "csharp": {
        "records (C# 9)": r"^\s*(?:public\s+|internal\s+|sealed\s+|readonly\s+)*record\s+(?:struct\s+|class\s+)?\w+",
        "switch expressions (C# 8)": r"\)?\s*switch\s*\{[^{}]*=>",
        "namespaces without braces (C# 10)": r"^\s*namespace\s+[\w.]+\s*;",
        "using declarations (C# 8)": r"^\s*using\s+(?:var|[\w<>]+)\s+\w+\s*=[^;]*\(",
        "??= (C# 8)": r"\?\?=",
        "ranges (C# 8)": r"\[[^\]\n]*(?:\^\d|\w?\.\.\w?)[^\]\n]*\]",
        "new() without a type (C# 9)": r"=\s*new\s*\(",
        "collection expressions (C# 12)": r"(?:=|return|\()\s*\[[^\]\n]*\]\s*[;,)]",
        "patterns with not, and, or (C# 9)": r"\bis\s+not\b|\bis\s+[<>]",
        "nullable references (C# 8)": r"\b(?:string|object|[A-Z]\w*)\?\s+\w+\s*[=;,)]|#nullable",
        "init and required (C# 9)": r"\binit\s*;|\brequired\s+\w+",
        "raw texts (C# 11)": r'"""',
    }
}
"""By language: what a compiler that does not know it calls a syntax error."""


def newer(language: str, program: str, said: str) -> str | None:
    """Return what in a program that did not compile the compiler here is too old for, or None."""
    found = re.search(rf"^.*(?:{_SAID.get(language, '(?!)')}).*$", said, re.MULTILINE)
    if found:
        return found[0].strip()[:200]
    if not re.search(
        r"error CS(?:1\d{3}|0246|0103|0116|0106|0548|0501|7\d{3}|8\d{3}|0128|0119|0019|0022|0029)\b", said
    ):
        return None
    written = _WRITTEN.get(language, {}).items()
    return next((name for name, pattern in written if re.search(pattern, program, re.MULTILINE)), None)
