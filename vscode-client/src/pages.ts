/** What is shown to be read, and requests that take long enough to be watched and cancelled. */

import * as vscode from "vscode";
import { type LanguageClient, type RequestType, WorkDoneProgress } from "vscode-languageclient/node";
import { Inquire, type Inquiry, InquiryPrompt, type Page, Review, ReviewPrompt, Status } from "./protocol.js";
import type { Server } from "./server.js";

/** Of the documents that exist only to be read. */
const SCHEME = "ml-architect";

/**
 * Send a request while the user watches and may cancel it; undefined where they did.
 * Rejects where there is no answer for another reason.
 */
export async function withProgress<P extends { workDoneToken: string }, R>(
  client: LanguageClient,
  type: RequestType<P, R | null, void>,
  params: Omit<P, "workDoneToken">,
  title: string,
): Promise<R | undefined> {
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  return vscode.window.withProgress(options, async (progress, token) => {
    const workDoneToken = crypto.randomUUID();
    const listening = client.onProgress(WorkDoneProgress.type, workDoneToken, (value) => {
      if (value.kind === "report" && value.message !== undefined) {
        progress.report({ message: value.message });
      }
    });
    try {
      return (await client.sendRequest<R | null>(type.method, { ...params, workDoneToken }, token)) ?? undefined;
    } catch (error) {
      if (token.isCancellationRequested) {
        return undefined;
      }
      throw error;
    } finally {
      listening.dispose();
    }
  });
}

const SEND = "Send";
const SHOW_FIRST = "Show what would be sent";
const ANSWER = "Answer";
const GO_ON = "Go on without";
const QUESTION: vscode.InputBoxOptions = {
  title: "ml-architect: ask",
  prompt: "A question about training models, such as: which learning rate for fine-tuning a ResNet on 2,000 images?",
  ignoreFocusOut: true,
};

/** Return the Python file that is shown, as what a question is about. */
function shownPython(): { uri?: string } {
  const document = vscode.window.activeTextEditor?.document;
  return document?.languageId === "python" ? { uri: document.uri.toString() } : {};
}

/** Let the user agree to what is sent, after a look at it where they want one. */
export async function agrees(disclosure: string, showPrompt?: () => Promise<void>): Promise<boolean> {
  const choice = await vscode.window.showWarningMessage(
    "ml-architect",
    { modal: true, detail: disclosure },
    SEND,
    ...(showPrompt ? [SHOW_FIRST] : []),
  );
  if (choice === SHOW_FIRST && showPrompt) {
    await showPrompt();
    return (await vscode.window.showInformationMessage(`ml-architect: ${disclosure}`, SEND, "Cancel")) === SEND;
  }
  return choice === SEND;
}

/** Pages of the server, each in a panel where no script runs and nothing is fetched. */
export class Pages implements vscode.Disposable {
  private readonly open = new Map<vscode.WebviewPanel, Page>();

  constructor(
    private readonly server: Server,
    private readonly papers: Papers,
    private readonly log: vscode.LogOutputChannel,
  ) {}

  /** Show the review of a file, or of the project in a folder; with a model's assessment if the user wants that. */
  async review(uri: vscode.Uri): Promise<void> {
    const client = this.server.wanted();
    const model = client && (await this.wantsAssessment(client, uri));
    if (client !== undefined && model !== undefined) {
      const page = await this.read(client, Review, { uri: uri.toString(), model }, "reviewing", async () => {
        const prompt = await client.sendRequest(ReviewPrompt, { uri: uri.toString(), prompt: true });
        await this.papers.show("what would be sent.txt", prompt?.text ?? "");
      });
      if (page?.message) {
        void vscode.window.showInformationMessage(`ml-architect: ${page.message}`);
      }
    }
  }

  /** Let the user ask a question about training models, and show the answer. */
  async inquire(about = shownPython(), words = ""): Promise<void> {
    const question = (await vscode.window.showInputBox({ ...QUESTION, value: words }))?.trim();
    if (!question) {
      return;
    }
    let next = await this.answer({ question, ...about });
    if (next === GO_ON) {
      next = await this.answer({ question, ...about, questions: false });
    }
    if (next === ANSWER) {
      await this.inquire(about, question);
    }
  }

  /** Let the user save the page in front as Markdown. */
  async save(): Promise<void> {
    const page = [...this.open].find(([panel]) => panel.active)?.[1];
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
    if (page === undefined) {
      return;
    }
    const name = `${page.title.replace(/[^\w.-]+/g, "-")}.md`;
    const target = await vscode.window.showSaveDialog({
      title: "ml-architect: save the page as Markdown",
      filters: { Markdown: ["md"] },
      ...(folder && { defaultUri: vscode.Uri.joinPath(folder, name) }),
    });
    if (target) {
      await vscode.workspace.fs.writeFile(target, Buffer.from(page.markdown));
    }
  }

  /** Return whether a model shall assess what is reviewed; undefined where the user wants no review after all. */
  private async wantsAssessment(client: LanguageClient, uri: vscode.Uri): Promise<boolean | undefined> {
    const shown = vscode.window.activeTextEditor?.document.uri ?? uri;
    const status = await client.sendRequest(Status, { uri: shown.toString() });
    if (status?.available !== true) {
      return false;
    }
    const picks = [
      { label: "By the rules only", detail: "nothing is sent", model: false },
      { label: `With an assessment by ${status.model}`, detail: `asked at ${status.host}`, model: true },
    ];
    return (await vscode.window.showQuickPick(picks, { title: "ml-architect: review" }))?.model;
  }

  /** Show the answer to a question; return what the user wants to do where the model has to know more. */
  private async answer(inquiry: Inquiry): Promise<string | undefined> {
    const client = this.server.wanted();
    const page =
      client &&
      (await this.read(client, Inquire, inquiry, "asking", async () => {
        const prompt = await client.sendRequest(InquiryPrompt, { ...inquiry, prompt: true });
        await this.papers.show("what would be sent.txt", prompt?.text ?? "");
      }));
    const text = `ml-architect: ${page?.message}`;
    if (page?.state === "questions") {
      return vscode.window.showInformationMessage(text, ANSWER, GO_ON);
    }
    if (page?.message) {
      const isFailed = page.state === "failed";
      void (isFailed ? vscode.window.showWarningMessage(text) : vscode.window.showInformationMessage(text));
    }
    return undefined;
  }

  /** Ask for a page, after consent where that is needed, and show it; undefined where the user wants none. */
  private async read<P extends { workDoneToken: string; consent: boolean }>(
    client: LanguageClient,
    type: RequestType<P, Page | null, void>,
    params: Omit<P, "workDoneToken" | "consent">,
    title: string,
    showPrompt?: () => Promise<void>,
  ): Promise<Page | undefined> {
    const send = async (consent: boolean) =>
      withProgress(client, type, { ...params, consent } as Omit<P, "workDoneToken">, `ml-architect: ${title}`);
    try {
      let page = await send(false);
      if (page?.consent) {
        page = (await agrees(page.consent, showPrompt)) ? await send(true) : { ...page, message: "" };
      }
      if (page?.html) {
        this.show(page);
      }
      return page;
    } catch (error) {
      this.log.error(`${title}: ${String(error)}`);
      void vscode.window.showWarningMessage(`ml-architect: ${title} has failed, see the log`);
      return undefined;
    }
  }

  /** Show a page in a new panel. */
  private show(page: Page): void {
    const options = { enableScripts: false, enableCommandUris: false, localResourceRoots: [], enableFindWidget: true };
    const panel = vscode.window.createWebviewPanel("ml-architect.page", page.title, vscode.ViewColumn.Beside, options);
    panel.webview.html = page.html;
    this.open.set(panel, page);
    panel.onDidDispose(() => this.open.delete(panel));
  }

  dispose(): void {
    vscode.Disposable.from(...this.open.keys()).dispose();
  }
}

/** Documents that exist only to be read: prompts, explanations, and files as they would be after a change. */
export class Papers implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly texts = new Map<string, string>();
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.changed.event;
  private readonly registration = vscode.workspace.registerTextDocumentContentProvider(SCHEME, this);

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.texts.get(uri.toString()) ?? "";
  }

  /** Keep a text under a name, in the place of an older one. */
  write(name: string, text: string): vscode.Uri {
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${name}` });
    this.texts.set(uri.toString(), text);
    this.changed.fire(uri);
    return uri;
  }

  forget(uri: vscode.Uri): void {
    this.texts.delete(uri.toString());
  }

  async show(name: string, text: string): Promise<void> {
    const document = await vscode.workspace.openTextDocument(this.write(name, text));
    await vscode.window.showTextDocument(document, { preview: true, viewColumn: vscode.ViewColumn.Beside });
  }

  async showMarkdown(name: string, text: string): Promise<void> {
    await vscode.commands.executeCommand("markdown.showPreviewToSide", this.write(name, text));
  }

  dispose(): void {
    vscode.Disposable.from(this.registration, this.changed).dispose();
  }
}
