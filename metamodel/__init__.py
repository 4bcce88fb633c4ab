"""The metadata language: YAML in layers, merged by name, linked into an immutable model.

The stages, in order: `read_app` or `read_text` make layers; `load` merges, checks and links
them; `diff` compares two models by key; `dump` and `bundle` write canonical YAML.
"""

from __future__ import annotations

from metamodel.diff import Difference, ModelDiff, diff
from metamodel.dump import bundle, dump
from metamodel.formulas import parse_formula
from metamodel.impact import impact, where_used
from metamodel.layers import Layer
from metamodel.loader import builtin_digest, builtin_layer, load, read_app, read_text
from metamodel.model import Model
from metamodel.problems import DefinitionInvalid, Place, Problem
from metamodel.scope import ModelScope, scope_of
from metamodel.uses import uses_of

__all__ = [
    "DefinitionInvalid",
    "Difference",
    "Layer",
    "Model",
    "ModelDiff",
    "ModelScope",
    "Place",
    "Problem",
    "builtin_digest",
    "builtin_layer",
    "bundle",
    "diff",
    "dump",
    "impact",
    "load",
    "parse_formula",
    "read_app",
    "read_text",
    "scope_of",
    "uses_of",
    "where_used",
]
