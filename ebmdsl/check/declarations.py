"""Declarations: what each name of the file is bound to."""

from __future__ import annotations

from ebmdsl.check import points
from ebmdsl.check.arguments import chosen, literal, parts, whole
from ebmdsl.check.expressions import elaborate
from ebmdsl.check.mistakes import (
    NotSupportedYet,
    ShapeMismatch,
    TermNotScalar,
    UnknownDomain,
    UnknownName,
    WrongArguments,
)
from ebmdsl.check.model import Block, Data, Declared, Init, Term
from ebmdsl.check.plates import bound_plates
from ebmdsl.check.scope import Bound, Local, Named, Scope, Template
from ebmdsl.check.statement_mistakes import DataMismatch
from ebmdsl.concepts.base import find
from ebmdsl.concepts.domain import BOUNDS, Domain
from ebmdsl.concepts.kinds import Constraint, Dataset, Field, Law, Transform
from ebmdsl.concepts.shape import Misfit, Shape, is_scalar, show
from ebmdsl.expr.node import Node, Op, Quantity, make
from ebmdsl.syntax import ast

SIZED = {"token": "27", "onehot": "8", "simplex": "8", "sphere": "3"}
FITTED = ("kmeans_pp", "logit", "logZ")


def resolve(scope: Scope, statement: Named) -> Bound:
    """Return what a statement declares."""
    match statement:
        case ast.Data():
            return data(scope, statement)
        case ast.Variable():
            return variable(scope, statement)
        case ast.Net():
            return Template(statement)
        case ast.Func():
            return statement
        case ast.Node():
            return block(scope, statement)
        case ast.Term():
            return term(scope, statement)
        case ast.Report():
            return _reported(scope, statement)
        case ast.Use():
            raise scope.reject(NotSupportedYet(statement.span, "`use`"))
        case ast.State():
            return points.state(scope, statement, elaborate=elaborate)
        case ast.Negative():
            return points.negative(scope, statement, elaborate=elaborate)


def _reported(scope: Scope, statement: ast.Report) -> Block:
    node = elaborate(scope, statement.expr, local=Local(report="test"))
    return Block("let", statement.name.text, node, (), statement.expr.span.text)


def data(scope: Scope, statement: ast.Data) -> Data:
    """Type a data set and the transforms behind it."""
    pipe = statement.expr
    source, *steps = pipe.parts if isinstance(pipe, ast.Pipe) else (pipe,)
    dataset = chosen(scope, Dataset, method=source, what="data set")
    transforms: list[Transform] = []
    fields = dataset.fields()
    for step in steps:
        transform = chosen(scope, Transform, method=step, what="transform")
        after = transform.fields(fields)
        if isinstance(after, Misfit):
            raise scope.reject(WrongArguments(step.span, after.reason, after.remedy))
        transforms.append(transform)
        fields = after
    name = statement.name
    return Data(name.text, dataset, tuple(transforms), fields, name.span)


def variable(scope: Scope, statement: ast.Variable) -> Declared:
    """Type a declared variable."""
    name = statement.name
    domain, shape = domain_and_shape(scope, statement.type)
    declared = Declared(
        Quantity(name.text, statement.declare, domain),
        shape,
        plates=bound_plates(scope, statement.plate, expr=None, local=Local()),
        constraints=tuple(_constraint(scope, each, shape=shape) for each in statement.with_),
        init=None if statement.init is None else initial(scope, statement.init),
        source=_source(scope, statement),
        law=None if statement.law is None else initial(scope, statement.law),
        span=name.span,
    )
    _check_source(scope, statement, declared=declared)
    _check_laws(scope, statement, declared=declared)
    return declared


def _constraint(scope: Scope, written: ast.Expr, *, shape: Shape) -> Constraint:
    constraint = chosen(scope, Constraint, method=written, what="constraint")
    refused = constraint.misfit(shape)
    if refused is not None:
        raise scope.reject(ShapeMismatch(written.span, refused.reason, refused.remedy))
    return constraint


def _check_laws(scope: Scope, statement: ast.Variable, *, declared: Declared) -> None:
    """Report a law that cannot give a value of this shape: `eye(4)` for a vector."""
    for init, written in ((declared.init, statement.init), (declared.law, statement.law)):
        laws = [each for each in init.options if isinstance(each, Law)] if init else []
        refused = next(filter(None, (law.misfit(declared.shape) for law in laws)), None)
        if refused is not None and written is not None:
            raise scope.reject(ShapeMismatch(written.span, refused.reason, refused.remedy))


def domain_and_shape(scope: Scope, written: ast.Type) -> tuple[Domain, Shape]:
    """Read `real[144]`, `onehot[k]`, `token[27]`."""
    word = written.name
    if word.text not in BOUNDS:
        raise scope.reject(UnknownDomain(word.span, word.text, tuple(BOUNDS)))
    sizes = tuple(_size(scope, dim) for dim in written.dims)
    if not sizes and word.text in SIZED:
        reason = f"`{word.text}` needs a size, as `{word.text}[{SIZED[word.text]}]`"
        raise scope.reject(WrongArguments(written.span, reason))
    if word.text == "token":
        return Domain("token", sizes[-1]), sizes[:-1]
    return Domain(word.text), sizes


def _size(scope: Scope, dim: ast.Dim) -> int:
    size = whole(scope, dim.size)
    if size < 1:
        raise scope.reject(WrongArguments(dim.size.span, f"a size is at least 1, not {size}"))
    return size


def initial(scope: Scope, expr: ast.Expr) -> Init:
    """Read how a parameter starts: `normal(0.1)`, `0.1`, `kmeans_pp(y)`, `logit(v.mean)`."""
    name, written = parts(expr)
    if name is None or (written is None and find(Law, name.text) is None):
        return Init("constant", (literal(scope, expr),))
    if name.text in FITTED and written is not None:
        return Init(name.text, of=_fitted_to(scope, written))
    law = chosen(scope, Law, method=expr, what="law")
    return Init(law.word, (law,))


def _fitted_to(scope: Scope, written: ast.Call) -> str:
    match written.args:
        case (ast.Name() as name,):
            return name.text
        case (ast.Attr(base=ast.Name() as name, name=statistic),):
            return f"{name.text}.{statistic.text}"
        case _:
            raise scope.reject(NotSupportedYet(written.span, "an initial value like this"))


def _source(scope: Scope, statement: ast.Variable) -> tuple[str, str] | None:
    match statement.from_:
        case None:
            return None
        case ast.Name() as name:
            found = _data(scope, name)
            return found.name, found.main.name
        case ast.Attr(base=ast.Name() as name, name=field):
            found = _data(scope, name)
            names = tuple(each.name for each in found.fields)
            if field.text not in names:
                raise scope.reject(UnknownName(field.span, field.text, names, "field"))
            return found.name, field.text
        case other:
            raise scope.reject(NotSupportedYet(other.span, "data like this"))


def _data(scope: Scope, name: ast.Name) -> Data:
    bound = scope.get(name.text)
    if isinstance(bound, Data):
        return bound
    known = tuple(n for n, s in scope.statements.items() if isinstance(s, ast.Data))
    raise scope.reject(UnknownName(name.span, name.text, known, "data set"))


def _check_source(scope: Scope, statement: ast.Variable, *, declared: Declared) -> None:
    if declared.source is None:
        return
    data_name, field_name = declared.source
    found = scope.get(data_name)
    assert isinstance(found, Data)
    field = next(each for each in found.fields if each.name == field_name)
    reason = _difference(declared, field, name=f"{data_name}.{field_name}")
    if reason:
        scope.found.report(DataMismatch(statement.type.span, reason, found.span))


def _difference(declared: Declared, field: Field, *, name: str) -> str:
    if field.domain == "picture":
        return f"`{name}` holds pictures of many sizes: cut `patches` or `crops` first"
    plates = tuple(plate.size for plate in declared.plates)
    if (*plates, *declared.shape) != field.shape:
        return (
            f"`{declared.name}` is {show(declared.shape)}, but `{name}` is {show(field.shape)}"
        )
    wanted = declared.quantity.domain
    if wanted.name in ("binary", "onehot", "token") and field.domain != wanted.name:
        return f"`{declared.name}` is {wanted.name}, but `{name}` is {field.domain}"
    return ""


def block(scope: Scope, statement: ast.Node) -> Block:
    """Type a deterministic node or a distribution."""
    name = statement.name
    plates = bound_plates(scope, statement.plate, expr=statement.expr, local=Local())
    local = Local(plates={plate.index: plate for plate in plates})
    random = statement.op == "~"
    node = (
        _law(scope, statement, local=local)
        if random
        else elaborate(scope, statement.expr, local=local)
    )
    return Block(
        statement.role,
        name.text,
        node,
        inputs=mentioned(scope, statement.expr),
        text=written(statement.expr),
        random=random,
        span=name.span,
    )


def _law(scope: Scope, statement: ast.Node, *, local: Local) -> Node:
    """Return the mean of an amortized posterior; its spread is kept as a second argument."""
    match statement.expr:
        case ast.Call(function=ast.Name(text="normal"), args=(mean, spread)) if not (
            isinstance(mean, ast.Range) or isinstance(spread, ast.Range)
        ):
            mu, sigma = (
                elaborate(scope, mean, local=local),
                elaborate(scope, spread, local=local),
            )
            return make(Op.STOP, (mu, sigma), data="normal", shape=mu.shape, plates=mu.plates)
        case other:
            raise scope.reject(NotSupportedYet(other.span, "a distribution like this"))


def term(scope: Scope, statement: ast.Term) -> Term:
    """Type a term: one scalar per sample, summed over its plates."""
    name = statement.name
    plates = bound_plates(scope, statement.plate, expr=statement.expr, local=Local())
    local = Local(plates={plate.index: plate for plate in plates})
    node = elaborate(scope, statement.expr, local=local)
    if not is_scalar(node.shape):
        mistake = TermNotScalar(statement.expr.span, name.text, show(node.shape))
        raise scope.reject(mistake)
    return Term(
        statement.kind,
        name.text,
        summed(node),
        inputs=mentioned(scope, statement.expr),
        text=written(statement.expr),
        plates=plates,
        span=name.span,
    )


def summed(node: Node) -> Node:
    """Return the sum over all plates."""
    return make(Op.SUM_PLATE, (node,)) if node.plates else node


def mentioned(scope: Scope, expr: ast.Expr) -> tuple[str, ...]:
    """List the variables, nodes and nets that an expression names, in order."""
    names: dict[str, None] = {}
    for piece in ast.walk(expr):
        if isinstance(piece, ast.Name) and piece.text in scope.statements:
            names[piece.text] = None
    kept = (ast.Variable, ast.Node, ast.Net, ast.State, ast.Negative)
    return tuple(name for name in names if isinstance(scope.statements[name], kept))


def written(expr: ast.Expr) -> str:
    """Return the text of an expression on one line."""
    return " ".join(expr.span.text.split())
