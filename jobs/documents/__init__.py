"""Paper: slips as text and PDF, the records of a patient as PDF, and the fonts they are set in."""
