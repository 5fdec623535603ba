"""An invented hospital, full enough to try everything: the same people from the same seed."""
