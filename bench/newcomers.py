"""Parents who have just been sent a code: `-m bench.newcomers 200`."""

import contextlib
import json
import secrets
import sys

import django

if __name__ == "__main__":
    django.setup()

    from accounts.enums import CodePurpose
    from accounts.models import VerificationCode
    from accounts.services.codes import send_code
    from privacy.consent.services import current_versions

    def newcomer(number: int) -> dict[str, str]:
        """One who typed a number nobody owns here; the code as it stands sealed in the row."""
        browser = secrets.token_urlsafe(16)
        sent = send_code(
            phone=f"+8613900{number:06d}", purpose=CodePurpose.BOOKING, browser=browser, address="127.0.0.1"
        )
        row = VerificationCode.objects.get(challenge=sent.challenge)
        return {"browser": browser, "challenge": sent.challenge, "code": str(row.code)}

    with contextlib.redirect_stdout(sys.stderr):
        newcomers = [newcomer(number) for number in range(int(sys.argv[1]))]
        agreements = [{"document": name, "version": given} for name, given in current_versions().items()]
    sys.stdout.write(json.dumps({"newcomers": newcomers, "agreements": agreements}))
