"""The words by which people say that code is the answer, or that it is not meant to be."""

import re

_NOUN = (
    r"(?:solution|version|code|implementation|examples?|way|approach|method|attempt|try|practice|answer|idea|style|one|variant"
    r"|fix|correction|function|snippet|draft|usage|loop|recursion)s?"
)
_BETWEEN = r"(?:[ -]+(?!(?:an?|the|of|in|on|to|for|from|with|is|was|and|into)\b)\w+)?"
_BAD = (
    r"wrong|incorrect|buggy|broken|faulty|flawed|erroneous|invalid|bad|worse|worst|error-prone|mistaken|unsafe|na[iï]ve|slow(?:er)?"
    r"|brute[- ]?force|inefficient|limited|outdated|deprecated|un-?optimi[sz]ed"
    r"|alternative|less (?:efficient|accurate|correct)|not (?:correct|recommended|optimal|right)|sub-?optimal"
)
_OLD = r"original|given|existing|old|older|previous"
_FILLER = r"(?:(?:an?|the|and|now|but|using|with|by|via|your|my|this|here(?:'s| is| was)|compare|for example|very|too|also)\W+)*"
_AGAINST = (
    # an adjective right before what follows, alone, or said of it
    rf"\b(?:{_BAD}){_BETWEEN}[ -]+{_NOUN}\b",
    rf"\b(?:{_OLD})[ -]+(?:code|versions?|implementation|solution|approach|attempt|way|draft|snippet)\b",
    rf"^{_FILLER}(?:{_BAD}|{_OLD})(?=\W*$|\W+(?:and|but|or|because|since)\b)",
    rf"(?:\bis|\bbe|'s|\bas|\bare|\bget (?:this|it)|\blooks?) (?:\w+ )?(?:{_BAD})\b",
    # a mistake
    r"\b(?:common|typical|frequent) (?:mistake|error|pitfall|trap|bug)s?|^\W*(?:the |a )?(?:mistake|pitfall|bug)s?\b",
    r"\b(?:has|have|with|contains|spot|find) (?:an?|the|this|that) (?:subtle )?bug\b",
    r"\b(?:does|do|will|would|did|may|might)(?:n't| not|nt) (?:work|handle|pass|compile|run|scale)|\bfails?\b(?! no)|\bbreaks\b",
    r"\banti-?patterns?|\bcounter-?examples?|\bpitfalls?\b|\bhow not to\b|\bnot what (?:you|we|is)\b|\btempt(?:ed|ing) to\b",
    # another way
    r"\balternativ\w*|\banother (?:way|approach|option|solution|version)|\b(?:or|could) (?:simply|just)\b|\bsimilarly\b",
    r"\bif you (?:want|need|prefer|would|'d)|\byou (?:can|could|may|might) also",
    r"\bfor (?:comparison|contrast|reference|fun|the record|completeness)\b|^\W*(?:bonus|optional(?:ly)?)\b",
    # not yet, or no longer
    r"\bvaria(?:nt|tion)\b|\bdraft\b|\bstub\b|\bsketch\b|\bskeleton\b|\bpseudo[- ]?code\b|\buntested\b|\bsignature\b",
    r"\b(?:first|initial|earlier) (?:attempt|try|draft|version|code)\b",
    r"^\W*(?:instead of|rather than|as opposed to|unlike)(?: this| that| writing| doing)?\W*$|\bunlike the following",
    r"^\W*before(?: the \w+| \w+ing)?\W*$|^\W*previously\W*(?:you \w+\W*)?$|\byou (?:had|wrote|posted|sent)\W*$",
    r"\bit replaces this|\bnot this\W*$|^\W*your (?:\w+ )?(?:code|version|attempt)(?: was| is)?\W*$",
    r"^\W*(?:example |sample )?usage\b|\busage example|^\W*example (?:use|call)",
    # German, French, Spanish, Portuguese, Russian, Chinese, Japanese, Korean
    r"falsch|fehlerhaft|\bschlecht|\bso nicht\b|\bnicht (?:so )?(?:schreib|mach|verwend|benutz)",
    r"\balte[rsn]? (?:code|fassung|version)",
    r"\bfaux\b|\bfausse|\bmauvais|à éviter|\bincorrect[eoa]s?\b",
    r"\bmal(?:[oa]s?)?\b|erróne|\berrad[oa]|errône",
    r"неправильн|неверн|ошибочн|\bплох",
    r"错误|不正确|反例|暴力|另一种|或者|替代|悪い|ダメ|間違|誤った|잘못|틀린|나쁜",
)
_BAN = (
    r"(?<!we )(?<!\bi )\b(?:do not|don't|dont|never|must not|should not|shouldn't|not to) (?:do|use|write|try|copy|code)\b",
    r"^\W*(?:don't|do not|never)\W*$",
    r"^\W*(?:please )?avoid(?: this| that| the following| doing| writing| using\b.*)?\W*$",
    r"\bno (?:hagas|escribas|uses)\b|\bn[ãa]o (?:faça|use|escreva)|\bne (?:faites|fais|faire|jamais)\b|не делай|不要|避け",
)
_FOR = (
    r"(?<!in)(?<!less )(?<!not )\bcorrect(?:ed|ion|ly)?\b|(?<!not )(?<!n't )\bright\b|\bfix(?:ed|es)?\b|\bfinal(?:ly)?\b",
    r"\bupdated?\b|\bimproved\b|\brevised\b|\brewritten\b|\brefactored\b|\bpatched\b|\brepaired\b|\bcomplete\b|\bgood\b",
    r"\b(?:full|whole|entire) (?:code|solution|program|implementation|thing|function)|\bbecomes\b",
    r"\bnew (?:code|version|one|function)\b",
    r"(?<!not )\boptimi[sz]ed\b|\bbetter\b|\bfaster\b|\bbest\b|(?<!less )(?<!not )\befficient\b",
    r"\b(?:we|i) (?:need|have to|must)\b|\bshould (?:be|look|read)\b|(?<!not )\b(?:works|pass(?:es)?)\b|\binstead\b(?! of)",
    r"korrigiert|\brichtig|\bendgültig|verbessert|corrig[ée]|corregid|corrigid|(?<!in)correct[ao]|mejorad",
    r"(?<!не)правильн|(?<!не)верная|исправлен|итогов|окончательн",
    r"(?<!不)正确|修正|最终|优化|改进|正しい|訂正|最終|수정|올바른|최종",
)
_NOT = (
    r"\b(?:without|no longer|no|not|never|nothing|none|free of|instead of|rather than|unlike|than)\b|n't\b",
    r"\b(?:avoid|replac|remov|prevent|ignor|disregard|handl|resolv)\w*",
)
SAID = re.compile(
    "|".join(
        f"(?P<{kind}>{'|'.join(phrases)})"
        for kind, phrases in {"ban": _BAN, "against": _AGAINST, "good": _FOR, "denied": _NOT}.items()
    ),
    re.IGNORECASE,
)
"""In a clause: `ban` (`never do`), `against` the code, `good`, and `denied`, which takes back what is against it behind it."""
