"""Requests about one's own data, and taking consent back, by API."""
