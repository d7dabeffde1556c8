"""The way to the mail server: one connection for many mails, one address each."""

from __future__ import annotations

import smtplib
import ssl
from contextlib import suppress
from email.headerregistry import Address
from email.message import EmailMessage

from alerts.settings import AlertSettings, SmtpServer

TIMEOUT_SECONDS = 30


def reason_of(error: Exception) -> str:
    """Why sending failed, without an address: the server's code where there is one."""
    codes = [getattr(error, "smtp_code", None)]
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _ in error.recipients.values()]
    return " ".join([type(error).__name__, *(str(code) for code in codes if code)])


class Mailer:
    """One connection to the mail server for many mails, opened at the first and anew after a failure.

    A server that cannot be reached is not asked again: what comes after fails at once, with the same reason.
    """

    def __init__(self, server: SmtpServer, sender: Address) -> None:
        """Nothing is opened yet."""
        self._server, self._sender = server, sender
        self._client: smtplib.SMTP | None = None
        self._unreachable: OSError | smtplib.SMTPException | None = None

    @classmethod
    def of(cls, settings: AlertSettings) -> Mailer | None:
        """The mailer of ``settings``; None where no mail server is named."""
        return cls(settings.smtp, settings.from_header) if settings.smtp else None

    def send(self, mail: EmailMessage, address: str) -> None:
        """Send ``mail`` to ``address``; raises OSError or smtplib.SMTPException."""
        # It may have been written before anybody said who sends.
        for name, value in (("From", self._sender), ("To", address)):
            del mail[name]
            mail[name] = value
        client = self._client = self._client or self._open()
        try:
            client.send_message(mail, self._sender.addr_spec, [address])
        except (OSError, smtplib.SMTPException):
            self.close()
            raise

    def _open(self) -> smtplib.SMTP:
        if self._unreachable:
            raise self._unreachable
        try:
            return self._connect()
        except (OSError, smtplib.SMTPException) as error:
            self._unreachable = error
            raise

    def _connect(self) -> smtplib.SMTP:
        server, context = self._server, ssl.create_default_context()
        if server.scheme == "smtps":
            client: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT_SECONDS, context=context)
        else:
            client = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_SECONDS)
        if server.scheme == "smtp":
            client.starttls(context=context)
        if server.user:
            client.login(server.user, server.password or "")
        return client

    def close(self) -> None:
        """Leave the server, whatever state the connection is in."""
        client, self._client = self._client, None
        if client is not None:
            with suppress(OSError, smtplib.SMTPException):
                client.quit()
