"""The door without a login: asking anything of us, and following it by a receipt number."""
