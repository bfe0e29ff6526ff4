/** The environment that is selected in VS Code: used where ml-architect is in it, and followed when it changes. */

import * as assert from "node:assert";
import { readFileSync } from "node:fs";
import * as vscode from "vscode";
import { environment, finding, open, until } from "./hands.js";

export function selected(): void {
  suite("selected", () => {
    test("the server of the selected environment runs, and that of the next one once it is chosen", async () => {
      const editor = await open("train it.py");
      await finding(editor.document, "parameters-not-called");
      assert.strictEqual(served(), "first");
      await vscode.commands.executeCommand("ml-architect-tests.choose", environment("OTHER_PYTHON"));
      await until("the other server", () => served() === "second");
      await finding(editor.document, "parameters-not-called");
    });

    test("a server that dies comes back by itself, and what is open is known to it", async () => {
      const before = pids();
      assert.ok(before.length > 0);
      process.kill(Number(before.at(-1)), "SIGKILL");
      await until("another server", () => pids().length > before.length);
      const editor = await open("train it.py");
      const appended = new vscode.WorkspaceEdit();
      appended.insert(editor.document.uri, new vscode.Position(0, 0), "import os\n");
      assert.ok(await vscode.workspace.applyEdit(appended));
      const place = await until("a finding one line lower", async () => {
        const found = await finding(editor.document, "parameters-not-called");
        return found.range.start.line === 5 && found;
      });
      assert.strictEqual(editor.document.getText(place.range), "model.parameters");
    });
  });
}

/** Return the lines that the interpreters wrote when they were started as servers: name and process. */
function started(): string[][] {
  const lines = readFileSync(environment("CALLS"), "utf-8").split("\n");
  return lines.map((line) => line.split(" ")).filter((words) => words.includes("server"));
}

const served = (): string | undefined => started().at(-1)?.[0];
const pids = (): (string | undefined)[] => started().map((words) => words[1]);
