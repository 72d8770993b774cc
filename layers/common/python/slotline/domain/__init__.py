"""The core: the rules of scheduling in plain Python.

Nothing here reads a clock, an environment or a network, or makes an id: instants and ids are arguments. It imports
the standard library only, so every rule can be stated by a test in one sentence.
"""
