"""Numbering plans: what a telephone number tells about itself, by phonenumbers."""
