"""HTML to Markdown: code as it was written, boilerplate gone, structure kept."""

import gzip
import html
import re
import tarfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncode.errors import DataError
from syncode.stages.crawl.html import license_of, to_markdown
from syncode.text.fences import blocks, prose

PAGES = Path(__file__).parent / "pages"
SHARED = Path(__file__).parents[2] / "../shared/data/html"


def test_structure_becomes_markdown() -> None:
    page = """
    <title>Ignored</title><body><h1>Head <a class=headerlink href=#x>¶</a></h1>
    <p>One <code>a`b</code>  two<br>three <b>bold</b> <a href=x>link</a>.
    <ul><li>a<li>b <ul><li>c</ul><li><p>d<p>e</ul>
    <ol start=3><li>q<li>r</ol>
    <blockquote><p>said</blockquote>
    <table><tr><th>A<th>B<tr><td>1|2<td><code>x</code><tr><td>only</table>
    """
    assert to_markdown(page) == (
        "# Head\n\nOne ``a`b`` two\nthree bold link.\n\n- a\n- b\n  - c\n- d\n\n  e\n\n3. q\n4. r\n\n> said\n\n"
        "| A | B |\n| --- | --- |\n| 1\\|2 | `x` |\n| only |  |"
    )


def test_boilerplate_goes_and_the_title_stands_in_for_a_missing_heading() -> None:
    page = """<head><title>The title</title><style>p{}</style></head><body>
    <header>Site name</header><nav>Home</nav><script>var x</script><aside>Related</aside>
    <form><label>Search</label><input></form><div role=navigation>Menu</div><div hidden>secret</div>
    <article><header><h2>Real</h2></header><p>Text</article><footer>Imprint</footer>"""
    assert to_markdown(page) == "# The title\n\n## Real\n\nText"


def test_a_page_wrapped_in_a_form_is_kept_but_not_its_controls() -> None:
    page = "<form><p>Content</p><select><option>One</select><textarea>draft</textarea><button>Go</button></form>"
    assert to_markdown(page) == "Content"


def test_boilerplate_that_holds_code_is_not_dropped() -> None:
    page = "<main><p>x</main><aside><pre>keep = 1</pre></aside>"
    assert blocks(to_markdown(page))[0].code == "keep = 1"


@pytest.mark.parametrize(
    ("page", "language"),
    [
        ("<pre class='lang-py s-code'>x</pre>", "python"),
        ("<pre><code class='language-rust'>x</code></pre>", "rust"),
        ("<div class='highlight-c++ notranslate'><div class=highlight><pre>x</pre></div></div>", "cpp"),
        ("<div class='highlight highlight-source-shell'><pre>x</pre></div>", "bash"),
        ("<pre class='brush: js'>x</pre>", "javascript"),
        ("<pre class='sourceCode haskell'>x</pre>", "haskell"),
        ("<pre data-lang=go>x</pre>", "go"),
        ("<div class='highlight-default'><pre class='literal-block'>x</pre></div>", ""),
        ("<div class=go><p>y</p><pre>x</pre></div>", ""),
    ],
)
def test_the_language_comes_from_the_classes(page: str, language: str) -> None:
    assert blocks(to_markdown(page)) == [(language, "x")]


def test_code_keeps_its_characters_wherever_it_stands() -> None:
    code = "  if x &lt; 1 &amp;&amp; y:\n\t<b>return</b> `a`\n\n\n    # ```\n"
    page = f"<ul><li>item <blockquote><table><tr><td><pre>\n{code}</pre></table></blockquote> after</ul>"
    markdown = to_markdown(page)
    assert blocks(markdown) == [("", "  if x < 1 && y:\n\treturn `a`\n\n\n    # ```")]
    assert "\n  if x < 1" in markdown
    assert prose(markdown).split() == ["-", "item", "after"]


def test_line_numbers_are_no_code_and_line_elements_are_lines() -> None:
    table = "<table><tr><td class=linenos><pre>1\n2</pre><td class=code><pre>a\nb</pre></table>"
    assert blocks(to_markdown(table)) == [("", "a\nb")]
    doxygen = (
        "<div class=fragment><div class=line><span class=lineno>1</span>int a;</div><div class=line>  b();</div></div>"
    )
    assert blocks(to_markdown(doxygen)) == [("", "int a;\n  b();")]
    assert blocks(to_markdown("<pre>a<br>b<br/>\nc</pre>")) == [("", "a\nb\n\nc")]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_characters="\r\x00"), min_size=1).filter(str.strip), max_size=3
    ),
    st.text(max_size=60),
)
def test_any_code_in_any_page_comes_back(codes: list[str], around: str) -> None:
    text = html.escape(around.replace("\0", ""))
    page = "".join(f"<p>{text}</p><ul><li>{text}<pre>\n{html.escape(code)}</pre></ul>" for code in codes) + f"<p>{text}"
    assert [block.code for block in blocks(to_markdown(page))] == [code.removesuffix("\n") for code in codes]


def test_deep_nesting_does_not_exhaust_the_stack() -> None:
    page = "<div>" * 4000 + "<pre>x</pre>" + "<ul><li>" * 1000 + "y"
    assert blocks(to_markdown(page)) == [("", "x")]


def test_a_page_without_anything_is_empty() -> None:
    assert [to_markdown(page) for page in ("", "<html></html>", "<script>x</script>", "<title>only</title>")] == [
        ""
    ] * 4


def test_a_license_link_counts_only_where_it_is_the_pages_own() -> None:
    link = "<a {} href='https://creativecommons.org/licenses/by-sa/4.0/'>CC</a>"
    assert license_of(link.format("rel='license'")) == "CC-BY-SA-4.0"
    assert license_of(link.format("")) is None
    assert license_of("<link rel=license href=http://creativecommons.org/publicdomain/zero/1.0/>") == "CC0-1.0"


def lines_of_pre(page: str) -> list[str]:
    """Return the lines inside `<pre>` by another road than the product: tags cut out of the source text."""
    found = []
    for inner in re.findall(r"<pre\b[^>]*>(.*?)</pre\s*>", page, re.S | re.I):
        found += html.unescape(re.sub(r"<[^>]*>", "", inner.replace("\r", ""))).split("\n")
    return [line for line in found if line.strip()]


@pytest.mark.parametrize(("name", "count"), [("manual", 9), ("question", 10)])
def test_every_line_of_code_of_a_page_is_kept(name: str, count: int) -> None:
    page = (PAGES / f"{name}.html").read_text(encoding="utf-8")
    wanted = lines_of_pre(re.sub(r"<script>.*?</script>", "", page, flags=re.S))
    markdown = to_markdown(page)
    assert len(wanted) == count
    assert set(wanted) <= set(markdown.split("\n"))
    assert sum(len(block.code.split("\n")) for block in blocks(markdown)) >= count


@pytest.mark.parametrize(
    ("name", "gone", "kept"),
    [
        ("manual", ["genindex", "index", "Copyright 2026", "window.docs", "¶"], ["# Reading weather logs", "`--unit C\\|F`"]),
        ("question", ["Home", "Related", "How to count words?", "Site design", "no code of the page"], ["A line ends with"]),
        ("article", ["Archive of all notes", "Share this note", "newsletter", "Imprint"], ["emptied the cellar", "## What went"]),
    ],
)  # fmt: skip
def test_what_stands_around_an_article_goes(name: str, gone: list[str], kept: list[str]) -> None:
    markdown = to_markdown((PAGES / f"{name}.html").read_text(encoding="utf-8"))
    assert [text for text in gone if text in markdown] == []
    assert [text for text in kept if text not in markdown] == []


@pytest.mark.shared
def test_every_line_of_code_in_debian_documentation_is_kept() -> None:
    archive = SHARED / "debian-docs/debian-docs-303-pages.tar.gz"
    total = kept = 0
    with tarfile.open(archive) as pages:
        for number, member in enumerate(pages):
            stream = pages.extractfile(member) if member.isfile() and number % 4 == 0 else None
            if stream is None or member.size > 200_000:
                continue
            page = stream.read().decode("utf-8", "replace")
            markdown = set(to_markdown(page).split("\n"))
            wanted = lines_of_pre(page)
            total += len(wanted)
            kept += sum(line in markdown for line in wanted)
    assert total > 1000
    assert kept == total


@pytest.mark.shared
def test_questions_and_answers_keep_their_code() -> None:
    pages = sorted((SHARED / "howdoi_page_cache").glob("*.html.gz"))
    for path in pages[:8]:
        page = gzip.decompress(path.read_bytes()).decode()
        markdown = to_markdown(page)
        lines = set(markdown.split("\n"))
        assert all(line in lines for line in lines_of_pre(page)), path.name
        assert "<script" not in prose(markdown).lower()


MENUS = {"v8-blog": "Show navigation", "mozilla-2": "Portions of this content", "wordpress": "Secondary Menu"}


@pytest.mark.shared
@pytest.mark.parametrize(("name", "menu"), MENUS.items())
def test_articles_lose_their_menus(name: str, menu: str) -> None:
    path = SHARED / "readability" / name / "source.html"
    page = path.read_text()
    assert menu in page
    markdown = to_markdown(page)
    assert menu not in markdown
    assert len(markdown) > 1000


@pytest.mark.parametrize("tag", ["<ul>", "<x-y>", "<B>", "<div><span>"])
def test_elements_without_end_do_not_keep_the_parser_for_hours(tag: str) -> None:
    with pytest.raises(DataError, match="nested: elements more than 5000 deep"):
        to_markdown(tag * 1_000_000)
    assert "x" in to_markdown(f"{tag * 300}x")


@pytest.mark.parametrize("name", ["script", "style"])
def test_scripts_without_end_do_not_either(name: str) -> None:
    assert to_markdown(f"<p>x</p>{f'<{name}>' * 300_000}") == "x"


def test_long_pages_are_not_taken_for_deep_ones() -> None:
    rows = "<table>" + "<tr><td>one<td>two" * 6000 + "</table>"
    items = "<ul>" + "<li>item<br>" * 6000 + "</ul>"
    blocks = "<div><b>x</b></div>" * 6000
    script = f"<script>{'if (a<b && c<d) e();' * 6000}</script>"
    made = to_markdown(f"<body>{script}{rows}{items}{blocks}<pre>kept</pre></body>")
    assert made.count("- item") == 6000
    assert "kept" in made


def test_a_licence_is_looked_for_in_linear_time() -> None:
    """A quadratic search would take days."""
    assert license_of("<a " * 1_000_000 + "<a rel=license " * 1_000_000) is None
    assert license_of("<a " + "rel=license " * 1_000_000) is None
    page = '<a\nREL="license" href="https://creativecommons.org/licenses/by-sa/4.0/">x</a>'
    assert license_of(page) == "CC-BY-SA-4.0"
