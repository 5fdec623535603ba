"""What a patient sees: the next appointment, booking, and the own records."""
