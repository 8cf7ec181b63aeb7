"""Pages of an account on its way out: what closing it does, how far it is, the certificate."""
