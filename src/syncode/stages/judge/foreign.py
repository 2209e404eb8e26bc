"""Rulings in other languages than English: the word for the verdict with its usual companions, or which answer is better."""

from __future__ import annotations

import re

from syncode.stages.judge.vocabulary import winner

_VERDICT = re.compile(
    r"(?:mon|notre|le) verdict|verdict final|je conclus|je choisis|verdikt|vered(?:ic|ik)to?|(?:end|gesamt"
    r"|schluss)?urteil|(?:gesamt)?bewertung|wahl\b"
    r"|entscheidung|fazit|(?:end|gesamt)?ergebnis|conclusion(?= finale| générale| :)|valutazione|выбор|висновок|选择|選擇"
    r"|jugement|décision|(?:ma|en) conclusion|resultado|risultato|resultat\b|результат|wynik|výsledek"
    r"|veredi[ct]+o|decisión|conclusión"
    r"|fallo|juicio|decisão|conclusão|julgamento|verdetto|giudizio|decisione|conclusione|oordeel|eindoordeel"
    r"|beslissing|conclusie"
    r"|вердикт|решение|оценк|вывод|итог|заключени"
    r"|вирок|рішення|werdykt|decyzja|ocena|wniosek|verdik|rozhodnutí"
    r"|závěr|karar|hüküm|sonuç"
    r"|裁决|裁決|判决|判決|判定|结论|結論|判断|評価|评价|评定|選択|结果|結果|裁定|决定|決定|评分|評分|得分|分数|点数|総合|최종|평결|판정|결론|평가|판결|점수"
    r"|निर्णय|फैसला|निष्कर्ष|حكم|الحكم|القرار|النتيجة|التقييم|نتیجه|حکم|פסק|הכרעה|החלטה|phán quyết|kết luận"
    r"|quyết định|putusan|keputusan|kesimpulan"
    r"|คำตัดสิน|ข้อสรุป|bedömning|slutsats|utslag|dom\b|afgørelse|konklusjon|konklusion|päätös|tuomio|ítélet|döntés"
    r"|verdictul"
    r"|hotărâre|απόφαση|ετυμηγορία|κρίση"
    r"|nota|puntuación|ma note|note finale|punktzahl|voto|pontuação",
    re.IGNORECASE,
)  # fmt: skip
_USUAL = re.compile(
    r"\b(?:mein|meine|unser|unsere|das|die|der|mon|ma|notre|le|la|l|mi|nuestro|el|meu|minha|nosso|o|a|il|mio|mia|lo"
    r"|mijn|het|ons|de|min|mitt|vår|moj|moja"
    r"|mój|môj|můj|moje|nasz|ostateczn\w+|ostatni\w*|konečn\w+|závěrečn\w+|endgültig\w*|abschließend\w*|final\w*"
    r"|définiti\w+|definitiv\w*|finale|finais|slutlig\w*"
    r"|endelig\w*|eind\w*|uiteindelijk\w*|nihai|son|benim|akhir|saya|cuối|cùng|của|tôi|мой|моя|моё|мое|наш|итоговы\w+"
    r"|итоговая|окончательн\w+|финальн\w+|моє|мій|остаточн\w+"
    r"|в|таким|образом|итак|also|donc|en|así|por|lo|tanto|portanto|quindi|dunque|dus|zatem|tedy|takže|lautet|ist|est"
    r"|es|é|è|jest|je|to|adalah|là|wynosi|является|это"
    r"|insgesamt|gesamt\w*|general\w*|globale?|είναι|τελική|η|النهائي\w*|هو|هي|نهایی|अंतिम|मेरा|है|הסופי\w*|שלי"
    r"|loppu\w*|végső|a|az|meu|as|is|mes|per|in)\b"
    r"|最终|最終|最后|最後|我的|我|的な|的|综合|综上|所述|因此|所以|总结|總結|为|為|是|判断|よって|したがって|私の|は|が|です|总体|總體|이는|은|는|이|최종|따라서|나의|저의|제|입니다",
    re.IGNORECASE,
)
"""Words that usually stand beside the word for the verdict: whose it is, that it is final, and `is`."""
_QUOTING = re.compile(
    r"behauptet|schreibt|sagt\b|endet|zitiert|steht\b|prétend|affirme|écrit\b|\bdit\b|se termine|dice\b|afirma"
    r"|termina|escribe|diz\b|sostiene|scrive|говорит"
    r"|утвержда|пиш|заканчив|заверша|каже|пише|声称|聲稱|写|寫|说|說|自称|自稱|称|末尾|结尾|主張|述べ|書|言|라고|주장|적혀|끝|يقول|يدعي|ينتهي|تنتهي"
    r"|iddia|yazıyor|diyor|twierdzi|pisze|kończy"
    r"|tvrdí|píše|končí|beweert|schrijft|eindigt|påstår|skriver|slutar",
    re.IGNORECASE,
)
_BETTER = re.compile(
    r"\b(?:besser|überlegen|meilleure?|supérieure?|mejor|superior|melhor|migliore|beter|bättre|bedre|parempi|лучше"
    r"|краще|lepsz\w+|lepší|jobb|daha iyi|lebih baik|tốt hơn)\b"
    r"|更好|略好|较好|較好|更优|更優|更佳|優れ|良い|낫|우수|أفضل",
    re.IGNORECASE,
)
_ENGLISH = re.compile(r"\b(?:the|is|my|and|this|that|it|answer|its|their|his|her|your|in answer|of)\b", re.IGNORECASE)


def rules_in_another_language(sentence: str, value: str) -> bool:
    """Return whether a short sentence in another language names a verdict before any answer is named, in usual words."""
    if len(sentence) > 160 or _ENGLISH.search(sentence) or _QUOTING.search(sentence):
        return False
    better = _BETTER.search(sentence)
    if better and winner(value) in ("A", "B"):
        named = re.findall(r"(?<![A-Za-z])[AB](?![A-Za-z])", sentence[: better.start()])
        if len(named) == 1 and named[0] == winner(value) and not re.search(r"[:：]", sentence[: better.start()]):
            return True
    noun = _VERDICT.search(sentence)
    if noun is None or noun.start() > 30:
        return False
    before, behind = sentence[: noun.start()], re.sub(r"^[^\W\u2e80-\U0003ffff]+", "", sentence[noun.end() :])
    if _USUAL.sub("", before).strip(" ,，、:：*#-"):
        return False
    if re.search(r"(?<![A-Za-z])[AB](?![A-Za-z])", re.split("[:：]", behind)[0]):
        return False
    told = re.match(r"(?P<until>[^:：]*)(?P<colon>[:：])?(?P<rest>.*)", behind, re.DOTALL)
    assert told is not None
    if _USUAL.sub("", _VERDICT.sub("", told["until"])).strip(" ,，、*#-—–→=()（）"):
        return False
    named_there = set(re.findall(r"(?<![A-Za-z])[AB](?![A-Za-z])", told["rest"]))
    return not named_there or winner(value) in named_there or winner(value) == "="
