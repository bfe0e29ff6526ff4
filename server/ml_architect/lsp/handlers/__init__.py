"""One module per concern; each registers its handlers on a server."""

from ml_architect.lsp.handlers import (
    actions,
    architect,
    commands,
    configuration,
    consulting,
    diagnostics,
    everywhere,
    hover,
    information,
    lens,
    lifecycle,
    notebooks,
    review,
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
        consulting,
        commands,
        review,
        workspace,
        everywhere,
        information,
    )
)
