"""The hospital itself: rules, data, permissions and audit."""
