// shots.mjs GALLERY STATIC FOLDER: a picture of every page of the gallery at the width of a narrow phone,
// a common one and a desk, by day and by night, and a table of them all: FOLDER/index.html.

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { browse, each, pagesOf, serve } from "./gallery.mjs";

const [gallery, statics, folder] = process.argv.slice(2);
const WIDTHS = [320, 390, 1280];
const SCHEMES = ["light", "dark"];

const file = (name, width, scheme) => `${name}.${width}.${scheme}.png`;

const pages = await pagesOf(gallery);
await mkdir(folder, { recursive: true });
const server = await serve(gallery, statics);
const browser = await browse();
await each(pages, 2, async (name) => {
  const page = await browser.newPage();
  for (const width of WIDTHS) {
    await page.setViewport({ width, height: width < 600 ? 844 : 800 });
    for (const scheme of SCHEMES) {
      await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
      if (page.url() === "about:blank") await page.goto(`${server.origin}/${name}.html`);
      await page.screenshot({ path: join(folder, file(name, width, scheme)), fullPage: true });
    }
  }
  await page.close();
});
await browser.close();
server.close();

const kinds = new Map();
for (const name of pages) {
  const at = name.lastIndexOf(".");
  const [page, language] = at < 0 ? [name, "en"] : [name.slice(0, at), name.slice(at + 1)];
  kinds.set(page, [...(kinds.get(page) ?? []), language]);
}
const picture = (page, language, width, scheme) => {
  const source = file(`${page}.${language}`, width, scheme);
  const text = `${page}, ${language}, ${width}, ${scheme}`;
  return `<td><a href="${source}"><img src="${source}" alt="${text}" width="${Math.round(width / 4)}" loading="lazy"></a></td>`;
};
const columns = WIDTHS.flatMap((width) => SCHEMES.map((scheme) => [width, scheme]));
const rows = [...kinds].flatMap(([page, languages]) =>
  languages.map(
    (language) =>
      `<tr><th scope="row">${page}<br>${language}</th>${columns.map(([width, scheme]) => picture(page, language, width, scheme)).join("")}</tr>`,
  ),
);
const head = columns.map(([width, scheme]) => `<th scope="col">${width}, ${scheme}</th>`).join("");
await writeFile(
  join(folder, "index.html"),
  `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Linkgate's pages</title>
<style>body{font:14px system-ui;background:#888}td,th{vertical-align:top;padding:4px;text-align:left}img{display:block}</style>
<table><thead><tr><th scope="col">page</th>${head}</tr></thead><tbody>
${rows.join("\n")}
</tbody></table>
`,
);
console.log(`${pages.length * columns.length} pictures: ${join(folder, "index.html")}`);
