"""The neural networks the kiosk uses: where they come from, how they are checked, mended and loaded.

No weights live in the project: `python -m models fetch` takes them from their publishers and refuses anything that is not
byte for byte what `manifest.toml` names.
"""
