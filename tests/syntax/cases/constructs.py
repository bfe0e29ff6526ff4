#!/usr/bin/env python
"""Every construct of the language, for comparing places; this file is never run."""
from __future__ import annotations

import os.path as path, sys
from . import (a as b, c,)
from ...pkg.mod import *
from .. import d


@decorator
@other.decorator(1, key=2)
async def coroutine(first, /, second: int = 3, *rest: str, only, named="x", **options: dict[str, int]) -> list[int]:
    """Docstring."""
    await first
    async for item in second: yield item
    else:
        pass
    async with (open("f") as handle, lock): return
    result = [x async for x in rest if x if not x]
    return


class Plain: pass
class Child(Plain, path.Base, metaclass=Meta, **extra): field: int; other = 1; method = lambda self, *a, k=2, **kw: (self, a)


def star_only(*, key): global sys, path; nonlocal_ = 1
def generator():
    value = yield
    value = yield 1, 2
    yield from (x for x in range(3))
    sent = (yield)


if (n := len(sys.argv)) > 1 and not (path or sys): x = 1; y = 2;
elif x is not None or y not in (1, 2):
    x = 3
elif x is None: pass
else:
    x = (((4)))

for index, (key, value) in enumerate(mapping.items()):
    if index % 2 == 0:
        continue
    else: break
else:
    done = True

while not done: done = step() if ready else wait(
    timeout=1,  # a comment with ( and "quotes
)
else: pass

try:
    risky()
except (ValueError, TypeError) as error:
    raise RuntimeError("bad") from error
except OSError:
    raise
except:
    pass
else:
    fine = True
finally:
    close()

try: one()
except* Group as eg: two()
finally: three()

with open("a") as f, open("b") as (g, h):
    pass
with (yield_lock): pass
with (
    open("a") as f,
    open("b"),
): pass

x: int
x: "int" = 5
x.y: float = 1.
a = b = c = 1, 2
(a) = b
a, = b
[a, *b] = c
x += 1; x -= 1; x *= 2; x /= 3; x //= 4; x %= 5; x @= y; x &= 1; x |= 2; x ^= 3; x >>= 1; x <<= 2; x **= 2
del a, (b), c[0]
del (a, b)
del x
assert x, "message"
assert (x, "always true")

numbers = 0x_FF, 0b1_0, 0o17, 1_000, 1.5e-3, .5, 5., 1j, 1e5J, 0
strings = 'a' "b" '''c
d''' r"\d" u'w' "\x41\u00e9\N{BULLET}\101\
continued"
data = b'x' rb"\y" Rb'z' b"\xff\0\
"
empty = "" '' """""", b''
formatted = f"{x}" f'{x!r:>{width}} {y=} {{literal}} {z["key"]}' "tail" rf"\{x}" F"""{
    call(1)
}"""
nested = f"{x:{"a" + "b"}}" f'{d["k"]}' f"{f'{inner}'}" f"{x:%H:%M}{x!s}" f"{a == b}{a != b}{(lambda: 1)()}{ x , }"
ellipsis = ..., x[...], None, True, False
unicode_name = größe + 变量 + 𝔘𝔫𝔦

call()
call(1, *args, key=value, **kwargs)
call(x for x in y)
call((x for x in y), 1)
call(a)(b)[c].d(e=f)(*g)
call(  # comment
    1,
    2,
)
(call)((1))
((a.b).c)
chained.method().attribute[0](1).end
x[1], x[1, 2], x[1:2], x[:], x[::2], x[a:b:c, ..., None], x[(1, 2)], x[*a, b], x[lambda: 1]
a + b * c ** -d // e @ f % g - h << i >> j & k | l ^ m
-x, +x, ~x, not x, not not x, - - x
a and b or c and not d
(a or b) and (c or d) or (e)
a < b <= c == d != e is f is not g in h not in i
1 if a else 2 if b else 3
lambda: 0
lambda a, b=1, /, c=2, *, d, **e: a + b
[x for x in y if x for z in x]
{x for x in y}
{x: y for x, y in z}
{**a, 'b': 1, c: 2, **d}
{1, 2, *a}
[*a, *b]
()
(1,)
1,
*a, b
[]
{}
print(a, file=b); print
x = yield_ = a if b else c,
value = (
    1
    + 2  # comment
    + 3
)
joined = a \
    + b \
    + c

match command.split():
    case [action]: pass
    case [action, obj, *rest] if obj: pass
    case {"x": 1, "y": [a, b], **others}: pass
    case Point(x=0, y=0) | Point(1, 2) | None as origin: pass
    case -1 | 2.5 | "text" | a.b.c | True | 1 + 2j: pass
    case (a, b), *_: pass
    case str() | int(): pass
    case [Point(x=0), ([1, 2] | _) as pair]:
        pass
    case _:
        pass
match = 1
match(x)
case = type = 2

type Alias = list[int]
type Generic[T: int, *Ts, **P] = dict[T, int]
def generic[T: (int, str)](x: T) -> T: return x
class GenericClass[T](Base): pass
