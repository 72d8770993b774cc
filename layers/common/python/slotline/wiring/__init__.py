"""Where ports meet adapters: built at first use, once per process. Only here are clients made.

A module for each part of the product, so that a function imports at its cold start what it uses and no more.
"""
