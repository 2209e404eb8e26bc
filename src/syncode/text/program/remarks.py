"""What the words around a piece of code say of it: that it is the answer, or that it is not meant to be."""

import re

_AGAINST = (
    *(
        r"\bwrong\b",
        r"incorrect",
        r"\bbuggy\b",
        r"\bbugs?\b",
        r"broken",
        r"does(?:n't| not) work",
        r"will(?: not|n't) work",
    ),
    *(r"\bfails?\b", r"\bnot (?:do|use|write)\b", r"don't (?:do|use|write)", r"avoid", r"bad (?:example|practice)"),
    *(r"na[iï]ve", r"\bslow(?:er)?\b", r"brute[- ]?force", r"inefficient", r"less efficient", r"not recommended"),
    *(r"alternativ\w*", r"another (?:way|approach|option|solution|version)", r"\bor (?:simply|just|you)\b"),
    *(
        r"if you (?:want|need|prefer|would|'d)",
        r"you (?:can|could|may|might) also",
        r"for (?:comparison|reference|fun)",
    ),
    *(r"\bvariant\b", r"\bvariation\b", r"\bbonus\b", r"optional(?:ly)?", r"original(?:ly)?", r"given code"),
    *(
        r"your (?:code|version|attempt|function)",
        r"first (?:attempt|try|draft)",
        r"\bdraft\b",
        r"\bstub\b",
        r"signature",
        r"skeleton",
    ),
    *(r"usage", r"for example", r"example (?:use|call)", "错误", "暴力", "另一种", "或者", "替代"),
)
_FOR = (
    *(
        r"(?<!in)\bcorrect(?:ed|ion)?\b",
        r"\bfix(?:ed|es)?\b",
        r"\bfinal\b",
        r"\bupdated?\b",
        r"improved",
        r"revised",
        r"complete\b",
    ),
    *(
        r"full (?:code|solution|program|implementation)",
        r"\boptimi[sz]ed\b",
        r"\bbetter\b",
        r"faster",
        r"(?<!less )\befficient",
    ),
    *(r"\bhere(?:'s| is| are)\b(?! (?:an|another) )", r"\bso\b", r"\binstead\b", r"\bthus\b", r"therefore"),
    *(r"solution:", r"implementation:", "正确", "修正", "最终", "优化"),
)
_SAID = re.compile(f"(?P<against>{'|'.join(_AGAINST)})|(?P<for>{'|'.join(_FOR)})", re.IGNORECASE)
_AFTERWARDS = re.compile(
    r"\A\s*(?:however|but|wait|hmm|oops|no,|this|that|the above|actually)\b[^.\n]{0,80}?"
    r"(?:\bwrong\b|incorrect|\bbug|slower|does(?:n't| not) work|\bfails?\b|inefficient|\bnot (?:correct|right|recommended)"
    r"|only (?:a|an) (?:sketch|draft|alternative))",
    re.IGNORECASE,
)
_COMMENTS = ("#", "//", "--", "/*", "%", ";")
_PARAGRAPH = 400  # characters before a piece that are looked at; chosen here


def is_set_aside(before: str, code: str, after: str) -> bool:
    """Return whether a piece of code is not meant as the answer: wrong, slow, an alternative, a draft, an example of use.

    The last remark in the paragraph before it counts (`The naive way is slow, so here is a better one:` speaks for it), a comment
    on its first line, and a sentence behind it that takes it back.
    """
    paragraph = before.rstrip()[-_PARAGRAPH:].rpartition("\n\n")[2]
    first = next((line.strip() for line in code[:1000].split("\n") if line.strip()), "")
    comment = first if first.startswith(_COMMENTS) and not first.startswith(("#include", "#define", "#!")) else ""
    remarks = list(_SAID.finditer(f"{paragraph}\n{comment}"))
    return bool(_AFTERWARDS.match(after[:300])) or (bool(remarks) and remarks[-1]["against"] is not None)
