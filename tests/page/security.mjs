// The page under attack: the threats of its contract, one test each.
import http from "node:http";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { bin, browser, expect, plan, returns, root, same, samples, start, suite } from "./lib.mjs";

const HEADERS = {
  "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  "x-content-type-options": "nosniff", "x-frame-options": "DENY", "referrer-policy": "same-origin", "cache-control": "no-store",
  "cross-origin-opener-policy": "same-origin", "cross-origin-resource-policy": "same-origin",
};

/** Bytes on a socket, and all that comes back until it is closed or time is up. */
function raw(port, text, most = 20_000) {
  return new Promise((done) => {
    const socket = net.connect(port, "127.0.0.1");
    let said = "";
    const from = Date.now();
    const end = (isClosed) => { socket.destroy(); done({ said, isClosed, time: Date.now() - from, status: Number(said.split(" ")[1]) || 0 }); };
    const timer = setTimeout(() => end(false), most);
    socket.on("data", (data) => { said += data; });
    socket.on("error", () => {});
    socket.on("close", () => { clearTimeout(timer); end(true); });
    if (text) socket.write(text);
  });
}

const fresh = async () => { const app = await start(); await app.open(); return app; };
const text = (bytes) => [bytes[0], Buffer.from(bytes[1])];

await suite({
  async "T1 only the exact host is answered"() {
    const app = await fresh();
    for (const target of [new URL(app.link).pathname, "/static/app.css", `/${app.key}/`]) {
      for (const host of [`evil.example:${app.port}`, `localhost:${app.port}`, "127.0.0.1", "127.0.0.1:1"]) {
        const answer = await app.ask("GET", target, { headers: { host } });
        same(answer.status, 421, `${host} ${target}`);
        expect(answer.body.toString().includes(`This is csp-bridge on 127.0.0.1:${app.port}. Open it by the link in its window.`), "says what to do");
      }
      expect([400, 421].includes((await raw(app.port, `GET ${target} HTTP/1.0\r\n\r\n`)).status), "no host");
      const host = `Host: 127.0.0.1:${app.port}\r\n`;
      expect([400, 421].includes((await raw(app.port, `GET ${target} HTTP/1.1\r\n${host}${host}Connection: close\r\n\r\n`)).status), "two hosts");
    }
    same((await app.ask("POST", `/${app.key}/clear`, { headers: { host: "evil.example", origin: app.origin } })).status, 421, "post");
    await app.stop();
  },

  async "T2 the key and the entry"() {
    const app = await start();
    expect(/^csp-bridge serve ready: http:\/\/127\.0\.0\.1:\d+\/enter\/[A-Za-z0-9_-]{22,}$/.test(app.first), app.first);
    const entry = new URL(app.link).pathname;
    same((await app.ask("GET", entry, { headers: { "sec-purpose": "prefetch" } })).status, 404, "a look ahead");
    same((await app.ask("HEAD", entry)).status, 303, "HEAD");
    const answer = await app.ask("GET", entry);
    same(answer.status, 303, "first");
    app.key = answer.headers.location.split("/")[1];
    expect(/^[A-Za-z0-9_-]{22,}$/.test(app.key), "the key's letters");
    same((await app.ask("GET", entry)).status, 410, "again");
    same((await app.ask("GET", "/enter/nothing")).status, 404, "no entry");
    const wrong = await app.ask("GET", "/AAAAAAAAAAAAAAAAAAAAAAAA/");
    for (const target of ["/", `/${app.key}x/files`, `/${app.key}/nothing`, `/${app.key}`]) {
      const other = await app.ask("GET", target);
      same([other.status, other.body.toString()], [404, wrong.body.toString()], target);
    }
    const second = await fresh();
    expect(second.key !== app.key, "two keys");
    expect(!app.output().includes(app.key), "the key is not printed");
    const listening = readFileSync("/proc/net/tcp", "utf8").split("\n").filter((line) => line.includes(`:${app.port.toString(16).toUpperCase().padStart(4, "0")} 00000000:0000 0A`));
    expect(listening.length === 1 && listening[0].includes("0100007F:"), "only 127.0.0.1 listens");
    await app.stop();
    await second.stop();
  },

  async "T3 nobody else can post, and nobody else can read"() {
    const app = await fresh();
    await app.upload("plan", [plan]);
    const clear = (headers) => app.ask("POST", `/${app.key}/clear`, { headers: { "content-type": "application/x-www-form-urlencoded", ...headers } });
    for (const origin of ["http://127.0.0.1:1", "null", "https://evil.example", `http://localhost:${app.port}`]) same((await clear({ origin })).status, 403, origin);
    for (const site of ["cross-site", "same-site"]) {
      same((await clear({ "sec-fetch-site": site, origin: app.origin })).status, 403, site);
      same((await app.ask("GET", `/${app.key}/results`, { headers: { "sec-fetch-site": site } })).status, 403, `GET ${site}`);
    }
    same((await clear({})).status, 403, "neither");
    same((await app.state()).files.length, 1, "the files are there");
    // From a page of another port in the browser.
    const other = http.createServer((_, answer) => {
      answer.setHeader("content-type", "text/html");
      answer.end(`<form method=post action="${app.origin}/${app.key}/clear"><button>go</button></form>`);
    }).listen(0, "127.0.0.1");
    const chrome = await browser();
    const page = await chrome.newPage();
    await page.goto(`http://127.0.0.1:${other.address().port}/`);
    await page.evaluate((url) => fetch(url, { method: "POST", mode: "no-cors" }).catch(() => {}), `${app.origin}/${app.key}/clear`);
    await page.click("button");
    await page.waitForLoadState();
    same((await app.state()).files.length, 1, "the files are still there");
    same((await clear({ origin: app.origin })).status, 303, "its own page may");
    await chrome.close();
    other.close();
    await app.stop();
  },

  async "T4 methods"() {
    const app = await fresh();
    for (const method of ["OPTIONS", "PUT", "DELETE", "TRACE", "PATCH"]) {
      const answer = await app.ask(method, `/${app.key}/`);
      same(answer.status, 405, method);
      expect(answer.headers.allow, `${method} Allow`);
    }
    const stop = await app.get("stop");
    same([stop.status, stop.headers.allow], [405, "POST"], "GET stop");
    same((await app.get("")).status, 200, "still running");
    await app.stop();
  },

  async "T5 too much, too slow"() {
    const app = await fresh();
    const host = `Host: 127.0.0.1:${app.port}\r\n`;
    same((await raw(app.port, `GET /${app.key}/ HTTP/1.1\r\n${host}X: ${"x".repeat(20 << 10)}\r\n\r\n`)).status, 431, "a long header");
    expect([414, 431].includes((await raw(app.port, `GET /${"x".repeat(20 << 10)} HTTP/1.1\r\n${host}\r\n`)).status), "a long line");
    same((await app.post("run", { quarter: "x".repeat(300 << 10) })).status, 413, "a large form");
    const post = (type, body) => app.ask("POST", `/${app.key}/files`, { headers: { origin: app.origin, "content-type": type }, body });
    same((await post("text/plain", "x")).status, 415, "text");
    same((await post("multipart/form-data", "x")).status, 400, "no boundary");
    same((await post("multipart/form-data; boundary=x", "y")).status, 400, "no parts");
    const half = raw(app.port, `GET /${app.key}/ HTTP/1.1\r\nHos`);
    const silent = raw(app.port, "");
    const idle = Array.from({ length: 60 }, () => raw(app.port, ""));
    await wait(300);
    const from = Date.now();
    same((await app.get("")).status, 200, "a page beside them");
    expect(Date.now() - from < 15_000, "in time");
    for (const one of await Promise.all([half, silent, ...idle])) expect(one.isClosed && one.time < 15_000, `closed after ${one.time}`);
    await app.stop();
  },

  async "T6 a name is never a path"() {
    const app = await fresh();
    const bytes = readFileSync(returns[0]);
    for (const name of ["../../x.xlsx", "..\\..\\x.xlsx", "C:\\w\\x.xlsx", "/etc/x.xlsx"]) {
      await app.upload("return", [[name, bytes]]);
      same((await app.state()).files.map((file) => file.name), ["x.xlsx"], name);
    }
    for (const target of [`/${app.key}/download/..%2f..%2fx`, "/static/..%2fapp.css", `/${app.key}/download/%00`, `/${app.key}/download/templates/..%2f..`]) {
      same((await app.ask("GET", target)).status, 404, target);
    }
    await app.stop();
  },

  async "T7 bad files are refused by name, and the page answers meanwhile"() {
    const app = await fresh();
    await app.upload("plan", [plan]);
    const fixtures = path.join(root, "tests/fixtures");
    const bad = [
      text(["random.xlsx", Array.from({ length: 5000 }, (_, i) => (i * 7919 + (i >> 3)) % 256)]), ["empty.xlsx", Buffer.alloc(0)],
      ["locked.xlsx", readFileSync(path.join(fixtures, "encrypted-rc4.xls"))], ["cut.xlsx", readFileSync(path.join(fixtures, "cut.xlsx"))],
      ["huge.xlsx", Buffer.alloc(101 << 20)],
    ];
    const sending = app.upload("return", bad);
    let worst = 0;
    for (let i = 0; i < 10; i += 1) {
      const from = Date.now();
      await app.state();
      worst = Math.max(worst, Date.now() - from);
      await wait(50);
    }
    expect(worst < 1000, `state took ${worst} ms`);
    same((await sending).status, 303, "the upload");
    const shown = (await app.get("files")).body.toString();
    for (const [name] of bad) expect(shown.includes(name), `${name} is named`);
    const { files } = await app.state();
    for (const file of files.filter((file) => file.role === "return")) expect(file.state === "refused" && file.note.length > 20, `${file.name} ${file.state}`);
    expect(/huge\.xlsx is larger than 100 MB/.test(shown), "the limit");
    for (const file of files.filter((file) => file.role === "return")) await app.post(`files/${file.id}/remove`);
    await app.upload("return", returns);
    same((await app.run()).state, "done", "the next run");
    await app.stop();
  },

  async "T8 T9 what a partner writes is text, and every answer has its headers"() {
    const app = await fresh();
    const evil = ["<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "javascript:alert(1)", "{{7*7}}"];
    const csv = `Partner,${evil[0]}\nQuarter,Q2 2022-23\n\nRef,Progress this quarter,Status,"${evil[0]}"\n${evil.map((words, i) => `SAC-0${i + 1},"${words.replaceAll('"', '""')}","${words.replaceAll('"', '""')}","x"`).join("\n")}\n`;
    await app.upload("plan", [plan]);
    await app.upload("return", [...returns, ["<img src=x onerror=alert(1)>.csv", Buffer.from(csv)]]);
    const chrome = await browser();
    const page = await chrome.newPage();
    const heard = [];
    page.on("dialog", (dialog) => { heard.push(`dialog ${dialog.message()}`); dialog.dismiss(); });
    page.on("console", (message) => { if (["error", "warning"].includes(message.type())) heard.push(message.text()); });
    page.on("pageerror", (error) => heard.push(String(error)));
    await app.run();
    const ids = [...(await app.get("results")).body.toString().matchAll(/data-finding="([^"]+)"/g)].map((found) => found[1]);
    const pages = ["", "files", "results", "results?words=%3Cscript%3E", "decisions", "money", "downloads", "publish", "rules", "rules/C202", ...ids.map((id) => `results/${id}`)];
    for (const target of pages) {
      const answer = await app.get(target);
      same(answer.status, 200, target);
      await page.goto(`${app.origin}/${app.key}/${target}`);
      const inline = await page.evaluate(() => [...document.querySelectorAll("*")].filter((e) => e.tagName === "STYLE" || (e.tagName === "SCRIPT" && e.textContent) || [...e.attributes].some((a) => /^on|^style$/.test(a.name) || /^javascript:/.test(a.value) && a.name === "href")).map((e) => e.outerHTML));
      same(inline, [], `${target} has nothing inline`);
    }
    same(heard, [], "nothing ran");
    const answers = {
      200: await app.get(""), 303: await app.post("run", { quarter: "2022-23-Q2" }), 403: await app.ask("POST", `/${app.key}/clear`), 404: await app.get("nothing"),
      405: await app.get("stop"), 410: await (async () => { const link = new URL(await app.enter()).pathname; await app.ask("GET", link); return app.ask("GET", link); })(),
      413: await app.post("run", { quarter: "x".repeat(300 << 10) }), 415: await app.post("files"), 421: await app.ask("GET", "/", { headers: { host: "evil.example" } }),
      422: await app.post("run", { quarter: "2022-23-Q2", as_of: "soon" }),
    };
    // A run may still be on when the last one is asked for.
    for (const [status, answer] of Object.entries(answers)) {
      if (status !== "422" || answer.status !== 303) same(answer.status, Number(status), status);
      for (const [name, value] of Object.entries(HEADERS)) same(answer.headers[name], value, `${status} ${name}`);
      for (const name of Object.keys(answer.headers)) expect(!/^set-cookie|^access-control/.test(name), `${status} ${name}`);
    }
    for (const name of ["consolidated.xlsx", "report.json", "findings.html", "findings.csv", "findings.md", "decisions.toml", "all.zip", "templates/2022-23-Q3.zip"]) {
      const answer = await app.get(`download/${name}`);
      same([answer.status, answer.headers["content-security-policy"]], [200, "default-src 'none'; sandbox"], name);
      expect(/^attachment; filename="[ -~]+"; filename\*=UTF-8''/.test(answer.headers["content-disposition"]), name);
    }
    await chrome.close();
    await app.stop();
  },

  async "T10 nothing is left behind"() {
    const seen = (folder) => existsSync(folder) ? readdirSync(folder).filter((name) => !/chrom|playwright|node|npm/i.test(name)).sort() : [];
    const home = mkdtempSync(path.join(os.tmpdir(), "csp-bridge-page-"));
    const before = [seen(home), seen(process.cwd())];
    process.env.TMPDIR = home;
    const app = await fresh();
    await app.upload("plan", [plan]);
    await app.upload("return", returns);
    await app.run();
    await app.get("download/all.zip");
    same((await app.post("stop")).status, 200, "the goodbye");
    const from = Date.now();
    same(await app.ended, 0, "exit code");
    expect(Date.now() - from < 2000, "in time");
    expect(await app.ask("GET", "/").then(() => false, () => true), "the port is closed");
    const idle = await start("--idle-exit", "2s");
    same(await idle.ended, 0, "idle");
    const killed = await fresh();
    await killed.upload("plan", [plan]);
    killed.child.kill("SIGKILL");
    await killed.ended;
    const interrupted = await fresh();
    interrupted.child.kill("SIGINT");
    same(await interrupted.ended, 0, "interrupted");
    delete process.env.TMPDIR;
    same([seen(home), seen(process.cwd())], before, "folders");
    rmSync(home, { recursive: true });
    expect(statSync(bin).isFile() && existsSync(samples), "the program is there");
  },
});
