class BackupError(Exception):
    """A backup can't be made or restored; the message is for whoever runs the installation."""
