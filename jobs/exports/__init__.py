"""The records of a patient in the forms in which they leave the hospital."""
