// What every test of the page needs: the program started, a browser, and requests by hand.
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import http from "node:http";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
export const bin = path.resolve(process.env.CSP_BRIDGE ?? path.join(root, "target/release/csp-bridge"));
export const samples = path.join(root, "samples/2022-23");
export const returns = readdirSync(path.join(samples, "returns")).sort().map((name) => path.join(samples, "returns", name));
export const plan = path.join(samples, "action-plan.xlsx");

/** Programs still running: a test that fails leaves its own behind, and none may keep the tests from ending. */
const running = new Set();

/** Longest that one test may take, in milliseconds. */
const LONGEST = 180_000;

/** Starts the program; `enter()` is a fresh link, `key` the session's part of the path. */
export async function start(...args) {
  const child = spawn(bin, ["serve", "--no-open", ...args], { stdio: ["pipe", "pipe", "inherit"] });
  running.add(child);
  child.on("exit", () => running.delete(child));
  const waiting = [];
  let text = "";
  let said = "";
  child.stdout.on("data", (data) => {
    text += data;
    said += data;
    let end;
    while ((end = text.indexOf("\n")) >= 0) {
      const line = text.slice(0, end);
      text = text.slice(end + 1);
      waiting.shift()?.(line);
    }
  });
  const line = () => new Promise((done) => waiting.push(done));
  const first = await line();
  const link = first.replace(/^csp-bridge serve ready: /, "");
  const port = Number(new URL(link).port);
  const ended = new Promise((done) => child.on("exit", (code) => done(code)));
  const app = {
    child, port, link, ended, first,
    output: () => said,
    origin: `http://127.0.0.1:${port}`,
    async enter() {
      const next = line();
      child.stdin.write("\n");
      return (await next).replace(/^csp-bridge serve ready: /, "");
    },
    /** A request by hand: nothing is added to it but what is given. */
    ask(method, target, { headers = {}, body } = {}) {
      return new Promise((done, fail) => {
        const request = http.request({ host: "127.0.0.1", port, method, path: target, headers, agent: false }, (answer) => {
          const parts = [];
          answer.on("data", (part) => parts.push(part));
          answer.on("end", () => done({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(parts) }));
        });
        request.on("error", fail);
        request.end(body);
      });
    },
    async open() {
      const answer = await app.ask("GET", new URL(await app.enter()).pathname);
      app.key = answer.headers.location.split("/")[1];
      return app.key;
    },
    get: (page) => app.ask("GET", `/${app.key}/${page}`),
    post: (page, form = {}, headers = {}) => app.ask("POST", `/${app.key}/${page}`, {
      headers: { origin: app.origin, "content-type": "application/x-www-form-urlencoded", ...headers },
      body: new URLSearchParams(form).toString(),
    }),
    async upload(role, files) {
      const parts = [Buffer.from(`--xx\r\nContent-Disposition: form-data; name="role"\r\n\r\n${role}\r\n`)];
      for (const file of files) {
        const [name, bytes] = typeof file === "string" ? [path.basename(file), readFileSync(file)] : file;
        parts.push(Buffer.from(`--xx\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\n\r\n`), bytes, Buffer.from("\r\n"));
      }
      parts.push(Buffer.from("--xx--\r\n"));
      return app.ask("POST", `/${app.key}/files`, {
        headers: { origin: app.origin, "content-type": "multipart/form-data; boundary=xx" }, body: Buffer.concat(parts),
      });
    },
    state: async () => JSON.parse((await app.get("state")).body),
    async run(quarter = "2022-23-Q2", as_of = "20/10/2022") {
      await app.post("run", { quarter, as_of });
      for (;;) {
        const { run } = await app.state();
        if (run.state !== "running") return run;
        await new Promise((done) => setTimeout(done, 50));
      }
    },
    async stop() {
      if (child.exitCode === null) child.kill();
      await ended;
    },
  };
  return app;
}

/** Debian's Chromium: the tests never bring a browser of their own. */
export const browser = () => chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
});

export function expect(holds, what) {
  if (!holds) throw new Error(what);
}

export function same(got, wanted, what) {
  expect(JSON.stringify(got) === JSON.stringify(wanted), `${what}: ${JSON.stringify(got)?.slice(0, 600)}, not ${JSON.stringify(wanted)?.slice(0, 600)}`);
}

/** Runs tests one after another; the process ends with their failures. */
export async function suite(tests) {
  let failed = 0;
  const only = process.argv[2];
  for (const [name, test] of Object.entries(tests)) {
    if (only && !name.includes(only)) continue;
    const from = Date.now();
    try {
      let clock;
      const late = new Promise((_, fail) => { clock = setTimeout(() => fail(new Error(`not over after ${LONGEST / 1000} s`)), LONGEST); });
      await Promise.race([test(), late]).finally(() => clearTimeout(clock));
      console.log(`ok    ${name} (${Date.now() - from} ms)`);
    } catch (error) {
      failed += 1;
      console.log(`FAIL  ${name}\n      ${error.stack ?? error}`);
    }
  }
  for (const child of running) child.kill("SIGKILL");
  process.exit(failed ? 1 : 0);
}
