"""Rust: what the tests call of the answer is declared beside them once more, out of its text, with bodies that ask for it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise, product

from syncode.sandbox.languages import warm
from syncode.sandbox.languages.apart import Half, pair
from syncode.sandbox.languages.apart.rust_file import File, expanded, read
from syncode.sandbox.languages.apart.rust_kinds import LANGUAGE, Kinds, bounded, codec, declared
from syncode.sandbox.languages.apart.rust_names import (
    ASKED,
    COMPARING,
    HARMLESS,
    MACROS,
    MARKS,
    OPERATORS,
    SHARED,
    TRAITS,
)
from syncode.sandbox.languages.apart.rust_stubs import PLAIN, Stub
from syncode.sandbox.languages.apart.rust_tests import edited, types_named
from syncode.sandbox.languages.apart.rust_text import Constant, Function, Generic, Impl, Kind, replaced
from syncode.sandbox.languages.apart.rust_tokens import Tokens, Unclear, scan, written
from syncode.sandbox.languages.assemble import THREADS, Commands, Pair, Source, compile_step, driver, run_step
from syncode.sandbox.languages.compiled import without_unused_crates
from syncode.sandbox.languages.counting import COUNTED
from syncode.sandbox.languages.joining import split
from syncode.sandbox.limits import Limits
from syncode.sandbox.program import Step

INSTANCES = 40
"""How many instances of one generic function are made at most (chosen here)."""
_NUMBERS = ("i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64", "u128", "usize", "f32", "f64")
_ALL = frozenset(
    ("Clone", "Debug", "PartialEq", "PartialOrd", "Display", "Default", "ToString", "Send", "Sync", "Sized", "'static")
)
_WHOLE = frozenset(("Eq", "Ord", "Hash"))
_COUNTED = OPERATORS - {"Neg", "Not", "BitAnd", "BitOr", "BitXor", "Shl", "Shr"} | {"Sum", "Product"}


@dataclass
class Halves:
    """Declarations: `beside` the tests, and arms of a match that `serves` the answer, with what it needs, `within`."""

    beside: list[str] = field(default_factory=list)
    serves: list[str] = field(default_factory=list)
    within: list[str] = field(default_factory=list)


def rust(source: Source, limits: Limits, commands: Commands) -> Pair | str:
    """Return the tests with stand-ins, and the answer with a main that serves them."""
    code, tests = split(source.code, source.tests)
    try:
        answer, own = read(code), read(tests)
        words = scan(tests)
        made = _Stands(code, tests, expanded(answer), own).made()
        texts = {"main.rs": _examiner(source, tests, words, answer, own, made)}
    except Unclear as problem:
        return str(problem)
    first, second = (_half(each, limits, commands) for each in (texts, _server(code, answer, own, made)))
    return pair(source, limits, first, second)


def _half(texts: dict[str, str], limits: Limits, commands: Commands) -> Half:
    """Return the files and steps of one half, which is linked with the crate that both speak with."""
    options = ("--edition", "2021", "-A", "warnings", "-C", "debuginfo=0")
    library = warm.crate(commands)
    before: tuple[Step, ...] = ()
    if library is None:
        library = "libsyncode.rlib"
        texts = {**texts, "syncode.rs": driver(warm.CRATE)}
        made = (
            commands["rustc"],
            *options,
            "--crate-type",
            "rlib",
            "--crate-name",
            "syncode",
            "-o",
            library,
            "syncode.rs",
        )
        before = (compile_step(made, limits),)
    words = (
        commands["rustc"],
        *options,
        "--extern",
        f"syncode={library}",
        "--crate-type",
        "bin",
        "-o",
        "program",
        "main.rs",
    )
    return texts, (*before, compile_step(words, limits), run_step(("./program",), limits, threads=THREADS))


class _Stands:
    """Finds out what stands for which declaration of the answer."""

    def __init__(self, code: str, tests: str, answer: File, own: File) -> None:
        self.code, self.tests, self.answer, self.own = code, tests, answer, own
        words, self.code_words = scan(tests), {token.text for token in scan(code)}
        self.types = types_named(words)
        self.words = {token.text for token in words}
        self.macros = {first.text for first, second in pairwise(words) if second.text == "!" and first.kind == "word"}
        self.kinds = Kinds(answer, {*LANGUAGE, *own.names})
        self.bad = self.kinds.bad
        self.halves = Halves()

    def made(self) -> Halves:
        self._refused()
        self._types()
        for name, functions in self.answer.traits.items():
            if name not in self.kinds.taken:
                self._trait(name, functions)
        for function in self.answer.functions.values():
            if function.name in self.words and function.name not in self.kinds.taken:
                self._function(function)
        for impl in self.answer.impls:
            self._impl(impl)
        for name, (kind, value) in self.answer.constants.items():
            if name in self.words and name not in self.kinds.taken:
                self._constant(name, kind, value)
        named = self.words & self.answer.names - self.kinds.taken
        if wrong := sorted(named & {*self.bad, *self.answer.unread}):
            raise Unclear(f"{wrong[0]}: {self.bad.get(wrong[0], 'it cannot be read')}")
        if not named:
            raise Unclear("the tests name nothing of the answer's")
        return self.halves

    def _of_tests(self) -> set[str]:
        """Return what tests declare at their top, and the answer does not."""
        imported = {token.text for use in self.answer.uses for token in use}
        return self.own.names - self.answer.names - imported - LANGUAGE

    def _free(self, name: str) -> bool:
        """Return whether the answer uses a name that nothing in it declares."""
        declared = rf"\blet\s+(?:mut\s+)?{name}\b|\b{name}\s*:(?!:)"
        return name in self.code_words and not re.search(declared, self.code)

    def _types(self) -> None:
        dropped = [
            impl.owner.name
            for impl in self.answer.impls
            if impl.trait is not None and self.kinds.last(impl.trait) == "Drop"
        ]
        self.kinds.sort(dropped)
        for name, each in self.answer.types.items():
            if name in self.bad:
                continue
            if name in self.kinds.opaque:
                self._opaque(name, each.derives, each.lives)
                continue
            self.halves.beside.append(declared(self.kinds, each))
            if each.form != "type":
                self.halves.beside.append(codec(self.kinds, each))
                self.halves.within.append(codec(self.kinds, each))

    def _refused(self) -> None:
        words = self.words
        if not re.search(r"\bdowncast_ref\s*::\s*<\s*(?!String\s*>|&\s*(?:'static\s+)?str\s*>)", self.tests):
            words = words - {"downcast_ref"}  # what a panic says crosses as what it is
        if re.search(r"\bptr\s*::", self.tests):
            raise Unclear("the tests compare places")
        if found := sorted(words & SHARED):
            raise Unclear(f"the tests use {found[0]}")
        if found := sorted(self.answer.names & self.own.names - {"main"}):
            raise Unclear(f"the tests declare {found[0]}, too")
        if found := sorted(name for name in self._of_tests() if self._free(name)):
            raise Unclear(f"the answer uses {found[0]} of the tests")
        if "thread" in words and re.search(r"\b(?:Condvar|Barrier|mpsc|park|spin_loop|yield_now)\b", self.code):
            raise Unclear("threads of the tests may wait for each other in the answer")
        if found := sorted(self.macros & self.answer.macros - MACROS):
            raise Unclear(f"the tests use the macro {found[0]}")
        if found := sorted(self.words & self.answer.modules - self.own.modules - self.kinds.taken):
            raise Unclear(f"the tests use the module {found[0]}")

    def _opaque(self, name: str, derives: Sequence[str], lives: int) -> None:
        put, get, out = "::syncode::Put", "::syncode::Get", "&mut ::syncode::Out"
        any_life, fixed = "<'_>" * lives, "<'static>" * lives
        phantom, life = "::std::marker::PhantomData", "'a" if lives else "'static"
        self.halves.beside.append(
            f"pub struct {name}{any_life.replace('_', 'a')} {{ syncode: u64, life: {phantom}<&{life} ()> }}\n"
            f"impl {put} for {name}{any_life} {{ fn put(&self, to: {out}) {{ {put}::put(&self.syncode, to) }} }}\n"
            f"impl {get} for {name}{fixed} {{ fn get(from: &mut ::syncode::In) -> Self "
            f"{{ {name} {{ syncode: from.get(), life: {phantom} }} }} }}"
        )
        self.halves.within.append(
            f"impl {put} for crate::{name}{any_life} {{ fn put(&self, _: {out}) {{ ::syncode::stays() }} "
            f"fn give(self, to: {out}) {{ {put}::put(&::syncode::keep(self), to) }} }}\n"
            f"impl {get} for crate::{name}{fixed} "
            "{ fn get(from: &mut ::syncode::In) -> Self { ::syncode::taken(from.get()) } }"
        )
        owner = Kind("path", name)
        for trait, function in (
            ("Clone", Function("clone", (), "&", (), owner)), ("Default", Function("default", (), "", (), owner)),
        ):  # fmt: skip
            if trait in derives:
                self._impl(Impl(owner, Kind("path", trait), (), (function,), ()))

    def _trait(self, name: str, functions: Sequence[Function]) -> None:
        heads = []
        for function in functions:
            if function.generics or not function.takes or self._problem(function, {"Self"}):
                self.bad[name] = f"its function {function.name}"
                return
            heads.append(f"{Stub(self.kinds, function).head(body=False)};")
        self.halves.beside.append(f"pub trait {name} {{ {' '.join(heads)} }}")

    def _problem(self, function: Function, generic: set[str]) -> str:
        return Stub(self.kinds, function).problem(generic)

    def _function(self, function: Function) -> None:
        problem = self._made(function, function.name, "", ())
        if problem:
            self.bad[function.name] = problem

    def _made(self, function: Function, name: str, owner: str, generics: Iterable[Generic]) -> str:
        """Declare a stub, and serve it; return why it cannot be."""
        stub = Stub(self.kinds, function, owner)
        free = [each for each in (*generics, *function.generics) if each.name not in {*stub.callbacks, *stub.texts}]
        if problem := stub.problem({each.name for each in free}):
            return problem
        try:
            instances = list(product(*(self._allowed(each.bounds, each.name) for each in free)))[:INSTANCES]
        except Unclear as unclear:
            return str(unclear)
        types = [each.name for each in free]
        self.halves.beside.append(stub.text(name, types))
        for kinds in instances:
            known = dict(zip(types, kinds, strict=True))
            made = Stub(self.kinds, _with(function, known), owner and self._owner(owner, known), known)
            suffix = ",".join(each.name or "&'static str" for each in kinds)
            self.halves.serves.append(made.arm(f"{name}<{suffix}>" if free else name))
        return ""

    def _owner(self, owner: str, known: Mapping[str, Kind]) -> str:
        for name, kind in known.items():
            owner = re.sub(rf"(?<=[<\s]){name}(?=[>,])", self.kinds.written(kind), owner)
        return owner

    def _impl(self, impl: Impl) -> None:
        """Declare the methods of a type of the answer, and those of traits that the tests may use."""
        owner = self.answer.types.get(impl.owner.name)
        if owner is None or owner.name in self.bad or owner.form == "type":
            return
        names = {"Self": impl.owner, **{f"Self::{name}": kind for name, kind in impl.kinds}}
        functions = [_with(function, names) for function in impl.functions if function.plain]
        kind = self.kinds.written(impl.owner)
        named = owner.name in self.types
        left_out = ASKED if named else ASKED | COMPARING
        if impl.trait is None:
            self._block(impl, kind, [each for each in functions if each.name not in left_out], "")
            return
        trait = self.kinds.last(impl.trait)
        if trait in self.answer.traits and trait not in self.bad and trait not in self.kinds.taken:
            own = {function.name for function in functions}
            if left_out & {each.name for each in functions}:
                return
            more = [_with(each, names) for each in self.answer.traits[trait] if each.name not in own]
            self._block(impl, kind, [*functions, *more], trait)
        elif trait in ("Display", "Debug") and not impl.generics:
            form = "{}" if trait == "Display" else "{:?}"
            self._shown(owner.name, trait, form)
        elif trait in MARKS and not impl.generics:
            self.halves.beside.append(f"impl {MARKS[trait]} for {kind} {{}}")
        elif trait in TRAITS and trait not in self.answer.names and (named or trait in HARMLESS):
            inner = ", ".join(self.kinds.written(replaced(each, names)) for each in impl.trait.inner)
            if any(self.kinds.problem(replaced(each, names), ()) for each in impl.trait.inner) or impl.generics:
                return
            types = " ".join(f"type {name} = {self.kinds.written(replaced(each, names))};" for name, each in impl.kinds)
            path = f"{TRAITS[trait]}<{inner}>" if inner else TRAITS[trait]
            self._block(
                impl, kind, [each for each in functions if trait != "Iterator" or each.name == "next"], path, types
            )

    def _shown(self, name: str, trait: str, form: str) -> None:
        receiver = "&self.syncode" if name in self.kinds.opaque else "self"
        self.halves.beside.append(
            f"impl ::std::fmt::{trait} for {name} {{ fn fmt(&self, to: &mut ::std::fmt::Formatter) -> ::std::fmt::Result {{ "
            f'let mut from = ::syncode::call("{name} as {trait}", &|to| ::syncode::Put::put({receiver}, to), &mut []); '
            f"let text: ::std::string::String = from.get(); "
            f"{'to.pad(&text)' if trait == 'Display' else 'to.write_str(&text)'} }} }}"
        )
        made = f"let a: crate::{name} = from.get();"
        if name in self.kinds.opaque:
            made = f"let a: &crate::{name} = unsafe {{ &*::syncode::kept(from.get()) }};"
        self.halves.serves.append(
            f'"{name} as {trait}" => {{ {made} ::syncode::Put::put(&format!("{form}", a), to); }}'
        )

    def _block(self, impl: Impl, kind: str, functions: Sequence[Function], trait: str, types: str = "") -> None:
        """Declare functions in one block; a trait is implemented as a whole or not."""
        begin, served = len(self.halves.beside), len(self.halves.serves)
        for function in functions:
            path = f"{kind} as {trait}" if trait else kind
            if (
                self._made(function, f"{path}::{function.name}", f"<{path}>" if trait else f"<{kind}>", impl.generics)
                and trait
            ):
                del self.halves.beside[begin:], self.halves.serves[served:]
                return
        stubs = "\n".join(self.halves.beside[begin:])
        del self.halves.beside[begin:]
        head = f"impl{bounded(impl.generics, '::syncode::Kind')} {f'{trait} for ' if trait else ''}{kind}"
        if not trait:
            stubs = "\n".join([*filter(None, map(self._literal, impl.constants)), stubs])
        if trait:
            stubs = re.sub(r"^pub ", "", stubs, flags=re.MULTILINE)
        self.halves.beside.append(f"{head} {{ {types}\n{stubs}\n}}")

    def _allowed(self, bounds: Sequence[Tokens], name: str) -> list[Kind]:
        """Return the types with which tests may use a generic function: those that they name, as far as they are allowed."""
        likely = {
            "i32": r"(?<![\w.])\d+\b(?!\.)", "f64": r"\d\.\d|\bf64\b", "bool": r"\b(?:true|false)\b", "char": r"'[^'\\]'|'\\",
            "String": r"\bString\b|to_string|to_owned|into\(\)",
        }  # fmt: skip
        likely |= {name: rf"\d_?{name}\b|\b{name}\b" for name in _NUMBERS if name not in likely}
        found = [each for each, pattern in likely.items() if re.search(pattern, self.tests)]
        for bound in bounds:
            text = re.sub(r"^(?:\w+ :: )+", "", written(bound))
            found = [each for each in found if _holds(text, each, name)]
        kinds = [Kind("path", each) for each in found]
        if '"' in self.tests and all(
            _holds(re.sub(r"^(?:\w+ :: )+", "", written(bound)), "str", name) for bound in bounds
        ):
            kinds.append(Kind("reference", "", (Kind("path", "str"),)))
        if not kinds:
            raise Unclear("the types of a generic function")
        return kinds

    def _constant(self, name: str, kind: Kind, value: Tokens) -> None:
        if made := self._literal((name, kind, value)):
            self.halves.beside.append(made)
        else:
            self.bad[name] = "a constant made of more than literals"

    def _literal(self, constant: Constant) -> str:
        """Return the declaration of a constant that no more than literals and other constants make, else nothing."""
        name, kind, value = constant
        words = {token.text for token in value if token.kind == "word"}
        if self.kinds.problem(kind, ()) or words - {*PLAIN, *self.answer.constants}:
            return ""
        return f"pub const {name}: {self.kinds.written(kind)} = {written(value)};"


def _holds(bound: str, kind: str, name: str) -> bool:
    """Return whether a type has a trait; raises Unclear if that is not known."""
    head, _, rest = bound.partition(" < ")
    if rest and rest.replace(" ", "") not in (f"Output={name}>", "Output=Self>"):
        raise Unclear(f"the bound {bound}")
    number = kind in _NUMBERS
    if head in _ALL:
        return True
    if head == "Copy":
        return kind != "String"
    if head in _WHOLE:
        return kind not in ("f32", "f64")
    if head in _COUNTED:
        return number
    if head == "Neg":
        return number and kind[0] != "u"
    raise Unclear(f"the bound {bound}")


def _with(function: Function, names: Mapping[str, Kind]) -> Function:
    return replace(
        function,
        parameters=tuple(replaced(each, names) for each in function.parameters),
        result=replaced(function.result, names),
        generics=tuple(each for each in function.generics if each.name not in names),
    )


def _server(code: str, answer: File, own: File, made: Halves) -> dict[str, str]:
    """Return the answer with a main that does what it is asked for, in a file of its own."""
    words = {token.text for token in scan(code)}
    brought = {token.text for use in answer.uses for token in use}
    lines = [
        f"use {written(use)};" for use in own.uses
        if _kept(use) and any(token.text in words and token.text not in brought for token in use if token.kind == "word")
    ]  # fmt: skip
    for place in sorted(answer.mains, reverse=True):
        code = code[:place] + "main_of_the_answer" + code[place + 4 :]
    serve = "\n".join(
        [
            "use crate::*;",
            *made.within,
            "pub fn syncode_main() { ::syncode::serve(|name, from, to| { match name {",
            '"#" => { let act: *mut ::syncode::Kept = ::syncode::kept(from.get()); unsafe { (*act)(from, to) } }',
            *made.serves,
            "_ => return false, } true }) }",
        ]
    )
    main = (
        without_unused_crates("\n".join([code, *lines]))
        + "\nmod syncode_serve; fn main() { syncode_serve::syncode_main() }\n"
    )
    return {"main.rs": main, "syncode_serve.rs": serve}


def _examiner(source: Source, tests: str, words: Tokens, answer: File, own: File, made: Halves) -> str:
    """Return the tests with all that stands for the answer, and a main that runs them."""
    text, functions = edited(tests, words)
    uses = {written(use) for use in own.uses}
    lines = [f"use {written(use)};" for use in answer.uses if _kept(use) and written(use) not in uses]
    if functions:
        listed = functions
    else:
        if not own.mains:
            raise Unclear("there is no main and no test function")
        listed = [("main", "main_of_the_tests", "None")]
    tests_of = ", ".join(
        f'::syncode::Test {{ name: "{name}", act: || ::syncode::Outcome::problem({path}()), panics: {panics} }}'
        for name, path, panics in listed
    )
    said = f"{bool(functions)}, {bool(source.least('rust', COUNTED['rust']))}".lower()
    main = f"fn main() {{ ::syncode::run(vec![{tests_of}], {said}) }}"
    return without_unused_crates("\n".join([text, *lines, *made.beside])) + f"\n{main}\n"


def _kept(use: Tokens) -> bool:
    """Return whether an import of the answer's may stand beside the tests: no more than names of the standard library."""
    named = use[1:] if use and use[0].text == "::" else use
    renamed = any(token.text == "as" for token in use)
    return bool(named) and named[0].text in ("std", "core", "alloc", "rand", "regex", "md5") and not renamed
