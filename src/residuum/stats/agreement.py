"""Agreement of readers: ICC(2,1), weighted kappa, Gwet's AC2, Bland-Altman, positive and negative agreement."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from residuum.records.errors import CallError

Grades: TypeAlias = Sequence[Hashable] | NDArray[np.generic]


@dataclass(frozen=True, slots=True)
class IntraclassCorrelation:
    """An intraclass correlation with its limits.

    Attributes
    ----------
    n, k : int
        Subjects and raters.
    value : float or None
        None where undefined: fewer than two subjects, or an estimated total variance that is not above 0.
    low, high : float or None
        Limits; None where `value` is, or where no degree of freedom is left (perfect agreement).
    """

    n: int
    k: int
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class BlandAltman:
    """Bias and limits of agreement of two raters.

    Attributes
    ----------
    n : int
        Pairs.
    bias : float or None
        Mean of first minus second; None where `n` is 0.
    sd, low, high : float or None
        Standard deviation (n - 1) of the differences, and bias -/+ 1.96 of it; None where `n` is below 2.
    """

    n: int
    bias: float | None
    sd: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class SpecificAgreement:
    """Agreement of two yes/no ratings, separately for yes and for no.

    Attributes
    ----------
    n : int
        Pairs.
    positive, negative : float or None
        Share of one rater's positives (negatives) that the other shares, averaged over both; None where there is none.
    """

    n: int
    positive: float | None
    negative: float | None


def icc_2_1(ratings: ArrayLike, level: float = 0.95) -> IntraclassCorrelation:
    """ICC(2,1): absolute agreement of single ratings, subjects and raters random, each rater rating each subject.

    Parameters
    ----------
    ratings : array_like of shape (n, k)
        One row per subject, one column per rater, any unit.
    level : float
        Nominal coverage of the limits.

    Returns
    -------
    IntraclassCorrelation
        The limits are approximate (Satterthwaite); those of a negative value in a tiny sample may not enclose it.

    Raises
    ------
    CallError
        Fewer than two raters, or a rating missing.

    References
    ----------
    Shrout PE, Fleiss JL. Psychol Bull 1979;86:420-428 (value). McGraw KO, Wong SP. Psychol Methods 1996;1:30-46,
    ICC(A,1) (limits). R: ``irr::icc(model = "twoway", type = "agreement")``, ``psych::ICC``.
    """
    table = np.asarray(ratings, dtype=np.float64)
    if table.ndim != 2 or table.shape[1] < 2 or not np.isfinite(table).all():
        raise CallError(f"ratings of shape {table.shape}: one row per subject, two or more raters, none missing")
    n, k = table.shape
    if n < 2:
        return IntraclassCorrelation(n, k, None, None, None)
    subjects, raters, residual = _mean_squares(table)
    total = subjects + (k - 1) * residual + k * (raters - residual) / n
    if not total > 0:
        return IntraclassCorrelation(n, k, None, None, None)
    value = (subjects - residual) / total
    low, high = _icc_limits(value, (subjects, raters, residual), (n, k), level)
    return IntraclassCorrelation(n, k, value, low, high)


def weighted_kappa(
    a: Grades, b: Grades, categories: Sequence[Hashable], weights: Literal["quadratic", "linear"] = "quadratic"
) -> float | None:
    """Cohen's kappa of two raters, disagreements weighted by their distance on the scale.

    Parameters
    ----------
    a, b : sequence of length n
        Grades by either rater, pair by pair.
    categories : sequence
        The whole scale, ascending, also grades that nobody gave; neighbours are one step apart.
    weights : {"quadratic", "linear"}
        Power of the distance.

    Returns
    -------
    float or None
        None where no disagreement is expected: no pairs, or both raters always give one and the same grade.

    Raises
    ------
    CallError
        Lengths differ, or a grade is not among `categories`.

    References
    ----------
    Cohen J. Psychol Bull 1968;70:213-220.
    """
    table = _cross_table(a, b, categories)
    step = np.arange(len(categories))
    distance = np.abs(step[:, np.newaxis] - step) ** (2 if weights == "quadratic" else 1)
    expected = np.outer(table.sum(axis=1), table.sum(axis=0))
    if not (distance * expected).any():
        return None
    return float(1 - table.sum() * (distance * table).sum() / (distance * expected).sum())


def gwet_ac2(a: Grades, b: Grades, categories: Sequence[Hashable]) -> float | None:
    """Gwet's AC2 of two raters with quadratic weights: unlike kappa, hardly moved by a rare grade.

    Parameters
    ----------
    a, b : sequence of length n
        Grades by either rater, pair by pair.
    categories : sequence
        The whole scale, ascending, also grades that nobody gave; neighbours are one step apart.

    Returns
    -------
    float or None
        None where undefined: no pairs, or a scale of one grade.

    Raises
    ------
    CallError
        Lengths differ, or a grade is not among `categories`.

    References
    ----------
    Gwet KL. Handbook of inter-rater reliability, 4th edition 2014, chapter 3. R: ``irrCAC::gwet.ac1.table``.
    """
    table = _cross_table(a, b, categories)
    q = len(categories)
    if table.sum() == 0 or q < 2:
        return None
    step = np.arange(q)
    weights = 1 - (step[:, np.newaxis] - step) ** 2 / (q - 1) ** 2
    shares = table / table.sum()
    prevalence = (shares.sum(axis=0) + shares.sum(axis=1)) / 2
    by_chance = weights.sum() / (q * (q - 1)) * (prevalence * (1 - prevalence)).sum()
    return float(((weights * shares).sum() - by_chance) / (1 - by_chance))


def bland_altman(first: ArrayLike, second: ArrayLike) -> BlandAltman:
    """Bias of `first` minus `second`, with the 95 % limits of agreement.

    Parameters
    ----------
    first, second : array_like of shape (n,)
        Paired measurements, any one unit.

    Returns
    -------
    BlandAltman

    Raises
    ------
    CallError
        Lengths differ, or a measurement is missing.

    References
    ----------
    Bland JM, Altman DG. Lancet 1986;1:307-310.
    """
    x, y = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if x.shape != y.shape or not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise CallError(f"{x.size} and {y.size} measurements; give pairs, none missing")
    difference = x - y
    if difference.size == 0:
        return BlandAltman(0, None, None, None, None)
    bias = float(difference.mean())
    if difference.size == 1:
        return BlandAltman(1, bias, None, None, None)
    sd = float(difference.std(ddof=1))
    return BlandAltman(difference.size, bias, sd, bias - 1.96 * sd, bias + 1.96 * sd)


def specific_agreement(a: ArrayLike, b: ArrayLike) -> SpecificAgreement:
    """Positive and negative agreement of two yes/no ratings.

    Parameters
    ----------
    a, b : array_like of shape (n,), bool
        Ratings pair by pair.

    Returns
    -------
    SpecificAgreement

    Raises
    ------
    CallError
        Lengths differ.

    References
    ----------
    Cicchetti DV, Feinstein AR. J Clin Epidemiol 1990;43:551-558.
    """
    x, y = np.asarray(a, dtype=bool), np.asarray(b, dtype=bool)
    if x.shape != y.shape:
        raise CallError(f"{x.size} and {y.size} ratings; give pairs")
    positives, negatives = int(x.sum() + y.sum()), int((~x).sum() + (~y).sum())
    return SpecificAgreement(
        n=x.size,
        positive=2 * int((x & y).sum()) / positives if positives else None,
        negative=2 * int((~x & ~y).sum()) / negatives if negatives else None,
    )


def _mean_squares(table: NDArray[np.float64]) -> tuple[float, float, float]:
    """Mean squares of subjects, raters and residual in the two-way layout."""
    n, k = table.shape
    centred = table - table.mean()
    of_subject, of_rater = centred.mean(axis=1), centred.mean(axis=0)
    residual = centred - of_subject[:, np.newaxis] - of_rater
    # Rounding noise around an exact zero would make an interval out of nothing.
    noise = (np.finfo(np.float64).eps * np.abs(table).max()) ** 2 * table.size
    squares = (
        k * (of_subject**2).sum() / (n - 1),
        n * (of_rater**2).sum() / (k - 1),
        (residual**2).sum() / ((n - 1) * (k - 1)),
    )
    subjects, raters, rest = (float(square) if square > noise else 0.0 for square in squares)
    return subjects, raters, rest


def _icc_limits(
    value: float, squares: tuple[float, float, float], size: tuple[int, int], level: float
) -> tuple[float | None, float | None]:
    subjects, raters, residual = squares
    n, k = size
    # Satterthwaite's degrees of freedom; McGraw and Wong's a and b, multiplied by n (1 - value) against 0 / 0.
    from_raters = k * value * raters
    from_residual = (n * (1 + (k - 1) * value) - k * value) * residual
    spread = from_raters**2 / (k - 1) + from_residual**2 / ((n - 1) * (k - 1))
    freedom = (from_raters + from_residual) ** 2 / spread if spread > 0 else 0.0
    # Without residual variance, or where a negative value cancels both parts, no degree of freedom is left.
    if freedom < 1e-9:
        return None, None
    error = k * raters + (k * n - k - n) * residual
    over, under = _f_quantile(n - 1, freedom, level)
    low = n * (under * subjects - over * residual) / (over * error + n * under * subjects)
    over, under = _f_quantile(freedom, n - 1, level)
    high = n * (over * subjects - under * residual) / (under * error + n * over * subjects)
    return low, high


def _f_quantile(numerator: float, denominator: float, level: float) -> tuple[float, float]:
    """Upper (1 + level) / 2 quantile of F as a fraction (over, under), which may be infinite."""
    from scipy.special import betaincinv

    share = float(betaincinv(denominator / 2, numerator / 2, (1 - level) / 2))
    return denominator * (1 - share), numerator * share


def _cross_table(a: Grades, b: Grades, categories: Sequence[Hashable]) -> NDArray[np.int64]:
    """Pairs counted by (grade of a, grade of b)."""
    if len(a) != len(b):
        raise CallError(f"{len(a)} and {len(b)} grades; give pairs")
    place = {category: index for index, category in enumerate(categories)}
    unknown = [grade for grade in (*a, *b) if grade not in place]
    if unknown:
        raise CallError(f"grade {unknown[0]!r} is not on the scale {', '.join(map(str, categories))}")
    table = np.zeros((len(categories), len(categories)), dtype=np.int64)
    np.add.at(table, ([place[grade] for grade in a], [place[grade] for grade in b]), 1)
    return table
