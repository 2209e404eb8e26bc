"""The languages that syncode knows: one row each, with what names, shebangs and fences call them and how they comment."""

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
    Language("assembly", "code", "s asm", aliases="asm nasm gas", line=";"),
    Language("awk", "code", "awk", interpreters="awk gawk mawk", line="#"),
    Language("bash", "code", "sh bash zsh ksh ebuild bats", ".bashrc .profile .bash_profile .zshrc PKGBUILD",
             "sh bash dash zsh ksh ash", "shell sh zsh shellscript console shell-session shellsession terminal", "#"),
    Language("batch", "code", "bat cmd", aliases="bat dos cmd batchfile", line="REM"),
    Language("c", "code", "c h", aliases="c99 c11", line="//", block=_C),
    Language("clojure", "code", "clj cljs cljc edn", aliases="clj cljs", line=";"),
    Language("cmake", "code", "cmake", "CMakeLists.txt", line="#"),
    Language("cpp", "code", "cpp cc cxx c++ hpp hh hxx h++ ipp tpp inl cu cuh h", aliases="c++ cxx cc cuda", line="//", block=_C),
    Language("csharp", "code", "cs csx", aliases="c# cs dotnet", line="//", block=_C),
    Language("css", "markup", "css scss sass less", aliases="scss sass less", block=_C),
    Language("csv", "data", "csv tsv"),
    Language("cython", "code", "pyx pxd pxi", aliases="pyx", line="#"),
    Language("d", "code", "d di", aliases="dlang", line="//", block=_C),
    Language("dart", "code", "dart", line="//", block=_C),
    Language("diff", "data", "diff patch", aliases="patch udiff"),
    Language("dockerfile", "code", "dockerfile", "Dockerfile Containerfile", aliases="docker", line="#"),
    Language("elixir", "code", "ex exs", interpreters="elixir", aliases="ex", line="#"),
    Language("emacs-lisp", "code", "el", ".emacs", aliases="elisp", line=";"),
    Language("erlang", "code", "erl hrl escript", "rebar.config", "escript", "erl", "%"),
    Language("fortran", "code", "f f77 f90 f95 f03 f08 for ftn", aliases="fortran90 f90", line="!"),
    Language("fsharp", "code", "fs fsi fsx", aliases="f#", line="//", block=("(*", "*)")),
    Language("go", "code", "go", aliases="golang", line="//", block=_C),
    Language("groovy", "code", "groovy gradle", "Jenkinsfile", "groovy", line="//", block=_C),
    Language("haskell", "code", "hs lhs", interpreters="runhaskell", aliases="hs", line="--", block=("{-", "-}")),
    Language("html", "markup", "html htm xhtml vue svelte twig", aliases="html5 htm xhtml", block=_XML),
    Language("ini", "data", "ini cfg conf properties desktop", ".gitconfig .editorconfig setup.cfg", aliases="dosini", line="#"),
    Language("java", "code", "java", line="//", block=_C),
    Language("javascript", "code", "js mjs cjs jsx", "", "node nodejs", "js node jsx ecmascript node.js", "//", _C),
    Language("json", "data", "json jsonl geojson webmanifest ipynb map", ".babelrc .eslintrc", aliases="json5 jsonc"),
    Language("julia", "code", "jl", interpreters="julia", aliases="jl", line="#"),
    Language("kotlin", "code", "kt kts", aliases="kt", line="//", block=_C),
    Language("latex", "markup", "tex sty cls ltx", aliases="tex", line="%"),
    Language("lisp", "code", "lisp lsp cl asd", interpreters="sbcl clisp", aliases="common-lisp cl", line=";"),
    Language("lua", "code", "lua rockspec", interpreters="lua luajit", line="--", block=("--[[", "]]")),
    Language("makefile", "code", "mk mak make", "Makefile makefile GNUmakefile Makefile.am Makefile.in", "make", "make", "#"),
    Language("markdown", "prose", "md markdown mdown mkd", aliases="md"),
    Language("matlab", "code", "m", aliases="octave", line="%"),
    Language("nim", "code", "nim nims", aliases="nimrod", line="#"),
    Language("objective-c", "code", "m mm h", aliases="objc objectivec obj-c", line="//", block=_C),
    Language("ocaml", "code", "ml mli", interpreters="ocaml", aliases="ml", block=("(*", "*)")),
    Language("pascal", "code", "pas pp dpr lpr inc", aliases="delphi objectpascal", line="//", block=("{", "}")),
    Language("perl", "code", "pl pm t pod al", interpreters="perl", aliases="pl perl5", line="#"),
    Language("php", "code", "php phtml php5 phpt inc", interpreters="php", line="//", block=_C),
    Language("powershell", "code", "ps1 psm1 psd1", interpreters="pwsh", aliases="ps1 pwsh posh", line="#", block=("<#", "#>")),
    Language("prolog", "code", "pro prolog plt pl p", interpreters="swipl", line="%", block=_C),
    Language("python", "code", "py pyw pyi wsgi", "SConstruct SConscript wscript", "python python2 python3 pypy pypy3",
             "py python3 python2 py3 pycon ipython sage", "#"),
    Language("r", "code", "r rmd", ".Rprofile", "rscript", "rlang splus", "#"),
    Language("racket", "code", "rkt", interpreters="racket", line=";"),
    Language("rst", "prose", "rst rest", aliases="restructuredtext"),
    Language("ruby", "code", "rb rake gemspec ru", "Rakefile Gemfile Vagrantfile Guardfile", "ruby rake", "rb irb", "#"),
    Language("rust", "code", "rs", aliases="rs", line="//", block=_C),
    Language("scala", "code", "scala sc sbt", interpreters="scala", line="//", block=_C),
    Language("scheme", "code", "scm ss sld", interpreters="guile", aliases="scm guile", line=";"),
    Language("sql", "code", "sql ddl psql pgsql", aliases="mysql postgresql postgres plsql pl/sql sqlite sqlite3 tsql pgsql",
             line="--", block=_C),
    Language("swift", "code", "swift", interpreters="swift", line="//", block=_C),
    Language("tcl", "code", "tcl tk itcl exp", interpreters="tclsh wish expect", aliases="tcl/tk", line="#"),
    Language("toml", "data", "toml", "Cargo.lock poetry.lock Pipfile", line="#"),
    Language("typescript", "code", "ts tsx mts cts", interpreters="ts-node deno bun", aliases="ts tsx", line="//", block=_C),
    Language("verilog", "code", "v vh sv svh", aliases="systemverilog", line="//", block=_C),
    Language("vhdl", "code", "vhd vhdl", line="--"),
    Language("vim", "code", "vim", ".vimrc _vimrc", "vim", "viml vimscript", '"'),
    Language("visual-basic", "code", "vb vbs bas", aliases="vb vb.net vba vbnet vbscript", line="'"),
    Language("xml", "markup", "xml xsl xslt xsd svg rdf wsdl pom csproj plist resx ui xib", aliases="xslt svg rss", block=_XML),
    Language("yaml", "data", "yaml yml", aliases="yml", line="#"),
    Language("zig", "code", "zig", line="//"),
)  # fmt: skip


@cache
def by_name() -> dict[str, Language]:
    """Return the row of each language by its name."""
    return {language.name: language for language in LANGUAGES}


def canonical(tag: str) -> str | None:
    """Return the name behind a fence tag or any other spelling (`js`, `C++`, `Python3`), or None where it is unknown."""
    return _by_alias().get(tag.strip().lower())


def comment_marks(name: str | None) -> tuple[str, tuple[str, str] | None]:
    """Return the line comment mark (empty where there is none) and the block marks of a language."""
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
