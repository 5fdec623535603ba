"""What the screens are made of: widgets that take plain data and post messages."""
