"""Backups that an erasure reaches: encrypted, apart from each other, short-lived, bound to the ledger."""
