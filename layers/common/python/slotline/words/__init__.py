"""The words that people read, in `messages` and on `pages`: one TOML file a language, named by its BCP 47 tag.

To add a file is to speak a language. `en.toml` says which keys and placeholders there are; a test holds every other
file to it. Dates are written as `messages` have them, wherever they are.
"""
