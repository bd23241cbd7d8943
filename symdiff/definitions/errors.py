"""What `BaseException.__init__` does."""

__all__ = ["keep_arguments"]


def keep_arguments(error, *args):
    error.args = args
