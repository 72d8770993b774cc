"""What Lambda carries: 6 MB of JSON each way, in which the body of a request or of an answer is one text.

Quotation marks, backslashes and line breaks take two bytes there, and bytes that are no text come as base64, four for
three ("Lambda quotas", invocation payload: 6,291,456 bytes). API Gateway's own bound is 10 MB.
"""

import json

LARGEST_CARRIED = 6_200_000
"""Bytes of a body as Lambda counts them. The rest is for what is around it: headers and query (10,240 bytes as they
come, some of them three times in the event), and who calls."""
LARGEST_ENCODED = LARGEST_CARRIED // 4 * 3
"""Bytes of a body that goes as base64."""
_MOST_BYTES_A_CHARACTER = 6


def carried(text: str) -> int:
    """How many bytes Lambda counts for a text of ours."""
    return len(json.dumps(text, ensure_ascii=False).encode())


def fits(text: str) -> bool:
    """Whether Lambda carries this answer. Looks into it only if it is long."""
    return len(text) * _MOST_BYTES_A_CHARACTER <= LARGEST_CARRIED or carried(text) <= LARGEST_CARRIED
