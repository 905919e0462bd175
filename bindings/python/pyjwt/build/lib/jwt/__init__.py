"""The import name ``jwt``: the modules of ``keytide.jwt``, themselves and not copies of them."""

import keytide

keytide.install()

# The import system hands out what stands in ``sys.modules`` now, which is ``keytide.jwt``.
