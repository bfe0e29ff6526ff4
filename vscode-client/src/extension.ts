/** Wires the parts together; what is found, explained and fixed is decided by the server. */

import * as vscode from "vscode";
import { Architect } from "./architect.js";
import { Environment } from "./environment.js";
import { Interpreters } from "./interpreters.js";
import { Managed } from "./managed.js";
import { Models } from "./models.js";
import { Pages, Papers } from "./pages.js";
import { EXPLAIN, FIX, PROMPT, type Scope, type Task, type Wish, wishOf } from "./protocol.js";
import { Server } from "./server.js";
import { StatusItems } from "./status.js";

const SOURCE = "ml-architect";

/** Settings that decide which server runs, and with what; all others it takes while it runs. */
const LAUNCHING = ["path", "importStrategy", "interpreter", "architect"];

let server: Server | undefined;

export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel(SOURCE, { log: true });
  const trace = vscode.window.createOutputChannel(`${SOURCE} messages`, { log: true });
  const interpreters = new Interpreters(log);
  const models = new Models(context);
  const environment = new Environment(context, interpreters, new Managed(context, log), log);
  const running = new Server(environment, interpreters, models, log, trace);
  const papers = new Papers();
  const architect = new Architect(running, papers, log);
  const pages = new Pages(running, papers, log);
  server = running;
  running.execute = (command, args, otherwise) => intercepted(architect, command, args, otherwise);

  const commands: Record<string, (...args: never[]) => unknown> = {
    restart: async () => {
      await environment.forgetRefusal();
      await running.refresh(true);
    },
    showLogs: () => log.show(),
    fixAll: () =>
      vscode.commands.executeCommand("editor.action.sourceAction", { kind: `source.fixAll.${SOURCE}`, apply: "first" }),
    explainRule: () => explainRule(),
    fixFinding: () => withFinding("finding", (wish) => architect.ask(wish, "fix")),
    explainFinding: () => withFinding("finding", (wish) => architect.ask(wish, "explain")),
    repairLoop: () => withFinding("loop", (wish) => architect.ask(wish, "fix")),
    showPrompt: () => withFinding("finding", (wish) => architect.showPrompt(wish, "fix")),
    reviewFile: () => {
      const uri = vscode.window.activeTextEditor?.document.uri;
      return uri && pages.review(uri);
    },
    reviewProject: async () => {
      const folder = await chosenFolder();
      return folder && pages.review(folder);
    },
    askQuestion: () => pages.inquire(),
    savePage: () => pages.save(),
    showStatus: () => architect.showStatus(),
    chooseModel: async () => {
      if ((await models.choose()) && running.choice?.isManaged) {
        await environment.offerModels();
      }
      await running.refresh();
    },
    setKey: async () => {
      if (await models.setKey()) {
        await running.refresh();
      }
    },
    applyPreview: () => architect.decide(shownInDiff(), true),
    discardPreview: () => architect.decide(shownInDiff(), false),
  };
  context.subscriptions.push(
    log,
    trace,
    interpreters,
    papers,
    architect,
    pages,
    running,
    new StatusItems(running),
    ...Object.entries(commands).map(([name, run]) => vscode.commands.registerCommand(`${SOURCE}.${name}`, run)),
    vscode.workspace.onDidChangeConfiguration(async (event) => {
      if (LAUNCHING.some((name) => event.affectsConfiguration(`${SOURCE}.${name}`))) {
        await running.refresh();
      }
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => running.refresh()),
    interpreters.onDidChange(async () => {
      await running.refresh();
      await running.tellSettings();
    }),
  );
  void running.refresh();
}

export async function deactivate(): Promise<void> {
  await server?.stop();
}

/** Run a command of the server's code actions in our own dialogue, all others in the server. */
async function intercepted(
  architect: Architect,
  command: string,
  args: readonly unknown[],
  otherwise: () => Promise<unknown>,
): Promise<unknown> {
  const tasks: Record<string, Task> = { [FIX]: "fix", [EXPLAIN]: "explain" };
  const wish = wishOf(args[0]);
  const task = tasks[command];
  if (wish !== undefined && task !== undefined) {
    return architect.ask(wish, task);
  }
  return wish !== undefined && command === PROMPT ? architect.showPrompt(wish, "fix") : otherwise();
}

/** A diagnostic of ours, as the client keeps it. */
type Found = vscode.Diagnostic & { readonly data?: { readonly finding?: unknown } };

/** Do something about the finding at the cursor; the user chooses where there are several. */
async function withFinding(scope: Scope, use: (wish: Wish) => Promise<void>): Promise<void> {
  const uri = vscode.window.activeTextEditor?.document.uri.toString();
  const found = await chosenFinding();
  const finding = found?.data?.finding;
  if (uri !== undefined && typeof finding === "string") {
    await use({ uri, finding, scope });
  }
}

async function explainRule(): Promise<void> {
  const code = (await chosenFinding())?.code;
  if (typeof code === "object") {
    await vscode.commands.executeCommand("markdown.showPreview", code.target);
  }
}

async function chosenFinding(): Promise<Found | undefined> {
  const editor = vscode.window.activeTextEditor;
  const all: Found[] = editor
    ? vscode.languages.getDiagnostics(editor.document.uri).filter((each) => each.source === SOURCE)
    : [];
  const here = all.filter((each) => editor && each.range.contains(editor.selection.active));
  const near = all.filter((each) => each.range.start.line === editor?.selection.active.line);
  const candidates = [here, near, all].find((each) => each.length > 0) ?? [];
  if (candidates.length === 0) {
    void vscode.window.showInformationMessage(`${SOURCE}: there is no finding in this file`);
  }
  if (candidates.length <= 1) {
    return candidates[0];
  }
  const picks = candidates.map((found) => ({
    label: typeof found.code === "object" ? String(found.code.value) : String(found.code),
    description: `line ${found.range.start.line + 1}`,
    detail: found.message,
    found,
  }));
  return (await vscode.window.showQuickPick(picks, { title: `${SOURCE}: choose a finding` }))?.found;
}

/** Return the folder of the file that is shown, else the only one, else one that the user chooses. */
async function chosenFolder(): Promise<vscode.Uri | undefined> {
  const shown = vscode.window.activeTextEditor?.document.uri;
  const folder = shown && vscode.workspace.getWorkspaceFolder(shown);
  const all = vscode.workspace.workspaceFolders ?? [];
  return (folder ?? (all.length > 1 ? await vscode.window.showWorkspaceFolderPick() : all[0]))?.uri;
}

/** Return the changed side of the diff editor that is shown. */
function shownInDiff(): vscode.Uri | undefined {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  return input instanceof vscode.TabInputTextDiff ? input.modified : undefined;
}
