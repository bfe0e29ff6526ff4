"""From LibCST's nodes and a piece's tokens to nodes with places, in one pass."""
