"""The write paths of enrollment."""
