"""HTTP as tests ask it. httpx gives up after five seconds, in which a busy machine may not even start a function."""

from functools import partial

import httpx

SECONDS = 90.0
"""Much longer than anything takes: what never comes is told later, and nothing else costs time."""

get = partial(httpx.get, timeout=SECONDS)
post = partial(httpx.post, timeout=SECONDS)
patch = partial(httpx.patch, timeout=SECONDS)
put = partial(httpx.put, timeout=SECONDS)
Client = partial(httpx.Client, timeout=SECONDS)
