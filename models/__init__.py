"""The neural networks the kiosk uses: their origin, their check, their mending, their loading.

No weights live in the project: `python -m models fetch` takes them from their publishers and
refuses anything that is not byte for byte what `manifest.toml` names.
"""
