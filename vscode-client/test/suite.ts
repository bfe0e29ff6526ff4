/** Runs in the extension host of a real VS Code, against the installed extension. */

import { writeFileSync } from "node:fs";
import Mocha from "mocha";
import { architect } from "./architect.js";
import { checking } from "./checking.js";
import { editing } from "./editing.js";
import { folders } from "./folders.js";
import { environment } from "./hands.js";
import { managed } from "./managed.js";
import { notebooks } from "./notebooks.js";
import { pages } from "./pages.js";
import { person } from "./person.js";
import { selected } from "./selected.js";
import { untrusted } from "./untrusted.js";

const SUITES: Record<string, () => void> = {
  editing,
  person,
  checking,
  notebooks,
  pages,
  selected,
  folders,
  architect,
  managed,
  untrusted,
};

/** Run the suites that the test runner names, and write down how each test ended. */
export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: "tdd", timeout: 300_000, reporter: "min" });
  mocha.suite.emit("pre-require", globalThis, "", mocha);
  for (const name of environment("SUITES").split(",")) {
    SUITES[name]?.();
  }
  const ended: unknown[] = [];
  const failures = await new Promise<number>((resolve) => {
    mocha
      .run(resolve)
      .on("pass", (test) => ended.push({ title: test.fullTitle(), ms: test.duration }))
      .on("fail", (test, error: Error) => ended.push({ title: test.fullTitle(), error: error.stack ?? error.message }));
  });
  writeFileSync(environment("RESULTS"), JSON.stringify(ended));
  if (failures > 0) {
    throw new Error(`${failures} tests failed`);
  }
}
