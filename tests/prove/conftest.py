import os

# It mounts a small disk of its own, for which one must be root, and takes half a minute.
collect_ignore = [] if os.environ.get("PROVE") and os.geteuid() == 0 else ["test_full_disk.py"]
