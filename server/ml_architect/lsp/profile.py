"""What the connected editor can do, decided once from what it announces."""

from collections.abc import Sequence
from dataclasses import dataclass

from lsprotocol import types
from pygls.capabilities import ServerCapabilitiesBuilder, get_capability

from ml_architect.lsp.encoding import DEFAULT_ENCODING, Encoding, known_encoding


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientProfile:
    """Every choice that depends on the editor; the rest of the room asks this value and nothing else."""

    encoding: Encoding = DEFAULT_ENCODING
    pulls: bool = False
    """The editor asks for diagnostics, and can be told to ask again; without the latter it goes stale."""
    related_places: bool = False
    tags: frozenset[types.DiagnosticTag] = frozenset()
    code_links: bool = False
    diagnostic_data: bool = False
    action_literals: bool = False
    """The editor takes code actions; one that takes only commands gets none."""
    resolves_edits: bool = False
    """The editor asks for an action's edit once the user has chosen it."""
    preferred_actions: bool = False
    document_changes: bool = False
    """Edits may name the version of the document that they are for."""
    hover: types.MarkupKind = types.MarkupKind.PlainText
    pulls_configuration: bool = False
    registers_configuration: bool = False
    registers_watchers: bool = False
    applies_edits: bool = False
    """The editor makes edits that a command leads to."""
    edit_metadata: bool = False
    """The editor can be told what an edit is."""
    disables_actions: bool = False
    """The editor can show an action that cannot be chosen, with the reason."""
    marks_llm_actions: bool = False
    """The editor can show that an action asks a language model."""
    shows_progress: bool = False
    shows_documents: bool = False
    """The editor opens a document when it is asked to."""
    shows_lenses: bool = False
    refreshes_lenses: bool = False
    """The editor can be told to ask for code lenses again."""
    confirms_edits: bool = False
    """The editor lets the user confirm each part of an edit that asks for it."""

    @classmethod
    def of(cls, client: types.ClientCapabilities) -> "ClientProfile":
        """Return the choices for an editor that announces `client`."""
        action = get_capability(client, "text_document.code_action") or types.CodeActionClientCapabilities()
        lazy = action.resolve_support.properties if action.resolve_support else ()
        marks = _Marks(client)
        return cls(
            encoding=known_encoding(ServerCapabilitiesBuilder.choose_position_encoding(client)),
            pulls=get_capability(client, "text_document.diagnostic") is not None
            and bool(get_capability(client, "workspace.diagnostics.refresh_support")),
            related_places=marks.says("related_information"),
            tags=marks.tags(),
            code_links=marks.says("code_description_support"),
            diagnostic_data=marks.says("data_support"),
            action_literals=action.code_action_literal_support is not None,
            resolves_edits="edit" in lazy and bool(action.data_support),
            preferred_actions=bool(action.is_preferred_support),
            document_changes=bool(get_capability(client, "workspace.workspace_edit.document_changes")),
            hover=_first_known(get_capability(client, "text_document.hover.content_format") or ()),
            pulls_configuration=bool(get_capability(client, "workspace.configuration")),
            registers_configuration=bool(
                get_capability(client, "workspace.did_change_configuration.dynamic_registration"),
            ),
            registers_watchers=bool(get_capability(client, "workspace.did_change_watched_files.dynamic_registration")),
            applies_edits=bool(get_capability(client, "workspace.apply_edit")),
            edit_metadata=bool(get_capability(client, "workspace.workspace_edit.metadata_support")),
            disables_actions=bool(action.disabled_support),
            marks_llm_actions=action.tag_support is not None
            and types.CodeActionTag.LlmGenerated in action.tag_support.value_set,
            shows_progress=bool(get_capability(client, "window.work_done_progress")),
            shows_lenses=get_capability(client, "text_document.code_lens") is not None,
            refreshes_lenses=bool(get_capability(client, "workspace.code_lens.refresh_support")),
            shows_documents=bool(get_capability(client, "window.show_document.support")),
            confirms_edits=bool(get_capability(client, "workspace.workspace_edit.change_annotation_support"))
            and bool(action.honors_change_annotations),
        )


class _Marks:
    """What an editor shows of a diagnostic, wherever it says so: for pushed ones, or since 3.18 for pulled ones."""

    def __init__(self, client: types.ClientCapabilities) -> None:
        pushed = get_capability(client, "text_document.publish_diagnostics")
        pulled = get_capability(client, "text_document.diagnostic")
        self._said = [said for said in (pushed, pulled) if said is not None]

    def says(self, name: str) -> bool:
        return any(getattr(said, name) for said in self._said)

    def tags(self) -> frozenset[types.DiagnosticTag]:
        return frozenset(tag for said in self._said if said.tag_support for tag in said.tag_support.value_set)


def _first_known(formats: Sequence[types.MarkupKind]) -> types.MarkupKind:
    """Return the format that the editor likes best; one that says nothing shows plain text."""
    known = [kind for kind in formats if kind in (types.MarkupKind.Markdown, types.MarkupKind.PlainText)]
    return known[0] if known else types.MarkupKind.PlainText
