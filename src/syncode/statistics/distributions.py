"""Normal, Student t and binomial probabilities without scipy."""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist

_NORMAL = NormalDist()
MANY_CLUSTERS = 100
"""From this many clusters on the normal quantile serves instead of Student's (chosen here)."""


def two_sided_normal(z: float) -> float:
    """Return P(|Z| >= |z|) for a standard normal Z; 0 for an infinite z, 1 for one that is not a number."""
    return 1.0 if math.isnan(z) else math.erfc(abs(z) / math.sqrt(2))


def normal_quantile(level: float) -> float:
    """Return the two-sided quantile: 1.96 for level 0.95."""
    return _NORMAL.inv_cdf(0.5 + level / 2)


def student_tail(t: float, degrees: float) -> float:
    """Return P(|T| >= |t|) of Student's t, by the incomplete beta function I_x(degrees/2, 1/2)."""
    return _incomplete_beta(degrees / 2, 0.5, degrees / (degrees + t * t))


def f_tail(f: float, above: float, below: float) -> float:
    """Return P(F >= f) of Snedecor's F with `above` and `below` degrees of freedom."""
    return _incomplete_beta(below / 2, above / 2, below / (below + above * f))


@lru_cache(maxsize=4096)
def student_quantile(level: float, degrees: float) -> float:
    """Return the two-sided quantile of Student's t by bisection, to 1e-12: 2.262 for level 0.95 and 9 degrees."""
    low, high = 0.0, 1.0
    while student_tail(high, degrees) > 1 - level:
        high *= 2
    while high - low > 1e-12 * high:
        middle = (low + high) / 2
        low, high = (middle, high) if student_tail(middle, degrees) > 1 - level else (low, middle)
    return (low + high) / 2


def cluster_quantile(level: float, clusters: int) -> float:
    """Return the factor of the standard error: normal from 100 clusters on, Student's t with clusters - 1 below.

    Infinite for fewer than two clusters: one question says nothing about the next.
    """
    if clusters < 2:
        return math.inf
    return normal_quantile(level) if clusters >= MANY_CLUSTERS else student_quantile(level, clusters - 1)


def cluster_p(z: float, clusters: int) -> float:
    """Return the two-sided p of a difference of z errors: normal from 100 clusters on, Student's t with clusters - 1 below.

    1 for fewer than two clusters or a z that is not a number.
    """
    if clusters < 2 or math.isnan(z):
        return 1.0
    return two_sided_normal(z) if clusters >= MANY_CLUSTERS else student_tail(z, clusters - 1)


def fair_coin_two_sided(successes: int, failures: int) -> float:
    """Return the exact two-sided p of a fair coin, 1 for no throw at all: 0.041389 for 5 and 15."""
    throws = successes + failures
    term = total = 1
    for number in range(min(successes, failures)):
        term = term * (throws - number) // (number + 1)
        total += term
    return float(min(1.0, 2 * total / 2**throws))


def fair_coin_mid(successes: float, failures: float) -> float:
    """Return the two-sided mid-p of a fair coin, of whole or fractional counts: 0.02660 for 5 and 15; 1 for no throw at all.

    The chance of a more uneven result and half that of this one; fractions by the incomplete beta function.
    """
    more, less = max(successes, failures), min(successes, failures)
    if more <= 0:
        return 1.0
    beyond = beta_share(more + 1, less, 0.5) if less > 0 else 0.0
    return min(1.0, beta_share(more, less + 1, 0.5) + beyond)


def beta_share(a: float, b: float, x: float) -> float:
    """Return the regularised incomplete beta function I_x(a, b): the chance of `a` or more of a + b - 1 throws of chance x."""
    return _incomplete_beta(a, b, x)


@lru_cache(maxsize=4096)
def beta_quantile(a: float, b: float, share: float) -> float:
    """Return x with I_x(a, b) = share, by bisection, to 1e-15."""
    low, high = 0.0, 1.0
    while high - low > 1e-15:  # not relative: for a tiny `a` the quantile is below every float
        middle = (low + high) / 2
        low, high = (middle, high) if _incomplete_beta(a, b, middle) < share else (low, middle)
    return (low + high) / 2


def _incomplete_beta(a: float, b: float, x: float) -> float:
    """Return the regularised incomplete beta function by Lentz's continued fraction (Numerical Recipes, section 6.4)."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - _incomplete_beta(b, a, 1 - x)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)) / a
    tiny = 1e-300
    c, d = 1.0, 1 / _away(1 - (a + b) * x / (a + 1), tiny)
    fraction = d
    for m in range(1, 500):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for factor in (even, odd):
            d = 1 / _away(1 + factor * d, tiny)
            c = _away(1 + factor / c, tiny)
            fraction *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return front * fraction


def _away(value: float, tiny: float) -> float:
    return value if abs(value) > tiny else tiny
