"""Nets: from a pipe of layers to typed layers, with shapes inferred at the first use."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ebmdsl.check.arguments import chosen
from ebmdsl.check.attempts import each
from ebmdsl.check.layers import Reading, read
from ebmdsl.check.mistakes import ShapeMismatch, UnknownName, WrongArguments
from ebmdsl.check.model import Net
from ebmdsl.check.scope import Template
from ebmdsl.check.tokens import alphabet, check_signs, told
from ebmdsl.concepts.kinds import Constraint, Layer
from ebmdsl.concepts.pipes import Inner, Pipe
from ebmdsl.concepts.shape import Misfit, Shape, show, size
from ebmdsl.expr.build import joined_plates
from ebmdsl.expr.node import Node, Op, make
from ebmdsl.source.diagnostic import Label

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ebmdsl.check.scope import Scope
    from ebmdsl.source.mistake import Mistake
    from ebmdsl.source.text import Span


def applied(scope: Scope, template: Template, *, args: tuple[Node, ...], span: Span) -> Node:
    """Return a net applied to its inputs; several inputs are laid end to end."""
    if not args:
        reason = f"`{template.statement.name.text}` is a net and needs an input"
        raise scope.reject(WrongArguments(span, reason))
    body, reading = read(scope, template)
    signs = alphabet(scope, args[0])
    check_signs(reading, body, node=args[0])
    body = told(reading, body, signs=signs) if signs else body
    shape = _input(scope, body, args=args, span=span)
    net = _used(reading, template, body=body, shape=shape, use=span)
    return make(Op.APPLY, args, data=net, shape=net.output, plates=joined_plates(args))


def read_unused(scope: Scope) -> None:
    """Read the nets that nothing uses: what their layers are needs no shape."""
    templates = [bound for bound in scope.bound.values() if isinstance(bound, Template)]
    unused = [one for one in templates if one.statement.name.text not in scope.nets]
    each(lambda template: read(scope, template), unused)


def _input(scope: Scope, body: Pipe, *, args: tuple[Node, ...], span: Span) -> Shape:
    if len(args) == 1:
        return args[0].shape
    shape = body.joined(tuple(arg.shape for arg in args))
    if isinstance(shape, Misfit):
        raise scope.reject(ShapeMismatch(span, shape.reason, shape.remedy))
    return shape


def _used(reading: Reading, template: Template, *, body: Pipe, shape: Shape, use: Span) -> Net:
    """Return the net for this input; it is typed once and has one input shape."""
    scope, name = reading.scope, template.statement.name
    net = scope.nets.get(name.text)
    if net is None:
        net = _typed(reading, template, body=body, shape=shape, use=use)
        scope.nets[net.name] = net
    if net.input != shape:
        reason = f"`{net.name}` was used with {show(net.input)} before, not {show(shape)}"
        first = Label(net.use, f"used with {show(net.input)} here")
        remedy = "a net has one input shape: use another net for another shape"
        raise scope.reject(ShapeMismatch(use, reason, remedy, (first,)))
    return net


def _typed(reading: Reading, template: Template, *, body: Pipe, shape: Shape, use: Span) -> Net:
    scope, statement = reading.scope, template.statement
    output = _checked(reading, body, shape=shape, use=use)
    outputs = body.outputs(shape)
    made_of = {
        name: None
        for inner, at in _nets(body, shape)
        for name in _share(reading, inner, shape=at)
    }
    net = Net(
        statement.name.text,
        body.layers,
        input=shape,
        output=(size(output),) if outputs else output,
        facts=tuple(layer.seen() for layer in body.layers),
        weights=tuple((weight.name, weight.shape) for weight in body.weights(shape)),
        outputs=outputs,
        made_of=tuple(made_of),
        learned=template.learned,
        memory=template.memory,
        span=statement.name.span,
        use=use,
    )
    return replace(net, constraints=_constraints(scope, template, net=net))


def _share(reading: Reading, inner: Inner, *, shape: Shape) -> Iterator[str]:
    """Type a net inside a net, and name the nets that it brings with it."""
    use, template = reading.span(inner), reading.inner[inner.name]
    net = _used(reading, template, body=inner.body, shape=shape, use=use)
    yield from (net.name, *net.made_of)


def _nets(layer: Layer, shape: Shape) -> Iterator[tuple[Inner, Shape]]:
    """Find the nets that share their weights, outermost ones only."""
    if isinstance(layer, Inner):
        yield layer, shape
        return
    for part, at in layer.parts(shape):
        yield from _nets(part, at)


def _checked(reading: Reading, body: Pipe, *, shape: Shape, use: Span) -> Shape:
    """Return the shape of the output; say which layer does not fit, and the shapes up to it."""
    output = body.shape(shape)
    if not isinstance(output, Misfit):
        return output
    chain, found = _culprit(body, shape)
    raise reading.scope.reject(
        _of_option(reading, chain[-1], found=found)
        if found.option
        else ShapeMismatch(
            reading.span(chain[-1]),
            found.reason,
            found.remedy,
            (Label(use, f"used with {show(shape)} here"),),
            _shapes(body, shape),
        )
    )


def _of_option(reading: Reading, layer: Layer, *, found: Misfit) -> Mistake:
    """Blame an option where it was written; a word that nobody knows is an unknown name."""
    span = reading.option(layer, found.option)
    if not found.known:
        return WrongArguments(span, found.reason, found.remedy)
    what = f"`{found.option}` of `{layer.word}`"
    return UnknownName(span, span.text, found.known, what)


def _culprit(layer: Layer, shape: Shape) -> tuple[list[Layer], Misfit]:
    """Return the layers from the outermost to the one that does not fit, and why."""
    for part, at in layer.parts(shape):
        if isinstance(part.shape(at), Misfit):
            path, reason = _culprit(part, at)
            return [layer, *path], reason
    found = layer.shape(shape)
    assert isinstance(found, Misfit)
    return [layer], found


def _shapes(pipe: Pipe, shape: Shape) -> str:
    """Write the chain of shapes up to the layer that does not fit, inside others too."""
    parts = pipe.parts(shape)
    text = " ".join(f"{show(at)} |> {layer.label}" for layer, at in parts)
    inner = _failing(*parts[-1])
    return text if inner is None else f"{text}; inside it: {_shapes(*inner)}"


def _failing(layer: Layer, shape: Shape) -> tuple[Pipe, Shape] | None:
    """Return the pipe inside a layer that does not fit; None where it is the layer itself."""
    parts = layer.parts(shape)
    if isinstance(layer, Pipe) or not parts:
        return (layer, shape) if isinstance(layer, Pipe) else None
    part, at = parts[-1]
    return _failing(part, at) if isinstance(part.shape(at), Misfit) else None


def _constraints(scope: Scope, template: Template, *, net: Net) -> tuple[Constraint, ...]:
    """Read what the weights obey; a constraint that none of them can obey is a mistake."""
    found: list[Constraint] = []
    for written in template.statement.with_:
        constraint: Any = chosen(scope, Constraint, method=written, what="constraint")
        if not net.obedient(constraint):
            reason = f"no weight of `{net.name}` can obey `{constraint.word}`"
            raise scope.reject(ShapeMismatch(written.span, reason, _why(net, constraint)))
        found.append(constraint)
    return tuple(found)


def _why(net: Net, constraint: Constraint) -> str:
    """Say why the first matrix or kernel of a net cannot obey."""
    for name, shape in net.weights:
        refused = constraint.misfit(shape) if len(shape) > 1 else None
        if refused is not None:
            return f"`{net.name}.{name}` is {show(shape)}: {refused.reason}"
    return f"`{net.name}` has no matrix and no kernel"
