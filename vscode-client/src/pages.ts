/** What is shown to be read, and requests that take long enough to be watched and cancelled. */

import * as vscode from "vscode";
import { type LanguageClient, type RequestType, WorkDoneProgress } from "vscode-languageclient/node";

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
