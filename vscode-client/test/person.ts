/** What a person sees and presses: squiggles, hover, the menu of quick fixes, the status menu. */

import * as vscode from "vscode";
import { click, finding, keys, keysUntil, open, read, see, select, shot, until } from "./hands.js";

const CODE = "parameters-not-called";

export function person(): void {
  suite("person", () => {
    test("a finding is seen, read, and repaired with the keyboard", async () => {
      await vscode.commands.executeCommand("workbench.action.closeAuxiliaryBar");
      const editor = await open("train it.py");
      const { range } = await finding(editor.document, CODE);
      await see(".view-overlays .squiggly-error", "");
      await select(editor, range.start);
      await vscode.commands.executeCommand("workbench.action.focusActiveEditorGroup");
      await vscode.commands.executeCommand("editor.action.showHover");
      await see(".monaco-hover .hover-contents", CODE);
      await shot("hover");
      await keys("Escape");
      await keysUntil("Control+.", ".action-widget .monaco-list-row.focused", CODE);
      await shot("menu");
      await keys("Enter");
      await until("the repair", () => editor.document.getText().includes("SGD(model.parameters(), lr=0.1)"));
      await until("the editor to say that nothing was written", () => editor.document.isDirty); // told after the text
    });

    test("the status menu says which server runs, and why", async () => {
      await open("train it.py");
      for (const text of ["ml-architect 0.1.0", "the setting ml-architect.path", "no model is chosen"]) {
        await until(`"${text}" in the status menu`, async () => {
          await click("#status\\.languageStatus"); // it closes by itself when something else is shown
          return (await read(".hover-language-status")).some((each) => each.includes(text));
        });
      }
      await shot("status");
    });
  });
}
