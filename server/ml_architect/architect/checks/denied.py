"""What no repair may ever do, whatever a rule allows: it only words the refusal, as nothing new is allowed anyway."""

__all__ = ["why_argument", "why_name"]

_PROCESS = "starts a process"
_CODE = "runs code that is made at run time"
_NETWORK = "uses the network"
_FILES = "changes files"
_SURROUNDINGS = "changes the environment of the process"
_NATIVE = "loads native code"
_UNPICKLE = "loads a file that may run code"
_UPLOAD = "sends data to a service"

_DYNAMIC = (
    *("eval", "exec", "compile", "__import__", "getattr", "setattr", "delattr"),
    *("globals", "locals", "vars", "input", "breakpoint"),
)
_NAMES = {
    **dict.fromkeys(("os.system", "os.popen", "os.fork", "os.kill", "os.startfile", "pty", "subprocess"), _PROCESS),
    **dict.fromkeys(("multiprocessing", "concurrent", "asyncio.create_subprocess_exec", "_posixsubprocess"), _PROCESS),
    **dict.fromkeys((f"builtins.{name}" for name in _DYNAMIC), _CODE),
    **dict.fromkeys(("importlib", "runpy", "code", "types.FunctionType"), _CODE),
    **dict.fromkeys(("tensorflow.py_function", "tensorflow.numpy_function", "keras.layers.Lambda"), _CODE),
    **dict.fromkeys(("socket", "urllib", "requests", "httpx", "aiohttp", "ftplib", "smtplib", "http"), _NETWORK),
    **dict.fromkeys(("torch.hub", "keras.utils.get_file", "huggingface_hub", "websockets", "paramiko"), _NETWORK),
    **dict.fromkeys(("builtins.open", "shutil", "tempfile", "os.remove", "os.unlink", "os.rename"), _FILES),
    **dict.fromkeys(("os.replace", "os.rmdir", "os.removedirs", "os.truncate", "os.chmod", "os.open"), _FILES),
    **dict.fromkeys(("tensorflow.io.gfile", "tensorflow.io.write_file", "numpy.save", "torch.save"), _FILES),
    **dict.fromkeys(("os.environ", "os.putenv", "os.unsetenv", "os.chdir", "sys.path", "sys.modules"), _SURROUNDINGS),
    **dict.fromkeys(("sys.settrace", "sys.meta_path", "signal", "atexit"), _SURROUNDINGS),
    **dict.fromkeys(("ctypes", "cffi", "torch.utils.cpp_extension", "torch.ops.load_library"), _NATIVE),
    **dict.fromkeys(("torch.classes.load_library", "tensorflow.load_op_library"), _NATIVE),
    **dict.fromkeys(("pickle", "dill", "cloudpickle", "joblib.load", "marshal", "shelve", "torch.load"), _UNPICKLE),
    **dict.fromkeys(("torch.package", "numpy.load", "keras.models.load_model", "keras.saving"), _UNPICKLE),
    **dict.fromkeys(("pandas.read_pickle", "yaml.load", "yaml.unsafe_load"), _UNPICKLE),
    **dict.fromkeys(("wandb", "mlflow", "comet_ml", "neptune", "clearml"), _UPLOAD),
}
_PREFIXES = {"os.exec": _PROCESS, "os.spawn": _PROCESS, "os.posix_spawn": _PROCESS}
_METHODS = {
    **dict.fromkeys((".system", ".popen", ".Popen", ".run_command"), _PROCESS),
    **dict.fromkeys((".write_text", ".write_bytes", ".unlink", ".rename", ".rmdir", ".symlink_to"), _FILES),
    **dict.fromkeys((".push_to_hub", ".upload_file", ".log_artifact"), _UPLOAD),
    **dict.fromkeys((".load_library", ".LoadLibrary"), _NATIVE),
    **dict.fromkeys((".urlopen", ".urlretrieve"), _NETWORK),
}
_ARGUMENTS = {
    "trust_remote_code=True": "runs code from a model hub",
    "download=True": _NETWORK,
    "allow_pickle=True": _UNPICKLE,
    "weights_only=False": _UNPICKLE,
    "safe_mode=False": _UNPICKLE,
    "shell=True": _PROCESS,
    "enable_unsafe_deserialization=True": _UNPICKLE,
}


def why_name(name: str) -> str | None:
    """Return what using the qualified name (or ``.method``) `name` does that no repair may do, None where nothing."""
    if name.startswith("."):
        return _METHODS.get(name)
    early = next((reason for prefix, reason in _PREFIXES.items() if name.startswith(prefix)), None)
    while name and early is None:
        early = _NAMES.get(name)
        name = name.rpartition(".")[0]
    return early


def why_argument(argument: str) -> str | None:
    """Return what the argument (``keyword=value``) does that no repair may do, None where nothing."""
    return _ARGUMENTS.get(argument)
