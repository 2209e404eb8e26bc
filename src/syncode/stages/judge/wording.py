"""The words with which judges rule, and those with which they speak of what an answer says.

Only forms that are listed here rule: whatever else stands beside a label is doubt, and doubt is asked again.
"""

from __future__ import annotations

import re

from syncode.stages.judge.foreign import rules_in_another_language
from syncode.stages.judge.marks import BESIDE, words_in
from syncode.stages.judge.vocabulary import ATTRIBUTED, Doubt, announces, in_plain_words, winner

_NOUN = (
    r"verdicts?|judge?ments?|decision|conclusion|ruling|ratings?|labels?|choice|assessment|evaluation|result"
    r"|preference|score|grade"
    r"|mark|winner|outcome|call|vote|pick|comparison|points|ranking|(?:better|best|stronger|superior"
    r"|preferred) (?:answer|response|one|assistant)"
    r"|(?<=final )(?:answer|output)|(?<=my )answer|final(?=[\s*_]*:)"
)
_BEFORE = (
    r"so|thus|therefore|hence|consequently|accordingly|overall|finally|ultimately|lastly|and|now|in|conclusion"
    r"|summary|short|sum"
    r"|total|my|our|the|this|that|here|here's|is|a|an|as|final|overall|ultimate|last|definitive|combined|aggregate"
    r"|resulting|honest"
    r"|considered|single|best|i|give|give|output|provide|issue|return|with|for|all|these|reasons|on|balance|to"
    r"|conclude"
    r"|summarize|summarise|comparative|pairwise|step|json|\d+|which|brings|leads|me|panel|judge|judge's|judges"
    r"|evaluator|evaluator's"
    r"|everything|considered|result|most|correct|appropriate|fitting|suitable|proper|right|fair|fairest|believe|think"
    r"|that"
)
_RULED = re.compile(rf"(?:(?:{_BEFORE})[\s,:.*_#-]+){{0,9}}(?P<rest>(?:{_NOUN})\b.*)", re.IGNORECASE | re.DOTALL)
_AFTER_NOUN = re.compile(
    rf"(?:{_NOUN})[\s*_\"'`”]*(?:\Z|[^\w\s]|(?:is|was|are|as|here|therefore|thus|then|hence|after|based|on|for|given"
    rf"|considering|label"
    r"|score|grade|rating|statement|goes|remains|must|has to|alone|on|and|of (?:this|the) (?:comparison|evaluation"
    r"|game)|that"
    r"|assistant|answer|response|tie|draw|\d)\b)",
    re.IGNORECASE,
)
_OF_A_PROGRAM = re.compile(r"(?:result|outcome|answer|output|points)\b", re.IGNORECASE)
"""Nouns that stand for a number that a program gives as well as for a grade."""
_CONNECTED = re.compile(
    r"(?:(?:so|thus|therefore|hence|ergo|consequently|accordingly|overall|finally|ultimately|net|tl;?dr|all told"
    r"|in (?:conclusion|summary"
    r"|short|brief|sum|total)|that makes it|(?:all|these|those) (?:things )?(?:considered|taken together)"
    r"|considering (?:everything|all)|with (?:all )?(?:this|that|these) in mind|given (?:all )?(?:of )?(?:the above"
    r"|this|that)|(?:it is|it's|a) close(?: call)?(?:, but)?|close call|here goes|it(?:'s| is)|that(?:'s| is)"
    r"|this is(?: an?)?|definitely|clearly|for me|as (?:requested|asked)|(?:this"
    r"|which) (?:leads|brings) me to"
    r"|to (?:conclude|sum up|summari[sz]e)|all in all|on balance|for (?:(?:these|this|all these|the above) reasons?"
    r"|the reasons above)"
    r"|and|result|final)"
    r"[\s,:.*-]*)+",
    re.IGNORECASE,
)
_CHOOSING = re.compile(
    r"(?:(?:so|thus|therefore|hence|overall|finally|ultimately|accordingly|in conclusion|for these reasons"
    r"|on balance)[\s,]+)*"
    r"i(?:'d|'ll|'m| am| would| will| therefore| thus| hereby| must| have to| can only| am going to)*(?: clearly"
    r"| slightly| strongly)?"
    r" (?:choose|pick|prefer|go with|going with|lean(?: towards?)?|say|select|rule|vote|judge|rate|assign|give|grade"
    r"|score|award|conclude|settle on"
    r"|opt for|decide|rank"
    r"|decided|gave|chose|call|consider|favou?r|find)\b(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_EARNED = re.compile(
    r"(?:(?:so|thus|therefore|hence|overall|in total)[\s,]+)*(?:the|this) (?:answer|response|reply|solution) "
    r"(?:deserves|gets|earns|receives|merits|is worth|rates|is rated|scores)\b(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_LETTER = r"(?:the )?(?:(?:assistant|answer|response|model|output|candidate|solution|reply|ai|chatbot)s?[\s*_]+)?(?P<{0}>[AB])\b"
_MORE = (
    r"better|best|superior|stronger|strongest|preferable|preferred|winner|wins|ahead|favou?red|favou?rite|beats"
    r"|outperforms|inferior"
    r"|worse|weaker"
)
_SIDED = re.compile(
    _LETTER.format("side")
    + r"(?:[’']s?(?: (?:answer|response|solution|output|reply|code))?)?[\s*_]+"
    + r"(?:(?:is|was|as|performs?|did|does|comes? out|edges? (?:out|ahead)|being|has|provides|gives|offers|delivers|="
    r"|:|-)[\s*_]*"
    r"|(?=(?:slightly|much|clearly|significantly|somewhat|far"
    r"|a (?:bit|little)|better|superior|preferable|wins|beats|outperforms)\b))"
    + rf"(?:[^.;:!?]{{0,60}}?\b)??(?P<how>{_MORE})\b",
    re.IGNORECASE,
)
_EDGE = re.compile(
    _LETTER.format("side")
    + r" (?:by an? \w+ margin|has (?:an?|the) (?:\w+ )?(?:edge|advantage)|takes (?:it|this)|is the (?:right one"
    r"|one that works))"
    r"|(?:gives|earns|makes|award(?:s|ed)? (?:this |it )?(?:to)?) " + _LETTER.format("given") + r"(?! \w+ing\b)",
    re.IGNORECASE,
)
_LIKED_BY_PLACE = re.compile(
    r"\b(?:prefer|choose|pick|favou?r|judge|find|rate|vote for|go with) the (?P<side>first|second|former|latter)\b",
    re.IGNORECASE,
)
_BY_PLACE = re.compile(
    r"\b(?P<side>first|second|former|latter)(?: (?:answer|response|assistant|one|model|solution|reply))? "
    r"(?:is|was|wins|comes out)\b(?:[^.;:!?]{0,40}?\b(?:better|best|superior|stronger|preferable|preferred|winner"
    r"|right one|ahead)\b|(?<=wins))",
    re.IGNORECASE,
)
_CAPITAL = re.compile(
    r"(?<![A-Za-z0-9_'’])[AB](?![A-Za-z0-9_])|\b(?:first|second|other) (?:answer|response|assistant|model)\b"
    r"|\b(?:answer|response) [12]\b"
)
_TIED = re.compile(
    r"\b(?:tie|tied|draw|equal|equally|same|comparable|equivalent|both answers are|no (?:clear )?(?:winner"
    r"|preference))\b",
    re.IGNORECASE,
)
_FAVOURED = re.compile(
    r"(?:in favou?r of|goes to|(?:verdict|decision|vote) is for|winner(?: is|:)|prefer(?:red|ence)?(?: is| for|:)?"
    r"|choose|choice(?: is|:)|favou?r|side with|pick"
    r"|select|vote(?: for)?|go with"
    r"|better for|(?:edge|preference) (?:for|to)|(?:verdict|view|pick|judge?ment|decision|answer|response|one"
    r"|assistant)(?: is|:))[\s*_]*(?:that )?"
    + _LETTER.format("side")
    + r"(?:[\s,*_]+(?:slightly|narrowly|clearly|marginally|by an? \w+ margin))?[\s*_.:,!–—→=-]*\Z",
    re.IGNORECASE,
)
_NEAR = 400
"""Characters behind a verdict that would take it back, besides the last sentence; further off are reasons (chosen here)."""
_DISOWNING = re.compile(
    r"\b(?:contain(?!s?(?: \w+){0,4} (?:error|mistake|bug|inaccurac|flaw|typo|issue|explanation|detail|example"
    r"|information))|say(?:s|ing)?\b|said\b|stat(?:es|ing) that|claim|plant|inject|insert|embed|append|hidden"
    r"|hid(?:es|ing)\b|smuggl|trick|manipulat"
    r"|(?:attempts?|attempted|tries|tried|trying) to (?:influence|steer|win|get|make|force|sway|game|pass)"
    r"|instructs|instructed me|instructing|command|demand|pretend|fak(?:e|ing)|forg(?:e|ing)|ignor|disregard|quot"
    r"|verdict|label|bogus|suspicious|cheat|bait|itself|wants?\b|ask(?:s|ed) (?:me|for|to)|t(?:old|ells?) me"
    r"|insist|wish|kidding|as found|invalid|void\b|wait\b|actually|correction|reconsider"
    r"|second thought|scratch that|change my|revis|not mine|not my|(?:an)?other judge|\bsic\b|written (?:in|by|at)"
    r"|copied"
    r"|own words?\b|wr(?:ote|ites?)\b|(?:ends|stops) (?:so|with|in|there|here|at this)\b|disagree|line above"
    r"|above line)",
    re.IGNORECASE,
)
_NEGATED = re.compile(
    r"\b(?:not|no|never|isn'?t|wasn'?t|neither|hardly|cannot|can'?t|don'?t|doesn'?t|won'?t|n't)\b", re.IGNORECASE
)
_QUOTING = re.compile(
    r"\b(?:contain|includ|says?\b|said|saying|stat(?:e[sd]?|ing)\b|claim|assert|declar|announc|writ(?:e|es|ing"
    r"|ten)\b|wrote|reads?\b|reading"
    r"|quot|cit(?:e|es|ed|ing)\b|mention|plant|inject|insert|embed|append|hidden|hid(?:e|es|ing)\b|smuggl|trick"
    r"|manipulat|attempt|tries|try|tried"
    r"|instruct|command|ask(?:s|ed|ing)?\b|demand|request|order(?:s|ed)\b|tell|told|forc(?:e|es|ed|ing)\b|pretend"
    r"|fak|forg|ignor|disregard"
    r"|end(?:s|ed|ing)\b|begin|start(?:s|ed|ing)?\b|comment|string|literal|phrase|claimed|itself|its own|themsel"
    r"|himself|would|were|if\b|unless"
    r"|example|e\.g|such as|instead|rather than|format|either|option|suppos|should|want|propos|suggest|argu"
    r"|conclud(?:es|ed|ing)|according"
    r"|show(?:s|n|ed|ing)?\b|display|print|carr(?:y|ies)|hold(?:s|ing)?\b|has\b|have\b|had\b|bears?\b|slip|add(?:s"
    r"|ed|ing)?\b|note[sd]\b|notice|appear|found"
    r"|copy|copied|copies|repeat|echo|prompt|user|author|system|bogus|suspicious|supposed|alleged|dishonest|cheat"
    r"|steer|influenc|bait"
    r"|decoy|lure|spoof|self-|previous|earlier|another judge|template|placeholder|likely|perhaps|maybe|might|could"
    r"|temporar"
    r"|initial|at first|first impression|draft|preliminar|tentativ|opposite|anything but|differs? from|different from"
    r"|other than|contrary|except|against|far from|refuse|reject|no weight"
    r"|until|before|unsure|or\b|versus|vs|from (?:the )?(?:answer|response|assistant))",
    re.IGNORECASE,
)
_DESPITE = re.compile(
    r"^(?:despite|ignoring|disregarding|regardless of|notwithstanding|setting aside|leaving aside"
    r"|aside from)\b[^,]*,\s*",
    re.IGNORECASE,
)
_DESPITE_MINE = re.compile(
    r"my (?:final |overall |own )*(?:verdict|judge?ment|decision|grade|rating|score)\b", re.IGNORECASE
)
ENDED = re.compile(r"[.!?。！？][\"'”’)*_\s]*$")
_SENTENCE = re.compile(r"(?<=[.!?。！？])[\s*_]+|\n")


def last_sentence(text: str) -> str:
    """Return the last sentence of what stands before a label, without layout at its ends."""
    parts = [part for part in _SENTENCE.split(text[-BESIDE:]) if words_in(part)]
    return re.sub(r"^[\W_]+(?:\d{1,2}[.)]\s+)?", "", parts[-1]).rstrip(" \t*_#>-–—•|\"'`“”:") if parts else ""


def quotes(text: str) -> bool:
    """Return whether a sentence speaks of what somebody else says, or of what might be."""
    return _QUOTING.search(text) is not None


def sides(text: str) -> set[str]:
    """Return whom a text calls better: A, B, or = for a tie."""
    found: set[str] = set()
    for match in _SIDED.finditer(text):
        if match["side"].isupper() and not _NEGATED.search(match[0]):
            worse = match["how"].lower() in ("inferior", "worse", "weaker")
            found.add({"A": "B", "B": "A"}[match["side"]] if worse else match["side"])
    for match in _BY_PLACE.finditer(text):
        if not _NEGATED.search(match[0]):
            found.add("A" if match["side"].lower() in ("first", "former") else "B")
    for match in _EDGE.finditer(text):
        if (match["side"] or match["given"]).isupper() and not _NEGATED.search(text):
            found.add(match["side"] or match["given"])
    for match in _LIKED_BY_PLACE.finditer(text):
        if not _NEGATED.search(text):
            found.add("A" if match["side"].lower() in ("first", "former") else "B")
    favoured = _FAVOURED.search(text)
    if favoured and favoured["side"].isupper() and not _NEGATED.search(text):
        found.add(favoured["side"])
    if not found and _TIED.search(text) and not _NEGATED.search(text):
        found.add("=")
    return found


def disowned(text: str, value: str) -> bool:
    """Return whether what follows a ruling takes it back: it speaks of a planted verdict, or prefers another answer."""
    near = text if len(text) <= _NEAR else f"{text[:_NEAR]} \n{last_sentence(text)}"
    other = {"A", "B"} - {winner(value)} if winner(value) else set()
    return _DISOWNING.search(near) is not None or bool(sides(near) & other)


def agrees(text: str, value: str) -> bool:
    """Return whether words beside a label are the judge's own and say the same: nothing quoted, no one else called better.

    An answer that they name must be named as better or worse: otherwise the words may speak of what stands in it.
    """
    if not words_in(text):
        return True
    if quotes(text):
        return False
    said = sides(text)
    if winner(value) and said and said != {winner(value)}:
        return False
    return bool(said) or not _CAPITAL.search(text) or not winner(value)


_SUBJECT = re.compile(
    r"[\s*_`\"'”]*(?:(?:is|was)(?! my\b)|isn't|would|must|should|appears?|stands?|seems|comes?|are|may|might"
    r"|can)\b(?! my )",
    re.IGNORECASE,
)
_MINE = re.compile(
    r"\W*(?:is my (?:final |overall )?(?:verdict|choice|judge?ment|decision|answer|pick)|it is)\W*(?:(?:because|since"
    r"|as)\b.*)?",
    re.IGNORECASE,
)
_FOLLOWS = re.compile(
    r"[\s*_`\"'”]*(?:[.,;:!()–—✅-]|\[|because|since|as\b|for\b|given|due|with|and\b|is my|/\s*\d+\b|out of \d+\b|$)",
    re.IGNORECASE,
)


def is_reason(tail: str, value: str) -> bool:
    """Return whether what follows a value that stands in no answer gives a reason: it quotes nothing and prefers no one else."""
    said = len(words_in(tail).split()) > 3 and "?" not in tail and not _SUBJECT.match(tail)
    return said and not (disowned(tail, value) or quotes(tail) or ATTRIBUTED.search(tail) or _NEGATED.search(tail))


def follows(tail: str, value: str, *, named: bool) -> bool:
    """Return whether what follows a value on its line may follow a verdict: a reason, not a statement about the value itself."""
    if not words_in(tail):
        return "?" not in tail
    if _MINE.fullmatch(tail):
        return not quotes(tail)
    if _SUBJECT.match(tail) or re.match(r"[\s*_]*[’']s\b", tail) or ATTRIBUTED.search(tail):
        return False
    if len(tail.strip()) <= 8 and any(
        each.isalpha() and not each.isascii() for each in tail
    ):  # a copula or a polite ending: です。, 입니다.
        return True
    if winner(value) and winner(value) in "".join(sides(tail)) and agrees(tail, value):
        return True
    if "?" in tail:
        return False
    if re.match(r"[\s*_,:–—-]*(?:because|since)\b", tail):
        return not disowned(tail, value) and not quotes(tail)
    return _FOLLOWS.match(tail) is not None and (
        not disowned(tail, value) and (named or (agrees(tail, value) and not _NEGATED.search(tail)))
    )


_HERE = re.compile(
    r"(?:here|this|these|below|the (?:following|last|final|first|closing|end|text|words?|lines?)|next|its|look|see"
    r"|note)\b",
    re.IGNORECASE,
)
_HEADING = re.compile(_LETTER.format("side") + r"(?:[’']s \w+)?(?:\s*\([^)]*\))?[\s*_:.]*", re.IGNORECASE)
_SINCE = re.compile(
    r"\W*(?:(?:and|so|but|overall|therefore),? )?(?:because|since|given|considering|as|after|while|although|whereas"
    r"|based on)\b",
    re.IGNORECASE,
)
_WITHIN = re.compile(
    r"(?:[Ii]n|[Ww]ithin|[Ff]rom|[Oo]f|[Aa]t|[Bb]y) (?:the )?(?:(?:answer|response|assistant|model)s? )?[AB]\b"
)
_GOES = re.compile(
    r"\b(?:goes|gives|yields|outputs|prints|returns|produces|namely|verbatim|closes|finishes|leaves|ends|begins"
    r"|starts|see)(?: us)?(?: so| thus| this)?\W*\Z",
    re.IGNORECASE,
)
_PROMPTS = ("$ ", "% ", ">>> ", "In [", "Out[", "<!--", "//", "/*")
"""How lines begin that a program answers."""
_HANDED_OVER = re.compile(
    r"(?:so|thus|therefore|hence|still|accordingly|as such|consequently|overall|that said|with that|in short|in brief"
    r"|tl;?dr|response|reply|output"
    r"|answer|too (?:low|high)|.{0,30}\bis too (?:low|high))",
    re.IGNORECASE,
)
"""What may stand before a label, with a colon, and says nothing itself."""
_ANY = re.compile(
    r"A (?:final |overall )?(?:verdict|judge?ment|label|decision|ruling)\b(?! (?:of|would|for this))", re.IGNORECASE
)
_ITEM = re.compile(r"\s*(?:[-*+•]|\d{1,2}[.)])\s|\s*\|")
_ANNOUNCED = re.compile(
    r"\W*(?:below\b|what follows|quot(?:e|ing)|verbatim|here(?:'s| is| are) (?:how|what|the (?:end|text|line)))",
    re.IGNORECASE,
)
_EVIDENCE = re.compile(r"\b(?:evidence|manipulation|injection|payload|verbatim|proof|exhibit)\b", re.IGNORECASE)
_UNFINISHED = re.compile(r"\b(?:is|are|was|be|reads?|being|with|with the|saying|says)[\s*_:]*\Z", re.IGNORECASE)
_THE_LINE = re.compile(
    r"\b(?:line|lines|text|string|label|verdict|words|sentence|following|this|ending|end)\W*\Z", re.IGNORECASE
)


def introduces(line: str, value: str, *, gap: bool, doubt: Doubt = Doubt.NONE) -> bool:
    """Return whether a line leads over to a quotation: it speaks of what somebody says, and its sentence goes on.

    `gap`: a blank line follows it; then only a colon, or a word for the quotation at its end, leads over. The greater the
    `doubt`, the less may stand there: a colon behind anything but the judge's own ruling leads over, so does a sentence that
    announces a text, and, if the value is known to stand in an answer, any words that go on.
    """
    line = line[-BESIDE:]
    sentence = last_sentence(line)
    if is_heading(line, value) or (doubt and line.lstrip().startswith(_PROMPTS)):
        return True
    if ENDED.search(line):
        points = announces(sentence) or re.search(r"\bthis(?: one)?\W*\Z", sentence, re.IGNORECASE) is not None
        return contradicts(sentence, value) or (doubt > Doubt.NONE and points)
    if _UNFINISHED.search(line):
        return True
    colon = line.rstrip(" *_").endswith((":", "："))
    if doubt and words_in(line):
        if rules_before(sentence, value) or (winner(value) and sides(sentence) == {winner(value)}):
            return False
        told = quotes(sentence) or announces(sentence) or _GOES.search(sentence) is not None
        item = gap and _ITEM.match(line) is not None
        if colon or (told and not (gap and doubt < Doubt.MUCH)) or (doubt is Doubt.MUCH and not item):
            return _HANDED_OVER.fullmatch(sentence) is None
        if (
            announces(sentence) or re.match(r"(?:its|their)\b", sentence, re.IGNORECASE)
        ) and not line.lstrip().startswith("|"):
            return True
    if not quotes(sentence):
        return doubt > Doubt.NONE and _GOES.search(sentence) is not None
    return not gap or colon or _THE_LINE.search(line) is not None


def names_an_answer(sentence: str) -> bool:
    """Return whether a sentence names one of the answers."""
    return _CAPITAL.search(sentence) is not None


def contradicts(sentence: str, value: str) -> bool:
    """Return whether a sentence is a verdict in words, and another one than the value."""
    said = sides(sentence)
    return winner(value) != "" and len(said) == 1 and said != {winner(value)} and in_plain_words(sentence)


def leads_to_text(line: str, value: str) -> bool:
    """Return whether a line announces a text of somebody else: even a whole verdict that follows is theirs."""
    line = line[-BESIDE:]
    sentence = last_sentence(line)
    if not words_in(line) or rules_before(sentence, value):
        return False
    if ENDED.search(line):
        return _ANNOUNCED.match(sentence) is not None
    theirs = _CAPITAL.search(sentence) is not None and not sides(sentence) and len(sentence.split()) <= 12
    announced = (
        (quotes(sentence) and not _SINCE.match(sentence)) or announces(sentence) or theirs or _EVIDENCE.search(sentence)
    )
    if line.rstrip(" *_").endswith((":", "：")):
        return bool(announced) or _HERE.match(sentence) is not None
    return theirs and announces(sentence)


def is_heading(line: str, value: str) -> bool:
    """Return whether a line leads over to what one of the answers holds: it names one, and nothing is said of it."""
    sentence = last_sentence(line)
    if not _CAPITAL.search(sentence) or sides(sentence) & {winner(value)}:
        return False
    short = _HEADING.fullmatch(sentence) is not None
    here = _HERE.match(sentence)
    return short or here is not None or line.rstrip(" *_").endswith((":", "："))


def rules_before(sentence: str, value: str) -> bool:
    """Return whether the words before a label on its line make it the judge's own ruling."""
    if _WITHIN.match(sentence) or _ANY.match(sentence):
        return False
    aside = _DESPITE.match(sentence)
    if aside and _DESPITE_MINE.match(sentence, aside.end()):
        sentence = sentence[aside.end() :]
    clause = sentence.rpartition(",")[2].strip()
    for part in dict.fromkeys((sentence, clause)):
        if part == clause != sentence and _is_anothers(sentence.rpartition(",")[0]):
            continue
        if _CONNECTED.fullmatch(part + " "):
            return True
        for form in (_RULED, _CHOOSING, *(() if winner(value) else (_EARNED,))):
            found = form.match(part)
            if found and not winner(value) and _OF_A_PROGRAM.match(found["rest"]):
                continue
            if found and form is _RULED and not _AFTER_NOUN.match(part, found.start("rest")):
                continue
            own = found and agrees(found["rest"], value) and not _NEGATED.search(found["rest"])
            if own and found and in_plain_words(found["rest"]):
                return True
    own = _evaluates(sentence, value) or (not quotes(sentence) and _evaluates(clause, value))
    return own or rules_in_another_language(sentence, value)


def _is_anothers(text: str) -> bool:
    """Return whether what stands before a clause makes it somebody else's: it speaks of what they say, or names them alone."""
    if _SINCE.match(text):
        return _DISOWNING.search(text) is not None or announces(text)
    return quotes(text) or _HEADING.fullmatch(text.strip()) is not None


def _evaluates(sentence: str, value: str) -> bool:
    """Return whether a sentence that begins with an answer, or with a tie, says of it what the label says."""
    bare = re.sub(
        r"^(?:(?:so|thus|therefore|hence|overall|finally|ultimately|in conclusion|in summary)[\s,:]+)+",
        "",
        sentence,
        flags=re.IGNORECASE,
    ).lstrip("*_ ")
    if not winner(value) or quotes(bare):
        return False
    if winner(value) == "=":
        form = r"(?:it(?:'s| is)|this is|a|the (?:two|answers)|both|tie|draw|equal|they(?:'re| are))\b"
        return sides(bare) == {"="} and re.match(form, bare, re.IGNORECASE) is not None
    if sides(bare) != {winner(value)}:
        return False
    return _SIDED.match(bare) is not None or in_plain_words(bare)
