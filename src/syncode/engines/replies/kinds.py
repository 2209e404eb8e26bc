"""What an error is about, read from a server's words: money, a key, a model that is not there, a row, or a server that starts."""

import re
from typing import Literal

Kind = Literal["money", "key", "model", "too long", "moderated", "loading", ""]

# The words of OpenAI, Azure, Anthropic, Gemini, Mistral, DeepSeek, Qwen, Zhipu, MiniMax, SiliconFlow, Volcengine, OpenRouter,
# Together, xAI, Groq, Hugging Face (TGI and endpoints), vLLM, SGLang, llama.cpp, LM Studio, Ollama, LiteLLM, one-api. Only the
# server's own words are looked at, never a request that it repeats. An empty account is said in the user's language.
_MONEY = r"""
    insufficient[ _]?(?:\w+[ _])?(?:quota|funds|balance|credits?)\b
    |exceeded[ ]your[ ]current[ ]quota
    |quota[ _](?:(?:is|has[ ]been)[ ])?(?:not[ _]enough|insufficient|exhausted|used[ ]up|depleted)
    |billing[ _](?:details|account|hard[ _]limit|issue|problem|(?:is[ ])?not[ _]active)
    |billing[^.]{0,40}(?:disabled|required|enabled|inactive|expired|suspended|overdue|(?:set|turned)[ ](?:up|on))
    |(?:check|update|verify|enable|activate|set[ ]up|add|visit|see)[^.]{0,30}[ ]billing\b
    |credit[ _]?balance
    |(?:out[ ]of|no|zero|negative)[ ](?:\w+[ ])?(?:credits?|balance|funds)\b
    |(?:deplet\w+|exhausted|used[ ]up|run[ ]out[ ]of)[^.]{0,40}(?:credits?|balance|funds)\b
    |(?:credits?|balance|funds)\b[^.]{0,40}(?:deplet\w+|exhausted|used[ ]up|run[ ]out)
    |budget[ _](?:has[ ]been[ ])?exceeded
    |(?:add|purchase|buy|requires?)[ ](?:more[ ])?credits
    |payment[ _]?required
    |arrear
    |account[ _]?overdue|overdue[ ](?:account|balance|payment|bill|invoice)
    |(?:recharge|top[ -]?up)\b
    |prepaid
    |spending[ ]limit
    |balance[ ](?:is[ ])?(?:not[ ]enough|too[ ]low|insufficient)
    |余额|餘額|欠费|欠費|充值|额度(?:已|不足|用|耗)|资源包|账户.{0,6}(?:停用|冻结)
    |残高|クレジット.{0,6}(?:不足|ありません|切れ)|잔액|크레딧
    |недостаточно[ ](?:средств|кредит)|средств[ ]недостаточно|пополнит|недостатньо[ ]коштів|bakiye|środk|số[ ]dư|\btegoed\b
    |guthaben|kontostand|\bsolde\b|cr[ée]dits?[ ](?:\w+[ ])?(?:insuffisants?|[ée]puis[ée]s?)|quota[ ](?:est[ ])?[ée]puis[ée]
    |\bsaldo\b|cr[ée]ditos?[ ](?:\w+[ ])?(?:insuficientes?|agotados?|esgotados?)|credito[ ](?:insufficiente|esaurito)
"""
_MONEY_CODES = frozenset({"1113"})  # Zhipu: the account is in arrears
_KEY = r"""
    (?:invalid|incorrect|missing|no|expired|revoked|disabled|wrong)
     [ _](?:or[ ]missing[ ])?(?:api[ _-]?key|auth\w*|credentials|access[ ]token|bearer)
    |api[ _-]?key[ ](?:is[ ])?(?:not[ ](?:valid|found)|invalid|missing|expired|required)
    |unauthori[sz]ed
    |authentication[ ]failed
    |provide[ ](?:a[ ]valid|an)[ ]api[ _-]?key
"""
_MODEL = r"""
    model[^.]{0,120}?(?:(?:does|do)[ ]not[ ]exist|(?:was|is|were)?[ ]?not[ ](?:found|available|deployed|served)|doesn't[ ]exist)
    |(?:not[ ]a[ ]valid|unknown|invalid|no[ ]such|unsupported)[ ]model\b
     (?![ _](?:arg|param|setting|option|class|input|output|field|config|key|propert))
    |model_not_found
    |no[ ]models?[ ]loaded
    |deployment[^.]{0,60}does[ ]not[ ]exist
"""
_TOO_LONG = r"""
    context[ _](?:length|window|size|limit)
    |maximum[ ]context
    |max(?:imum)?[ _](?:model|sequence|input|prompt|seq)[ _]?len(?:gth)?
    |too[ ](?:long|many[ ](?:input[ ]|total[ ]|prompt[ ])?tokens|large)
    |exceeds?(?:ed)?[^.]{0,60}(?:tokens?|context|length|n_ctx|size)
    |(?:tokens?|length|context|size)[^.]{0,60}
     (?:exceed|larger[ ]than|greater[ ]than|longer[ ]than|must[ ]be[ ]<|must[ ]be[ ]less|over[ ]the)
    |reduce[ ](?:the[ ])?(?:length|your[ ]prompt|number)
    |exceed_context
    |prompt_too_long
    |string_above_max_length
    |entity[ ]too[ ]large
    |payload[ ]too
"""
_MODERATED = r"""
    content[ _](?:polic|management|filter|exists[ ]risk|moderation)
    |moderation
    |moderated
    |flagged
    |responsible[ ]?ai
    |safety
    |guardrail
    |inappropriate
    |data_inspection
    |harmful
    |violat\w+[^.]{0,40}polic
    |policy[ ]violation
    |sensitive[ ](?:content|word|information)
    |prohibited_content
    |prompt[ ](?:was[ ])?blocked
    |blocked[ ]by
"""
_LOADING = r"""
    (?<!error[ ])(?<!failed[ ])loading[ ](?:the[ ])?model
    |model[^.]{0,100}\b(?:is[ ])?(?:still[ ]|currently[ ]|being[ ])*
     (?:loading|starting|warming|not[ ]ready|initiali[sz]ing|pending|scaling)\b
    |model[^.]{0,100}\b(?:being|not)[ ](?:yet[ ]|fully[ ])*loaded\b
    |(?:currently|still)[ ](?:loading|starting|initiali[sz]ing|warming)
    |warming[ ]up
    |starting[ ]up
    |cold[ ]start
    |not[ ](?:yet[ ])?ready
    |no[ ]healthy[ ]upstream
    |no[ ]available[ ](?:server|workers?|instances?|capacity)
"""


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE | re.VERBOSE)


_PATTERNS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("money", _pattern(_MONEY)),
    ("key", _pattern(_KEY)),
    ("too long", _pattern(_TOO_LONG)),
    ("moderated", _pattern(_MODERATED)),
    ("loading", _pattern(_LOADING)),
    ("model", _pattern(_MODEL)),
)


# What a message repeats is the user's: words in quotes, unless they are one name or the message of an error in an error.
_QUOTED = re.compile(
    r"""(?P<key>['"](?:message|msg|detail|details|error|reason|description|code|type)['"]\s*[:=]\s*)?"""
    r"""(?<!\w)(?:'(?=\S)[^'\n]*(?:(?<=\w)'(?=\w)[^'\n]*)*'(?!\w)|"[^"\n]*"|`[^`\n]*`|“[^”\n]*”|‘[^’\n]*’|«[^»\n]*»|「[^」\n]*」)"""
)
_ADDRESS = re.compile(r"https?://\S+")
_NAMES_AND_NUMBERS = re.compile(r"\S*\d\S*")


def own(text: str) -> str:
    """Return a server's own words: without the sentences that it quotes, which are the user's, and without addresses."""

    def kept(found: re.Match[str]) -> str:
        return found[0] if found["key"] or len(found[0].split()) == 1 else " "

    return _ADDRESS.sub(" ", _QUOTED.sub(kept, text))


def gist(text: str) -> str:
    """Return what two errors that say the same have in common: their own words without ids and numbers."""
    return _NAMES_AND_NUMBERS.sub("#", own(text))


def kind_of(text: str, codes: str = "") -> Kind:
    """Return what an error is about by its message, else by its codes; empty if neither says it."""
    if not _MONEY_CODES.isdisjoint(codes.split()):
        return "money"
    texts = (own(text), codes)
    return next((kind for each in texts for kind, pattern in _PATTERNS if pattern.search(each)), "")
