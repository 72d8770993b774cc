"""The local Lambda: execution environments that run the real handlers, one event at a time each.

Libraries made for Lambda count on that (Powertools keeps the current event on a class), so threads of
one process would show requests to each other. As in Lambda, an environment is a process: `zygote`
imports every handler once and forks them, `pool` hands them events and kills those that overrun.
"""
