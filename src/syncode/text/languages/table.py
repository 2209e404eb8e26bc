"""The languages that syncode knows: one row each, with what names, shebangs and fences call them and how they comment."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Literal

Kind = Literal["code", "markup", "data", "prose"]


@dataclass(frozen=True)
class Language:
    """One language. `extensions` are without dot and lower-case, `line` and `block` are the comment marks."""

    name: str
    kind: Kind
    extensions: str = ""
    filenames: str = ""
    interpreters: str = ""
    aliases: str = ""
    line: str = ""
    block: tuple[str, str] | None = None


_C = ("/*", "*/")
_XML = ("<!--", "-->")

LANGUAGES: tuple[Language, ...] = (
    Language("abap", "code", "abap", line='"'),
    Language("ada", "code", "adb ads ada", aliases="ada95 ada2012 gnat", line="--"),
    Language("agda", "code", "agda", line="--", block=("{-", "-}")),
    Language("apex", "code", "apex trigger", aliases="salesforce-apex", line="//", block=_C),
    Language("apl", "code", "apl dyalog", line="\u235d"),
    Language("applescript", "code", "applescript scpt", aliases="osascript", line="--", block=("(*", "*)")),
    Language("assembly", "code", "s asm", aliases="asm nasm gas", line=";"),
    Language("autohotkey", "code", "ahk", aliases="ahk", line=";", block=_C),
    Language("awk", "code", "awk", interpreters="awk gawk mawk", line="#"),
    Language("ballerina", "code", "bal", line="//"),
    Language("bash", "code", "sh bash zsh ksh ebuild bats", ".bashrc .profile .bash_profile .zshrc PKGBUILD",
             "sh bash dash zsh ksh ash",
             "shell sh zsh shellscript console shell-session shellsession terminal ksh shell-script", "#"),
    Language("batch", "code", "bat cmd", aliases="bat dos cmd batchfile", line="REM"),
    Language("bibtex", "data", "bib", line="%"),
    Language("bicep", "code", "bicep", line="//", block=_C),
    Language("c", "code", "c h", aliases="h c89 c99 c11 c17 c23 ansi-c gnu-c", line="//", block=_C),
    Language("cairo", "code", "cairo", line="//"),
    Language("clojure", "code", "clj cljs cljc edn", aliases="clj cljs", line=";"),
    Language("cmake", "code", "cmake", "CMakeLists.txt", line="#"),
    Language("cobol", "code", "cob cbl cpy", line="*>"),
    Language("coffeescript", "code", "coffee", interpreters="coffee", aliases="coffee coffee-script", line="#"),
    Language("coq", "code", aliases="rocq gallina", block=("(*", "*)")),
    Language("cpp", "code", "cpp cc cxx c++ hpp hh hxx h++ ipp tpp inl cu cuh ino h",
             aliases="c++ cxx cc cuda cplusplus hpp hxx cpp11 cpp14 cpp17 cpp20 cu arduino ino", line="//", block=_C),
    Language("crystal", "code", "cr", interpreters="crystal", line="#"),
    Language("csharp", "code", "cs csx", aliases="c# cs dotnet c-sharp csx", line="//", block=_C),
    Language("css", "markup", "css scss sass less", aliases="scss sass less", block=_C),
    Language("csv", "data", "csv tsv"),
    Language("cypher", "code", "cypher cql", line="//"),
    Language("cython", "code", "pyx pxd pxi", aliases="pyx", line="#"),
    Language("d", "code", "d di", aliases="dlang", line="//", block=_C),
    Language("dafny", "code", "dfy", line="//", block=_C),
    Language("dart", "code", "dart", line="//", block=_C),
    Language("diff", "data", "diff patch", aliases="patch udiff"),
    Language("dockerfile", "code", "dockerfile", "Dockerfile Containerfile", aliases="docker", line="#"),
    Language("dot", "data", "dot gv", aliases="graphviz gv", line="//", block=_C),
    Language("elixir", "code", "ex exs", interpreters="elixir", aliases="ex", line="#"),
    Language("elm", "code", "elm", line="--", block=("{-", "-}")),
    Language("emacs-lisp", "code", "el", ".emacs", aliases="elisp", line=";"),
    Language("erb", "markup", "erb ejs", aliases="ejs eruby", block=_XML),
    Language("erlang", "code", "erl hrl escript", "rebar.config", "escript", "erl", "%"),
    Language("fish", "code", "fish", interpreters="fish", line="#"),
    Language("forth", "code", "fth 4th forth", line="\\"),
    Language("fortran", "code", "f f77 f90 f95 f03 f08 for ftn", aliases="fortran90 f90", line="!"),
    Language("fsharp", "code", "fs fsi fsx", aliases="f#", line="//", block=("(*", "*)")),
    Language("gdscript", "code", "gd", aliases="gd godot", line="#"),
    Language("gherkin", "code", "feature", aliases="cucumber", line="#"),
    Language("gleam", "code", "gleam", line="//"),
    Language("glsl", "code", "glsl vert frag geom comp", line="//", block=_C),
    Language("gnuplot", "code", "gp gnuplot plt", interpreters="gnuplot", line="#"),
    Language("go", "code", "go", aliases="golang", line="//", block=_C),
    Language("graphql", "code", "graphql gql graphqls", aliases="gql", line="#"),
    Language("groovy", "code", "groovy gradle", "Jenkinsfile", "groovy", line="//", block=_C),
    Language("handlebars", "markup", "hbs handlebars mustache", aliases="hbs mustache", block=_XML),
    Language("haskell", "code", "hs lhs", interpreters="runhaskell", aliases="hs", line="--", block=("{-", "-}")),
    Language("haxe", "code", "hx", aliases="hx", line="//", block=_C),
    Language("hcl", "code", "hcl tf tfvars", aliases="terraform tf opentofu", line="#", block=_C),
    Language("hlsl", "code", "hlsl fx", line="//", block=_C),
    Language("html", "markup", "html htm xhtml vue svelte twig astro",
             aliases="html5 htm xhtml vue svelte astro twig", block=_XML),
    Language("http", "data", "http rest-client"),
    Language("idris", "code", "idr", line="--"),
    Language("ini", "data", "ini cfg conf properties desktop", ".gitconfig .editorconfig setup.cfg",
             aliases="dosini properties env dotenv cfg systemd", line="#"),
    Language("j", "code", "ijs", line="NB."),
    Language("java", "code", "java", aliases="jdk openjdk jsh jshell", line="//", block=_C),
    Language("javascript", "code", "js mjs cjs jsx", "", "node nodejs",
             "js node jsx ecmascript node.js nodejs mjs cjs es6", "//", _C),
    Language("jinja", "markup", "j2 jinja jinja2", aliases="jinja2 j2 django liquid", block=("{#", "#}")),
    Language("jq", "code", "jq", interpreters="jq", line="#"),
    Language("json", "data", "json jsonl geojson webmanifest ipynb map", ".babelrc .eslintrc",
             aliases="json5 jsonc jsonl ndjson geojson"),
    Language("jsonnet", "code", "jsonnet libsonnet", line="//", block=_C),
    Language("julia", "code", "jl", interpreters="julia", aliases="jl", line="#"),
    Language("kotlin", "code", "kt kts", aliases="kt", line="//", block=_C),
    Language("kusto", "code", "kql csl", aliases="kql", line="//"),
    Language("latex", "markup", "tex sty cls ltx", aliases="tex", line="%"),
    Language("lean", "code", "lean", aliases="lean4", line="--", block=("/-", "-/")),
    Language("lisp", "code", "lisp lsp cl asd", interpreters="sbcl clisp", aliases="common-lisp commonlisp cl sbcl", line=";"),
    Language("llvm", "code", "ll", aliases="llvm-ir llvmir", line=";"),
    Language("lua", "code", "lua rockspec", interpreters="lua luajit", aliases="luajit lua5.4 luau", line="--",
             block=("--[[", "]]")),
    Language("makefile", "code", "mk mak make", "Makefile makefile GNUmakefile Makefile.am Makefile.in", "make", "make", "#"),
    Language("markdown", "prose", "md markdown mdown mkd mdx", aliases="md mdx gfm"),
    Language("mathematica", "code", "wl nb wls", aliases="wolfram wl mma", block=("(*", "*)")),
    Language("matlab", "code", "m", aliases="octave", line="%"),
    Language("mermaid", "data", "mmd mermaid", line="%%"),
    Language("meson", "code", "", "meson.build meson_options.txt", line="#"),
    Language("modula-2", "code", "mod", aliases="modula2", block=("(*", "*)")),
    Language("mojo", "code", "mojo", line="#"),
    Language("move", "code", "move", line="//", block=_C),
    Language("nginx", "code", "nginx nginxconf", "nginx.conf", aliases="nginxconf", line="#"),
    Language("nim", "code", "nim nims", aliases="nimrod", line="#"),
    Language("nix", "code", "nix", line="#", block=_C),
    Language("objective-c", "code", "m mm h", aliases="objc objectivec obj-c", line="//", block=_C),
    Language("ocaml", "code", "ml mli", interpreters="ocaml", aliases="ml", block=("(*", "*)")),
    Language("odin", "code", "odin", line="//", block=_C),
    Language("openscad", "code", "scad", aliases="scad", line="//", block=_C),
    Language("pascal", "code", "pas pp dpr lpr inc", aliases="delphi objectpascal", line="//", block=("{", "}")),
    Language("perl", "code", "pl pm t pod al", interpreters="perl", aliases="pl pm perl5", line="#"),
    Language("php", "code", "php phtml php5 phpt inc", interpreters="php", aliases="php7 php8", line="//", block=_C),
    Language("pli", "code", "pli", aliases="pl/i pl1", block=_C),
    Language("postscript", "code", "ps eps", line="%"),
    Language("powershell", "code", "ps1 psm1 psd1", interpreters="pwsh", aliases="ps1 pwsh posh", line="#", block=("<#", "#>")),
    Language("prolog", "code", "pro prolog plt pl p", interpreters="swipl", line="%", block=_C),
    Language("promql", "code", "promql", line="#"),
    Language("protobuf", "code", "proto", aliases="proto proto3 protocol-buffers", line="//", block=_C),
    Language("puppet", "code", "epp", line="#"),
    Language("purescript", "code", "purs", line="--", block=("{-", "-}")),
    Language("python", "code", "py pyw pyi wsgi", "SConstruct SConscript wscript", "python python2 python3 pypy pypy3",
             "py python3 python2 py3 pycon ipython sage", "#"),
    Language("qml", "code", "qml", line="//", block=_C),
    Language("r", "code", "r rmd", ".Rprofile", "rscript", "rlang rscript splus rmd", "#"),
    Language("racket", "code", "rkt", interpreters="racket", line=";"),
    Language("raku", "code", "raku rakumod p6", interpreters="raku perl6", aliases="perl6", line="#"),
    Language("reason", "code", "re rei", aliases="reasonml", line="//", block=_C),
    Language("rego", "code", "rego", line="#"),
    Language("rescript", "code", "res resi", line="//", block=_C),
    Language("rexx", "code", "rexx rex", interpreters="rexx", block=_C),
    Language("rst", "prose", "rst rest", aliases="restructuredtext"),
    Language("ruby", "code", "rb rake gemspec ru", "Rakefile Gemfile Vagrantfile Guardfile", "ruby rake", "rb irb jruby", "#"),
    Language("rust", "code", "rs", aliases="rs", line="//", block=_C),
    Language("sas", "code", "sas", block=_C),
    Language("scala", "code", "scala sc sbt", interpreters="scala", line="//", block=_C),
    Language("scheme", "code", "scm ss sld", interpreters="guile", aliases="scm guile", line=";"),
    Language("sed", "code", "sed", interpreters="sed", line="#"),
    Language("smalltalk", "code", "st", aliases="pharo squeak", block=('"', '"')),
    Language("solidity", "code", "sol", aliases="sol", line="//", block=_C),
    Language("sparql", "code", "rq sparql", line="#"),
    Language("sql", "code", "sql ddl psql pgsql", aliases="mysql postgresql postgres plsql pl/sql sqlite sqlite3 tsql pgsql",
             line="--", block=_C),
    Language("standard-ml", "code", "sml sig fun", aliases="sml standardml smlnj", block=("(*", "*)")),
    Language("starlark", "code", "bzl star bazel", "BUILD.bazel WORKSPACE", aliases="bazel", line="#"),
    Language("stata", "code", "do ado", line="*", block=_C),
    Language("swift", "code", "swift", interpreters="swift", line="//", block=_C),
    Language("tcl", "code", "tcl tk itcl exp", interpreters="tclsh wish expect", aliases="tcl/tk tclsh tk expect", line="#"),
    Language("thrift", "code", "thrift", line="//", block=_C),
    Language("toml", "data", "toml", "Cargo.lock poetry.lock Pipfile", line="#"),
    Language("turtle", "data", "ttl", aliases="ttl", line="#"),
    Language("typescript", "code", "ts tsx mts cts", interpreters="ts-node deno bun", aliases="ts tsx mts cts",
             line="//", block=_C),
    Language("typst", "markup", "typ", line="//", block=_C),
    Language("vala", "code", "vala vapi", line="//", block=_C),
    Language("verilog", "code", "v vh sv svh", aliases="systemverilog", line="//", block=_C),
    Language("vhdl", "code", "vhd vhdl", line="--"),
    Language("vim", "code", "vim", ".vimrc _vimrc", "vim", "viml vimscript", '"'),
    Language("visual-basic", "code", "vb vbs bas", aliases="vb vb.net vba vbnet vbscript", line="'"),
    Language("vlang", "code", aliases="v-lang", line="//", block=_C),
    Language("vyper", "code", "vy", line="#"),
    Language("webassembly", "code", "wat wast", aliases="wasm wat wast", line=";;", block=("(;", ";)")),
    Language("wgsl", "code", "wgsl", line="//", block=_C),
    Language("xml", "markup", "xml xsl xslt xsd svg rdf wsdl pom csproj plist resx ui xib",
             aliases="xslt svg rss xsd wsdl xaml plist", block=_XML),
    Language("xquery", "code", "xq xquery xqy", block=("(:", ":)")),
    Language("yacc", "code", "yacc yy bison", aliases="bison", line="//", block=_C),
    Language("yaml", "data", "yaml yml", aliases="yml", line="#"),
    Language("zig", "code", "zig", line="//"),
)  # fmt: skip


@cache
def by_name() -> dict[str, Language]:
    """Return the row of each language by its name."""
    return {language.name: language for language in LANGUAGES}


def canonical(tag: str) -> str | None:
    """Return the name behind a fence tag or any other spelling (`js`, `C++17`, `Python 3.11`), or None if it is unknown."""
    known, key = _by_alias(), tag.strip().lower()
    if len(key) > LONGEST_NAME:
        return None
    if key in known:
        return known[key]
    joined = re.sub(r"[\s_]+", "-", re.sub(r"\s*\(.*\)$", "", key))
    if joined in known:
        return known[joined]
    bare = _VERSION.sub("", joined)
    # `c3` and `v8` are other things than version 3 of C and version 8 of V
    return known.get(bare) if len(bare) > 1 or joined[len(bare) : len(bare) + 1] == "-" else None


LONGEST_NAME = 60  # characters; chosen here, longer ones are not names
_VERSION = re.compile(r"[-.]?v?\d+(?:\.\d+)*\+?$")

NO_CODE = frozenset(
    {
        *(
            "text",
            "txt",
            "plain",
            "plaintext",
            "plain-text",
            "none",
            "raw",
            "nohighlight",
            "no-highlight",
            "prompt",
            "math",
        ),
        *("output", "log", "logs", "input", "stdout", "stdin", "stderr", "result", "results", "expected", "tree"),
        *("error", "errors", "traceback"),
    }
)
"""Tags of blocks that are not code in any language."""
_SAYS_NOTHING = frozenset(
    {
        *(
            "code",
            "example",
            "examples",
            "snippet",
            "source",
            "program",
            "file",
            "filename",
            "solution",
            "answer",
            "main",
        ),
        *("script", "test", "tests", "usage", "title", "unknown"),
    }
)
"""Tags that do not name a language."""
_NAME = re.compile(r"[a-z][a-z0-9]+(?:[+#._/-]+[a-z0-9+#]*){0,3}")


def tag_of(info: str) -> str:
    """Return the word that names the language in the info string of a fence, as it is written; empty if none does.

    Reads what Markdown's dialects write: `python title="x"`, `{.python .numberLines}`, `{r, echo=FALSE}`, `rust,ignore`,
    `js{1,3}`, `python:src/a.py`, `12:20:src/a.py`, `lang=python`, `language-python`.
    """
    for word in info[:_LONGEST_INFO].strip().strip("{}").split():
        named = _plain(word)
        if named:
            return named
    return ""


_LONGEST_INFO = 200  # characters of an info string that are looked at; chosen here


def _plain(word: str) -> str:
    """Return a word of an info string without what is hung on it; empty for an attribute."""
    if canonical(word):
        return word
    key, sign, value = word.partition("=")
    if sign:
        return value.strip("\"'") if key.lower() in ("lang", "language", "class") else ""
    word = re.sub(r"^(?:\.|/+|language-|lang-|highlight-source-)+", "", word)
    if word[:1].isdigit() and ":" in word:
        word = word.rpartition(":")[2]
    elif canonical(word) is None:
        word = re.split(r"[,;:{(\[]", word, maxsplit=1)[0]
    if canonical(word) is None and "." in word:
        found = by_extension().get(word.rpartition(".")[2].lower(), ())
        return found[0] if found else word
    return word


def named(tag: str) -> str | None:
    """Return the name of a language that a tag gives: ours, or the tag itself where it is a name that the table lacks.

    None if the tag says nothing of a language (`output`, `example`).
    """
    if known := canonical(tag):
        return known
    key = tag.strip().lower()
    said = key in NO_CODE or key in _SAYS_NOTHING or len(key) > _LONGEST_TAG or not _NAME.fullmatch(key)
    return None if said else key


_LONGEST_TAG = 24  # characters; chosen here


def comment_marks(name: str | None) -> tuple[str, tuple[str, str] | None]:
    """Return the line comment mark (empty if there is none) and the block marks of a language."""
    language = by_name().get(name or "")
    return (language.line, language.block) if language else ("", None)


def kind_of(name: str | None) -> Kind:
    """Return what a language is used for; `prose` for text without a language."""
    language = by_name().get(name or "")
    return language.kind if language else "prose"


@cache
def _by_alias() -> dict[str, str]:
    return {spelling: one.name for one in LANGUAGES for spelling in (one.name, *one.aliases.split())}


@cache
def by_extension() -> dict[str, tuple[str, ...]]:
    """Return the languages that use each extension, more than one where it is ambiguous (`h`, `m`, `pl`, `inc`)."""
    return _index((extension, one.name) for one in LANGUAGES for extension in one.extensions.split())


@cache
def by_filename() -> dict[str, tuple[str, ...]]:
    """Return the language of each well-known file name, as it is written."""
    return _index((filename, one.name) for one in LANGUAGES for filename in one.filenames.split())


@cache
def by_interpreter() -> dict[str, tuple[str, ...]]:
    """Return the language of each interpreter in a shebang line, without its version number."""
    return _index((program, one.name) for one in LANGUAGES for program in one.interpreters.split())


def _index(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    index: dict[str, tuple[str, ...]] = {}
    for key, name in pairs:
        index[key] = (*index.get(key, ()), name)
    return index
