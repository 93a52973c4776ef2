// Pages that were written to a folder, over HTTP as the server would send them, and a browser to look at
// them with.

import { existsSync } from "node:fs";
import { readFile, readdir } from "node:fs/promises";
import { createServer } from "node:http";
import { delimiter, extname, join, normalize } from "node:path";
import puppeteer from "puppeteer-core";

const TYPES = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".webp": "image/webp",
};

// The names of all pages of a folder, without their ending.
export async function pagesOf(folder) {
  const files = await readdir(folder);
  const pages = files.filter((file) => file.endsWith(".html") && file !== "index.html");
  return pages.map((file) => file.slice(0, -".html".length)).sort();
}

// Serves both folders on a free port of this machine.
export async function serve(gallery, statics) {
  const server = createServer(async (request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, "http://gallery").pathname));
    const file = path.startsWith("/static/")
      ? join(statics, path.slice("/static/".length))
      : join(gallery, path);
    try {
      const body = await readFile(file);
      response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream" });
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address();
  return { origin: `http://127.0.0.1:${port}`, close: () => server.close() };
}

function chromium() {
  const names = ["chromium", "chromium-browser", "google-chrome"];
  const folders = (process.env.PATH ?? "").split(delimiter);
  const found = names.flatMap((name) => folders.map((folder) => join(folder, name))).find(existsSync);
  if (!found) throw new Error("Chromium is missing: please install the package chromium");
  return found;
}

// The system's Chromium: nothing is downloaded. Root may not use its sandbox.
export function browse() {
  return puppeteer.launch({
    executablePath: chromium(),
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--no-first-run",
      "--hide-scrollbars",
    ],
  });
}

// Calls `work` with each item, a few at a time.
export async function each(items, hands, work) {
  const waiting = [...items];
  const hand = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: hands }, hand));
}
