"""The wallet's third-version wire: JSON over HTTP verbs, signed with RSA in the headers."""
