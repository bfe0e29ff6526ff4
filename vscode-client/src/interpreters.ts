/** Which Python the user has chosen, as the two extensions that know tell it; neither has to be there. */

import { homedir } from "node:os";
import * as vscode from "vscode";

const ENVIRONMENTS = "ms-python.vscode-python-envs";
const PYTHON = "ms-python.python";
/** How long the first answer of another extension is awaited, in milliseconds. */
const PATIENCE = 3000;
const LATE = Symbol("late");

/** The part of the Python Environments extension that is used here. */
interface EnvironmentsApi {
  getEnvironment(scope: vscode.Uri | undefined): Promise<{ execInfo?: { run?: { executable?: string } } } | undefined>;
  onDidChangeEnvironment?: vscode.Event<unknown>;
}

/** The part of the Python extension that is used here. */
interface PythonApi {
  environments?: {
    getActiveEnvironmentPath(resource?: vscode.Uri): { path: string };
    resolveEnvironment(path: unknown): Promise<{ executable?: { uri?: vscode.Uri } } | undefined>;
    onDidChangeActiveEnvironmentPath: vscode.Event<unknown>;
  };
}

export class Interpreters implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly heard = new Set<string>();
  private readonly awaited = new Set<string>();
  private readonly disposables: vscode.Disposable[] = [this.changed];
  /** Told when another Python is chosen in any folder. */
  readonly onDidChange = this.changed.event;

  constructor(private readonly log: vscode.LogOutputChannel) {}

  /**
   * Return the Python that is chosen for a folder, or for what lies in none; undefined where nobody tells it in time.
   * An answer that comes later is told as a change.
   */
  async chosen(folder: vscode.Uri | undefined): Promise<string | undefined> {
    const own = vscode.workspace.getConfiguration("ml-architect", folder).get<string>("interpreter");
    if (own) {
      return expanded(own, folder);
    }
    return (await this.ask(ENVIRONMENTS, folder, fromEnvironments)) ?? (await this.ask(PYTHON, folder, fromPython));
  }

  dispose(): void {
    vscode.Disposable.from(...this.disposables).dispose();
  }

  private async ask(
    id: string,
    folder: vscode.Uri | undefined,
    read: (api: unknown, folder: vscode.Uri | undefined) => Promise<string | undefined>,
  ): Promise<string | undefined> {
    const extension = vscode.extensions.getExtension<unknown>(id);
    if (extension === undefined) {
      return undefined;
    }
    try {
      const answer = Promise.resolve(extension.activate()).then((api) => {
        this.listen(id, api);
        return read(api, folder);
      });
      const first = await Promise.race([answer, late()]);
      if (first !== LATE) {
        return first;
      }
      const asked = `${id} ${folder}`;
      if (!this.awaited.has(asked)) {
        this.awaited.add(asked); // one that is always late is asked anew once, not for ever
        answer.then(
          () => this.changed.fire(),
          () => undefined,
        );
      }
      return undefined;
    } catch (error) {
      this.log.warn(`${id} does not tell which Python is chosen: ${String(error)}`);
      return undefined;
    }
  }

  /** Hear of changes. */
  private listen(id: string, api: unknown): void {
    if (this.heard.has(id)) {
      return;
    }
    this.heard.add(id);
    const event =
      id === PYTHON
        ? (api as PythonApi | undefined)?.environments?.onDidChangeActiveEnvironmentPath
        : (api as EnvironmentsApi | undefined)?.onDidChangeEnvironment;
    if (event !== undefined) {
      this.disposables.push(event(() => this.changed.fire()));
    }
  }
}

async function fromEnvironments(api: unknown, folder: vscode.Uri | undefined): Promise<string | undefined> {
  const environment = await (api as EnvironmentsApi | undefined)?.getEnvironment(folder);
  return environment?.execInfo?.run?.executable;
}

async function fromPython(api: unknown, folder: vscode.Uri | undefined): Promise<string | undefined> {
  const environments = (api as PythonApi | undefined)?.environments;
  const path = environments?.getActiveEnvironmentPath(folder);
  const environment = path && (await environments?.resolveEnvironment(path));
  return environment?.executable?.uri?.fsPath;
}

function late(): Promise<typeof LATE> {
  return new Promise((resolve) => setTimeout(() => resolve(LATE), PATIENCE));
}

/** Return a path with the home folder and the workspace folder put in. */
export function expanded(path: string, folder = vscode.workspace.workspaceFolders?.[0]?.uri): string {
  return path.replace(/^~(?=$|[/\\])/, homedir()).replaceAll("${workspaceFolder}", folder?.fsPath ?? "");
}
