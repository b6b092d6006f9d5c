"""A peer: takes webhooks and answers them with pywa under FastAPI, as its documentation shows.

Run as `uvicorn pywa_server:app`. Environment: GRAPH_URL, APP_SECRET, PHONE_NUMBER_ID; DATABASE names the SQLite file in which
each message is committed before it is answered, absent where nothing is stored.
"""

import os
import sqlite3

import httpx
from fastapi import FastAPI
from pywa_async import WhatsApp, types

GRAPH = httpx.URL(os.environ["GRAPH_URL"])


class ToGraph(httpx.AsyncHTTPTransport):
    """Sends what is meant for Graph to the stand-in; pywa fixes the host."""

    def __init__(self) -> None:
        super().__init__(limits=httpx.Limits(max_connections=64, max_keepalive_connections=64))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(scheme=GRAPH.scheme, host=GRAPH.host, port=GRAPH.port)
        request.headers["Host"] = request.url.netloc.decode()
        return await super().handle_async_request(request)


def opened(path: str) -> sqlite3.Connection:
    database = sqlite3.connect(path, isolation_level=None, timeout=30)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute("CREATE TABLE IF NOT EXISTS messages (id TEXT PRIMARY KEY, sender TEXT, body TEXT)")
    return database


app = FastAPI()
database = opened(os.environ["DATABASE"]) if "DATABASE" in os.environ else None
whatsapp = WhatsApp(
    phone_id=os.environ["PHONE_NUMBER_ID"],
    token="EAABENCH",
    session=httpx.AsyncClient(transport=ToGraph(), timeout=60),
    server=app,
    webhook_endpoint="/webhooks/meta",
    verify_token="bench",
    app_secret=os.environ["APP_SECRET"],
)


@whatsapp.on_message()
async def answer(_: WhatsApp, message: types.Message) -> None:
    if database:
        # A statement of its own is a transaction of its own.
        database.execute(
            "INSERT OR IGNORE INTO messages VALUES (?, ?, ?)", (message.id, message.from_user.wa_id, message.text)
        )
    await message.reply_text("Halo! Ada yang bisa kami bantu?")
