"""Embedded PostgreSQL and Redis, secrets, and the supervisor of all processes. Free of Django settings."""
