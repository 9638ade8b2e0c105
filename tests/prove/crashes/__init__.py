"""The crash harness: a real installation, killed under load, whose every answer must hold."""
