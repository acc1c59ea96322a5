"""The pages, each one file; none of them knows a table."""

from fleet.console.pages.register import register_pages

__all__ = ["register_pages"]
