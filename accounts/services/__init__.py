"""The write paths of accounts."""
