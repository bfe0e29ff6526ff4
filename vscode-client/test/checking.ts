/** The check of the whole workspace: what is found in files that are not open lands among the problems. */

import * as assert from "node:assert";
import * as vscode from "vscode";
import { codes, finding, message, open, read, shot, until } from "./hands.js";

const CODE = "parameters-not-called";

export function checking(): void {
  suite("checking", () => {
    test("findings in files that are not open are among the problems, and only once when one is opened", async () => {
      const editor = await open("loop.py"); // starts the server
      await until("the command", async () =>
        (await vscode.commands.getCommands(true)).includes("ml-architect.checkWorkspace"),
      );
      const closed = vscode.Uri.joinPath(editor.document.uri, "..", "train it.py");
      assert.deepStrictEqual(vscode.languages.getDiagnostics(closed), []);
      await vscode.commands.executeCommand("ml-architect.checkWorkspace");
      await message("in the files of the workspace that are not open");
      await until("the finding", () =>
        vscode.languages
          .getDiagnostics(closed)
          .some((each) => typeof each.code === "object" && each.code.value === CODE),
      );
      await vscode.commands.executeCommand("workbench.actions.view.problems");
      await until("the problem", async () => (await read(".markers-panel")).some((each) => each.includes(CODE)));
      await shot("problems");
      const opened = await open("train it.py");
      await finding(opened.document, CODE);
      await until("one finding", () => codes(opened.document).filter((each) => each === CODE).length === 1);
    });
  });
}
