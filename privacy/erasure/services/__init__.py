"""Erasing, step by step."""
