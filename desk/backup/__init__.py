"""The whole system in one folder, and back: database, uploaded files, and what proves them whole.

`backup` and `restore` of `manage.py` are the way in; docs/runbook.md tells who does what when.
"""
