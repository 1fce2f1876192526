"""Where a function of one number crosses zero.

`scipy.optimize` has the same; importing it takes longer than all else that a design's analytic figures need.
"""

from collections.abc import Callable

from residuum.records.errors import CallError


def find_root(function: Callable[[float], float], low: float, high: float, tolerance: float) -> float:
    """Return where a continuous function crosses zero, by the Illinois method with bisection as its floor.

    Parameters
    ----------
    function : callable
        Of one number.
    low, high : float
        At which its signs differ.
    tolerance : float
        Width at which the search ends.

    Raises
    ------
    CallError
        The signs do not differ.

    References
    ----------
    Dowell M, Jarratt P. BIT 1971;11:168-174. R: ``uniroot``, which uses Brent's method.
    """
    at_low, at_high = function(low), function(high)
    if at_low != 0 and at_high != 0 and (at_low < 0) == (at_high < 0):
        raise CallError(f"the function is {at_low:g} at {low:g} and {at_high:g} at {high:g}: no crossing between")
    step = 0
    while abs(high - low) > tolerance and at_low != 0 and at_high != 0:
        step += 1
        secant = high - at_high * (high - low) / (at_high - at_low)
        # every third step halves, so that a flat side cannot hold the search up
        middle = (low + high) / 2 if step % 3 == 0 else secant
        value = function(middle)
        if (value < 0) != (at_high < 0):
            low, at_low = high, at_high
        else:
            at_low /= 2
        high, at_high = middle, value
    return low if at_low == 0 else high
