// The part of the Python Environments extension's interface that ours uses; the tests choose the interpreters.

const vscode = require("vscode");

const chosen = JSON.parse(process.env.ML_ARCHITECT_TEST_PYTHONS ?? "{}"); // by the names of folders
const changed = new vscode.EventEmitter();

exports.activate = (context) => {
  const choose = (path, folder) => {
    const uri = vscode.workspace.workspaceFolders.find((each) => each.name === folder).uri;
    chosen[folder] = path;
    changed.fire({ uri, new: environment(path) });
  };
  context.subscriptions.push(vscode.commands.registerCommand("ml-architect-tests.choose", choose));
  return {
    getEnvironment: async (scope) => environment(chosen[scope && vscode.workspace.getWorkspaceFolder(scope)?.name]),
    onDidChangeEnvironment: changed.event,
  };
};

const environment = (executable) => executable && { execInfo: { run: { executable } } };
