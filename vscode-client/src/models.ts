/** Which model may be asked, and the keys for it: the user's own settings and secret storage, never the workspace. */

import * as vscode from "vscode";

const NAMES = "keyVariables";
const SECTION = "ml-architect.architect";
/** The server reads these variables over the user's own configuration file. */
const VARIABLES = {
  model: "ML_ARCHITECT_MODEL",
  apiBase: "ML_ARCHITECT_API_BASE",
  apiKeyEnv: "ML_ARCHITECT_API_KEY_ENV",
} as const;

export class Models {
  constructor(private readonly context: vscode.ExtensionContext) {}

  /** Return the environment variables for the server: the chosen model, and the stored keys by their names. */
  async variables(): Promise<Readonly<Record<string, string>>> {
    const variables: Record<string, string> = {};
    for (const [setting, variable] of Object.entries(VARIABLES)) {
      const value = userValue(setting);
      if (value) {
        variables[variable] = value;
      }
    }
    for (const name of this.names()) {
      const key = await this.context.secrets.get(secret(name));
      if (key) {
        variables[name] = key;
      }
    }
    return variables;
  }

  /** Let the user name a model and, for a server of their own, its address; return whether they did. */
  async choose(): Promise<boolean> {
    const model = await vscode.window.showInputBox({
      title: "ml-architect: choose the model (1/2)",
      prompt:
        "As provider/model, such as anthropic/claude-sonnet-4-5, openai/gpt-5 or ollama_chat/qwen3. Empty for none.",
      value: userValue("model"),
      ignoreFocusOut: true,
    });
    if (model === undefined) {
      return false;
    }
    const base = await vscode.window.showInputBox({
      title: "ml-architect: choose the model (2/2)",
      prompt: "The address of the server, such as http://127.0.0.1:8000/v1. Empty for the provider's own.",
      value: userValue("apiBase"),
      ignoreFocusOut: true,
    });
    if (base === undefined) {
      return false;
    }
    const section = vscode.workspace.getConfiguration(SECTION);
    await section.update("apiBase", base.trim() || undefined, vscode.ConfigurationTarget.Global);
    await section.update("model", model.trim() || undefined, vscode.ConfigurationTarget.Global);
    return true;
  }

  /** Let the user store a key under the name of its variable, or take it away; return whether anything changed. */
  async setKey(): Promise<boolean> {
    const name = await vscode.window.showInputBox({
      title: "ml-architect: set a key (1/2)",
      prompt: "The environment variable that the provider's key has, such as ANTHROPIC_API_KEY or OPENAI_API_KEY",
      value: userValue("apiKeyEnv") || this.names()[0],
      validateInput: (text) => (/^[A-Za-z_]\w*$/.test(text) ? undefined : "the name of an environment variable"),
      ignoreFocusOut: true,
    });
    if (name === undefined) {
      return false;
    }
    const key = await vscode.window.showInputBox({
      title: "ml-architect: set a key (2/2)",
      prompt: `The key. It is kept in VS Code's secret storage and given to the server only. Empty to remove ${name}.`,
      password: true,
      ignoreFocusOut: true,
    });
    if (key === undefined) {
      return false;
    }
    await this.store(name, key.trim());
    return true;
  }

  private async store(name: string, key: string): Promise<void> {
    const others = this.names().filter((each) => each !== name);
    if (key) {
      await this.context.secrets.store(secret(name), key);
    } else {
      await this.context.secrets.delete(secret(name));
    }
    await this.context.globalState.update(NAMES, key ? [name, ...others] : others);
  }

  private names(): readonly string[] {
    return this.context.globalState.get<string[]>(NAMES, []);
  }
}

/** Return the user's own value of a setting: what a workspace says of models does not count. */
function userValue(setting: string): string | undefined {
  return vscode.workspace.getConfiguration(SECTION).inspect<string>(setting)?.globalValue;
}

function secret(name: string): string {
  return `key.${name}`;
}
