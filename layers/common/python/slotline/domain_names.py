"""Domain names with letters outside ASCII, in the form that mail and DNS know them by (RFC 5891, UTS 46)."""


def to_ascii(domain: str) -> str | None:
    """The ASCII form of a domain: `bücher.example` is `xn--bcher-kva.example`. None if it has none.

    Not Python's own codec: that is IDNA 2003, which takes `ß` for `ss`, and so one domain for another's.
    """
    import idna

    try:
        return idna.encode(domain, uts46=True, std3_rules=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        return None
