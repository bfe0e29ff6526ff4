/** What the tests share: patience, and hands for what only a person can do. */

import * as assert from "node:assert";
import * as vscode from "vscode";

/** Milliseconds: a machine that builds for others at the same time is slow, and nobody waits for a test that passes. */
const PATIENCE = 90_000;

/** Return the first answer that counts; ask again and again until then. */
export async function until<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  patience = PATIENCE,
): Promise<T> {
  const limit = Date.now() + patience;
  while (Date.now() < limit) {
    const seen = await look();
    if (seen !== undefined && seen !== false) {
      return seen;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await shot("failed");
  const extension = vscode.extensions.getExtension("ml-architect.ml-architect");
  const shown = vscode.window.activeTextEditor?.document.languageId;
  throw new Error(`waited in vain for ${what}; the extension is active: ${extension?.isActive}; shown: ${shown}`);
}

async function ask(hand: string, rest: Record<string, string | number>): Promise<unknown> {
  const response = await fetch(`http://127.0.0.1:${environment("HANDS")}/`, {
    method: "POST",
    body: JSON.stringify({ hand, ...rest }),
  });
  const answer = (await response.json()) as { result?: unknown; error?: string };
  assert.strictEqual(answer.error, undefined, `${hand} ${JSON.stringify(rest)}: ${answer.error}`);
  return answer.result;
}

/** Press a button of a message or a dialogue. */
export const press = (text: string): Promise<unknown> => ask("press", { text });
/** Type a line into the box with this title. */
export const type = (title: string, text: string): Promise<unknown> => ask("type", { title, text });
/** Wait for a message that holds `text`; it may lie in the list of messages, as those of a window in the background do. */
export async function message(text: string): Promise<void> {
  await until(`the message "${text}"`, async () => {
    await vscode.commands.executeCommand("notifications.showList");
    return (await read(".notification-list-item")).some((each) => each.includes(text));
  });
}
export const click = (selector: string, text = ""): Promise<unknown> => ask("click", { selector, text });
export const keys = (text: string): Promise<unknown> => ask("keys", { text });
export const see = (selector: string, text: string): Promise<unknown> => ask("see", { selector, text });
/** Return whether something is seen, at once or within some milliseconds. */
export const sees = async (selector: string, text: string, timeout: number): Promise<boolean> =>
  (await ask("sees", { selector, text, timeout })) === true;
/** Press keys until something is seen, longer and longer: those pressed while VS Code is busy may be lost. */
export async function keysUntil(text: string, selector: string, wanted: string): Promise<void> {
  for (const timeout of [3000, 6000, 12_000, 24_000, 48_000]) {
    await keys(text);
    if (await sees(selector, wanted, timeout)) {
      return;
    }
    await keys("Escape");
  }
  throw new Error(`${text} never showed ${wanted}`);
}
export const shot = (name: string): Promise<unknown> => ask("shot", { name });
export const read = async (selector: string): Promise<string[]> => (await ask("read", { selector })) as string[];

/** What stands in a webview, and what its frame permits. */
export interface Panel {
  readonly html: string;
  readonly text: string;
  readonly sandbox: string;
  readonly background: string;
}

/** Return the webview that shows this text, once there is one. */
export function panel(text: string): Promise<Panel> {
  return until(`a page with "${text}"`, async () =>
    ((await ask("panels", {})) as Panel[]).find((each) => each.text.includes(text)),
  );
}

/** Return a variable that the test runner has set. */
export function environment(name: string): string {
  return process.env[`ML_ARCHITECT_TEST_${name}`] ?? "";
}

/** Open a file of the workspace in the editor. */
export async function open(name: string): Promise<vscode.TextEditor> {
  const folder = vscode.workspace.workspaceFolders?.[0];
  assert.ok(folder);
  const document = await vscode.workspace.openTextDocument(vscode.Uri.joinPath(folder.uri, name));
  const editor = await vscode.window.showTextDocument(document);
  await until(`${name} in front`, () => vscode.window.activeTextEditor === editor);
  return editor;
}

/** Put the cursor somewhere; what VS Code tells of earlier places has come in when this is done. */
export async function select(editor: vscode.TextEditor, place: vscode.Position): Promise<void> {
  editor.selection = new vscode.Selection(place, place);
  await vscode.commands.executeCommand("setContext", "ml-architect-tests.selected", true); // there and back again
  await until("the cursor", () => editor.selection.active.isEqual(place));
}

/** Wait until a document has this text: VS Code tells of changes after the command that makes them has ended. */
export async function holds(document: vscode.TextDocument, text: string): Promise<void> {
  await until(`the text ${JSON.stringify(text)}`, () => document.getText() === text);
}

/** Return the first tab that counts, once it is there. */
export function shownTab(what: string, counts: (tab: vscode.Tab) => boolean): Promise<vscode.Tab> {
  return until(what, () => tabs().find(counts));
}

/** Wait for a tab, close it, and wait until it is gone. */
export async function close(what: string, counts: (tab: vscode.Tab) => boolean): Promise<void> {
  await vscode.window.tabGroups.close(await shownTab(what, counts));
  await until(`the end of ${what}`, () => !tabs().some(counts));
}

export const tabs = (): vscode.Tab[] => vscode.window.tabGroups.all.flatMap((group) => group.tabs);

/** Return our findings in a document. */
export function findings(document: vscode.TextDocument): vscode.Diagnostic[] {
  return vscode.languages.getDiagnostics(document.uri).filter((each) => each.source === "ml-architect");
}

export function codes(document: vscode.TextDocument): string[] {
  return findings(document).map((each) =>
    typeof each.code === "object" ? String(each.code.value) : String(each.code),
  );
}

/** The code that the rules of these tests mark: a finding that stands elsewhere is one of an earlier text. */
const MARKED: Record<string, string> = {
  "parameters-not-called": "model.parameters",
  "missing-zero-grad": "optimizer.step()",
};

/** Return the findings of a rule that stand where they should. */
export function marks(document: vscode.TextDocument, code: string): vscode.Diagnostic[] {
  const all = findings(document).filter((_, index) => codes(document)[index] === code);
  return all.filter((each) => document.getText(each.range) === MARKED[code]);
}

/** Return the first finding of a rule once it is there. */
export function finding(document: vscode.TextDocument, code: string, patience?: number): Promise<vscode.Diagnostic> {
  return until(`${code} in ${document.fileName}`, () => marks(document, code)[0], patience);
}

/** Put the text of a file back. */
export async function rewrite(editor: vscode.TextEditor, text: string): Promise<void> {
  const whole = new vscode.Range(0, 0, editor.document.lineCount, 0);
  assert.ok(await editor.edit((edit) => edit.replace(whole, text)));
  await holds(editor.document, text);
}

/** Return what our hovers say about a place. */
export async function explained(document: vscode.TextDocument, place: vscode.Position): Promise<string[]> {
  const command = "vscode.executeHoverProvider";
  const found = await vscode.commands.executeCommand<vscode.Hover[]>(command, document.uri, place);
  const texts = found.flatMap((hover) => hover.contents).map((each) => (typeof each === "string" ? each : each.value));
  return texts.filter((text) => /ml-architect|docs\/rules/.test(text));
}

/** Return the actions that are offered now; none while the server is being replaced. */
export async function actions(
  document: vscode.TextDocument,
  range: vscode.Range,
  kind?: vscode.CodeActionKind,
): Promise<vscode.CodeAction[]> {
  try {
    const asked = ["vscode.executeCodeActionProvider", document.uri, range, kind?.value, 20] as const;
    return await vscode.commands.executeCommand<vscode.CodeAction[]>(...asked);
  } catch (error) {
    if (error instanceof Error && /cancell?ed/i.test(`${error.name} ${error.message}`)) {
      return [];
    }
    throw error;
  }
}
