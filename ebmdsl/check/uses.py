"""`use`: a trained model under a name, with the settings that it is read with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ebmdsl.check.arguments import literal
from ebmdsl.check.file_mistakes import CannotUse
from ebmdsl.check.mistakes import WrongArguments
from ebmdsl.check.model import Used
from ebmdsl.check.scope import RejectedError
from ebmdsl.syntax import ast

if TYPE_CHECKING:
    from ebmdsl.check.scope import Scope


def used(scope: Scope, statement: ast.Use) -> Used:
    """Return the model that a `use` brings in."""
    path = statement.other.path
    settings: dict[str, Any] = {}
    for setting in statement.other.settings:
        if setting.name.text in settings:
            reason = f"`{setting.name.text}` is given twice"
            raise scope.reject(WrongArguments(setting.name.span, reason))
        settings[setting.name.text] = literal(scope, setting.value)
    if scope.bring is None:
        raise scope.reject(CannotUse(path.span, path.text, "no other file is read here"))
    brought = scope.bring(statement, settings)
    if isinstance(brought, Used):
        return brought
    for mistake in brought:
        scope.found.report(mistake)
    raise RejectedError
