"""What still fits into the time that is left of an invocation."""

from datetime import timedelta

RECORDING = timedelta(seconds=6)
"""What is kept free to write down what came of a request to somebody else: the longest try of a request to the store,
and a second for all that are answered as usual. Without it the request would be repeated by whoever comes next."""

LEAST = timedelta(seconds=1)
"""Somebody else is not asked at all if they would have less than this to answer."""


def patience(left: timedelta, longest: timedelta) -> timedelta | None:
    """How long somebody else may be waited for, `longest` at most; None if there is no time to ask them."""
    given = min(longest, left - RECORDING)
    return given if given >= min(LEAST, longest) else None
