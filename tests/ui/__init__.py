"""The app as its users see it: screens driven by keys, over a real store."""
