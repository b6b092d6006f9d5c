"""A real SMTP server that hands every message to the test that started it."""

import email
import email.policy
import json
import sys

from aiosmtpd.controller import Controller


class Hand:
    def __init__(self):
        self.seen = set()

    async def handle_DATA(self, server, session, envelope):
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        told = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "header_from": str(message["from"]),
            "subject": str(message["subject"]),
            "headers": {name.lower(): str(value) for name, value in message.items()},
            "text": message.get_body(("plain",)).get_content(),
        }
        if "refused" in envelope.rcpt_tos[0]:
            return "550 5.1.1 no such mailbox"
        if "later" in envelope.rcpt_tos[0] and envelope.rcpt_tos[0] not in self.seen:
            self.seen.add(envelope.rcpt_tos[0])
            return "451 4.7.1 come back in a minute"
        print(json.dumps(told), flush=True)
        return "250 taken"


class Anywhere(Controller):
    def _trigger_server(self):
        # The port is only known once the socket is bound.
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


controller = Anywhere(Hand(), hostname="127.0.0.1", port=0)
controller.start()
print(controller.port, flush=True)
sys.stdin.read()
controller.stop()
