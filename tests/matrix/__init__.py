"""The permission matrix: who may call which function of the store, on whose row."""
