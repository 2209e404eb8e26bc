"""The code of an answer as answers are compared by it: what defines something, without what only shows how it is used."""

import ast

from syncode.text import python
from syncode.text.fences import code_blocks
from syncode.text.program.candidates import in_prose
from syncode.text.program.turns import spoken


def comparable(text: str) -> str:
    """Return the fenced code of an answer, else the Python in its prose that defines something; empty if there is neither.

    Next to Python that defines a function or a class, commands for a shell and Python that only calls it are left out: the same
    program with another example of use is the same program.
    """
    answer = spoken(text)
    fenced = code_blocks(answer)
    if not fenced:
        return "\n".join(each.code for each in in_prose(answer, "python") if _defines(each.code))
    if any(_is_python(language) and _defines(code) for language, code in fenced):
        fenced = [(language, code) for language, code in fenced if language != "bash" and not _is_usage(language, code)]
    return "\n".join(code for _, code in fenced)


def _is_python(language: str | None) -> bool:
    return language in (None, "python")


def _defines(code: str) -> bool:
    tree = python.parsed(code)
    return tree is not None and any(isinstance(node, python.Function | ast.ClassDef) for node in tree.body)


def _is_usage(language: str | None, code: str) -> bool:
    return _is_python(language) and python.parses(code) and not _defines(code)
