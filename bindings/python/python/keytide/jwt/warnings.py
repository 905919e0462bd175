"""The warnings of ``keytide.jwt``."""


class RemovedInPyjwt3Warning(DeprecationWarning):
    """Something that PyJWT announced to leave out of its version 3."""


class InsecureKeyLengthWarning(UserWarning):
    """A key is shorter than its algorithm ought to have."""
