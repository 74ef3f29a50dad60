// The server that one would write without any of it: Express, one prepared statement, the same TLS. BARE: its settings, JSON.
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import express from "express";
import pg from "pg";

const { port, cert, key, database } = JSON.parse(process.env.BARE!);
const pool = new pg.Pool({ ...database, max: 20 });
const app = express();
const text = "select site_id, name, time_zone, offline_window_days, created_at from sites where site_id = $1";
app.get("/api/v1/sites/:id", async (req, res) => {
  const { rows } = await pool.query({ name: "site", text, values: [req.params.id] });
  res.json(rows[0]);
});
const server = createServer({ cert: readFileSync(cert), key: readFileSync(key) }, app);
server.listen(port, "localhost", () => process.stdout.write("listening\n"));
