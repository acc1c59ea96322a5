"""What the console says, one catalogue a language; their keys are the same."""

from fleet.console.texts.texts import LANGUAGES, Texts, preferred

__all__ = ["LANGUAGES", "Texts", "preferred"]
