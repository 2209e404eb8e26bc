"""Which programming language a text is written in, without a model: file name, shebang, fence tag, then the text itself."""

from syncode.text.languages.identify import Guess, by_path, identify
from syncode.text.languages.table import LANGUAGES, Language, canonical, comment_marks, kind_of, named, tag_of

__all__ = [
    "LANGUAGES",
    "Guess",
    "Language",
    "by_path",
    "canonical",
    "comment_marks",
    "identify",
    "kind_of",
    "named",
    "tag_of",
]
