"""What the administrator sees: departments, doctors, their hours, and holidays."""
