"""The doctor's screens: today's queue, the consultation, and the record that comes of it."""
