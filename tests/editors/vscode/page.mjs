// A browser with the workbench in it, for scripts that do what a person does and use nothing of the extension API.

import { createRequire } from "node:module";
import { join } from "node:path";

const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const PATIENCE = 90000; // milliseconds
/** Of the files that webviews show: a worker of VS Code in the browser answers for this host, which is never asked. */
const WITHIN = ".vscode-resource.vscode-cdn.net";
/** How long each attempt at something is given to be seen, in milliseconds: a key may be lost on a busy machine. */
const ATTEMPTS = [3000, 6000, 12000, 24000, 48000];
const SHOTS = { width: 1040, height: 640 };

/** Run `way` with hands for the page, then print what it has seen as JSON, and end with 1 if it failed. */
export async function walk(way) {
  const { url, browser: executablePath, modules, shots } = JSON.parse(process.argv[2]);
  const { chromium } = createRequire(join(modules, "x.js"))("playwright-core");
  const browser = await chromium.launch({ executablePath, args: ARGS });
  const page = await browser.newPage({ viewport: SHOTS });
  page.setDefaultTimeout(PATIENCE);
  const hosts = new Set();
  page.on("request", (request) => {
    const { protocol, hostname } = new URL(request.url());
    const isOnline = protocol.startsWith("http") || protocol.startsWith("ws");
    if (isOnline && !hostname.endsWith(WITHIN)) {
      hosts.add(hostname);
    }
  });
  const seen = {};
  try {
    await page.goto(url);
    await page.locator(".monaco-workbench .explorer-folders-view .monaco-list-row").first().waitFor({ state: "visible" });
    await way(page, hands(page, shots), seen);
  } catch (error) {
    seen.error = String(error);
    await page.screenshot({ path: join(shots, "failed.png") });
  }
  seen.hosts = [...hosts];
  console.log(JSON.stringify(seen));
  await browser.close();
  process.exit(seen.error ? 1 : 0);
}

function hands(page, shots) {
  const shown = (selector, text) => page.locator(selector).filter(text === undefined ? {} : { hasText: text }).first();
  const see = (selector, text) => shown(selector, text).waitFor({ state: "visible" });

  /** Try something until `selector` with `text` is in a state: a person, too, does again what had no effect. */
  async function until(attempt, selector, text, state = "visible") {
    for (const timeout of ATTEMPTS) {
      await attempt().catch((error) => console.error(`tried in vain: ${error}`)); // what was there may be gone again
      const waiting = shown(selector, text).waitFor({ state, timeout });
      if (await waiting.then(() => true, () => false)) {
        return;
      }
    }
    throw new Error(`${selector} with ${text} was never ${state}`);
  }

  /** Choose the entry with this text from what opens at a shortcut. */
  async function choose(shortcut, text, entry = text) {
    await until(() => page.keyboard.press(shortcut), ".quick-input-widget input");
    const input = page.locator(".quick-input-widget input").first();
    await input.fill(text);
    await see(".quick-input-list .monaco-list-row.focused", entry);
    await until(() => input.press("Enter"), ".quick-input-widget", undefined, "hidden");
  }

  return {
    see,
    until,
    gone: (selector, text) => shown(selector, text).waitFor({ state: "hidden" }),
    click: (selector, text) => shown(selector, text).click(),
    shot: (name) => page.screenshot({ path: join(shots, `${name}.png`) }),

    /** Open a file of the workspace. */
    async open(name) {
      await choose("Control+P", name);
      await see(".tab.active", name);
    },

    /** Run a command of the palette. */
    run: (title) => choose("F1", `>${title}`, title),

    /** Return the middle of a mark below code, which lies under the text and cannot be clicked itself. */
    async middle(selector) {
      const mark = page.locator(selector).first();
      for (;;) {
        await mark.waitFor({ state: "visible" });
        const box = await mark.boundingBox(); // null where the editor has drawn its marks anew since
        if (box) {
          return [box.x + box.width / 2, box.y + box.height / 2];
        }
      }
    },
  };
}
