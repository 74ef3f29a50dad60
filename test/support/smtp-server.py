"""The SMTP server of test/support/smtp.ts: takes mails and writes each as one line of JSON. Argument: a file of settings."""

import asyncio
import email
import email.policy
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

with open(sys.argv[1], encoding="utf-8") as file:
    settings = json.load(file)


class Spool:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.endswith("@refused.example"):
            return "550 5.1.1 no such mailbox"
        if address.endswith("@later.example"):
            return "451 4.3.0 come again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        taken = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "headers": {name.lower(): str(value) for name, value in message.items()},
            "text": message.get_content().replace("\r\n", "\n"),
            "tls": settings["tls"] == "tls" or session.ssl is not None,
            "user": session.auth_data,
        }
        with open(settings["spool"], "a", encoding="utf-8") as spool:
            spool.write(json.dumps(taken) + "\n")
        return "250 taken"


def authenticate(server, session, envelope, mechanism, data):
    user, password = data.login.decode(), data.password.decode()
    good = (user, password) == (settings["user"], settings["password"])
    return AuthResult(success=good, handled=False, auth_data=user if good else None)


def tls_context():
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(settings["certFile"], settings["keyFile"])
    return context


async def serve():
    upgrades = settings["tls"] == "starttls"
    login = {"authenticator": authenticate, "auth_required": True} if settings["user"] else {}

    def connection():
        return SMTP(
            Spool(),
            hostname="localhost",
            tls_context=tls_context() if upgrades else None,
            require_starttls=upgrades,
            auth_require_tls=upgrades,
            **login,
        )

    server = await asyncio.get_running_loop().create_server(
        connection, "127.0.0.1", settings["port"], ssl=tls_context() if settings["tls"] == "tls" else None
    )
    await server.serve_forever()


asyncio.run(serve())
