"""The officers' pages of keeping and deleting: the board, holds, remainders, certificates, who was told."""
