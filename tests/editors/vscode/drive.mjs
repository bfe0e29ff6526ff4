// Opens the workbench in a browser, lets VS Code run the suite in its extension host, and lends the suite a hand:
// what only a person can do (press a button of a message, type into a box) is done on request over loopback.
// Started with one argument: {url, browser, modules, port, shots, timeout} as JSON. Exit code: that of the suite.

import { createServer } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";

const { url, browser: executablePath, modules, port, shots, timeout } = JSON.parse(process.argv[2]);
const { chromium } = createRequire(join(modules, "x.js"))("playwright-core");
const ARGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"];
const PATIENCE = 60000; // milliseconds
const ATTEMPTS = [3000, 6000, 12000, 24000];
const BUTTONS = ".notification-list-item .monaco-button, .monaco-dialog-box .monaco-button";

const browser = await chromium.launch({ executablePath, args: [...ARGS, "--disable-component-update", "--disable-sync"] });
const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });

const hands = {
  press: ({ text }) =>
    page.locator(BUTTONS).filter({ hasText: new RegExp(`^\\s*${text}\\s*$`) }).first().click({ timeout: PATIENCE }),
  type: async ({ title, text }) => {
    const box = page.locator(".quick-input-widget").filter({ hasText: title });
    const input = box.locator("input").first();
    await input.fill(text, { timeout: PATIENCE });
    for (const timeout of ATTEMPTS) {
      await input.press("Enter", { timeout: PATIENCE });
      if (await box.first().waitFor({ state: "hidden", timeout }).then(() => true, () => false)) {
        return;
      }
    }
    throw new Error(`the box "${title}" does not take the key`);
  },
  click: ({ selector, text }) =>
    page.locator(selector).filter({ hasText: text }).first().click({ timeout: PATIENCE }),
  keys: ({ text }) => page.keyboard.press(text),
  see: ({ selector, text }) =>
    page.locator(selector).filter({ hasText: text }).first().waitFor({ state: "visible", timeout: PATIENCE }),
  sees: ({ selector, text, timeout }) => {
    const waiting = page.locator(selector).filter({ hasText: text }).first().waitFor({ state: "visible", timeout });
    return waiting.then(() => true, () => false);
  },
  read: ({ selector }) => page.locator(selector).allInnerTexts(),
  // What stands in a webview: its own frame runs no script, so the one around it is asked.
  panels: async () => {
    const found = await Promise.all(page.frames().map((frame) => Promise.race([inside(frame), late()])));
    return found.filter((each) => each !== undefined);
  },
  shot: ({ name }) => page.screenshot({ path: join(shots, `${name}.png`) }),
};

function inside(frame) {
  const look = () => {
    const shown = document.getElementById("active-frame");
    const content = shown?.contentDocument;
    return content?.body
      ? {
          html: content.documentElement.outerHTML,
          text: content.body.innerText,
          sandbox: shown.getAttribute("sandbox"),
          background: shown.contentWindow.getComputedStyle(content.body).backgroundColor,
        }
      : undefined;
  };
  return frame.evaluate(look).catch(() => undefined);
}

const late = () => new Promise((resolve) => setTimeout(() => resolve(undefined), 2000));

const server = createServer((request, response) => {
  let body = "";
  request.on("data", (data) => {
    body += data;
  });
  request.on("end", async () => {
    try {
      const { hand, ...rest } = JSON.parse(body);
      const result = await hands[hand](rest);
      response.end(JSON.stringify({ result: Buffer.isBuffer(result) ? null : (result ?? null) }));
    } catch (error) {
      await page.screenshot({ path: join(shots, "failed.png") }).catch(() => undefined);
      response.statusCode = 500;
      response.end(JSON.stringify({ error: String(error) }));
    }
  });
});
server.listen(port, "127.0.0.1");

const code = await new Promise((resolve) => {
  const patience = setTimeout(async () => {
    await page.screenshot({ path: join(shots, "late.png") }).catch(() => undefined);
    console.error("the suite did not end in time");
    resolve(3);
  }, timeout);
  const ended = (value) => {
    clearTimeout(patience);
    resolve(value);
  };
  page.exposeFunction("codeAutomationLog", (type, args) => console.log(type, ...args));
  page.exposeFunction("codeAutomationExit", ended);
  page.on("crash", () => ended(4));
  page.goto(url).catch((error) => {
    console.error(error);
    ended(5);
  });
});
await browser.close();
server.close();
process.exit(code);
