"""`view`: several random looks at the same sample."""

from __future__ import annotations

from string import ascii_lowercase
from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Field, Transform
from ebmdsl.concepts.shape import Misfit
from ebmdsl.std.fields import main_field, only, others, renamed

if TYPE_CHECKING:
    from numpy.random import Generator

    from ebmdsl.concepts.kinds import Arrays

MOST = 8
AS_IT_IS = "none"


@final
@concept("view")
class View(Transform):
    """Make `count` views of each sample, named a, b, c and so on; other fields are kept.

    Every view goes through all the steps in their order, with its own random numbers,
    drawn anew in each epoch of training and once for the other splits. If `none` is among
    the steps, they are one for each view instead: `view(2, [none, jigsaw(3)])` has the
    sample itself as a and a puzzle as b. The data alone means view a, and a step behind
    this one changes a only: what all views need stands before.

    References: Chen, Kornblith, Norouzi & Hinton 2020, arXiv:2002.05709
    """

    count: int
    steps: tuple[Transform, ...]
    redrawn: ClassVar[bool] = True

    def fields(self, fields: tuple[Field, ...]) -> tuple[Field, ...] | Misfit:
        refused = self._misfit(fields)
        if refused is not None:
            return refused
        views: list[Field] = []
        for name, steps in self._chains().items():
            seen = _through(steps, main_field(fields))
            if isinstance(seen, Misfit):
                return seen
            views.append(renamed(seen, name, main="a"))
        return (*views, *others(fields))

    def apply(self, arrays: Arrays, state: Arrays, *, rng: Generator) -> Arrays:
        del state
        _, x = only(arrays)
        found = {}
        for name, steps in self._chains().items():
            view: Arrays = {"view": x}
            for step in steps:
                view = step.apply(view, {}, rng=rng)
            found[name] = view["view"]
        return found

    def _misfit(self, fields: tuple[Field, ...]) -> Misfit | None:
        if not 1 <= self.count <= MOST:
            return Misfit(f"there are 1 to {MOST} views, not {self.count}", option="count")
        if self._each_its_own() and len(self.steps) != self.count:
            return Misfit(
                f"{len(self.steps)} steps for {self.count} views",
                "with `none` among them the steps are one for each view",
            )
        fixed = [one for one in self.steps if not (one.redrawn or one.word == AS_IT_IS)]
        if fixed or any(one.whole or isinstance(one, View) for one in self.steps):
            return Misfit("a view is made of random steps, such as `crop` and `flip`")
        taken = {field.name for field in others(fields)} & set(ascii_lowercase[: self.count])
        return Misfit(f"there is already a field `{min(taken)}`") if taken else None

    def _each_its_own(self) -> bool:
        return any(step.word == AS_IT_IS for step in self.steps)

    def _chains(self) -> dict[str, tuple[Transform, ...]]:
        """Return what each view goes through."""
        names = ascii_lowercase[: self.count]
        if self._each_its_own():
            return {name: (step,) for name, step in zip(names, self.steps, strict=True)}
        return dict.fromkeys(names, self.steps)


def _through(steps: tuple[Transform, ...], field: Field) -> Field | Misfit:
    """Return the field at the end of a chain of steps, or the refusal of one of them."""
    for step in steps:
        after = step.fields((field,))
        if isinstance(after, Misfit):
            return after
        field = main_field(after)
    return field
