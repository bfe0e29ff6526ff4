/** What a person sees and presses: squiggles, hover, the menu of quick fixes, the status menu. */

import * as vscode from "vscode";
import { click, finding, keys, open, see, shot, until } from "./hands.js";

const CODE = "parameters-not-called";

export function person(): void {
  suite("person", () => {
    test("a finding is seen, read, and repaired with the keyboard", async () => {
      await vscode.commands.executeCommand("workbench.action.closeAuxiliaryBar");
      const editor = await open("train it.py");
      const { range } = await finding(editor.document, CODE);
      await see(".view-overlays .squiggly-error", "");
      editor.selection = new vscode.Selection(range.start, range.start);
      await vscode.commands.executeCommand("workbench.action.focusActiveEditorGroup");
      await vscode.commands.executeCommand("editor.action.showHover");
      await see(".monaco-hover .hover-contents", CODE);
      await shot("hover");
      await keys("Escape");
      await keys("Control+.");
      await see(".action-widget .monaco-list-row", CODE);
      await shot("menu");
      await keys("Enter");
      await until("the repair", () => editor.document.getText().includes("SGD(model.parameters(), lr=0.1)"));
      await until("the editor to say that nothing was written", () => editor.document.isDirty); // told after the text
    });

    test("the status menu says which server runs, and why", async () => {
      await open("train it.py");
      await click("#status\\.languageStatus");
      await see(".hover-language-status", "ml-architect 0.1.0");
      await see(".hover-language-status", "the setting ml-architect.path");
      await see(".hover-language-status", "no model is chosen");
      await shot("status");
    });
  });
}
