"""`unroll(z, solver)`: the solver of an energy as a net, if the energy allows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl._record import record
from ebmdsl.check.arguments import bound_options, parts
from ebmdsl.check.mistakes import UnknownName, WrongArguments
from ebmdsl.check.model import Declared, Model, Term, Used
from ebmdsl.check.net_mistakes import CannotUnroll
from ebmdsl.check.scope import RejectedError
from ebmdsl.check.statement_mistakes import WrongRole
from ebmdsl.concepts.abilities import Proximable
from ebmdsl.concepts.base import Concept, find, words
from ebmdsl.concepts.kinds import Function, Solver
from ebmdsl.concepts.shape import size
from ebmdsl.concepts.unrolled import RULES, Kernels, Origin, Unrolled
from ebmdsl.expr.build import add, addends, const, multiply
from ebmdsl.expr.node import Node, Op, quantities, walk
from ebmdsl.expr.prove import prove
from ebmdsl.expr.text import formula
from ebmdsl.syntax import ast

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ebmdsl.check.scope import Scope

LEARN = ("all",)
MOST = 2**28


@final
@record
class Steps(Concept):
    """How many steps of a rule are unrolled."""

    word: ClassVar[str] = "unroll"
    folder: ClassVar[str] = "solvers"
    steps: int


@final
@record
class Target:
    """What is unrolled: a latent, the energy in which it is found, and where it was asked."""

    latent: Declared
    energy: Node
    given: tuple[Declared, ...]
    at: ast.Expr
    model: str = ""

    @property
    def name(self) -> str:
        """Return how the file calls the latent."""
        return self.at.span.text


def unrolled(scope: Scope, written: ast.Call | None, *, at: ast.Expr, net: str) -> Unrolled:
    """Return the net of `unroll(z, ista(steps = 3), learn = all)`."""
    asked, method = _arguments(scope, written, at=at)
    target = _target(scope, asked, net=net)
    rule, steps = _rule(scope, method)
    smooth, term = _split(scope, target)
    rough = None if term is None else term[0]
    seen = _seen(scope, target, smooth=smooth)
    latent, domain = target.latent, target.latent.quantity.domain.name
    if latent.plates or domain not in ("real", "nonneg"):
        what = "a sequence" if latent.plates else domain
        raise _refused(
            scope, target, reason=f"it is {what}", remedy="only real and nonneg latents move so"
        )
    found = _kernels(latent, smooth, seen=seen) if rule == "ista" else None
    kernels, kernel = (None, "") if found is None else found
    count = size(latent.shape) * (size(latent.shape) + sum(size(each.shape) for each in seen))
    if kernels is None and count > MOST:
        raise _refused(scope, target, reason=f"its maps would hold {count:,} numbers")
    if rule == "coordinate_descent" and rough is not None and not _by_entry(rough):
        reason = f"`{rough.word}` does not treat its entries one by one"
        raise _refused(scope, target, reason=reason, remedy="unroll `ista`")
    return Unrolled(
        latent.shape,
        tuple(each.shape for each in seen),
        tuple(each.name for each in seen),
        rule,
        steps,
        prox=rough,
        nonneg=domain == "nonneg",
        kernels=kernels,
        origin=Origin(
            latent.name,
            add(const(0), *(each for each in smooth if latent.name in each.names)),
            None if term is None else term[1],
            target.model,
            kernel,
        ),
    )


def _arguments(
    scope: Scope, written: ast.Call | None, *, at: ast.Expr
) -> tuple[ast.Expr, ast.Expr]:
    """Return what is unrolled and with which solver; `learn = all` is all there is to learn."""
    usual = "as `unroll(z, ista(steps = 3), learn = all)`"
    args = written.args if written is not None else ()
    first, second = args if len(args) == _BOTH else (None, None)
    if first is None or second is None or isinstance(first, ast.Range | ast.Lambda):
        reason = "`unroll` takes a latent and a solver"
        raise scope.reject(WrongArguments(at.span, reason, usual))
    if isinstance(second, ast.Range):
        raise scope.reject(WrongArguments(second.span, "a range is no solver", usual))
    for each in written.named if written is not None else ():
        if each.name.text != "learn":
            reason = f"`unroll` has no option `{each.name.text}`"
            raise scope.reject(WrongArguments(each.name.span, reason, usual))
        if not isinstance(each.value, ast.Name) or each.value.text not in LEARN:
            span = each.value.span
            raise scope.reject(UnknownName(span, span.text, LEARN, "thing to learn"))
    return first, second


_BOTH = 2


def _rule(scope: Scope, method: ast.Expr) -> tuple[str, int]:
    name, written = parts(method)
    if name is None:
        reason = "a solver is a word or a call"
        raise scope.reject(WrongArguments(method.span, reason, "as `ista(steps = 3)`"))
    if name.text not in RULES:
        if find(Solver, name.text) is None:
            raise scope.unknown(name, "solver", known=(*words(Solver), *RULES))
        reason = "its steps are no affine map and a prox"
        raise scope.reject(CannotUnroll(name.span, name.text, reason, "unroll `ista` instead"))
    options = bound_options(scope, Steps, written=written, at=method)
    if options["steps"] < 0:
        reason = f"{options['steps']} steps cannot be unrolled"
        raise scope.reject(WrongArguments(method.span, reason))
    return name.text, options["steps"]


def _target(scope: Scope, asked: ast.Expr, *, net: str) -> Target:
    """Find the latent and its energy, in this program or in a used model."""
    match asked:
        case ast.Name():
            return _own(scope, asked, net=net)
        case ast.Attr(base=ast.Name() as base, name=name):
            bound = scope.get(base.text)
            if isinstance(bound, Used):
                return _foreign(scope, bound, name=name, asked=asked)
            if bound is None:
                raise scope.unknown(base, "model", known=())
        case _:
            pass
    reason = f"`{asked.span.text}` is no latent"
    raise scope.reject(WrongArguments(asked.span, reason, "write `unroll(z, …)`"))


def _own(scope: Scope, asked: ast.Name, *, net: str) -> Target:
    found = scope.get(asked.text)
    if found is None:
        latents = [
            name
            for name, each in scope.statements.items()
            if isinstance(each, ast.Variable) and each.declare == "latent"
        ]
        raise scope.reject(UnknownName(asked.span, asked.text, tuple(latents), "latent"))
    if not isinstance(found, Declared) or found.role != "latent":
        raise scope.reject(_no_latent(scope, asked))
    energy = add(const(0), *_terms(scope, asked.text, net=net))
    seen = {each.name for each in quantities(energy)}
    named = [scope.get(name) for name in scope.statements if name in seen]
    given = tuple(each for each in named if isinstance(each, Declared))
    return Target(found, energy, given, asked)


def _no_latent(scope: Scope, asked: ast.Name) -> WrongRole:
    statement = scope.statements.get(asked.text)
    declared = asked.span if statement is None else statement.name.span
    role = statement.declare if isinstance(statement, ast.Variable) else "no latent"
    reason = f"`{asked.text}` is {role}, and only a latent is found by a solver"
    remedy = "name the latent that the solver finds"
    return WrongRole(asked.span, reason, declared, f"{role}", remedy)


def _terms(scope: Scope, latent: str, *, net: str) -> Iterator[Node]:
    """List the terms in which a latent is found, but for those that the net is part of."""
    wanted = _wanted(scope, latent)
    for name, statement in scope.statements.items():
        if not isinstance(statement, ast.Term) or statement.kind == "loss":
            continue
        if wanted and name not in wanted:
            continue
        if name in scope.working or net in _reached(scope, statement):
            continue
        bound = scope.get(name)
        if isinstance(bound, Term) and latent in bound.node.names:
            yield bound.node


def _wanted(scope: Scope, latent: str) -> frozenset[str]:
    """Name the terms that an `infer z by minimize(…)` is about; none means all."""
    statements = scope.file.statements if scope.file is not None else ()
    for each in statements:
        if isinstance(each, ast.Infer) and latent in {name.text for name in each.names}:
            name, written = parts(each.method)
            said = name is not None and name.text == "minimize"
            args = written.args if said and written is not None else ()
            pieces = (piece for arg in args for piece in ast.walk(arg))
            return frozenset(piece.text for piece in pieces if isinstance(piece, ast.Name))
    return frozenset()


def _reached(scope: Scope, statement: ast.Statement) -> frozenset[str]:
    """Name all declarations that a statement rests on."""
    seen: set[str] = set()
    pending: list[ast.Syntax] = [statement]
    while pending:
        pieces = ast.walk(pending.pop())
        new = {piece.text for piece in pieces if isinstance(piece, ast.Name)} - seen
        seen |= new
        pending += [scope.statements[name] for name in new if name in scope.statements]
    return frozenset(seen)


def _foreign(scope: Scope, used: Used, *, name: ast.Name, asked: ast.Expr) -> Target:
    model: Model = used.model
    found = model.find(name.text)
    if found is None:
        known = tuple(each.name for each in model.with_role("latent"))
        raise scope.reject(UnknownName(name.span, name.text, known, f"part of `{used.name}`"))
    if found.role != "latent":
        reason = f"`{used.name}.{name.text}` is {found.role}, not latent"
        raise scope.reject(WrongRole(name.span, reason, used.span, "brought in", ""))
    infer = next((each for each in model.infers if name.text in each.names), None)
    terms = infer.terms if infer is not None else None
    whole = add(const(0), *(each.node for each in model.energy if name.text in each.node.names))
    energy = whole if terms is None else terms
    return Target(found, energy, model.declared, asked, used.name)


def _split(
    scope: Scope, target: Target
) -> tuple[tuple[Node, ...], tuple[Function, Node] | None]:
    """Split the energy into what is quadratic and one function with a prox and a weight."""
    moving = frozenset({target.latent.name})
    smooth: list[Node] = []
    rough: dict[Node, list[Node]] = {}
    for addend in addends(target.energy):
        degree = prove(addend, moving).degree
        if degree is not None and degree <= _QUADRATIC:
            smooth.append(addend)
            continue
        core, weight = _core(addend, moving)
        held = core.op is Op.CALL and core.args[0].op is Op.VARIABLE
        if not held or not isinstance(core.data, Proximable):
            reason = f"`{formula(core)}` is neither quadratic nor a function with a prox"
            raise _refused(scope, target, reason=reason)
        if weight.per_sample:
            reason = f"the weight of `{formula(core)}` is another one for every sample"
            raise _refused(scope, target, reason=reason)
        rough.setdefault(core, []).append(weight)
    if not any(moving & each.names for each in smooth):
        if scope.lost is not None:
            raise RejectedError
        raise _refused(scope, target, reason="no term is quadratic in it")
    if len(rough) > 1:
        both = " and ".join(f"`{formula(each)}`" for each in rough)
        raise _refused(scope, target, reason=f"there is no prox for {both} together")
    return tuple(smooth), next(((core.data, add(*w)) for core, w in rough.items()), None)


_QUADRATIC = 2


def _core(addend: Node, moving: frozenset[str]) -> tuple[Node, Node]:
    """Return the factor that moves, and the others; what is no product is its own core."""
    if addend.op is not Op.MULTIPLY:
        return _without_sum(addend), const(1)
    rest = [arg for arg in addend.args if arg.names & moving]
    if len(rest) != 1:
        return addend, const(1)
    held = tuple(arg for arg in addend.args if arg is not rest[0])
    return _without_sum(rest[0]), multiply(const(1), *held)


def _without_sum(core: Node) -> Node:
    """Return the function whose values are added up: its prox is that of their sum."""
    if core.op is not Op.CALL or core.data.word != "sum":
        return core
    inner = core.args[0]
    known = inner.op is Op.CALL and isinstance(inner.data, Proximable)
    return inner if known else core


def _seen(scope: Scope, target: Target, *, smooth: tuple[Node, ...]) -> tuple[Declared, ...]:
    """List what the energy of the latent sees; all of it must go through linear maps."""
    held = {each.name for node in smooth for each in quantities(node) if each.per_sample}
    seen = tuple(
        each
        for each in target.given
        if each.name in held and each.name != target.latent.name and each.role != "param"
    )
    if not seen:
        raise _refused(scope, target, reason="its energy sees no variable of the sample")
    whole = frozenset({target.latent.name, *(each.name for each in seen)})
    for addend in smooth:
        degree = prove(addend, whole).degree
        if target.latent.name in addend.names and (degree is None or degree > _QUADRATIC):
            names = " and ".join(f"`{each.name}`" for each in seen)
            reason = f"`{formula(addend)}` is not quadratic in it and {names} together"
            remedy = "name the terms to unroll: `infer z by minimize(…)`"
            raise _refused(scope, target, reason=reason, remedy=remedy)
    return seen


def _by_entry(rough: Function) -> bool:
    return Unrolled((), (), (), "ista", 1, prox=rough).separable


def _kernels(
    latent: Declared, smooth: tuple[Node, ...], *, seen: tuple[Declared, ...]
) -> tuple[Kernels, str] | None:
    """Read the kernels of a decoder, where the latent passes through one convolution only.

    A bias would be seen otherwise at the borders, and needs maps of all entries.
    """
    nodes = {each for node in smooth for each in walk(node)}
    users = [n for n in nodes if any(_is(arg, latent.name) for arg in n.args)]
    nets = {node.data for node in users if node.op is Op.APPLY}
    squares = (n for n in users if n.op is not Op.APPLY)
    if len(nets) != 1 or len(seen) != 1 or any(not _is_square(n) for n in squares):
        return None
    (net,) = nets
    layer = net.layers[0]
    if len(net.layers) > 1 or layer.word != "conv" or layer.stride != 1:
        return None
    if net.output != seen[0].shape or len(net.weights) != 1:
        return None
    margin = (net.output[1] - net.input[1] + layer.width - 1) // 2
    ((kernel, _),) = net.weights
    return Kernels(layer.width, margin), f"{net.name}.{kernel}"


def _is_square(node: Node) -> bool:
    return node.op is Op.CALL and node.data.word == "sq"


def _is(node: Node, name: str) -> bool:
    return node.op is Op.VARIABLE and node.data.name == name


def _refused(scope: Scope, target: Target, *, reason: str, remedy: str = "") -> RejectedError:
    name = target.name
    usual = "unroll a latent with a quadratic energy and at most one `l1` or the like"
    return scope.reject(CannotUnroll(target.at.span, name, reason, remedy or usual))
