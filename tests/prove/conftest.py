import os

# It mounts a small disk of its own, for which one must be root, and takes half a minute.
collect_ignore = [] if os.environ.get("PROVE") and os.geteuid() == 0 else ["test_full_disk.py"]

# It serves an installation of its own, for minutes.
if not os.environ.get("PROVE"):
    collect_ignore.append("test_hostile_server.py")
