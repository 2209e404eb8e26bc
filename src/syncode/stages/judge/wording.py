"""The words with which judges rule, and those with which they speak of what an answer says.

Only forms that are listed here rule: whatever else stands beside a label is doubt, and doubt is asked again.
"""

from __future__ import annotations

import re

from syncode.stages.judge.marks import BESIDE, words_in

_NOUN = (
    r"verdicts?|judge?ments?|decision|conclusion|ruling|ratings?|labels?|choice|assessment|evaluation|result"
    r"|preference|score|grade"
    r"|mark|winner|outcome|call|vote|comparison|points|ranking|(?:better|best|stronger|superior"
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
    r"|summarize|summarise|comparative|pairwise|step|json|panel|judge|judge's|judges|evaluator|evaluator's"
    r"|everything|considered|result"
)
_RULED = re.compile(rf"(?:(?:{_BEFORE})[\s,:.*_#-]+){{0,9}}(?P<rest>(?:{_NOUN})\b.*)", re.IGNORECASE | re.DOTALL)
_AFTER_NOUN = re.compile(
    rf"(?:{_NOUN})[\s*_\"'`”]*(?:\Z|[^\w\s]|(?:is|was|are|as|here|therefore|thus|then|hence|after|based|on|for|given|considering|label"
    r"|score|grade|rating|statement|goes|remains|must|and|of (?:this|the) (?:comparison|evaluation|game)|that"
    r"|assistant|answer|response|tie|draw|\d)\b)",
    re.IGNORECASE,
)
_OF_A_PROGRAM = re.compile(r"(?:result|outcome|answer|output|points)\b", re.IGNORECASE)
"""Nouns that stand for a number that a program gives as well as for a grade."""
_CONNECTED = re.compile(
    r"(?:(?:so|thus|therefore|hence|consequently|accordingly|overall|finally|ultimately|in (?:conclusion|summary"
    r"|short|sum|total)"
    r"|to (?:conclude|sum up|summari[sz]e)|all in all|on balance|for (?:these|this|all these|the above) reasons?"
    r"|and|result|final)"
    r"[\s,:.*-]*)+",
    re.IGNORECASE,
)
_CHOOSING = re.compile(
    r"(?:(?:so|thus|therefore|hence|overall|finally|ultimately|accordingly|in conclusion|for these reasons"
    r"|on balance)[\s,]+)*"
    r"i(?:'d|'ll| would| will| therefore| thus| hereby| must| have to| can only| am going to)*(?: clearly"
    r"| slightly| strongly)?"
    r" (?:choose|pick|prefer|go with|select|rule|vote|judge|rate|assign|give|grade|score|award|conclude|settle on"
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
    + r"(?:(?:is|was|as|performs?|did|does|comes? out|edges? (?:out|ahead)|being|has|provides|gives|offers|delivers|=|:|-)[\s*_]*"
    r"|(?=(?:slightly|much|clearly|significantly|somewhat|far"
    r"|a (?:bit|little)|better|superior|preferable|wins|beats|outperforms)\b))"
    + rf"(?:[^.;:!?]{{0,60}}?\b)??(?P<how>{_MORE})\b",
    re.IGNORECASE,
)
_CAPITAL = re.compile(
    r"(?<![A-Za-z0-9_'’])[AB](?![A-Za-z0-9_])|\b(?:first|second|other) (?:answer|response|assistant|model)\b"
    r"|\b(?:answer|response) [12]\b"
)
_TIED = re.compile(
    r"\b(?:tie|tied|draw|equal|equally|same|comparable|equivalent|both answers are|no (?:clear )?(?:winner|preference))\b",
    re.IGNORECASE,
)
_FAVOURED = re.compile(
    r"(?:in favou?r of|goes to|winner(?: is|:)|prefer(?:red|ence)?(?: is| for|:)?|choose|choice(?: is|:)|pick"
    r"|select|vote(?: for)?|go with"
    r"|better for|(?:verdict|judge?ment|decision|answer|response|one|assistant)(?: is|:))[\s*_]*(?:that )?"
    + _LETTER.format("side")
    + r"[\s*_.:,!–—-]*\Z",
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
    r"|wait\b|actually|correction|reconsider"
    r"|second thought|scratch that|change my|revis|not mine|not my|(?:an)?other judge|\bsic\b|written (?:in|by|at)|copied"
    r"|own words?\b|wr(?:ote|ites?)\b|ends (?:so|with|in)\b|line above|above line)",
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
    r"^(?:despite|ignoring|disregarding|regardless of|notwithstanding|setting aside|leaving aside|aside from)\b[^,]*,\s*",
    re.IGNORECASE,
)
_DESPITE_MINE = re.compile(
    r"my (?:final |overall |own )*(?:verdict|judge?ment|decision|grade|rating|score)\b", re.IGNORECASE
)
ENDED = re.compile(r"[.!?。！？][\"'”’)*_\s]*$")
_SENTENCE = re.compile(r"(?<=[.!?。！？])[\s*_]+|\n")
_FOREIGN = re.compile(
    r"(?:mon|notre|le) verdict|verdict final|je conclus|je choisis|verdikt|vered(?:ic|ik)to?|urteil|bewertung"
    r"|entscheidung|fazit|ergebnis"
    r"|jugement|décision|(?:ma|en) conclusion|resultado|risultato|resultat\b|результат|wynik|výsledek"
    r"|veredicto|decisión|conclusión"
    r"|fallo|juicio|decisão|conclusão|julgamento|verdetto|giudizio|decisione|conclusione|oordeel|eindoordeel"
    r"|beslissing|conclusie"
    r"|вердикт|решение|оценк|вывод|итог|заключени"
    r"|вирок|рішення|werdykt|decyzja|ocena|wniosek|verdik|rozhodnutí"
    r"|závěr|karar|hüküm|sonuç"
    r"|裁决|裁決|判决|判決|判定|结论|結論|判断|評価|评价|评定|選択|结果|結果|裁定|决定|決定|评分|評分|得分|分数|点数|総合|최종|판정|결론|평가|판결|점수"
    r"|निर्णय|फैसला|निष्कर्ष|حكم|الحكم|القرار|النتيجة|التقييم|نتیجه|حکم|פסק|הכרעה|החלטה|phán quyết|kết luận"
    r"|quyết định|putusan|keputusan|kesimpulan"
    r"|คำตัดสิน|ข้อสรุป|bedömning|slutsats|utslag|dom\b|afgørelse|konklusjon|päätös|tuomio|ítélet|döntés|verdictul"
    r"|hotărâre|απόφαση|ετυμηγορία|κρίση"
    r"|nota|puntuación|ma note|note finale|punktzahl|voto|pontuação",
    re.IGNORECASE,
)  # fmt: skip
_FOREIGN_ANSWER = re.compile(
    r"ответ|відповід|antwort|respuesta|réponse|resposta|risposta|回答|答案|应答|應答|응답|답변|odpowied|odpověd|antwoord|svar"
    r"|yanıt|cevap|jawaban"
    r"|trả lời|उत्तर|إجابة|الإجابة|válasz|răspuns|απάντησ|vastau"
    r"|answer|assistant|response|助手|ассистент|アシスタント|어시스턴트|asistent",
    re.IGNORECASE,
)
_LATIN_ENGLISH = re.compile(
    r"\b(?:the|is|my|and|this|that|it|answer|its|their|his|her|your|in answer|of)\b", re.IGNORECASE
)


def last_sentence(text: str) -> str:
    """Return the last sentence of what stands before a label, without layout at its ends."""
    parts = [part for part in _SENTENCE.split(text[-BESIDE:]) if words_in(part)]
    return re.sub(r"^[\W_]+", "", parts[-1]).rstrip(" \t*_#>-–—•|\"'`“”:") if parts else ""


def winner(value: str) -> str:
    """Return who wins by a label: A, B, or neither; empty for a number."""
    return {"A>>B": "A", "A>B": "A", "A=B": "=", "B>A": "B", "B>>A": "B"}.get(value, "")


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
    r"[\s*_`\"'”]*(?:is|was|isn't|would|must|should|appears?|stands?|seems|comes?|are|may|might|can)\b(?! my )",
    re.IGNORECASE,
)
_FOLLOWS = re.compile(
    r"[\s*_`\"'”]*(?:[.,;:!()–—✅-]|\[|because|since|as\b|for\b|given|due|with|and\b|is my|/\s*\d+\b|out of \d+\b|$)",
    re.IGNORECASE,
)


def follows(tail: str, value: str, *, named: bool) -> bool:
    """Return whether what follows a value on its line may follow a verdict: a reason, not a statement about the value itself."""
    if not words_in(tail):
        return "?" not in tail
    if _SUBJECT.match(tail) or re.match(r"[\s*_]*[’']s\b", tail):
        return False
    if len(tail.strip()) <= 8 and any(
        each.isalpha() and not each.isascii() for each in tail
    ):  # a copula or a polite ending: です。, 입니다.
        return True
    if winner(value) and winner(value) in "".join(sides(tail)) and agrees(tail, value):
        return True
    return _FOLLOWS.match(tail) is not None and (
        not disowned(tail, value) and (named or (agrees(tail, value) and not _NEGATED.search(tail)))
    )


_HERE = re.compile(
    r"(?:here|this|these|below|the (?:following|last|final|first|closing|end|text|words?|lines?)|next|its|look|see|note)\b",
    re.IGNORECASE,
)
_HEADING = re.compile(_LETTER.format("side") + r"(?:[’']s \w+)?(?:\s*\([^)]*\))?[\s*_:.]*", re.IGNORECASE)
_UNFINISHED = re.compile(r"\b(?:is|are|was|reads?|being|with|with the|saying|says)[\s*_:]*\Z", re.IGNORECASE)
_THE_LINE = re.compile(
    r"\b(?:line|lines|text|string|label|verdict|words|sentence|following|this|ending|end)\W*\Z", re.IGNORECASE
)


def introduces(line: str, value: str, *, gap: bool) -> bool:
    """Return whether a line leads over to a quotation: it speaks of what somebody says, and its sentence goes on.

    `gap`: a blank line follows it; then only a colon, or a word for the quotation at its end, leads over.
    """
    line = line[-BESIDE:]
    sentence = last_sentence(line)
    if is_heading(line, value):
        return True
    if ENDED.search(line):
        return False
    if _UNFINISHED.search(line):
        return True
    if not quotes(sentence):
        return False
    return not gap or line.rstrip(" *_").endswith((":", "：")) or _THE_LINE.search(line) is not None


def leads_to_text(line: str, value: str) -> bool:
    """Return whether a line announces, with a colon, a text of somebody else: even a whole verdict that follows is theirs."""
    line = line[-BESIDE:]
    sentence = last_sentence(line)
    announced = line.rstrip(" *_").endswith((":", "：")) and (quotes(sentence) or _HERE.match(sentence) is not None)
    return announced and not rules_before(sentence, value)


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
    aside = _DESPITE.match(sentence)
    if aside and _DESPITE_MINE.match(sentence, aside.end()):
        sentence = sentence[aside.end() :]
    clause = sentence.rpartition(",")[2].strip()
    for part in dict.fromkeys((sentence, clause)):
        if part == clause != sentence and quotes(sentence.rpartition(",")[0]):
            continue
        if _CONNECTED.fullmatch(part + " "):
            return True
        for form in (_RULED, _CHOOSING, *(() if winner(value) else (_EARNED,))):
            found = form.match(part)
            if found and not winner(value) and _OF_A_PROGRAM.match(found["rest"]):
                continue
            if found and form is _RULED and not _AFTER_NOUN.match(part, found.start("rest")):
                continue
            if found and agrees(found["rest"], value) and not _NEGATED.search(found["rest"]):
                return True
    own = _evaluates(sentence, value) or (not quotes(sentence) and _evaluates(clause, value))
    return own or _foreign(sentence)


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
    found = _SIDED.match(bare)
    return found is not None and sides(bare) == {winner(value)}


def _foreign(sentence: str) -> bool:
    """Return whether a short sentence in another language names a verdict before any answer is named."""
    noun = _FOREIGN.search(sentence)
    if noun is None or noun.start() > 30 or len(sentence) > 160 or _LATIN_ENGLISH.search(sentence):
        return False
    before, behind = sentence[: noun.start()], sentence[noun.end() :]
    named = _FOREIGN_ANSWER.search(before) or _CAPITAL.search(before) or re.search(r"[:：]", before)
    names = _FOREIGN_ANSWER.search(behind) or _CAPITAL.search(behind)
    return not named and not quotes(sentence) and not (names and not re.match(r"\s*(?:[:：]|是|为|為|は)", behind))
