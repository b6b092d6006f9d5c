// A peer: takes webhooks and answers them with whatsapp-api-js on node:http, as its documentation shows.
//
// Usage: node server.mjs PORT PROCESSES
// Environment: GRAPH_URL, APP_SECRET; DATABASE names the SQLite file in which each message is committed before it is
// answered, absent where nothing is stored.

import cluster from "node:cluster";
import { createServer } from "node:http";

import { Text } from "whatsapp-api-js/messages";
import { WhatsAppAPI } from "whatsapp-api-js/middleware/node-http";

const [port, processes] = process.argv.slice(2).map(Number);
const { GRAPH_URL, APP_SECRET, DATABASE } = process.env;

if (cluster.isPrimary && processes > 1) {
  for (let n = 0; n < processes; n += 1) cluster.fork();
  // They end with this one.
  process.on("SIGTERM", () => process.exit());
} else {
  await serve();
}

async function serve() {
  const keep = DATABASE ? await keeper(DATABASE) : () => {};
  const whatsapp = new WhatsAppAPI({
    token: "EAABENCH",
    appSecret: APP_SECRET,
    webhookVerifyToken: "bench",
    v: "v25.0",
    ponyfill: {
      // The library fixes the host.
      fetch: (url, options) => fetch(String(url).replace("https://graph.facebook.com", GRAPH_URL), options),
    },
  });
  whatsapp.on.message = async ({ phoneID, from, message }) => {
    keep(message.id, from, message.text?.body);
    await whatsapp.sendMessage(phoneID, from, new Text("Halo! Ada yang bisa kami bantu?"));
  };
  createServer(async (request, response) => {
    response.statusCode = await whatsapp.handle_post(request);
    response.end();
  }).listen(port, "127.0.0.1");
}

async function keeper(path) {
  const { default: Database } = await import("better-sqlite3");
  const database = new Database(path);
  database.pragma("journal_mode = WAL");
  database.pragma("synchronous = FULL");
  database.exec("CREATE TABLE IF NOT EXISTS messages (id TEXT PRIMARY KEY, sender TEXT, body TEXT)");
  // A statement of its own is a transaction of its own.
  const insert = database.prepare("INSERT OR IGNORE INTO messages VALUES (?, ?, ?)");
  return (id, sender, body) => insert.run(id, sender, body);
}
