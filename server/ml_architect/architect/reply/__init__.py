"""What a model answered: read strictly, put into the document where it certainly belongs, and made harmless."""
