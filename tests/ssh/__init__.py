"""The program at the other end of a real SSH connection."""
