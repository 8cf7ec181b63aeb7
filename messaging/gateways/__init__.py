"""SMS vendors, one folder each, chosen by settings.SMS_GATEWAY."""

from django.conf import settings
from django.utils.module_loading import import_string

from messaging.gateways.base import SmsGateway


def get_gateway() -> SmsGateway:
    """The gateway in use."""
    gateway: SmsGateway = import_string(f"messaging.gateways.{settings.SMS_GATEWAY}.Gateway")()
    return gateway
