"""What a page says of the language of its code reaches the fence, whether our table has the language or not."""

import pytest

from syncode.stages.classify.labels import with_language
from syncode.stages.crawl.html import to_markdown


@pytest.mark.parametrize(
    ("classes", "tag"),
    [
        ("language-solidity", "solidity"),
        ("lang-nginx", "nginx"),
        ("highlight-source-ada", "ada"),
        ("language-zenscript", "zenscript"),
        ("language-js", "javascript"),
        ("language-plaintext", ""),
        ("wide left", ""),
    ],
)
def test_a_hint_is_kept(classes: str, tag: str) -> None:
    markdown = to_markdown(f'<p>Some words.</p><pre><code class="{classes}">x y z\n</code></pre>')
    assert f"```{tag}\nx y z\n```" in markdown


def test_a_page_is_in_the_language_that_its_fences_name() -> None:
    row = {"id": "a", "text": "Words.\n\n```zenscript\nrecipes.remove(<minecraft:stick>);\n```\n"}
    (labelled,) = with_language(row)
    assert labelled["language"] == "zenscript"
