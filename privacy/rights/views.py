"""What anybody may ask of us without a word: the key by which a copy of ours is proved."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from privacy.keystore.signing import public_key_pem


@require_safe
def signing_key(request: HttpRequest) -> HttpResponse:
    """The public key that signs manifests, at an address that stays."""
    response = HttpResponse(public_key_pem(), content_type="application/x-pem-file")
    response["Cache-Control"] = "public, max-age=3600"
    return response
