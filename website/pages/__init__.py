"""The public pages: what a parent sees before booking."""
