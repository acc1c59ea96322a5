"""The way down: what the service provider orders of this kiosk, and what he wants it set up as.

    fleet ─► Down ─┬─ orders ─► Orders (on disk) ─► Duties ─► answer
                   └─ documents ─► Documents (on disk) ─► Papers ─► in force, waiting or refused

Nothing of it ends a visit, and a document that is not understood leaves the last good one in force.
"""
