"""Paper puppets, drawn by rule: the same seed always gives the same puppet.

Everything sits on a grid of 96 units and is made of circles, half circles, rounded rectangles, triangles
and arcs. Colours are classes, so that light, dark and print each dress the puppets their own way. A head is
always white paper with two eyes, two cheeks and a smile; one programme's colour, one accent and one prop
make the rest.
"""

from collections.abc import Iterator
from hashlib import sha256

PROGRAMMES = ("drama", "puzzles", "speech", "aesthetics", "reading")

_BODIES = (
    "M14 98a34 36 0 0 1 68 0z",  # a cape
    "M48 50 84 98H12z",  # a cone
    "M22 98V74a14 14 0 0 1 14-14h24a14 14 0 0 1 14 14v24z",  # a coat
    "M48 48 66 70H30zM18 98a30 30 0 0 1 60 0z",  # a collar on a smock
)
_BUN = "a9 9 0 1 1 18 0 9 9 0 1 1-18 0z"
_HAIR = (
    "M24 37a24 23 0 0 1 48 0z",  # a bowl
    f"M24 37a24 23 0 0 1 48 0zM14 21{_BUN}m50 0{_BUN}",  # two buns
    "M22 59V38a26 25 0 0 1 52 0v21h-9V37H31v22z",  # long
    "M24 38a24 24 0 0 1 48 0q-9-11-24-11T24 38z",  # a parting
    "M24 36a24 22 0 0 1 48 0h12a5 5 0 0 1-5 5H24z",  # a cap with a peak
    "M48-2 62 22H34zM26 32a22 15 0 0 1 44 0z",  # a pointed hat
)
_PROPS = {
    # a mask with two eye holes
    "drama": '<path class="k-{accent}" d="M59 66h30v9a15 15 0 0 1-30 0z"/>'
    '<path class="k-eyes" d="M68 74h.1M80 74h.1"/>',
    # a jigsaw piece
    "puzzles": '<path class="k-{accent}" d="M60 70h9a6 6 0 1 1 11 0h9v8a6 6 0 1 1 0 10v8H60z"/>',
    # a speech bubble
    "speech": '<path class="k-{accent}" d="M64 58h22a5 5 0 0 1 5 5v12a5 5 0 0 1-5 5H74l-8 8v-8h-2'
    'a5 5 0 0 1-5-5V63a5 5 0 0 1 5-5z"/>',
    # a brush
    "aesthetics": '<path class="k-{accent}" d="m84 54 8 6-17 24-8-6z"/>'
    '<path class="k-paper" d="m67 78 8 6-13 8z"/>',
    # an open book
    "reading": '<path class="k-{accent}" d="M54 70q10-6 18 0 8-6 18 0v20q-10-6-18 0-8-6-18 0z"/>'
    '<path class="k-paper" d="M71 72h2v16h-2z"/>',
}
_ACCENTS = ("brand", "pine", "sun")
_FACE = (
    '<circle class="k-paper" cx="48" cy="40" r="23"/>{hair}<path class="k-eyes" d="M40 43h.1M56 43h.1"/>'
    '<path class="k-cheeks" d="M34 50h.1M62 50h.1"/><path class="k-smile" d="M43 51q5 5 10 0"/>'
)
_BACKDROP = '<path class="k-stage" d="M0 0h360v200H0z"/><circle class="k-lamp" cx="180" cy="106" r="84"/>'
_FRONT = (
    '<path class="k-floor" d="M0 166h360v34H0z"/><path class="k-board" d="M0 166h360v6H0z"/>'
    '<path class="k-curtain-2" d="M0 0h50q-4 96-34 166H0zM360 0h-50q4 96 34 166h16z"/>'
    '<path class="k-curtain" d="M0 0h28q0 96-16 166H0zM360 0h-28q0 96 16 166h12z"/>'
    '<path class="k-curtain" d="M0 0h360v20a30 18 0 0 1-60 0 30 18 0 0 1-60 0'
    ' 30 18 0 0 1-60 0 30 18 0 0 1-60 0 30 18 0 0 1-60 0 30 18 0 0 1-60 0z"/>'
)


_BENCH = (
    '<path class="k-board" d="M0 84h360v4H0z"/><path class="k-floor" d="M0 88h360v16H0z"/>'
    '<path class="k-curtain" d="M0 0h24q0 56-14 84H0zM360 0h-24q0 56 14 84h10z"/>'
)
_FRONT_ROW = '<path class="k-stage" d="M0 0h360v100H0z"/><circle class="k-lamp" cx="180" cy="92" r="86"/>'


def figure(seed: object, programme: str) -> str:
    """The shapes of one puppet on the 96-unit grid, without the svg element around them."""
    first, tint, hair, body, accent, *_rest = sha256(f"{seed}:{programme}".encode()).digest()
    known = programme if programme in _PROPS else PROGRAMMES[first % len(PROGRAMMES)]
    return _draw(known, tint=tint, hair=hair, body=body, accent=accent)


def stage_figures(seed: object) -> str:
    """The inside of a little theatre, 360 by 200: curtain, lamp, floor and three unlike puppets on sticks."""
    troupe = "".join(
        f'<g transform="translate({left} {top})"><path class="k-stick" d="M45 94h6v30h-6z"/>{shapes}</g>'
        for (left, top), shapes in zip(((52, 68), (132, 56), (212, 68)), _three(f"stage:{seed}"), strict=True)
    )
    return _BACKDROP + troupe + _FRONT


def troupe_figures(seed: object) -> str:
    """Three unlike puppets looking over a bench, 360 by 100: the troupe of a campus."""
    troupe = "".join(
        f'<g transform="translate({left} {top})">{shapes}</g>'
        for (left, top), shapes in zip(((42, 17), (132, 9), (222, 17)), _three(f"troupe:{seed}"), strict=True)
    )
    return _FRONT_ROW + troupe + _BENCH


def _three(name: str) -> Iterator[str]:
    """Three puppets of different programmes, dress and hair."""
    first, tint, hair, body, accent, *_rest = sha256(name.encode()).digest()
    for place in range(3):
        yield _draw(
            PROGRAMMES[(first + 2 * place) % len(PROGRAMMES)],
            tint=tint + place,
            hair=hair + 2 * place,
            body=body + place,
            accent=accent + place,
        )


def _draw(programme: str, *, tint: int, hair: int, body: int, accent: int) -> str:
    """One puppet; the numbers choose, whatever their size."""
    others = [name for name in PROGRAMMES if name != programme]
    head = f'<path class="k-{others[tint % len(others)]}" d="{_HAIR[hair % len(_HAIR)]}"/>'
    dress = f'<path class="k-{programme}" d="{_BODIES[body % len(_BODIES)]}"/>'
    prop = _PROPS[programme].format(accent=_ACCENTS[accent % len(_ACCENTS)])
    return dress + _FACE.format(hair=head) + prop
