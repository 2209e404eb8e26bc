"""The ways in which models wrap a program: one answer text for each, from a right program and a wrong one."""

from collections.abc import Callable
from dataclasses import dataclass

DRAFT = "I have to think about that first."


@dataclass(frozen=True)
class Pieces:
    """What an answer is made of. `usage` calls the function, `wrong` is an attempt that fails, `tag` is what models write."""

    code: str
    wrong: str
    usage: str
    tag: str
    comment: str = "#"

    @property
    def block(self) -> str:
        return f"```{self.tag}\n{self.code.rstrip()}\n```"

    @property
    def demo(self) -> str:
        return f"```{self.tag}\n{self.comment} a longer block than the solution\n{self.usage * 12}```"

    @property
    def attempt(self) -> str:
        return f"```{self.tag}\n{self.wrong.rstrip()}\n```"


def _each(text: str, before: str) -> str:
    return "\n".join(f"{before}{line}".rstrip() for line in text.split("\n"))


STYLES: dict[str, Callable[[Pieces], str]] = {
    "fence": lambda p: f"Sure! Here it is.\n\n{p.block}\n\nIt works.",
    "usage after": lambda p: f"Here it is:\n{p.block}\nUsage:\n{p.demo}\n",
    "usage before": lambda p: f"You will call it like this:\n{p.demo}\nHere is the solution:\n{p.block}\n",
    "untagged": lambda p: p.block.replace(f"```{p.tag}", "```", 1),
    "untagged output after": lambda p: f"{p.block}\nOutput:\n```\n{'1 2 3 and so on ' * 40}\n```\n",
    "shell before": lambda p: f"```bash\npip install something-long --upgrade\n```\n{p.block}",
    "capital tag": lambda p: p.block.replace(f"```{p.tag}", f"```{p.tag.capitalize()}", 1),
    "attributes": lambda p: p.block.replace(f"```{p.tag}", f"```{{.{p.tag} .numberLines startFrom=1}}", 1),
    "title": lambda p: p.block.replace(f"```{p.tag}", f'```{p.tag} title="solution" {{1,3}}', 1),
    "tag on next line": lambda p: p.block.replace(f"```{p.tag}", f"```\n{p.tag}", 1),
    "tilde": lambda p: p.block.replace("```", "~~~"),
    "five backticks": lambda p: p.block.replace("```", "`````"),
    "longer opening": lambda p: f"`{p.block}\n\nThat is all.",
    "unclosed": lambda p: f"Here:\n```{p.tag}\n{p.code}",
    "unclosed, then words": lambda p: (
        f"```{p.tag}\n{p.code.rstrip()}\n\nThis function does what was asked for in linear time.\n"
    ),
    "closed on last line": lambda p: f"```{p.tag}\n{p.code.rstrip()}```\nThat is all.",
    "words on closing line": lambda p: f"{p.block} Let me know if anything is unclear!",
    "closing without opening": lambda p: f"{p.code.rstrip()}\n```\nThat is all there is to it.",
    "fence behind words": lambda p: f"Here is the code: {p.block}",
    "quoted": lambda p: _each(p.block, "> "),
    "quoted tight": lambda p: _each(p.block, ">"),
    "listed": lambda p: f"1. Write this:\n\n{_each(p.block, '   ')}\n\n2. Run it.\n",
    "bullet": lambda p: f"- Write this:\n{_each(p.block, '  ')}\n",
    "windows": lambda p: f"Here:\n{p.block}\nThat's it.\n".replace("\n", "\r\n"),
    "byte order mark": lambda p: f"\ufeff{p.block}",
    "end of turn": lambda p: f"{p.block}<|im_end|>",
    "end of text": lambda p: f"{p.block}\n</s>",
    "runs on": lambda p: f"{p.block}<|im_end|>\n<|im_start|>user\nAnd now wrong:\n{p.attempt}",
    "thoughts": lambda p: f"<think>\n{DRAFT}\n{p.attempt}\nNo, that fails.\n</think>\n\n{p.block}",
    "thoughts without opening": lambda p: f"{DRAFT}\n{p.attempt}\n</think>\n\n{p.block}",
    "thoughts with open fence": lambda p: f"<think>\n```{p.tag}\n{p.wrong}\n</think>\n{p.block}",
    "channels": lambda p: (
        f"<|channel|>analysis<|message|>{p.attempt}<|end|><|start|>assistant<|channel|>final<|message|>{p.block}<|return|>"
    ),
    "bracketed thoughts": lambda p: f"[THINK]{p.attempt}[/THINK]{p.block}",
    "corrected": lambda p: f"{p.attempt}\nWait, that is wrong. Here is the corrected version:\n{p.block}",
    "slow first": lambda p: (
        f"A naive version, which fails for some inputs:\n{p.attempt}\nThe final version:\n{p.block}"
    ),
    "alternative after": lambda p: f"{p.block}\nAlternatively, a simpler but incorrect version would be:\n{p.attempt}",
    "do not do this": lambda p: f"{p.block}\nDo not write it like this:\n{p.attempt}\n",
    "answer tags": lambda p: f"<answer>\n{p.block}\n</answer>",
    "code tags": lambda p: f"<code>\n{p.code.rstrip()}\n</code>",
    "html": lambda p: (
        f'<pre><code class="language-{p.tag}">{p.code.replace("&", "&amp;").replace("<", "&lt;")}</code></pre>'
    ),
    "bare": lambda p: p.code,
    "words around": lambda p: f"Sure! Here is the function you asked for:\n\n{p.code}\nIt goes over the input once.\n",
    "heading and bold": lambda p: f"### Solution\n\n**Code:**\n\n{p.block}\n\n**Explanation**\n- It is `simple`.\n",
    "inside Markdown": lambda p: f"````markdown\n# Solution\n\n{p.block}\n````\n",
}
"""Styles that hold the right program, and where two stand in it, say which one is meant."""
