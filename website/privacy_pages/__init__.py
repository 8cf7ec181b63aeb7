"""A parent's pages of their own information: what is held, what was agreed to, what was asked for."""
