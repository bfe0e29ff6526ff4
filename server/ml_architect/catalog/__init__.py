"""What is known of the libraries, as data: symbols, parameters, versions and deprecations."""

from ml_architect.catalog.load import load_catalog
from ml_architect.catalog.model import (
    Catalog,
    Deprecation,
    DeprecationFix,
    Kind,
    ParameterSpec,
    Symbol,
)

__all__ = ["Catalog", "Deprecation", "DeprecationFix", "Kind", "ParameterSpec", "Symbol", "load_catalog"]
