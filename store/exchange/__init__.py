"""Data in and out of the hospital as files."""
