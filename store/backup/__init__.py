"""Taking the whole hospital out into a file while it is in use, and bringing it back."""
