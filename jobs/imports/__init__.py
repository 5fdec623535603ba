"""Records of patients as other hospitals write them."""
