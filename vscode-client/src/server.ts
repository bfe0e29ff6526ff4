/** The one server of this window: started, watched and replaced without losing what is open. */

import * as vscode from "vscode";
import {
  CloseAction,
  type CloseHandlerResult,
  ErrorAction,
  type ErrorHandler,
  LanguageClient,
  type LanguageClientOptions,
  type Middleware,
  RevealOutputChannelOn,
  State,
} from "vscode-languageclient/node";
import type { Choice, Environment } from "./environment.js";
import type { Interpreters } from "./interpreters.js";
import type { Models } from "./models.js";

/** A server that ends by itself more often than this in `WINDOW` milliseconds is not started again. */
const MOST_RESTARTS = 4;
const WINDOW = 3 * 60_000;

/** The settings that the server reads; all others are for this extension. */
const SERVER_SETTINGS = [
  ...["enable", "run", "codeLens"],
  ...["select", "ignore", "preview", "severity", "exclude", "versions"],
];

export const SELECTOR = ["file", "untitled", "vscode-notebook-cell"].map((scheme) => ({ scheme, language: "python" }));

export type Executor = (command: string, args: unknown[], otherwise: () => Promise<unknown>) => Promise<unknown>;

export class Server implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  /** Told when a server begins or ends. */
  readonly onDidChange = this.changed.event;
  client: LanguageClient | undefined;
  choice: Choice | undefined;
  /** Runs a command that a code action of the server carries; the dialogue with the user takes its place. */
  execute: Executor = (_command, _args, otherwise) => otherwise();
  private launched = "";
  private queue: Promise<void> = Promise.resolve();
  private readonly ends: number[] = [];

  constructor(
    private readonly environment: Environment,
    private readonly interpreters: Interpreters,
    private readonly models: Models,
    private readonly log: vscode.LogOutputChannel,
    private readonly trace: vscode.LogOutputChannel,
  ) {}

  /** Return the client of a server that runs, undefined where none does. */
  get running(): LanguageClient | undefined {
    return this.client?.state === State.Running ? this.client : undefined;
  }

  /** Return the client of a server that runs; where none does, say so. */
  wanted(): LanguageClient | undefined {
    if (this.running === undefined) {
      void vscode.window.showWarningMessage("ml-architect: the server does not run");
    }
    return this.running;
  }

  /** Start the server that should run; one that runs already is left alone, unless `always`. */
  refresh(always = false): Promise<void> {
    this.queue = this.queue.then(() => this.replace(always)).catch((error: unknown) => this.log.error(String(error)));
    return this.queue;
  }

  /** Let the server ask for its settings anew. */
  async tellSettings(): Promise<void> {
    await this.running?.sendNotification("workspace/didChangeConfiguration", { settings: null });
  }

  async stop(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    this.launched = "";
    if (client?.needsStop()) {
      await client.stop().catch((error: unknown) => this.log.warn(String(error)));
    }
    await client?.dispose().catch(() => undefined);
  }

  dispose(): void {
    this.changed.dispose();
  }

  private async replace(always: boolean): Promise<void> {
    const choice = await this.environment.choose();
    const variables = await this.models.variables();
    const wanted = JSON.stringify([choice, variables]);
    if (!always && wanted === this.launched && this.running) {
      return;
    }
    await this.stop();
    this.choice = choice;
    if (choice) {
      this.log.info(`starting ${[choice.command, ...choice.args].join(" ")}, version ${choice.version}, ${choice.why}`);
      this.client = this.make(choice, variables);
      this.client.onDidChangeState(() => this.changed.fire());
      await this.client.start();
      this.launched = wanted;
    } else {
      void this.environment.offer().then((installed) => (installed ? this.refresh() : undefined));
    }
    this.changed.fire();
  }

  private make(choice: Choice, variables: Readonly<Record<string, string>>): LanguageClient {
    const server = {
      command: choice.command,
      args: [...choice.args, "server", "--log-level", level(this.log.logLevel)],
      options: { env: { ...process.env, ...variables } },
    };
    const options: LanguageClientOptions = {
      documentSelector: SELECTOR,
      outputChannel: this.log,
      traceOutputChannel: this.trace,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      diagnosticPullOptions: { onChange: true, onSave: true },
      errorHandler: this.errorHandler(),
      initializationFailedHandler: (error) => {
        this.log.error(String(error));
        return false;
      },
      middleware: this.middleware(),
    };
    return new LanguageClient("ml-architect", "ml-architect", server, options);
  }

  private middleware(): Middleware {
    return {
      executeCommand: (command, args, next) =>
        this.execute(command, args, () => Promise.resolve(next(command, args) as Thenable<unknown>)),
      workspace: {
        configuration: (params) =>
          Promise.all(
            params.items.map(async ({ scopeUri }) => {
              const scope = scopeUri == null ? undefined : vscode.Uri.parse(scopeUri);
              const interpreter = await this.interpreters.chosen(scope);
              return { ...settings(scope), ...(interpreter === undefined ? {} : { interpreter }) };
            }),
          ),
      },
    };
  }

  private errorHandler(): ErrorHandler {
    return {
      error: () => ({ action: ErrorAction.Continue, handled: true }),
      closed: (): CloseHandlerResult => {
        const now = Date.now();
        this.ends.push(now);
        const recent = this.ends.filter((moment) => now - moment < WINDOW).length;
        this.log.warn(`the server has ended by itself, ${recent} times in ${WINDOW / 60_000} minutes`);
        if (recent <= MOST_RESTARTS) {
          return { action: CloseAction.Restart, handled: true };
        }
        this.launched = "";
        void this.complain();
        return { action: CloseAction.DoNotRestart, handled: true };
      },
    };
  }

  private async complain(): Promise<void> {
    const text = `ml-architect: the server has ended ${MOST_RESTARTS + 1} times in a short while and stays off.`;
    const choice = await vscode.window.showErrorMessage(text, "Show log", "Restart");
    if (choice === "Show log") {
      this.log.show();
    } else if (choice === "Restart") {
      this.ends.length = 0;
      await this.refresh(true);
    }
  }
}

/** Return what the user has set; defaults are left to the project's own configuration, over which settings hold. */
function settings(scope: vscode.Uri | undefined): Record<string, unknown> {
  const section = vscode.workspace.getConfiguration("ml-architect", scope);
  const said: Record<string, unknown> = {};
  for (const name of SERVER_SETTINGS) {
    const places = section.inspect(name);
    const value = places?.workspaceFolderValue ?? places?.workspaceValue ?? places?.globalValue;
    if (value !== undefined && value !== null) {
      said[name] = value;
    }
  }
  return said;
}

function level(chosen: vscode.LogLevel): string {
  if (chosen === vscode.LogLevel.Trace || chosen === vscode.LogLevel.Debug) {
    return "debug";
  }
  return chosen === vscode.LogLevel.Info ? "info" : "warning";
}
