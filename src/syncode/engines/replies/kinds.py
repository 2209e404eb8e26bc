"""What an error is about, read from a server's words: money, a key, a model that is not there, a row, or a server that starts."""

import re
from typing import Literal

Kind = Literal["money", "key", "model", "too long", "moderated", "loading", ""]

# The words of OpenAI, Azure, Anthropic, Gemini, Mistral, DeepSeek, Qwen, OpenRouter, Together, xAI, Groq, Hugging Face (TGI and
# endpoints), vLLM, SGLang, llama.cpp, Ollama, LiteLLM. Only the message is looked at, never a request that it repeats.
_MONEY = r"""
    insufficient[ _](?:quota|funds|balance|credits?)
    |exceeded[ ]your[ ]current[ ]quota
    |billing
    |credit[ ]balance
    |out[ ]of[ ]credits?
    |(?:add|purchase|buy|requires?)[ ](?:more[ ])?credits
    |payment[ ]required
    |arrearage
    |no[ ]credits
    |prepaid
    |spending[ ]limit
    |balance[ ](?:is[ ])?(?:not[ ]enough|too[ ]low|insufficient)
"""
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
    |(?:not[ ]a[ ]valid|unknown|invalid|no[ ]such|unsupported)[ ]model
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
     (?:loading|loaded|starting|warming|not[ ]ready|initiali[sz]ing|pending|scaling)\b
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


def kind_of(text: str) -> Kind:
    """Return what an error message is about, empty if it does not say."""
    return next((kind for kind, pattern in _PATTERNS if pattern.search(text)), "")
