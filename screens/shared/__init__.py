"""Dialogs that screens of several roles open."""
