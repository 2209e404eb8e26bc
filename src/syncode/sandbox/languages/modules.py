"""How each language says that a module is not there, and how a program loads one: to find out who needed it."""

import re
from dataclasses import dataclass

NOTHING = r"(?!)"
_CRATES = "rand|md5|regex"  # HumanEval-X declares these three in every Rust program


@dataclass(frozen=True)
class Modules:
    """Patterns of one language; `{}` stands for the name of a module.

    `missing` names it in what a failed run has written; `imports` finds in a program where it is loaded, by its whole name, and
    `load` is the program that does no more than that. `frameworks` finds uses of what a test framework brings without an import.
    """

    missing: str = NOTHING
    imports: str = NOTHING
    load: str = ""
    frameworks: str = NOTHING

    def lacks(self, text: str) -> str:
        """Return the module, or the name of a framework, that a run says is not there; empty if it says nothing of the kind."""
        found = re.search(self.missing, text, re.MULTILINE)
        return next((name for name in found.groups() if name), "") if found else ""

    def alone(self, name: str, text: str) -> tuple[str, str] | None:
        """Return (code, tests) that show whether a module is there for `text`, without any answer; None if `text` needs none."""
        if re.search(self.imports.replace("{}", re.escape(name)), text, re.MULTILINE):
            return self.load.replace("{}", name), ""
        if re.search(self.frameworks.replace("{}", re.escape(name)), text, re.MULTILINE):
            return "", text
        return None


_NODE = Modules(
    r"Cannot find (?:module|package) '([^']+)'"
    r"|ReferenceError: (describe|it|test|suite|expect|(?:before|after)(?:Each|All)?) is not defined",
    r"""\b(?:require|import)\s*\(\s*['"`]{}['"`]\s*\)|\b(?:from|import)\s*['"]{}['"]""",
    "require('{}')",
    r"""^\s*{}(?:\.\w+)*\s*\(\s*(?:['"`].*,\s*)?(?:async\b\s*)?(?:\([^()]*\)\s*=>|function\b|\w+\s*=>)"""
    r"|\b{}\s*\(.*\)\s*\.\s*(?:not\b|to\b|toBe|toEqual|toStrictEqual|toThrow|toMatch|toContain|toHave)",
)
_GCC = Modules(
    r"fatal error: (\S+): No such file or directory", r"^\s*#\s*include\s*[<\"]{}[>\"]", "#include <{}>\nint main() { }"
)

MODULES = {
    "python": Modules(
        r"^ModuleNotFoundError: No module named '([^']+)'.*\s*\Z",
        r"^\s*(?:from|import(?:[\w\s.]+,)*)\s+{}\b",
        "import {}",
    ),
    "javascript": _NODE,
    "typescript": _NODE,
    "java": Modules(
        r"error: package (\S+) does not exist",
        r"^\s*import\s+(?:static\s+{}\.\w+|{})\.[\w*]+\s*;",
        "import {}.*;\nclass Empty { }",
    ),
    "c": _GCC,
    "cpp": _GCC,
    "csharp": Modules(
        r"error CS0246: The type or namespace name `(\w+)' could not be found",
        r"^\s*using\s+(?:static\s+)?{}\b",
        "using {};\nclass Empty { static void Main() { } }",
    ),
    "go": Modules(r"could not import (\S+) \(", r"\"{}\"", 'package main\n\nimport _ "{}"\n\nfunc main() { }'),
    "rust": Modules(
        r"^error\[E\d+\]: .*(?:unresolved import|undeclared crate or module|unlinked crate|find crate for)"
        rf" `({_CRATES})\b",
        r"^\s*(?:use|extern\s+crate)\s+{}\b|\b{}::",
        "extern crate {};",
    ),
    "php": Modules(
        r"Failed opening required '([^']+)'|Class \"(PHPUnit\\Framework\\TestCase)\" not found",
        r"\b(?:require|include)(?:_once)?\b[\s(]*['\"]{}['\"]",
        "require '{}';",
        "{}",
    ),
    "ruby": Modules(
        r"cannot load such file -- (\S+)|uninitialized constant (RSpec|Minitest)\b|undefined method `(describe)' for main",
        r"""\brequire\b[\s(]*['"]{}['"]""",
        "require '{}'",
        r"\b{}::|\b{}\.describe\b|^\s*{}\b.*\bdo\b",
    ),
    "perl": Modules(
        r"Can't locate \S+\.pm in @INC \(you may need to install the (\S+) module\)",
        r"\b(?:use|require)\s+{}\b(?!::)",
        "use {};",
    ),
    "lua": Modules(
        r"module '([^']+)' not found|global '(describe)'\)",
        r"""\brequire\b[\s(]*['"]{}['"]""",
        "require '{}'",
        r"^\s*{}\s*\(.*\bfunction\b",
    ),
    "r": Modules(
        r"there is no package called \W([\w.]+)",
        r"""\b(?:library|require|requireNamespace|loadNamespace)\s*\(\s*['"]?{}['"]?\s*[,)]|\b{}::""",
        "library({})",
    ),
    "elixir": Modules(
        r"module ([\w.]+) is not (?:loaded and could not be found|available)",
        r"\b(?:use|import|require|alias)\s+{}\b",
        "require {}",
    ),
    "haskell": Modules(
        r"Could not find module [\W]*([\w.]+)",
        r"^import\s+(?:qualified\s+)?{}\b",
        "import {}\nmain = return ()",
    ),
    "tcl": Modules(
        r"can't find package ([\w:]+)", r"\bpackage\s+require\s+(?:-exact\s+)?{}(?![\w:])", "package require {}"
    ),
}
"""By the name of the language. Where there is none, no program is ever excused for what it lacks."""
