"""What a user can say about synthesis: how many answers, how free, how long."""

from dataclasses import dataclass, field

from syncode.engines import Sampling
from syncode.stages.synth.methods import METHODS


@dataclass(frozen=True)
class Settings:
    """How many answers, how free, how long. Defaults are chosen here unless a source is named."""

    method: str = field(
        default="document",
        metadata={
            "choices": tuple(METHODS),
            "help": f"How samples are made: {'; '.join(f'{name}, {text}' for name, text in METHODS.items())}.",
        },
    )
    candidates: int = field(
        default=4,  # Best-of-N with N = 4: arXiv 2412.05210, section 3
        metadata={"help": "Answers to each question, of which the best is kept.", "min": 1},
    )
    temperature: float = field(
        default=0.8,
        metadata={"group": "Sampling", "help": "Sampling temperature of questions and answers.", "min": 0.0},
    )
    max_tokens: int = field(
        default=1024, metadata={"group": "Sampling", "help": "Longest answer, in tokens.", "min": 1}
    )
    question_tokens: int = field(
        default=512, metadata={"group": "Sampling", "help": "Longest question, in tokens.", "min": 1}
    )
    tests: int = field(
        default=10,  # assertions per question: OpenCodeInstruct
        metadata={"help": "Assertions to write if a document is labelled algorithmic; 0 for none.", "min": 0},
    )
    allow_cut: bool = field(
        default=False,
        metadata={
            "help": "Take an answer that was cut if none came to its end; the sample says so in `finish_reason`."
        },
    )
    document_chars: int = field(
        default=4096,  # about the 1,024 tokens of the Qwen2.5-Coder report, section 4.1
        metadata={"help": "Longest part of a document that is shown, in characters.", "min": 1},
    )
    chinese: float = field(
        default=0.0,
        metadata={"help": "Share of questions asked in Chinese instead of English.", "min": 0.0, "max": 1.0},
    )

    def sampling(self, max_tokens: int) -> Sampling:
        """Return the decoding parameters of a free reply."""
        return Sampling(temperature=self.temperature, max_tokens=max_tokens)
