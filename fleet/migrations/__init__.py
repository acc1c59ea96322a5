"""How a database comes from any earlier version of its tables to this one's, step by step.

    versions/0001_….py ─► 0002_….py ─► …      each once, in a transaction of its own with the others

`python -m fleet.migrations WORDS` writes the next step from what `fleet.schema` says beyond the
steps so far; whoever changed the tables reads it, adds what no comparison sees (triggers, rows to
carry over), and commits both. Steps import nothing of the fleet: they are about what once was.
"""
