"""The formula language: text to a tree, checked against a scope, compiled for three back ends.

The stages, in order: `parse`, `check`, then `compile_python` for one record,
`compile_sql` and `compile_filter` for many rows, `compile_js` for live forms.
"""

from __future__ import annotations

from formula.backends.contract import Columns, Moment, Rows, Values
from formula.backends.js import compile_js
from formula.backends.python import (
    PythonConditions,
    PythonFormula,
    compile_conditions,
    compile_python,
)
from formula.backends.sql import compile_filter, compile_sql
from formula.checker import check
from formula.errors import FormulaError, FormulaProblem, Span
from formula.functions import CATALOG, FunctionSpec
from formula.parser import parse
from formula.printer import print_formula
from formula.renaming import rename
from formula.scope import (
    Binding,
    CollectionBinding,
    EntityBinding,
    FieldBinding,
    Path,
    Scope,
    Stability,
    Step,
    TableBinding,
)
from formula.syntax import Expr
from formula.typed import CollectionRead, Dependencies, Typed

__all__ = [
    "CATALOG",
    "Binding",
    "CollectionBinding",
    "CollectionRead",
    "Columns",
    "Dependencies",
    "EntityBinding",
    "Expr",
    "FieldBinding",
    "FormulaError",
    "FormulaProblem",
    "FunctionSpec",
    "Moment",
    "Path",
    "PythonConditions",
    "PythonFormula",
    "Rows",
    "Scope",
    "Span",
    "Stability",
    "Step",
    "TableBinding",
    "Typed",
    "Values",
    "check",
    "compile_filter",
    "compile_js",
    "compile_conditions",
    "compile_python",
    "compile_sql",
    "parse",
    "print_formula",
    "rename",
]
