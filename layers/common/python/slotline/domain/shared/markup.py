"""Text within HTML and XML."""


def escape(text: str, *, quote: bool = True) -> str:
    """The text as it is written between tags and, with `quote`, in the value of an attribute.

    The same as `html.escape`, which brings the names of two thousand characters to a cold start. `xml.sax.saxutils`
    brings a client of HTTP.
    """
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return escaped.replace('"', "&quot;").replace("'", "&#x27;") if quote else escaped
