// The part of the Python extension's interface that ours uses; the tests choose the interpreter.

const vscode = require("vscode");

let chosen = process.env.ML_ARCHITECT_TEST_PYTHON;
const changed = new vscode.EventEmitter();

exports.activate = (context) => {
  const choose = (path) => {
    chosen = path;
    changed.fire({ path });
  };
  context.subscriptions.push(vscode.commands.registerCommand("ml-architect-tests.choose", choose));
  return {
    environments: {
      getActiveEnvironmentPath: () => ({ id: chosen, path: chosen }),
      resolveEnvironment: async () => ({ executable: { uri: vscode.Uri.file(chosen) } }),
      onDidChangeActiveEnvironmentPath: changed.event,
    },
  };
};
