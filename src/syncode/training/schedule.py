"""Learning rate as a pure function of the applied steps: nothing to restore after a resume."""

import math

from syncode.training.recipe import WARMUP_MOST, WARMUP_SHARE, Schedule


def warmup_steps(schedule: Schedule, total: int) -> int:
    """Return the number of warm-up steps: as stated, else a tenth of the span, 100 at most."""
    if schedule.warmup_steps is not None:
        return schedule.warmup_steps
    return min(WARMUP_MOST, int(total * WARMUP_SHARE))


def learning_rate(schedule: Schedule, applied: int, total: int) -> float:
    """Return the rate of the step that follows `applied` steps of a span of `total`.

    It rises in equal parts to `lr` over the warm-up, whose last step has the full rate, and then falls to
    `lr * min_lr_ratio`, which the step after the last one would have.
    """
    warmup = warmup_steps(schedule, total)
    if applied < warmup:
        return schedule.lr * (applied + 1) / warmup
    progress = min(1.0, (applied - warmup) / max(1, total - warmup))
    shapes = {"cosine": 0.5 * (1 + math.cos(math.pi * progress)), "linear": 1 - progress, "constant": 1.0}
    floor = schedule.min_lr_ratio
    return schedule.lr * (floor + (1 - floor) * shapes[schedule.shape])
