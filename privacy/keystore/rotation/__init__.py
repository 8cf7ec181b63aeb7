"""New keys for old, while everything runs."""
