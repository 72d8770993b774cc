"""How many execution environments are left to requests: what queues, streams and schedules bring may not take them all.

In AWS an event source mapping's `MaximumConcurrency` bounds its queue. It is reckoned there with a thousand concurrent
executions; here there are a few dozen environments, and half of them is the most that one function's events take.
"""

FEWEST = 2
"""Lambda allows no mapping a lower maximum."""


def of_one_function(environments: int) -> int:
    """The most that the events of one function take."""
    return max(FEWEST, environments // 2)


def of_all_events(environments: int) -> int:
    """The most that all events together take."""
    return max(FEWEST, environments * 3 // 4)
