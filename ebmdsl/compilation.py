"""The compiler on a page: each phase is computed when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from os.path import normpath
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

from ebmdsl._recursion import deep_recursion
from ebmdsl.check.check import sound
from ebmdsl.check.file_mistakes import CannotUse
from ebmdsl.check.mistakes import UnknownName
from ebmdsl.check.model import Used
from ebmdsl.check.statement_mistakes import BadSetting
from ebmdsl.expand.expand import expand, suits
from ebmdsl.expand.extends import merged, strangers, without_parent
from ebmdsl.expand.mistakes import CannotExtend
from ebmdsl.graph.build import build
from ebmdsl.plan.lint import lint
from ebmdsl.plan.make import plan as make_plan
from ebmdsl.source.diagnostic import Diagnostics
from ebmdsl.source.mistake import mistakes
from ebmdsl.source.silencer import Silencer, UnusedSilencer
from ebmdsl.source.text import Source
from ebmdsl.syntax.parse import parse
from ebmdsl.syntax.silencers import silencers, strange_silencers

if TYPE_CHECKING:
    from ebmdsl.check.model import Model
    from ebmdsl.graph.factor_graph import FactorGraph
    from ebmdsl.plan.plan import Plan
    from ebmdsl.source.mistake import Mistake
    from ebmdsl.syntax import ast

DEPTH = 16


def read_beside(path: str, source: Source) -> Source:
    """Return the text of a file named in another one, relative to its folder."""
    target = Path(source.name).parent / path
    return Source(str(target), target.read_text(encoding="utf-8"))


@final
class Compilation:
    """One program on its way through the compiler.

    `overrides` set hyper-parameters by name; `users` are the files whose `use` leads here. A
    phase is None when it or an earlier one has errors; `diagnostics` holds what was found up
    to the last phase that was asked for, and `brought` the used models by name.
    """

    def __init__(
        self,
        source: Source,
        overrides: Mapping[str, Any] | None = None,
        *,
        read: Callable[[str, Source], Source] = read_beside,
        users: tuple[str, ...] = (),
    ) -> None:
        self.source = source
        self.overrides = dict(overrides or {})
        self.diagnostics = Diagnostics()
        self.brought: dict[str, Compilation] = {}
        self._read = read
        self._silencers: tuple[Silencer, ...] = ()
        self._users = (*users, normpath(source.name))
        self._used: dict[tuple[Any, ...], Compilation] = {}

    @cached_property
    def file(self) -> ast.File | None:
        """The tree of this file alone."""
        file, ok = self._own
        return file if ok else None

    @cached_property
    def whole(self) -> ast.File | None:
        """The tree with everything that `extends` brings in."""
        file, ok = self._all
        return file if ok else None

    @property
    def parts(self) -> ast.File | None:
        """What is sound of the tree, where it is not all of it."""
        return self._all[0]

    @cached_property
    def _own(self) -> tuple[ast.File | None, bool]:
        """What is sound of this file, and whether that is all of it."""
        file, found = parse(self.source)
        self._report(found)
        if file is not None:
            self._silencers = self._silence(file, self.source)
            self._report_strange_silencers()
        return file, self.diagnostics.ok

    @cached_property
    def _all(self) -> tuple[ast.File | None, bool]:
        """What is sound of this file and of those that it starts from."""
        (file, _), source = self._own, self.source
        first = file.header.extends if file is not None else None
        reason, seen = (
            f"more than {DEPTH} files start from one another",
            {normpath(source.name)},
        )
        for _ in range(DEPTH):
            if file is None or file.header.extends is None:
                return file, self.diagnostics.ok
            file, source = self._extended(file, file.header.extends, source=source)
            if normpath(source.name) in seen and file.header.extends is not None:
                reason = "it starts from itself"
                break
            seen.add(normpath(source.name))
        if file is not None and first is not None:
            self.diagnostics.report(CannotExtend(first.path.span, first.path.text, reason))
        return file and without_parent(file), False

    def _extended(
        self, file: ast.File, other: ast.Other, *, source: Source
    ) -> tuple[ast.File, Source]:
        """Return a program with what it starts from, and the source of that."""
        try:
            source = self._read(other.path.text, source)
        except (OSError, UnicodeDecodeError) as error:
            path = other.path
            self.diagnostics.report(CannotExtend(path.span, path.text, unread(error)))
            return without_parent(file), source
        parent, found = parse(source)
        self._report(found)
        if parent is None:
            return without_parent(file), source
        self._silence(parent, source)
        if parent.header.extends is None and parent.lost is None:
            self._report_strangers(file.header, parent.header)
        return merged(file, parent), source

    def _report_strangers(self, child: ast.Header, parent: ast.Header) -> None:
        known = tuple(param.name.text for param in parent.params)
        for each in strangers(child, parent):
            mistake = UnknownName(each.name.span, each.name.text, known, "hyper-parameter")
            self.diagnostics.report(mistake)

    @cached_property
    def model(self) -> Model | None:
        """The program with every name resolved and every expression typed."""
        file, _ = self._all
        if file is None:
            return None
        with deep_recursion():
            model = sound(file, self.diagnostics, overrides=self.overrides, bring=self._bring)
            if not self.diagnostics.ok:
                suits(model, self.diagnostics)  # what is sound is judged all the same
        return model if self.diagnostics.ok else None

    @cached_property
    def expanded(self) -> Model | None:
        """The model with its training strategies written in the core form."""
        if self.model is None:
            return None
        with deep_recursion():
            return expand(
                self.model, self.diagnostics, overrides=self.overrides, bring=self._bring
            )

    def _bring(self, use: ast.Use, settings: dict[str, Any]) -> Used | tuple[Mistake, ...]:
        """Return the model that a `use` names, or what is wrong with it."""
        path = use.other.path
        try:
            source = self._read(path.text, path.span.source)
        except (OSError, UnicodeDecodeError) as error:
            return (CannotUse(path.span, path.text, unread(error)),)
        if normpath(source.name) in self._users:
            return (CannotUse(path.span, path.text, "it would use itself", ""),)
        if len(self._users) > DEPTH:
            reason = f"more than {DEPTH} files use one another"
            return (CannotUse(path.span, path.text, reason, ""),)
        found = self._compiled(source, settings)
        if found.model is None:
            return _refused(use, found)
        self.brought[use.name.text] = found
        given = tuple(settings.items())
        return Used(use.name.text, path.text, given, found.model, use.name.span)

    def _compiled(self, source: Source, settings: dict[str, Any]) -> Compilation:
        """Compile a file that is used, once for the same settings."""
        key = (source.name, *sorted(settings.items()))
        if key not in self._used:
            self._used[key] = Compilation(source, settings, read=self._read, users=self._users)
        return self._used[key]

    @cached_property
    def graph(self) -> FactorGraph | None:
        """The factor graph."""
        return None if self.expanded is None else build(self.expanded)

    @cached_property
    def plan(self) -> Plan | None:
        """How each latent disappears and each parameter moves."""
        if self.model is None or self.expanded is None or self.graph is None:
            return None
        with deep_recursion():
            lint(self.model, self.expanded, found=self.diagnostics)
            made = make_plan(self.expanded, self.graph, found=self.diagnostics)
        if made is not None:
            self._report_unused_silencers()
        return made

    @cached_property
    def runnable(self) -> Plan | None:
        """The plan, if everything that it asks for can run."""
        if self.plan is not None:
            from ebmdsl.lower.support import unsupported

            self._report(unsupported(self.plan))
        return self.plan if self.diagnostics.ok else None

    def _silence(self, file: ast.File, source: Source) -> tuple[Silencer, ...]:
        found = silencers(source, file)
        self.diagnostics.silence(found)
        return found

    def _report_strange_silencers(self) -> None:
        severities = {id: kind.severity for id, kind in mistakes().items()}
        for each in strange_silencers(self.source, self._silencers, severities=severities):
            self.diagnostics.report(each)

    def _report_unused_silencers(self) -> None:
        """Report the silencers of this file that held nothing back; of another's, who knows."""
        last = sorted(self._silencers, key=lambda each: each.id == UnusedSilencer.id)
        for each in last:
            if not self.diagnostics.has_used(each):
                self.diagnostics.report(UnusedSilencer(each.span, each.id, each.rest))

    def _report(self, found: Diagnostics) -> None:
        for each in found.all:
            self.diagnostics.report(each)


def unread(error: Exception) -> str:
    """Say why a file cannot be read."""
    match error:
        case UnicodeDecodeError():
            return "it is not UTF-8 text"
        case FileNotFoundError() if error.strerror:
            return "there is no such file"
        case OSError() if error.strerror:
            return f"it cannot be read ({error.strerror})"
        case _:
            return str(error) or "it cannot be read"


def _refused(use: ast.Use, found: Compilation) -> tuple[Mistake, ...]:
    """Say what is wrong with a file that is used: its settings, or its first mistake."""
    header = found.parts.header if found.parts is not None else None
    params = {each.name.text: each for each in header.params} if header is not None else {}
    wrong: list[Mistake] = []
    for setting in use.other.settings if header is not None else ():
        name, param = setting.name, params.get(setting.name.text)
        if param is None:
            known = tuple(params)
            wrong.append(UnknownName(name.span, name.text, known, "hyper-parameter"))
            continue
        misfit = [each for each in found.diagnostics.errors if each.span == param.default.span]
        wrong += [BadSetting(setting.value.span, each.message) for each in misfit[:1]]
    first = found.diagnostics.errors[0]
    reason = f"{first.message} ({first.span.source.name}:{first.span.line}:{first.span.column})"
    path = use.other.path
    remedy = "mend that file first"
    return tuple(wrong) or (CannotUse(path.span, path.text, reason, remedy, first.span),)


def compile(text: str, **overrides: Any) -> Compilation:
    """Compile a program given as text; each phase runs when it is first asked for."""
    return Compilation(Source("<text>", text), overrides)


def load(path: str | Path, **overrides: Any) -> Compilation:
    """Compile a program in a file, with some hyper-parameters set."""
    return Compilation(Source(str(path), Path(path).read_text(encoding="utf-8")), overrides)


def diagnose(text: str, **overrides: Any) -> Diagnostics:
    """Find every mistake in a program without running it.

    >>> [each.id for each in diagnose("model m  observed y : real[2]  cost c = sq(x)").all]
    ['unknown-name']
    """
    compilation = compile(text, **overrides)
    _ = compilation.plan
    return compilation.diagnostics
