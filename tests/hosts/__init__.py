"""Several hosts of one hospital, each in a network namespace of its own."""
