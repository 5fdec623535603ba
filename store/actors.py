"""Actors that no account stands behind."""

from __future__ import annotations

from store.values import Actor, Role


def system(name: str = "worker", terminal: str = "system") -> Actor:
    """The program itself: the worker, the first setting-up, the demo."""
    return Actor(role=Role.SYSTEM, name=name, terminal=terminal)


def nobody(terminal: str) -> Actor:
    """A visitor before signing in."""
    return Actor(role=Role.NOBODY, name="visitor", terminal=terminal)
