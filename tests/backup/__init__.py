"""Backups: taken while in use, restored elsewhere, verified before anything is replaced."""
