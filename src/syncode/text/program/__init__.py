"""Which code in an answer is the program, and how it joins the prompt that it goes on from."""

from syncode.text.program.find import Found, Wanted, find_program, wanted_by
from syncode.text.program.first import put_before
from syncode.text.program.prompts import complete, until

__all__ = ["Found", "Wanted", "complete", "find_program", "put_before", "until", "wanted_by"]
