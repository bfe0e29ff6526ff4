// The part of the Python extension's interface that ours uses; the tests choose the interpreters.

const vscode = require("vscode");

const EVERYWHERE = "";
const chosen = JSON.parse(process.env.ML_ARCHITECT_TEST_PYTHONS ?? "{}"); // by the names of folders
const changed = new vscode.EventEmitter();

exports.activate = (context) => {
  const choose = (path, folder = EVERYWHERE) => {
    chosen[folder] = path;
    changed.fire({ path, resource: vscode.workspace.workspaceFolders.find((each) => each.name === folder) });
  };
  context.subscriptions.push(vscode.commands.registerCommand("ml-architect-tests.choose", choose));
  return {
    environments: {
      getActiveEnvironmentPath: (resource) => {
        const path = chosen[resource && vscode.workspace.getWorkspaceFolder(resource)?.name] ?? chosen[EVERYWHERE];
        return { id: path, path };
      },
      resolveEnvironment: async ({ path }) => path && { executable: { uri: vscode.Uri.file(path) } },
      onDidChangeActiveEnvironmentPath: changed.event,
    },
  };
};
