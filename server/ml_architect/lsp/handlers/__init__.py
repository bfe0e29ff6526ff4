"""One module per concern; each registers its handlers on a server."""

from ml_architect.lsp.handlers import (
    actions,
    architect,
    commands,
    configuration,
    diagnostics,
    everywhere,
    hover,
    information,
    lens,
    lifecycle,
    notebooks,
    sync,
    workspace,
)

REGISTRATIONS = tuple(
    module.register
    for module in (
        lifecycle,
        configuration,
        sync,
        notebooks,
        diagnostics,
        actions,
        hover,
        lens,
        architect,
        commands,
        workspace,
        everywhere,
        information,
    )
)
