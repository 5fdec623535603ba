"""The lists of the administrator: filtered by words, ordered, and read a page at a time."""
