"""The tests of Chikitsa."""
