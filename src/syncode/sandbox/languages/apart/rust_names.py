"""Names of the Rust library that matter where tests run apart: what their use says, and which of them an answer may have."""

SHARED = frozenset(
    (
        "env", "fs", "net", "stdin", "stdout", "downcast", "downcast_ref", "type_name", "type_name_of_val", "TypeId",
        "size_of", "set_hook", "take_hook", "Command", "unsafe", "ptr_eq", "strong_count",
    )
)  # fmt: skip
"""What tests name if they look at the process that they are in, or at more than values (chosen here)."""
MACROS = frozenset(
    (
        "assert", "assert_eq", "assert_ne", "debug_assert", "debug_assert_eq", "debug_assert_ne", "panic", "vec", "format",
        "print", "println", "eprint", "eprintln", "matches", "unreachable", "todo", "unimplemented", "write", "writeln",
    )
)  # fmt: skip
"""Macros of the language: in tests they mean that."""
ASKED = frozenset(
    ("eq", "ne", "cmp", "partial_cmp", "lt", "le", "gt", "ge", "hash", "fmt", "drop", "max", "min", "clamp")
)
"""Methods that the language asks how values compare: no answer has a say in that."""
COMPARING = frozenset(
    (
        "contains", "contains_key", "starts_with", "ends_with", "abs_diff", "total_cmp", "checked_sub", "wrapping_sub",
        "saturating_sub", "sub", "add", "mul", "div", "rem", "xor", "and", "or", "eq_ignore_ascii_case", "is_subset",
        "is_superset", "is_disjoint", "difference", "intersection", "union", "symmetric_difference", "get",
        "unwrap_or", "map_or", "is_some_and", "is_ok_and", "strip_prefix", "strip_suffix", "div_euclid", "rem_euclid",
        "find", "position", "binary_search", "matches", "all", "any", "zip", "filter", "map", "fold", "for_each",
        "iter", "into_iter", "chars", "bytes", "windows", "chunks", "cloned", "copied", "rev", "enumerate", "sum",
        "product", "nth", "take", "skip", "chain", "as_slice", "as_str", "as_ref", "as_mut", "as_bytes", "to_vec",
        "to_owned", "unwrap", "expect", "unwrap_err", "ok", "err", "abs", "sqrt", "powi", "powf", "floor", "ceil",
        "round", "trunc", "signum", "count", "first", "last", "sort", "dedup", "join", "concat", "trim", "split",
        "lines", "keys", "values", "entry", "peekable", "collect", "step_by", "take_while", "skip_while", "last_mut",
        "iter_mut",
    )
)  # fmt: skip
"""Methods of the library that get what tests expect, or lead to one: a type that tests do not name may have none of its own."""
HARMLESS = ("Iterator", "Index", "Default", "Clone")
"""Traits that a type which tests do not name may have: none of them gets what tests expect."""
OPERATORS = frozenset(
    (
        "Add", "Sub", "Mul", "Div", "Rem", "Neg", "Not", "BitAnd", "BitOr", "BitXor", "Shl", "Shr", "AddAssign", "SubAssign",
        "MulAssign", "DivAssign", "RemAssign",
    )
)  # fmt: skip
TRAITS = {
    "Iterator": "::std::iter::Iterator", "Default": "::std::default::Default", "From": "::std::convert::From",
    "FromStr": "::std::str::FromStr", "TryFrom": "::std::convert::TryFrom", "Clone": "::std::clone::Clone",
    "Index": "::std::ops::Index", **{name: f"::std::ops::{name}" for name in OPERATORS},
}  # fmt: skip
"""Traits of the standard library that the tests' half implements by asking the answer."""
MARKS = {"Error": "::std::error::Error", "Eq": "::std::cmp::Eq", "Copy": "::std::marker::Copy"}
