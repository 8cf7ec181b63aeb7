"""Requests and all that belongs to them."""

from privacy.rights.models.dealings import Correction, Pause, Refusal, Reply, Restriction
from privacy.rights.models.packages import DownloadTicket, ExportPackage, ExportStep
from privacy.rights.models.requests import DataSubjectRequest, RequestedRight, RequestEvent

__all__ = [
    "Correction",
    "DataSubjectRequest",
    "DownloadTicket",
    "ExportPackage",
    "ExportStep",
    "Pause",
    "Refusal",
    "Reply",
    "RequestEvent",
    "RequestedRight",
    "Restriction",
]
