"""Find where a parameter and a latent act only through their product, a low-rank matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from ebmdsl._record import record
from ebmdsl.expr.build import add, negative, variable
from ebmdsl.expr.node import Node, Op, Quantity, walk
from ebmdsl.expr.prove import prove
from ebmdsl.expr.rebuild import rebuilt, substitute

if TYPE_CHECKING:
    from ebmdsl.check.model import Model

PRODUCT = "the product"


@final
@record
class LowRank:
    """An energy that is quadratic in m = W z and depends on W and z in no other way.

    `energy` is written in `PRODUCT`. Over all samples the m form a matrix of rank k at most,
    so the best W spans the k leading singular directions of the unconstrained minimizers.
    `centered` tells that a free parameter is added to m, so that their mean does not count.
    """

    energy: Node
    centered: bool


def low_rank(
    model: Model, energy: Node, *, param: str, free: tuple[str, ...]
) -> LowRank | None:
    """Return the structure in an orthonormal parameter, or None where it is not proved."""
    products = {each for each in walk(energy) if _is_product(each, param)}
    if len(products) != 1:
        return None
    (product,) = products
    latent = product.args[1].data
    if latent.role != "latent" or latent.domain.name != "real":
        return None
    m = variable(Quantity(PRODUCT, "latent"), product.shape)
    seen = _replaced(energy, product, by=m)
    facts = prove(seen, frozenset({PRODUCT}))
    separate = not seen.names & {param, latent.name}
    if not separate or facts.degree != _QUADRATIC or not facts.convex:
        return None
    if not facts.leading <= frozenset(model.parameters):
        return None
    return LowRank(seen, _is_centered(model, seen, m=m, free=free))


_QUADRATIC = 2


def _is_product(node: Node, param: str) -> bool:
    if node.op is not Op.MATMUL:
        return False
    left, right = node.args
    held = left.op is Op.VARIABLE and left.data.name == param
    return held and right.op is Op.VARIABLE


def _replaced(node: Node, old: Node, *, by: Node) -> Node:
    done: dict[Node, Node] = {old: by}
    for each in walk(node):
        if each not in done:
            done[each] = rebuilt(each, tuple(done[arg] for arg in each.args))
    return done[node]


def _is_centered(model: Model, energy: Node, *, m: Node, free: tuple[str, ...]) -> bool:
    """Tell whether the energy depends on m and some free parameter only through m ± it."""
    for declared in filter(None, map(model.find, free)):
        if declared.shape != m.shape:
            continue
        b = variable(declared.quantity, declared.shape)
        shifts = (substitute(energy, {PRODUCT: add(m, s)}) for s in (b, negative(b)))
        if any(declared.name not in shifted.names for shifted in shifts):
            return True
    return False
