"""What ends a command with one clear line instead of a traceback."""


class LocalError(Exception):
    """Something the person at the keyboard can put right; its message says what and how."""


class TemplateError(LocalError):
    """`template.yaml` cannot be read, or asks for something the local runtime does not play."""
