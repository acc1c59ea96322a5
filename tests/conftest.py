"""The toolkit of the screen makes its home while it is imported, which a collection may do.

Each test process has one of its own: several begin at once, and the user's home is not theirs.
"""

from __future__ import annotations

import os
import tempfile

_HOME = tempfile.TemporaryDirectory(prefix="kivy-")
os.environ["KIVY_HOME"] = _HOME.name
