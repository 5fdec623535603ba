"""`python -m chikitsa_tui` is `chikitsa`."""

from chikitsa_tui.cli import main

main()
