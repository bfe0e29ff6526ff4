/** A workspace that is not trusted: nothing that it names is started. */

import * as assert from "node:assert";
import { existsSync } from "node:fs";
import * as vscode from "vscode";
import { environment, message, open } from "./hands.js";

export function untrusted(): void {
  suite("untrusted", () => {
    test("the program that the workspace names is not started", async () => {
      assert.strictEqual(vscode.workspace.isTrusted, false);
      await open("train it.py");
      await message("no server was found");
      assert.strictEqual(existsSync(environment("CALLS")), false);
    });
  });
}
