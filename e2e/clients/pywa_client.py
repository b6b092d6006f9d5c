"""Drives the emulator with pywa, a published Python client: every message type, media, signed webhooks.

Usage: python pywa_client.py EMULATOR_URL      Exit code 0 if everything went as it should, 1 if not.
"""

import hashlib
import http.server
import json
import pathlib
import queue
import random
import sys
import threading

import httpx
import pywa
from pywa import errors, types
from pywa.types.templates import BodyText, Buttons, QuickReplyButton, TemplateLanguage, URLButton

RUN = random.randrange(10**7, 10**8)
STAGE = json.loads((pathlib.Path(__file__).parent / "stage.json").read_text())
APP, ACCOUNT = STAGE["apps"][0], STAGE["accounts"][0]["id"]
NUMBER, TOKEN = STAGE["numbers"][0]["id"], STAGE["tokens"][0]["value"]
# A person of this run's own: limits count per person.
PERSON = STAGE["people"][0]
PERSON["id"], PERSON["phone"] = f"client-{RUN}", f"4917{RUN}"
PERSON["bsuids"]["910000000000200"] = f"DE.91000000000{RUN}"
PHONE, BSUID = PERSON["phone"], PERSON["bsuids"]["910000000000200"]
# The smallest PNG: one transparent pixel.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360000000020001e221bc330000000049454e44ae426082"
)


class ToEmulator(httpx.HTTPTransport):
    """Sends what is meant for Graph to the emulator; pywa fixes the host."""

    def __init__(self, emulator: str) -> None:
        super().__init__()
        self.emulator = httpx.URL(emulator)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == "graph.facebook.com":
            request.url = request.url.copy_with(
                scheme=self.emulator.scheme, host=self.emulator.host, port=self.emulator.port
            )
            request.headers["Host"] = request.url.netloc.decode()
        return super().handle_request(request)


class Journey:
    def __init__(self, emulator: str) -> None:
        self.emulator = emulator.rstrip("/")
        self.http = httpx.Client(trust_env=False, timeout=30)
        self.updates: queue.Queue = queue.Queue()
        self.refused: list[tuple[str, int]] = []
        self.wa = pywa.WhatsApp(
            phone_id=NUMBER,
            token=TOKEN,
            session=httpx.Client(transport=ToEmulator(self.emulator), timeout=30),
            server=None,
            waba_id=ACCOUNT,
            app_id=APP["id"],
            app_secret=APP["secret"],
            verify_token=APP["verify_token"],
            api_version=25.0,
        )
        for listen in (self.wa.on_message, self.wa.on_message_status, self.wa.on_callback_button, self.wa.on_callback_selection):
            listen()(lambda _, update: self.updates.put(update))

    def control(self, path: str, body: dict | None = None) -> dict:
        url = f"{self.emulator}/_emulator{path}"
        answer = self.http.get(url) if body is None else self.http.post(url, json=body)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text}"
        return answer.json()

    def switch(self, settings: dict) -> None:
        answer = self.http.patch(f"{self.emulator}/_emulator/settings", json=settings)
        assert answer.status_code == 200, answer.text

    def listen(self) -> http.server.ThreadingHTTPServer:
        """Takes webhooks as an application would: validate the bytes, then hand them to pywa."""
        journey = self

        class Hook(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["Content-Length"]))
                refusal = journey.wa.webhook_update_validator(raw, self.headers.get("X-Hub-Signature-256"))
                if refusal:
                    journey.refused.append(refusal)
                text, status = refusal or journey.wa.webhook_update_handler(raw)
                self.send_response(status)
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_: object) -> None:
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server

    def wait_for(self, kind: type, fits=lambda _: True):
        """The next update of a kind that fits; others are put aside."""
        aside = []
        try:
            while True:
                update = self.updates.get(timeout=15)
                if isinstance(update, kind) and fits(update):
                    return update
                aside.append(update)
        except queue.Empty:
            raise AssertionError(f"no {kind.__name__} came; there were {[type(it).__name__ for it in aside]}") from None
        finally:
            for update in aside:
                self.updates.put(update)

    def read(self, sent) -> None:
        """Waits for the blue ticks of a message."""
        self.wait_for(
            types.MessageStatus,
            lambda it: it.id == sent.id and it.status == types.MessageStatusType.READ,
        )

    def run(self) -> None:
        server = self.listen()
        stage = json.loads(json.dumps(STAGE))
        stage["apps"][0]["callback_url"] = f"http://127.0.0.1:{server.server_port}/"
        self.control("/seed", stage)

        self.control("/inbound", {"from": PHONE, "to": NUMBER, "text": {"body": "Grüße aus Köln / hallo 👋"}})
        hello = self.wait_for(types.Message)
        assert hello.text == "Grüße aus Köln / hallo 👋" and hello.from_user.name == PERSON["name"], hello
        print("ok  signed webhook with a message")

        for name, send in self.sends(hello.id).items():
            sent = send()
            assert sent.id.startswith("wamid."), sent
            if name == "reaction":
                self.wait_for(types.MessageStatus, lambda it: it.id == sent.id)
            else:
                self.read(sent)
            print(f"ok  send {name}")

        self.wa.mark_message_as_read(hello.id)
        self.wa.indicate_typing(hello.id)
        print("ok  read receipt and typing")
        self.taps()
        self.media()
        self.templates_and_blocks(hello.id)
        self.errors()
        assert not self.refused, f"signatures refused: {self.refused}"
        server.shutdown()

    def sends(self, hello: str) -> dict:
        wa = self.wa
        buttons = [types.Button("Keep", "keep"), types.Button("Cancel", "cancel")]
        rows = [types.SectionRow("Express", "exp", "1 day"), types.SectionRow("Standard", "std")]
        link = f"{self.emulator}/"
        card = lambda: types.ImageCarouselCard(body="Elf", image=link, buttons=types.URLButton("Go", "https://shop.example"))
        contact = types.Contact(name=types.Contact.Name(formatted_name="Eva P", first_name="Eva"))
        products = [types.ProductsSection("S", ["p1"])]
        upload = lambda mime, name: wa.upload_media(PNG, mime_type=mime, filename=name)
        return {
            "text": lambda: wa.send_message(PHONE, "See https://shop.example/a", preview_url=True, tracker="job-1"),
            "text in context": lambda: wa.send_message(PHONE, "Yes", reply_to_message_id=hello),
            "text to a BSUID": lambda: wa.send_message(BSUID, "Hello you"),
            "image by id": lambda: wa.send_image(PHONE, upload("image/png", "a.png"), caption="A"),
            "image by link": lambda: wa.send_image(PHONE, link),
            "video": lambda: wa.send_video(PHONE, upload("video/mp4", "a.mp4"), caption="A"),
            "audio": lambda: wa.send_audio(PHONE, upload("audio/mpeg", "a.mp3")),
            "voice": lambda: wa.send_voice(PHONE, upload("audio/ogg", "a.ogg")),
            "document": lambda: wa.send_document(PHONE, upload("application/pdf", "a.pdf"), filename="a.pdf"),
            "sticker": lambda: wa.send_sticker(PHONE, upload("image/webp", "a.webp")),
            "location": lambda: wa.send_location(PHONE, 52.5, 13.4, name="Berlin", address="Mitte"),
            "contact": lambda: wa.send_contact(PHONE, contact),
            "reaction": lambda: wa.send_reaction(PHONE, "👍", message_id=hello),
            "reply buttons": lambda: wa.send_message(PHONE, "Keep it?", footer="Acme", buttons=buttons),
            "list": lambda: wa.send_message(PHONE, "Pick one", buttons=types.SectionList("Options", [types.Section("Fast", rows)])),
            "link button": lambda: wa.send_message(PHONE, "Look", buttons=types.URLButton("Open", "https://shop.example")),
            "flow": lambda: wa.send_message(PHONE, "Fill in", buttons=types.FlowButton(title="Go", flow_id="1", flow_token="t")),
            "location request": lambda: wa.request_location(PHONE, "Where are you?"),
            "contact request": lambda: wa.request_contact_info(PHONE, "Your number?"),
            "catalogue": lambda: wa.send_catalog(PHONE, "All we have", thumbnail_product_sku="p1"),
            "product": lambda: wa.send_product(PHONE, "1", "p1", body="This one"),
            "products": lambda: wa.send_products(PHONE, "1", products, title="T", body="These"),
            "carousel": lambda: wa.send_carousel(PHONE, body="New", cards=[card(), card()]),
            "template": lambda: wa.send_template(
                PHONE,
                "client_order",
                TemplateLanguage.ENGLISH_US,
                [
                    BodyText.params("Käthe", "#8612"),
                    URLButton.params(url_variable="8612", index=0),
                    QuickReplyButton.params(callback_data="THANKS", index=1),
                ],
            ),
        }

    def taps(self) -> None:
        buttons = self.wa.send_message(PHONE, "Keep it?", buttons=[types.Button("Keep", "keep")])
        self.control("/taps", {"message": buttons.id, "choice": "keep"})
        tap = self.wait_for(types.CallbackButton)
        assert (tap.data, tap.title, tap.reply_to_message.id) == ("keep", "Keep", buttons.id), tap
        rows = types.SectionList("Options", [types.Section("Fast", [types.SectionRow("Express", "exp")])])
        chosen = self.wa.send_message(PHONE, "Pick one", buttons=rows)
        self.control("/taps", {"message": chosen.id, "choice": "exp"})
        assert self.wait_for(types.CallbackSelection).data == "exp"
        print("ok  taps on buttons and rows")

    def media(self) -> None:
        media = self.wa.upload_media(PNG, mime_type="image/png", filename="a.png")
        found = self.wa.get_media_url(media.id)
        assert found.mime_type == "image/png" and found.sha256 == hashlib.sha256(PNG).hexdigest(), found
        assert self.wa.get_media_bytes(found.url) == PNG
        assert self.wa.delete_media(media.id)
        body = {"from": PHONE, "to": NUMBER, "type": "document", "document": {"filename": "note.txt"}}
        self.control("/inbound", body | {"media": {"text": "hello", "mime_type": "text/plain"}})
        message = self.wait_for(types.Message, lambda it: it.document is not None)
        assert message.document.get_bytes() == b"hello" and message.document.filename == "note.txt"
        print("ok  media up, down and deleted; media from a person")

    def templates_and_blocks(self, hello: str) -> None:
        listed = [template.name for template in self.wa.get_templates()]
        assert listed == ["client_order"], listed
        assert self.wa.block_users([PHONE]).added_users
        assert [user.wa_id for user in self.wa.get_blocked_users()] == [PHONE]
        assert self.wa.unblock_users([PHONE]).removed_users
        print("ok  templates and blocks")

    def errors(self) -> None:
        try:
            self.wa.send_template(PHONE, "client_order", TemplateLanguage.ENGLISH_US, [BodyText.params("Käthe")])
        except errors.WhatsAppError as error:
            assert error.code in (132000, 131008), error
        else:
            raise AssertionError("a template without its parameters was accepted")
        self.control("/faults", {"edge": f"{NUMBER}/messages", "effect": {"failure": "throughput"}})
        try:
            self.wa.send_message(PHONE, "too fast")
        except errors.WhatsAppError as error:
            assert error.code == 130429, error
        else:
            raise AssertionError("the fault did not strike")
        # pywa breaks on failed statuses without `contacts`, the form that Meta documents; the emulator can do both.
        self.switch({"failed_contacts": True})
        try:
            stranger = self.wa.send_message("491705550099", "Are you there?")
            failed = self.wait_for(types.MessageStatus, lambda it: it.id == stranger.id)
        finally:
            self.switch({"failed_contacts": False})
        assert failed.status == types.MessageStatusType.FAILED and failed.error.code == 131047, failed
        print("ok  errors, at once and by webhook")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    try:
        Journey(sys.argv[1]).run()
    except Exception as flaw:  # the exit code is the answer; the trace says where
        import traceback

        traceback.print_exc()
        print(f"FAILED  {flaw}")
        sys.exit(1)
    print("pywa: everything went as it should")
