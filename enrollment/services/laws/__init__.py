"""The laws of the seat ledger, each as the question which rows break it."""

from enrollment.services.laws import bookings, families, seats, waiting
from enrollment.services.laws.law import PARAMETERS, Law

LAWS: tuple[Law, ...] = (*seats.LAWS, *bookings.LAWS, *waiting.LAWS, *families.LAWS)

__all__ = ["LAWS", "PARAMETERS", "Law"]
