"""Errors that the user can mend; everything else that escapes is a bug."""


class InputError(ValueError):
    """What the user gave is wrong: an argument, a config value or a file.

    The message names it, its value and the remedy. The command line prints the message
    alone; any other exception keeps its traceback.
    """


class MissingFileError(InputError, FileNotFoundError):
    """A file or folder that the user named does not exist."""
