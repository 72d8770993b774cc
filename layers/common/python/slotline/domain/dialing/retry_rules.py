"""Retry rules, as a campaign keeps them."""

from collections.abc import Mapping
from dataclasses import dataclass

LONGEST_QUERY = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryRule:
    """After which outcomes a call is dialled again, and how soon.

    `query` is a JMESPath condition over the call, or a list of statuses with commas. `retry_period` is in minutes from
    the end of the last attempt. `max_retry_per_day` counts all retries of a call on one day of the callee; None: no
    limit but the call's `max_retries`.
    """

    query: str
    retry_period: int
    max_retry_per_day: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Which calls a condition will be asked about: it has to hold for some of them.

    `attempts`: how many attempts a call has at most when it is asked. `parameters`: the names that the calls have, and
    JMESPath's words for what their values are; None where nobody knows them.
    """

    attempts: int
    parameters: Mapping[str, frozenset[str]] | None = None


DEFAULT_RULES = (RetryRule(query="Busy, No answer, Failed, AMD Terminated", retry_period=60, max_retry_per_day=3),)
"""What a request means that says how often calls are dialled again, and not after what."""
