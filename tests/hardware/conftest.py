"""Hypothesis without a limit per example: these tests share their machine with threads and ptys."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("hardware", deadline=None)
settings.load_profile("hardware")
