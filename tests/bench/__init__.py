"""How fast posting and importing are, next to the bare SQL that the schema needs.

`python -m tests.bench` measures on one database in one run; compare only figures of one run.
"""
