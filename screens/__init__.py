"""The screens of Chikitsa, a folder for each role."""
