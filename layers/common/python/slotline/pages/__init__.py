"""Pages: made on the server, one way for all of them (docs/decisions/0061).

`kit` answers requests and `rendering` makes HTML of `templates`; `assets` are the files that browsers load.
"""
