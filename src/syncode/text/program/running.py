"""Which pieces of an answer are whole programs: they read their input and write something, with what other pieces define."""

import re
from collections.abc import Sequence

from syncode.text.program.candidates import Candidate
from syncode.text.program.join import joined

_READING = {
    "python": r"\binput\s*\(|\bstdin\b|\bopen\(\s*0\s*[,)]|\bos\.read\(\s*0|\bfileinput\b",
    "c": r"\b(?:scanf|getchar|getline|fgets|gets|getchar_unlocked|fread|read)\s*\(",
    "cpp": r"\bcin\b|\b(?:scanf|getchar|getline|fgets|gets|getchar_unlocked|fread|read)\s*\(",
    "java": r"\bSystem\s*\.\s*in\b|\bSystem\s*\.\s*console\b",
    "csharp": r"\bConsole\s*\.\s*(?:Read|In\b|OpenStandardInput)|\bReadLine\s*\(",
    "go": r"\bos\.Stdin\b|\bfmt\.Scan",
    "rust": r"\bstdin\b",
    "javascript": r"\bstdin\b|\breadline\b|\breadFileSync\(\s*0",
    "typescript": r"\bstdin\b|\breadline\b|\breadFileSync\(\s*0",
    "php": r"\bSTDIN\b|php://stdin|\b(?:fgets|fscanf|readline|stream_get_contents)\s*\(",
    "ruby": r"\bgets\b|\$stdin\b|\bSTDIN\b|\bARGF\b|\breadlines?\b",
    "perl": r"<STDIN>|<>|<<>>|\bSTDIN\b",
    "lua": r"\bio\.(?:read|lines|stdin)\b",
    "bash": r"\bread\b|/dev/stdin|\bmapfile\b|\breadarray\b|\bcat\b|\bawk\b",
    "r": r"\bstdin\b|\breadLines\b|\breadline\b|\bscan\s*\(",
    "tcl": r"\bstdin\b",
}
_WRITING = r"\b(?:print\w*|write\w*|puts|echo|putchar|cout|say|cat|put|Println|output)\b|console\.log|std::io::stdout"
_TOP = re.compile(r"^(?![ \t]|def |class |async |import |from |@|#|$)", re.MULTILINE)
"""A line of Python that does something when the program is started."""


def reads(code: str, language: str) -> bool:
    """Return whether code of a language reads stdin, told by its words."""
    pattern = _READING.get(language)
    return pattern is None or re.search(pattern, code) is not None or "/dev/stdin" in code


def running(pieces: Sequence[Candidate], language: str) -> list[Candidate]:
    """Return the pieces that are whole programs. In Python a piece counts with the definitions that it needs of the others."""
    return [each for each in pieces if each.rank != 2 and _is_whole(each, pieces, language)]


def _is_whole(piece: Candidate, pieces: Sequence[Candidate], language: str) -> bool:
    code = piece.code
    if language == "python":
        if not _TOP.search(code):
            return False
        code, _ = joined(piece, [each for each in pieces if each.code != piece.code], [], language)
    return reads(code, language) and re.search(_WRITING, code) is not None
