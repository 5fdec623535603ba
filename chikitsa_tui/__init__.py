"""Chikitsa, a hospital in the terminal: configuration, app, command line and worker."""
