"""The command line: the same report as in an editor, printed."""
