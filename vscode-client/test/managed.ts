/** The first start on a machine that has no server: the user agrees, and it is installed from the extension itself. */

import * as assert from "node:assert";
import * as vscode from "vscode";
import { finding, message, open, press, shot } from "./hands.js";

export function managed(): void {
  suite("managed", () => {
    test("the server is installed once the user agrees, and then finds what is wrong", async function () {
      this.timeout(300_000);
      const editor = await open("train it.py");
      await message("no server was found");
      await shot("install");
      await press("Install");
      const found = await finding(editor.document, "parameters-not-called", 240_000);
      assert.ok(typeof found.code === "object");
      assert.match(found.code.target.path, /globalStorage.*environment/);
      assert.ok(vscode.extensions.getExtension("ml-architect.ml-architect")?.isActive);
    });
  });
}
